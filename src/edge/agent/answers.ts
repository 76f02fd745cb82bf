// Answers of DNS that wait for the packet that carries them to be judged: names are told before it. Not what they bind.

import type { NameFact } from '#model';

/** Answers of one packet. A message holds fewer; what is beyond binds nothing. */
const ANSWERS_MAX = 1_024;
const NOTHING: readonly NameFact[] = [];

export class Answers {
  #waiting: NameFact[] = [];

  take(fact: NameFact): void {
    if (fact.kind !== 'dns-answer' || fact.address < 0 || this.#waiting.length >= ANSWERS_MAX) return;
    this.#waiting.push(fact);
  }

  /** Those that bind. INVARIANT: what the policy kept from its client told that client nothing, and binds nothing. */
  settle(isDenied: boolean): readonly NameFact[] {
    if (this.#waiting.length === 0) return NOTHING;
    const answers = isDenied ? NOTHING : this.#waiting;
    this.#waiting = [];
    return answers;
  }
}
