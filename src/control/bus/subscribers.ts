// Who wants to know of which topic. Not where messages come from.

import { type BusMessage, PAYLOAD_BYTES_MAX, TOPICS, type Topic } from './types.ts';

export type BusHandler = (message: BusMessage) => void;

export class Subscribers {
  readonly #handlers = new Map<Topic, Set<BusHandler>>();
  readonly #bug: (error: unknown) => void;

  constructor(bug: (error: unknown) => void) {
    this.#bug = bug;
  }

  add(topic: Topic, handler: BusHandler): () => void {
    const handlers = this.#handlers.get(topic) ?? new Set();
    this.#handlers.set(topic, handlers);
    handlers.add(handler);
    return () => void handlers.delete(handler);
  }

  tell(topic: Topic, message: BusMessage): void {
    for (const handler of this.#handlers.get(topic) ?? []) {
      try {
        handler(message);
      } catch (error) {
        this.#bug(error);
      }
    }
  }

  tellLoss(): void {
    for (const topic of TOPICS) this.tell(topic, { kind: 'lost' });
  }

  clear(): void {
    this.#handlers.clear();
  }
}

/** The message as text; throws where it is larger than a notification may be, which is a bug of whoever sends contents. */
export function textOf(topic: Topic, payload: Readonly<Record<string, string | number>>): string {
  const text = JSON.stringify({ topic, payload });
  if (Buffer.byteLength(text) > PAYLOAD_BYTES_MAX)
    throw new RangeError(`a message on "${topic}" has more than ${PAYLOAD_BYTES_MAX} bytes: send ids, not contents`);
  return text;
}
