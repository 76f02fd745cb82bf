// A value that shows itself to nobody by accident: printed, logged, joined or serialised it is `***`. Not encryption.

import { inspect } from 'node:util';

const HIDDEN = '***';

export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Whoever calls this answers for where it goes. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }

  get [Symbol.toStringTag](): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
