// Watches whether time runs backwards over the captures of one run: a set clock, or captures that overlap.

import { type Instant, SECOND } from '#model';
import { nameOf } from '../failure.ts';
import { durationText } from '../output/text.ts';

/** Packets from several queues of one recorder are out of order by less than this; it changes no verdict that people ask about. */
const JITTER = SECOND;

export interface Place {
  readonly path: string;
  readonly number: number;
}

export class ClockWatch {
  #latest: Instant = Number.NEGATIVE_INFINITY;
  #most = 0;
  #first: Place | null = null;

  see(at: Instant, path: string, number: number): void {
    if (at >= this.#latest) {
      this.#latest = at;
      return;
    }
    const back = this.#latest - at;
    if (back <= JITTER) return;
    this.#first ??= { path, number };
    this.#most = Math.max(this.#most, back);
  }

  /** A line for stderr, or null where time ran forwards. */
  text(): string | null {
    if (this.#first === null) return null;
    const { path, number } = this.#first;
    return `note: time runs backwards, by up to ${durationText(this.#most)}, first at packet ${number} of ${nameOf(path)}; such packets count as of the latest time seen`;
  }
}
