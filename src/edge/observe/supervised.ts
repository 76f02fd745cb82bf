// Keeps one child alive: begins it, begins it again with growing pauses when it ends, and counts for how long nothing was seen.
// Not the child's reader.

import type { Instant } from '#model';
import { Child, type ChildOptions } from './child.ts';
import type { ObserverSource, ObserverTrouble } from './facts.ts';

export interface SupervisedOptions {
  readonly source: ObserverSource;
  readonly watchdog: ChildOptions['watchdog'];
  readonly command: () => readonly string[];
  readonly now: () => Instant;
  /** Called before each begin: what the last child left half-said is over. */
  readonly onBegin: () => void;
  readonly onData: ChildOptions['onData'];
  readonly onLine: ChildOptions['onLine'];
  readonly onEnd: () => void;
  readonly isWorking: (child: Child) => boolean;
  readonly onTrouble: (trouble: ObserverTrouble) => void;
}

/** Pauses before a child is begun again: doubled each time, back to the first after one that lived long enough. */
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 30_000;
const GOOD_LIFE_MICROS = 60_000_000;

export class Supervised {
  readonly #options: SupervisedOptions;
  #child: Child | null = null;
  #timer: NodeJS.Timeout | null = null;
  #pauseMs = PAUSE_MS_MIN;
  #isClosed = false;
  #isWorking = false;
  #beganAt: Instant = 0;
  #awaySince: Instant | null = null;
  /** What is under way: a begin after an end. */
  #again: Promise<void> = Promise.resolve();
  restarts = 0;
  #outageMicros = 0;

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  /** The child at work, or null while it is away. */
  get child(): Child | null {
    return this.#isWorking ? this.#child : null;
  }

  get outageMicros(): number {
    const since = this.#awaySince;
    return this.#outageMicros + (since === null ? 0 : Math.max(this.#options.now() - since, 0));
  }

  async start(): Promise<void> {
    await this.#begin();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#child?.close();
    await this.#again;
  }

  async #begin(): Promise<void> {
    const { source, watchdog, command, onBegin, onData, onLine, now } = this.#options;
    onBegin();
    const child = new Child({ source, watchdog, command: command(), onData, onLine, onEnd: () => this.#ended(child) });
    this.#child = child;
    await child.ready(this.#options.isWorking);
    this.#isWorking = true;
    this.#beganAt = now();
  }

  #ended(child: Child): void {
    const wasWorking = this.#isWorking && this.#child === child;
    this.#isWorking = false;
    if (!wasWorking) return;
    this.#options.onEnd();
    if (this.#isClosed) return;
    const { now, source, onTrouble } = this.#options;
    this.#awaySince = now();
    if (this.#awaySince - this.#beganAt > GOOD_LIFE_MICROS) this.#pauseMs = PAUSE_MS_MIN;
    onTrouble({ at: this.#awaySince, source, kind: 'ended', message: child.lastLine });
    this.#later();
  }

  #later(): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#again = this.#beginAgain();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX);
  }

  async #beginAgain(): Promise<void> {
    const { now, source, onTrouble } = this.#options;
    this.restarts++;
    try {
      await this.#begin();
    } catch {
      // Told as away since the first end; the next try comes after a longer pause.
      if (!this.#isClosed) this.#later();
      return;
    }
    if (this.#awaySince !== null) this.#outageMicros += Math.max(now() - this.#awaySince, 0);
    this.#awaySince = null;
    if (!this.#isClosed) onTrouble({ at: now(), source, kind: 'restored', message: '' });
  }
}
