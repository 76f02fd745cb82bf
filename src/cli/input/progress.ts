// Progress of long work on a terminal: bytes done, packets per second, time left. Silent when stderr is no terminal.

import { type Instant, SECOND } from '#model';
import type { Io } from '../io.ts';
import { bytesText, countText, durationText, percentText } from '../output/text.ts';

/** The line is drawn at most ten times a second, and first after a second: short work shows nothing. */
const DRAW_EVERY = SECOND / 10;
const FIRST_AFTER = SECOND;

export class Progress {
  readonly #io: Io;
  readonly #totalBytes: number | null;
  readonly #began: Instant;
  #lastDrawn: Instant;
  #doneBytes = 0;
  #packets = 0;
  #isDrawn = false;

  /** `totalBytes` is null where the size of an input is not known beforehand. */
  constructor(io: Io, totalBytes: number | null) {
    this.#io = io;
    this.#totalBytes = totalBytes;
    this.#began = io.now();
    this.#lastDrawn = this.#began + FIRST_AFTER - DRAW_EVERY;
  }

  bytes(count: number): void {
    this.#doneBytes += count;
    if (this.#io.stderr.columns === null) return;
    const now = this.#io.now();
    if (now - this.#lastDrawn < DRAW_EVERY) return;
    this.#lastDrawn = now;
    this.#draw(now, this.#io.stderr.columns);
  }

  packet(): void {
    this.#packets++;
  }

  /** Wipes the line, so that what follows begins at its left edge. */
  end(): void {
    if (this.#isDrawn) this.#io.stderr.write('\r\u001b[K');
    this.#isDrawn = false;
  }

  #draw(now: Instant, columns: number): void {
    const elapsed = Math.max(1, now - this.#began);
    const rate = `${countText((this.#packets * SECOND) / elapsed)} packets/s`;
    const line = [...this.#share(elapsed), rate].join(' · ').slice(0, Math.max(0, columns - 1));
    this.#io.stderr.write(`\r${line}\u001b[K`);
    this.#isDrawn = true;
  }

  #share(elapsed: number): string[] {
    const total = this.#totalBytes;
    const done = bytesText(this.#doneBytes);
    if (total === null || total === 0) return [done];
    const left = Math.max(0, (elapsed * (total - this.#doneBytes)) / Math.max(1, this.#doneBytes));
    const rounded = Math.ceil(left / SECOND) * SECOND;
    return [`${done} of ${bytesText(total)} (${percentText(this.#doneBytes, total)})`, `${durationText(rounded)} left`];
  }
}
