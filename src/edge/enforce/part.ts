// What one mark, or one ticket, owns of the content: put by its filling, and dropped as a whole. Not the content.

import type { Nft } from '#nft';
import { type ContentWriter, elementOf, type KernelObject, type SetElement, type SetName } from './content.ts';
import type { ContentStore } from './content-store.ts';
import type { MarkSpec } from './marks.ts';

interface Owned {
  readonly name: SetName;
  readonly key: string;
}

export class Part implements ContentWriter {
  readonly #store: ContentStore;
  readonly #elements: Owned[] = [];
  #objects: string[] | null = null;
  readonly #marks: number[] = [];

  constructor(store: ContentStore) {
    this.#store = store;
  }

  put(name: SetName, key: Nft, more: Partial<Omit<SetElement, 'key'>> = {}): void {
    this.#elements.push({ name, key: key.nft });
    this.#store.put(name, elementOf(key, more));
  }

  object(made: KernelObject): void {
    this.#objects ??= [];
    this.#objects.push(made.name);
    this.#store.putObject(made);
  }

  /** Notes whose rule the marks are. */
  putRule({ mark, proven, rule }: MarkSpec): void {
    for (const number of proven === null ? [mark] : [mark, proven]) {
      this.#marks.push(number);
      this.#store.putRule(number, rule.id);
    }
  }

  drop(): void {
    for (const { name, key } of this.#elements) this.#store.drop(name, key);
    for (const name of this.#objects ?? []) this.#store.dropObject(name);
    for (const number of this.#marks) this.#store.dropRule(number);
  }
}
