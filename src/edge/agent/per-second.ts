// How many of something may cost time within one second of observed time; the rest is only counted. Not a limit of any policy.

import { type Instant, SECOND } from '#model';

export class PerSecond {
  readonly #max: number;
  #second = 0;
  #used = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes one, where there is one left. */
  take(at: Instant): boolean {
    const second = Math.floor(at / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#used = 0;
    }
    return ++this.#used <= this.#max;
  }
}
