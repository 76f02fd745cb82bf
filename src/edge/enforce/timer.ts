// One timer that can be set anew, and keeps no process alive. Not a clock.

/** Longest time that a timer takes, some 24 days; a refresh comes before. */
const MS_MAX = 2 ** 31 - 2;

export class Timer {
  #timer: NodeJS.Timeout | null = null;

  /** In place of what was set before. What is due already is done soon, what is too far away is not set. */
  set(millis: number, work: () => void): void {
    this.stop();
    if (millis > MS_MAX) return;
    this.#timer = setTimeout(work, Math.max(0, millis) + 1).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
