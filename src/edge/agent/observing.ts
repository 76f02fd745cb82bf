// Observation that is begun again until it works: each time by a new observer, because one that could not begin is spent. Not what is observed.

import { type Losses, Observer, type ObserverOptions } from '#observe';

const NO_LOSSES: Losses = {
  packets: 0,
  answers: 0,
  flowEvents: 0,
  verdicts: 0,
  restarts: 0,
  outageMicros: 0,
  cutListings: 0,
  neighbours: 0,
};

/** The group to which the table shows answers: see `answer-chains.ts` of #enforce. */
const ANSWER_GROUP = 8;

export class Observing {
  readonly #options: ObserverOptions;
  #observer: Observer | null = null;
  #hasPackets = false;

  constructor(options: ObserverOptions) {
    this.#options = {
      answerGroup: ANSWER_GROUP,
      ...options,
      onTrouble: (trouble) => {
        if (trouble.source === 'packets') this.#hasPackets = trouble.kind !== 'ended';
        options.onTrouble?.(trouble);
      },
    };
  }

  /** Whether packets are seen just now: only then may anything rest on what the monitor judges. */
  get isWatching(): boolean {
    return this.#observer !== null && this.#hasPackets;
  }

  get isOn(): boolean {
    return this.#observer !== null;
  }

  get losses(): Losses {
    return this.#observer?.losses ?? NO_LOSSES;
  }

  /** Rejects with an `ObserveError` where it cannot begin; then it may be tried again. */
  async start(): Promise<void> {
    const observer = new Observer(this.#options);
    await observer.start();
    this.#observer = observer;
    this.#hasPackets = true;
  }

  async close(): Promise<void> {
    const observer = this.#observer;
    this.#observer = null;
    await observer?.close();
  }
}
