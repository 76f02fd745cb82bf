// What the last compile of a table worked out, for the next one: entries of pairs on which nothing changed are taken over as they are.
// Only a saving of time. INVARIANT: what is taken over is what would be worked out again.

import type { Policy, Rule, Service } from '#model';
import { type Entry, entriesOf } from './entries.ts';
import { type Known, knownEntry } from './marks.ts';
import type { Judge, Pair } from './outcome.ts';

interface Remembered {
  readonly rules: readonly Rule[];
  readonly services: readonly Service[];
  readonly indices: readonly number[];
  readonly entries: readonly Known[];
}

export interface Question {
  readonly judge: Judge;
  readonly policy: Policy;
  /** See `markEntries`. */
  readonly epoch: number;
}

export class Memory {
  #ground: readonly unknown[] = [];
  #last = new Map<number, Remembered>();
  #next = new Map<number, Remembered>();

  /** `ground`: everything besides the rules of a pair that leads to its entries. On another ground nothing is remembered. */
  begin(ground: readonly unknown[]): void {
    const isSame = ground.length === this.#ground.length && ground.every((part, at) => part === this.#ground[at]);
    this.#last = isSame ? this.#next : new Map();
    this.#next = new Map();
    this.#ground = ground;
  }

  entriesOf(key: number, pair: Pair, question: Question): readonly Known[] {
    const last = this.#last.get(key);
    if (last !== undefined && isSamePair(last, pair, question.policy)) {
      this.#next.set(key, last);
      return last.entries;
    }
    const entries = entriesOf(question.judge, pair).map((entry: Entry) => knownEntry(entry, question));
    // Where it is not certain which rule governs, the judge also notes which rules are hidden by that.
    if (pair.candidates.every(({ certainty }) => certainty === 'yes'))
      this.#next.set(key, {
        rules: pair.candidates.flatMap(({ rule }) => question.policy.rules[rule] ?? []),
        services: pair.candidates.map(({ service }) => service),
        indices: pair.candidates.map(({ rule }) => rule),
        entries,
      });
    return entries;
  }
}

function isSamePair({ rules, services, indices }: Remembered, { candidates }: Pair, policy: Policy): boolean {
  if (candidates.length !== services.length) return false;
  for (let at = 0; at < candidates.length; at++) {
    const one = candidates[at];
    if (one === undefined || one.certainty !== 'yes' || one.service !== services[at]) return false;
    if (one.rule !== indices[at] || policy.rules[one.rule] !== rules[at]) return false;
  }
  return true;
}
