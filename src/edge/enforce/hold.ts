// Numbers that are asked for stay given as long as whoever asked holds them. Not the giving.

import type { NumberBook, NumberSource, NumberSources, Numbers } from './numbers.ts';

interface Asked {
  readonly of: Numbers;
  readonly key: string;
}

/** Keys held together. */
export class Hold {
  /** Most hold one or none. */
  #asked: Asked[] | null = null;

  take(asked: Asked): void {
    asked.of.hold(asked.key);
    this.#asked ??= [];
    this.#asked.push(asked);
  }

  release(): void {
    for (const { of, key } of this.#asked ?? []) of.release(key);
    this.#asked = null;
  }
}

/** Asks a book and notes every key in the hold that was begun last. */
export class Holder {
  readonly numbers: NumberSources;
  #hold = new Hold();

  constructor(book: NumberBook) {
    const { classes, marks, terms, things } = book;
    this.numbers = {
      classes: this.#noted(classes),
      marks: this.#noted(marks),
      terms: this.#noted(terms),
      things: this.#noted(things),
    };
  }

  begin(): Hold {
    this.#hold = new Hold();
    return this.#hold;
  }

  #noted(of: Numbers): NumberSource {
    return {
      of: (key) => {
        const number = of.of(key);
        this.#hold.take({ of, key });
        return number;
      },
    };
  }
}
