// Reads messages as exporters send them, live or from a file, and gives flows. Bounded in everything: whoever can send a datagram may be hostile.

import type { Instant } from '#model';
import type { FlowRecord } from './flow.ts';
import { Joiner } from './joiner.ts';
import { MessageReader } from './message.ts';
import { ExportTally } from './tally.ts';

export interface ExportDatagram {
  readonly data: Uint8Array;
  /** Address of who sent it, as text; '' where that is not known. */
  readonly exporter: string;
  /** When it arrived. What runs backwards counts as of the latest instant seen. */
  readonly at: Instant;
}

/** Takes a flow whose source began; both directions where both were told. */
export type FlowTaker = (flow: FlowRecord) => void;

export class FlowCollector {
  /** What was read, lost and left out so far. */
  readonly tally = new ExportTally();
  readonly #joiner: Joiner;
  readonly #messages: MessageReader;
  #now: Instant = 0;

  /** `isLive`: messages arrive as they are sent, so that templates and waiting data age; in a file they hold to the end. */
  constructor(take: FlowTaker, { isLive }: { readonly isLive: boolean }) {
    const { tally } = this;
    this.#joiner = new Joiner(take, tally);
    this.#messages = new MessageReader({ tally, take: (record) => this.#joiner.add(record, this.#now), isLive });
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
}
