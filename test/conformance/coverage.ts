// How much of the page the random stories reach: the share of each reason among all cases, and of each event.

import { REASONS } from '#model';
import type { Told } from './telling.ts';

export class Coverage {
  readonly #counts = new Map<string, number>();
  #cases = 0;

  add(story: readonly Told[]): void {
    for (const { answer, events } of story) {
      for (const event of events)
        this.#count(`event ${event.split(/,| rule/)[0]?.slice(18)} ${event.split(', ')[1]?.replace(/[0-9].*/, '')}`);
      if (answer === null) continue;
      this.#cases++;
      for (const reason of answer.reasons) this.#count(reason);
      if (answer.reasons.length === 0) this.#count('permit');
      if (answer.isEnforced) this.#count('enforced');
      if (answer.isOpening) this.#count('opening');
      if (answer.rule >= 0 && !answer.isOpening) this.#count('of a governed session, or a denied opening');
    }
  }

  get cases(): number {
    return this.#cases;
  }

  has(what: string): boolean {
    return this.#counts.has(what);
  }

  /** Reasons no story reached, `stale-program` and the event-only `under-volume` left out. */
  missing(): readonly string[] {
    return REASONS.filter((reason) => reason !== 'stale-program' && reason !== 'under-volume' && !this.has(reason));
  }

  text(): string {
    return [...this.#counts]
      .sort()
      .map(([what, count]) => `${what}: ${count} (${((100 * count) / this.#cases).toFixed(2)} %)`)
      .join('\n');
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
}
