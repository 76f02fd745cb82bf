// The source of flows: one `conntrack -E` for what begins and ends, and now and then a listing for what goes on. Not a flow table:
// it keeps nothing of a flow but its translation.

import type { AddressTable, Instant } from '#model';
import type { Child } from './child.ts';
import type { FlowEvent, ObserverTrouble } from './facts.ts';
import { FlowLines } from './flow-line.ts';
import { Lines } from './lines.ts';
import { Listing } from './listing.ts';
import { netlinkState } from './netlink-drops.ts';
import { Supervised } from './supervised.ts';
import type { Translation } from './translation.ts';
import type { Watchdog } from './watchdog.ts';

export interface FlowsOptions {
  readonly prefix: readonly string[];
  readonly watchdog: Watchdog;
  readonly addresses: AddressTable;
  readonly translation: Translation;
  readonly tell: (event: FlowEvent) => void;
  readonly onListed: (at: Instant) => void;
  readonly now: () => Instant;
  readonly onTrouble: (trouble: ObserverTrouble) => void;
}

/** The kernel's buffer for events in bytes: about 20,000 of them, for when this process is busy. */
const BUFFER_BYTES = 16 * 1024 * 1024;
/** Where the system does not show a child's sockets, one that lived for this many looks is taken to work. */
const BLIND_LOOKS = 15;
/** Ids of flows that ended while a listing ran: its lines may be older than their end. When full the rest may be told once more. */
const ENDED_MAX = 65_536;

export class Flows {
  readonly #options: FlowsOptions;
  readonly #supervised: Supervised;
  readonly #lines: Lines;
  readonly #events: FlowLines;
  readonly #listed: FlowLines;
  readonly #listing: Listing;
  readonly #endedWhileListing = new Set<number>();
  #looks = 0;
  #lost = 0;
  #lostBefore = 0;
  #warnings = 0;

  constructor(options: FlowsOptions) {
    this.#options = options;
    this.#events = new FlowLines(options.addresses);
    this.#listed = new FlowLines(options.addresses);
    this.#lines = new Lines((line) => this.#event(line));
    this.#listing = new Listing({
      prefix: options.prefix,
      watchdog: options.watchdog,
      now: options.now,
      take: (line) => this.#list(line),
      onDone: (isWhole) => this.#afterListing(isWhole),
    });
    this.#supervised = new Supervised({
      source: 'flows',
      watchdog: options.watchdog,
      command: () => [
        ...options.prefix,
        ...['conntrack', '-E', '-o', 'timestamp,id,extended,ktimestamp', '-b', String(BUFFER_BYTES)],
      ],
      now: options.now,
      onBegin: () => this.#begin(),
      onData: (bytes) => this.#lines.push(bytes),
      onLine: (line) => this.#hear(line),
      onEnd: () => {},
      isWorking: (child) => this.#isWorking(child),
      onTrouble: (trouble) => this.#trouble(trouble),
    });
  }

  /** Events that the kernel could not deliver, as of the last poll; where it does not tell how many, how often that happened. */
  get lost(): number {
    return this.#lostBefore + Math.max(this.#lost, this.#warnings);
  }

  get cutListings(): number {
    return this.#listing.cut;
  }

  get restarts(): number {
    return this.#supervised.restarts;
  }

  get outageMicros(): number {
    return this.#supervised.outageMicros;
  }

  /** Resolves when events are listened to; a first listing then tells the flows that were there before. */
  async start(): Promise<void> {
    await this.#supervised.start();
    this.#listing.begin();
  }

  async close(): Promise<void> {
    await this.#supervised.close();
    await this.#listing.close();
  }

  /** Looks for losses, and lists when it is time: events that were lost make it time at once. */
  poll(): void {
    const { child } = this.#supervised;
    const before = this.lost;
    if (child !== null) this.#lost = Math.max(this.#lost, netlinkState(child.pid)?.drops ?? 0);
    if (this.lost > before) this.#listing.hasten();
    this.#listing.poll();
  }

  #isWorking(child: Child): boolean {
    const state = netlinkState(child.pid);
    if (state !== null) return state.listening > 0;
    this.#looks++;
    return this.#looks >= BLIND_LOOKS;
  }

  #begin(): void {
    this.#lines.clear();
    this.#looks = 0;
    this.#lostBefore = this.lost;
    this.#lost = 0;
    this.#warnings = 0;
  }

  #hear(line: string): void {
    if (line.includes('ENOBUFS')) this.#warnings++;
  }

  #trouble(trouble: ObserverTrouble): void {
    this.#options.onTrouble(trouble);
    if (trouble.kind === 'restored') this.#listing.hasten();
  }

  #event(text: string): void {
    if (!this.#events.read(text)) return;
    const { line } = this.#events;
    const { event } = line;
    event.at = line.at < 0 ? this.#options.now() : line.at;
    if (event.kind === 'ended' && this.#listing.isRunning && this.#endedWhileListing.size < ENDED_MAX)
      this.#endedWhileListing.add(event.id);
    if (event.kind === 'began') this.#endedWhileListing.delete(event.id);
    this.#options.translation.learn(line);
    this.#options.tell(event);
  }

  #list(text: string): void {
    if (!this.#listed.read(text)) return;
    const { line } = this.#listed;
    if (this.#endedWhileListing.has(line.event.id)) return;
    line.event.at = this.#options.now();
    this.#options.translation.learn(line);
    this.#options.tell(line.event);
  }

  #afterListing(isWhole: boolean): void {
    this.#endedWhileListing.clear();
    if (isWhole) this.#options.onListed(this.#options.now());
  }
}
