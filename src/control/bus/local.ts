// The bus of one process alone: handlers are called soon, never inside publish.

import { type BusHandler, Subscribers, textOf } from './subscribers.ts';
import type { Bus, Topic } from './types.ts';

export class LocalBus implements Bus {
  readonly #subscribers: Subscribers;
  #isClosed = false;

  constructor(options: { readonly bug: (error: unknown) => void }) {
    this.#subscribers = new Subscribers(options.bug);
  }

  async publish(topic: Topic, payload: Readonly<Record<string, string | number>>): Promise<void> {
    // As over the other bus, so that nobody sends here what would not arrive there.
    textOf(topic, payload);
    setImmediate(() => {
      if (!this.#isClosed) this.#subscribers.tell(topic, { kind: 'told', payload: { ...payload } });
    });
  }

  subscribe(topic: Topic, handler: BusHandler): () => void {
    return this.#subscribers.add(topic, handler);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#subscribers.clear();
  }
}
