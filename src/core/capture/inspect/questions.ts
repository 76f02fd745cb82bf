// Remembers which names were asked of whom, so that an answer that nobody asked for can bind no name to an address.
// Not a check of who may be asked: whoever sees the question can still forge its answer.

import type { Instant } from '#model';
import type { Frame } from '../frame.ts';

/** Questions kept, about 150 bytes each; when there are more, the oldest go and their answers bind nothing. */
export const QUESTIONS_MAX = 16_384;
/** How long an answer may take. Routers that had lost their uplink deliver answers minutes late, all at once; the last minute's are enough. */
const LIFETIME_MICROS = 60_000_000;
/** How long the question may lie before the first packet. Shorter than the lifetime: an answer usually comes within a second. */
const UNSEEN_MICROS = 10_000_000;

/** What tells one question from another, beside the two ends. */
export interface Question {
  readonly transaction: number;
  readonly name: string;
}

export class Questions {
  /** When each was asked last, the longest ago first. */
  readonly #asked = new Map<string, Instant>();
  readonly #isLive: boolean;
  #beganAt: Instant | null = null;

  /** `isLive`: nothing of what was asked before binds either. A file holds what it holds; on a wire anybody can choose the moment. */
  constructor(isLive = false) {
    this.#isLive = isLive;
  }

  /** The traffic begins at `at`: questions from before cannot have been seen. */
  begin(at: Instant): void {
    this.#beganAt ??= at;
  }

  /** The frame carries this question. */
  add(frame: Frame, question: Question): void {
    const key = keyOf(`${frame.source} ${frame.sourcePort}`, `${frame.destination} ${frame.destinationPort}`, question);
    this.#asked.delete(key);
    this.#asked.set(key, frame.at);
    if (this.#asked.size > QUESTIONS_MAX) this.#dropOldest();
  }

  /** Whether the question that the frame answers was asked a short while ago, or may have been before the traffic began. */
  mayAnswer(frame: Frame, question: Question): boolean {
    if (!this.#isLive && (this.#beganAt === null || frame.at - this.#beganAt < UNSEEN_MICROS)) return true;
    const key = keyOf(`${frame.destination} ${frame.destinationPort}`, `${frame.source} ${frame.sourcePort}`, question);
    const at = this.#asked.get(key);
    return at !== undefined && Math.abs(frame.at - at) < LIFETIME_MICROS;
  }

  #dropOldest(): void {
    for (const key of this.#asked.keys()) {
      this.#asked.delete(key);
      return;
    }
  }
}

/** Names compare without case. */
function keyOf(client: string, server: string, { transaction, name }: Question): string {
  return `${client} ${server} ${transaction} ${name.toLowerCase()}`;
}
