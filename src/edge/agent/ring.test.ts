// The latest rows in order, just below, at and beyond the bound.

import { expect, it } from 'vitest';
import { Ring } from './ring.ts';

it.each([
  [2, [0, 1], false],
  [3, [0, 1, 2], false],
  [4, [1, 2, 3], true],
  [7, [4, 5, 6], true],
])('after %d rows', (count, rows, isCut) => {
  const ring = new Ring<number>(3);
  for (let row = 0; row < count; row++) ring.push(row);
  expect([ring.latest(), ring.isCut, ring.total]).toEqual([rows, isCut, count]);
});

it.each([
  [0, []],
  [1, [6]],
  [2, [5, 6]],
  [9, [4, 5, 6]],
])('the latest %d', (count, rows) => {
  const ring = new Ring<number>(3);
  for (let row = 0; row < 7; row++) ring.push(row);
  expect(ring.latest(count)).toEqual(rows);
});

it('tells followers every row, and no more once they ended', () => {
  const ring = new Ring<number>(3);
  const told: number[] = [];
  const end = ring.follow((row) => told.push(row));
  ring.push(1);
  end?.();
  ring.push(2);
  expect(told).toEqual([1]);
});

it('takes 32 followers and refuses the next', () => {
  const ring = new Ring<number>(3);
  const ends = Array.from({ length: 33 }, () => ring.follow(() => {}));
  expect(ends.map((end) => end !== null).lastIndexOf(true)).toBe(31);
});
