// Data sets whose template has not come yet. Bounded in number, bytes and age: when full, those that waited longest are given up and counted.

import { type Instant, MINUTE } from '#model';
import type { Exporter } from './exporters.ts';
import type { ExportTally } from './tally.ts';

/** Where the records of a data set are read from. */
export interface DataSet {
  readonly data: Uint8Array;
  readonly at: number;
  readonly to: number;
  readonly exporter: Exporter;
  readonly version: number;
  readonly exportedAt: Instant;
  /** Milliseconds, -1 in IPFIX. */
  readonly uptime: number;
}

export interface SetPlace extends DataSet {
  readonly id: number;
}

/** Sets of all exporters together: some seconds' worth of a busy router. */
const WAITING_SETS_MAX = 4_096;
const WAITING_BYTES_MAX = 4 * 1024 * 1024;
/** Routers repeat their templates every few minutes; what waited longer than the usual 30 is given up. */
const WAITING_MAX = 30 * MINUTE;

interface Waiting {
  readonly set: SetPlace;
  readonly since: Instant;
}

export class WaitingSets {
  readonly #tally: ExportTally;
  readonly #isAging: boolean;
  /** All of them, the longest waiting first. */
  readonly #all = new Set<Waiting>();
  readonly #byTemplate = new Map<string, Set<Waiting>>();
  #bytes = 0;

  constructor(tally: ExportTally, isAging: boolean) {
    this.#tally = tally;
    this.#isAging = isAging;
  }

  /** Copies the set: its message's buffer is used again. */
  keep(place: SetPlace, since: Instant): void {
    const data = place.data.slice(place.at, place.to);
    const waiting = { set: { ...place, data, at: 0, to: data.length }, since };
    const key = keyOf(place.exporter, place.id);
    const ofTemplate = this.#byTemplate.get(key) ?? new Set();
    this.#byTemplate.set(key, ofTemplate.add(waiting));
    this.#all.add(waiting);
    this.#bytes += data.length;
    for (let first = this.#tooMuch(since); first !== null; first = this.#tooMuch(since)) this.#drop(first);
  }

  /** The sets that waited for this template, in the order of their coming. */
  take(exporter: Exporter, id: number): readonly SetPlace[] {
    const taken = this.#byTemplate.get(keyOf(exporter, id));
    if (taken === undefined) return [];
    this.#byTemplate.delete(keyOf(exporter, id));
    for (const waiting of taken) this.#remove(waiting);
    return [...taken].map(({ set }) => set);
  }

  giveUp(): void {
    for (const waiting of this.#all) this.#drop(waiting);
  }

  #tooMuch(now: Instant): Waiting | null {
    const [first] = this.#all;
    if (first === undefined) return null;
    if (this.#isAging && now - first.since > WAITING_MAX) return first;
    return this.#all.size > WAITING_SETS_MAX || this.#bytes > WAITING_BYTES_MAX ? first : null;
  }

  #drop(waiting: Waiting): void {
    const key = keyOf(waiting.set.exporter, waiting.set.id);
    const ofTemplate = this.#byTemplate.get(key);
    ofTemplate?.delete(waiting);
    if (ofTemplate?.size === 0) this.#byTemplate.delete(key);
    this.#remove(waiting);
    this.#tally.setsWithoutTemplate++;
  }

  #remove(waiting: Waiting): void {
    this.#all.delete(waiting);
    this.#bytes -= waiting.set.data.length;
  }
}

function keyOf({ key }: Exporter, id: number): string {
  return `${id} ${key}`;
}
