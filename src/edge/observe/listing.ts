// Lists the kernel's flows now and then, so that long ones progress and lost events are made good. Bounded in lines and in share of time.

import type { Instant } from '#model';
import { Child } from './child.ts';
import { Lines } from './lines.ts';
import type { Watchdog } from './watchdog.ts';

export interface ListingOptions {
  readonly prefix: readonly string[];
  readonly watchdog: Watchdog;
  readonly now: () => Instant;
  readonly take: (line: string) => void;
  /** Whether every flow was listed. */
  readonly onDone: (isWhole: boolean) => void;
}

/** Flows of one listing: as many as the kernel's table holds by default on a machine of this size. */
const FLOWS_MAX = 262_144;
const PAUSE_MICROS = 60_000_000;
/** After lost events a listing comes sooner. */
const HASTE_MICROS = 5_000_000;
/** A listing takes at most one part in so many of the time. */
const SHARE = 20;

export class Listing {
  readonly #options: ListingOptions;
  readonly #lines: Lines;
  #child: Child | null = null;
  #count = 0;
  #isCut = false;
  #isClosed = false;
  #beganAt: Instant = 0;
  #endedAt: Instant = 0;
  #pauseMicros = PAUSE_MICROS;
  /** Listings that were cut off because there were too many flows. */
  cut = 0;

  constructor(options: ListingOptions) {
    this.#options = options;
    this.#lines = new Lines((line) => this.#take(line));
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Makes the next listing come soon. */
  hasten(): void {
    this.#pauseMicros = Math.min(this.#pauseMicros, HASTE_MICROS);
  }

  /** Begins a listing when it is time. A clock that was set back makes it time. */
  poll(): void {
    const past = this.#options.now() - this.#endedAt;
    const pause = Math.max(this.#pauseMicros, (this.#endedAt - this.#beganAt) * SHARE);
    if (past >= pause || past < 0) this.begin();
  }

  begin(): void {
    if (this.#child !== null || this.#isClosed) return;
    this.#count = 0;
    this.#isCut = false;
    this.#lines.clear();
    this.#beganAt = this.#options.now();
    this.#pauseMicros = PAUSE_MICROS;
    this.#child = new Child({
      source: 'flows',
      watchdog: this.#options.watchdog,
      command: [...this.#options.prefix, 'conntrack', '-L', '-o', 'id,extended,ktimestamp'],
      onData: (bytes) => this.#lines.push(bytes),
      onLine: () => {},
      onEnd: () => this.#done(),
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#child?.close();
  }

  #take(line: string): void {
    if (this.#isCut) return;
    this.#count++;
    if (this.#count <= FLOWS_MAX) {
      this.#options.take(line);
      return;
    }
    this.#isCut = true;
    this.cut++;
    void this.#child?.close();
  }

  #done(): void {
    const isWhole = this.#child?.exitCode === 0 && !this.#isCut && !this.#isClosed;
    this.#child = null;
    this.#endedAt = Math.max(this.#options.now(), this.#beganAt);
    this.#options.onDone(isWhole);
  }
}
