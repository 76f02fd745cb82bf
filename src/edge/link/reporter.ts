// Sends what the agent saw, every few seconds, and forgets it only when a controller has kept it. One report is under way at a time.

import type { Report, Up } from '#wire';
import type { LinkOptions } from './ports.ts';

interface Sender {
  send(message: Up): void;
}

/** A report is sent again when it was not answered for this many paces. */
const PATIENCE = 3;

export class Reporter {
  readonly #options: Pick<LinkOptions, 'collect' | 'random'>;
  #sender: Sender | null = null;
  #timer: NodeJS.Timeout | null = null;
  #waiting: Report | null = null;
  #paces = 0;
  #sequence = 0;

  readonly #bundleSequence: () => number;

  constructor(options: Pick<LinkOptions, 'collect' | 'random'>, bundleSequence: () => number) {
    this.#options = options;
    this.#bundleSequence = bundleSequence;
  }

  connected(sender: Sender, seconds: number): void {
    this.stop();
    this.#sender = sender;
    if (this.#waiting !== null) this.#send(this.#waiting);
    // Scattered once: agents that came together do not report together.
    this.#timer = setTimeout(
      () => {
        this.#tick();
        this.#timer = setInterval(() => this.#tick(), seconds * 1_000);
      },
      this.#options.random() * seconds * 1_000,
    );
  }

  disconnected(): void {
    this.stop();
    this.#sender = null;
  }

  received(sequence: number): void {
    if (this.#waiting?.sequence === sequence) this.#waiting = null;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    if (this.#sender === null) return;
    if (this.#waiting !== null) {
      this.#paces += 1;
      if (this.#paces % PATIENCE === 0) this.#send(this.#waiting);
      return;
    }
    this.#sequence += 1;
    const bundleSequence = this.#bundleSequence();
    this.#waiting = { kind: 'report', sequence: this.#sequence, bundleSequence, ...this.#options.collect() };
    this.#paces = 0;
    this.#send(this.#waiting);
  }

  #send(report: Report): void {
    this.#sender?.send(report);
  }
}
