// Reads the datagrams that exporters send as they arrive, and gives flows. Bounded in everything: whoever can send a datagram may be hostile.

import type { Instant } from '#model';
import type { FlowRecord } from './flow.ts';
import { Joiner } from './joiner.ts';
import { MessageReader } from './message.ts';
import { lossTexts } from './reader.ts';
import { type ExportCounts, ExportTally } from './tally.ts';

export interface ExportDatagram {
  readonly data: Uint8Array;
  /** Address of who sent it, as text. */
  readonly exporter: string;
  /** When it arrived; must not run backwards. */
  readonly at: Instant;
}

/** Takes a flow whose source began; both directions where both were told. */
export type FlowTaker = (flow: FlowRecord) => void;

export class FlowCollector {
  readonly #tally = new ExportTally();
  readonly #joiner: Joiner;
  readonly #messages: MessageReader;
  #now: Instant = 0;

  constructor(take: FlowTaker) {
    this.#joiner = new Joiner(take, () => {
      this.#tally.meteredTwice++;
    });
    this.#messages = new MessageReader({
      tally: this.#tally,
      take: (record) => this.#joiner.add(record, this.#now),
      isLive: true,
    });
  }

  /** Reads one datagram; whether it is a message of a known version. */
  datagram({ data, exporter, at }: ExportDatagram): boolean {
    this.#now = Math.max(this.#now, at);
    return this.#messages.read(data, { exporter, receivedAt: this.#now });
  }

  /** Nothing arrived until now: flows that waited long enough for their other direction are given. */
  quiet(now: Instant): void {
    this.#now = Math.max(this.#now, now);
    this.#joiner.passTime(this.#now);
  }

  /** Gives everything that still waits. */
  end(): void {
    this.#messages.end();
    this.#joiner.end();
  }

  get counts(): ExportCounts {
    return this.#tally;
  }

  /** Messages and sets that could not be read, and records that tell no flow, by reason. */
  get unread(): ReadonlyMap<string, number> {
    return this.#tally.unread;
  }

  get skipped(): ReadonlyMap<string, number> {
    return this.#tally.skipped;
  }

  /** What is known to be missing, in words; empty when nothing is. */
  get losses(): readonly string[] {
    return lossTexts(this.#tally).filter((text) => text !== '');
  }
}
