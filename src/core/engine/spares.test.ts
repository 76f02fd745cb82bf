// Numbers come back in the order in which they were given, never before they have rested.

import { expect, it } from 'vitest';
import { NO_SPARE, Spares } from './spares.ts';

it.each([0, 1, 3, 200])('a number rests until %i others were given after it', (rest) => {
  const spares = new Spares(rest);
  for (let number = 0; number < rest; number++) {
    spares.give(number);
    expect(spares.take()).toBe(NO_SPARE);
  }
  for (let number = 0; number < 1_000; number++) {
    spares.give(rest + number);
    expect([spares.take(), spares.take()]).toEqual([number, NO_SPARE]);
  }
});

it('all that were given come back in order, however many wait', () => {
  const spares = new Spares(0);
  const taken: number[] = [];
  for (let number = 0; number < 500; number++) {
    spares.give(number);
    if (number % 3 === 0) taken.push(spares.take());
  }
  for (let number = spares.take(); number !== NO_SPARE; number = spares.take()) taken.push(number);
  expect(taken).toEqual(Array.from({ length: 500 }, (_, number) => number));
  spares.give(7);
  spares.clear();
  expect(spares.take()).toBe(NO_SPARE);
});
