// The life of observation: three children of the kernel's tools begun together, polled, and ended together. Not what their bytes mean.

import type { AddressTable, Instant, Observation } from '#model';
import { isAnswer, passedAnswers } from './answers.ts';
import { Crossing } from './crossing.ts';
import { type Losses, ObserveError, type ObserverSink, type ObserverTrouble } from './facts.ts';
import { Flows } from './flows.ts';
import { InterfaceTable } from './interface-table.ts';
import { kernelTroubles } from './kernel-counts.ts';
import type { LogGroup } from './log-group.ts';
import { Neighbours } from './neighbours.ts';
import { Packets } from './packets.ts';
import { Translation } from './translation.ts';
import { verdictRecords } from './verdicts.ts';
import { Watchdog } from './watchdog.ts';

export interface ObserverOptions {
  readonly sink: ObserverSink;
  readonly addresses: AddressTable;
  readonly now: () => Instant;
  /** Words before each command, such as `['ip', 'netns', 'exec', 'x']`; they must end in becoming the command. Default none. */
  readonly prefix?: readonly string[];
  /** Names of interfaces whose packets count, or `any` (default). Flows and verdicts are those of the whole host all the same. */
  readonly interfaces?: 'any' | readonly string[];
  /** NFLOG group of Picket's table. */
  readonly group?: number;
  /** NFLOG group to which Picket's table shows the answers of DNS that it passed; without one, every answer that is seen is told as a name. */
  readonly answerGroup?: number;
  /** Told when a source is away, when it is back, and when the kernel does not count. */
  readonly onTrouble?: (trouble: ObserverTrouble) => void;
}

const GROUP = 7;
/** How often losses are asked for. */
const POLL_MS = 5_000;

export class Observer {
  readonly #options: ObserverOptions;
  readonly #packets: Packets;
  readonly #flows: Flows;
  readonly #verdicts: LogGroup;
  readonly #answers: LogGroup | null;
  readonly #neighbours: Neighbours;
  readonly #interfaces: InterfaceTable;
  readonly #watchdog = new Watchdog();
  #timer: NodeJS.Timeout | null = null;
  #state: 'new' | 'open' | 'closed' = 'new';

  constructor(options: ObserverOptions) {
    this.#options = options;
    const { sink, addresses, now, prefix = [], interfaces = 'any', group = GROUP, onTrouble = () => {} } = options;
    const translation = new Translation();
    const gate = new Crossing(translation, () => this.#interfaces.refreshSoon());
    this.#interfaces = new InterfaceTable({ prefix, addresses, gate, only: interfaces === 'any' ? null : interfaces });
    const nameOf = (index: number): string => this.#interfaces.nameOf(index);
    this.#neighbours = new Neighbours({ addresses, tell: (fact) => sink.neighbour(fact), nameOf });
    const shared = { prefix, addresses, now, onTrouble, watchdog: this.#watchdog };
    this.#packets = new Packets({
      ...shared,
      gate,
      translation,
      sink: {
        frame: (frame) => {
          this.#neighbours.look(frame);
          const observation: Observation = frame;
          if (frame.ipVersion !== 0) sink.observe(observation);
        },
        name: (fact) => {
          if (this.#answers === null || !isAnswer(fact)) sink.name(fact);
        },
      },
    });
    this.#flows = new Flows({
      ...shared,
      translation,
      tell: (event) => sink.flow(event),
      onListed: (at) => sink.listed?.(at),
    });
    const { answerGroup } = options;
    this.#answers =
      answerGroup === undefined
        ? null
        : passedAnswers({ ...shared, group: answerGroup, tell: (fact) => sink.answer?.(fact) });
    this.#verdicts = verdictRecords({ ...shared, group, nameOf, tell: (record) => sink.verdict(record) });
  }

  /** Resolves when every source is seen to work; rejects with an `ObserveError` and leaves no child when one does not. */
  async start(): Promise<void> {
    if (this.#state !== 'new')
      throw new ObserveError('already-started', 'packets', 'cannot begin to observe: this observer was begun before');
    this.#state = 'open';
    try {
      await this.#interfaces.start();
      const begun = await Promise.allSettled(this.#sources.map((source) => source.start()));
      for (const one of begun) if (one.status === 'rejected') throw one.reason;
    } catch (error) {
      await this.close();
      throw error;
    }
    const { prefix = [], now, onTrouble } = this.#options;
    if (onTrouble !== undefined) for (const one of await kernelTroubles(prefix)) onTrouble({ at: now(), ...one });
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
  }

  /** Ends every child; resolves when none is left. What was held back is told before. */
  async close(): Promise<void> {
    this.#state = 'closed';
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all([...this.#sources, this.#interfaces].map((source) => source.close()));
    await this.#watchdog.close();
  }

  get losses(): Losses {
    const sources = this.#sources;
    return {
      packets: this.#packets.dropped,
      answers: this.#answers?.lost ?? 0,
      flowEvents: this.#flows.lost,
      verdicts: this.#verdicts.lost,
      neighbours: this.#neighbours.untold,
      restarts: sources.reduce((sum, { restarts }) => sum + restarts, 0),
      outageMicros: sources.reduce((sum, { outageMicros }) => sum + outageMicros, 0),
      cutListings: this.#flows.cutListings,
    };
  }

  get #sources() {
    return [this.#packets, this.#flows, this.#verdicts, ...(this.#answers === null ? [] : [this.#answers])];
  }

  #poll(): void {
    for (const source of this.#sources) source.poll();
    this.#interfaces.poll();
  }
}
