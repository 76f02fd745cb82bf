// Rules keep their order, wherever and however often others are put between them.

import { expect, it } from 'vitest';
import { RuleOrder } from './rule-order.ts';

const inOrder = (order: RuleOrder): readonly number[] => [...order.numbers()];

function isRising(order: RuleOrder): boolean {
  const keys = inOrder(order).map((number) => order.keyOf(number));
  return keys.every((key, at) => at === 0 || key > (keys[at - 1] ?? key));
}

it('a rule is put before another, last, or into an empty document', () => {
  const order = new RuleOrder(2);
  expect([order.insert(1), order.insert(-1), order.insert(0)]).toEqual([2, 3, 4]);
  expect(inOrder(order)).toEqual([4, 0, 2, 1, 3]);
  const empty = new RuleOrder(0);
  empty.insert(-1);
  expect([inOrder(empty), isRising(order)]).toEqual([[0], true]);
});

it('a removed rule leaves its neighbours in order', () => {
  const order = new RuleOrder(4);
  for (const number of [0, 3, 1]) order.remove(number);
  expect(inOrder(order)).toEqual([2]);
  order.insert(2);
  expect(inOrder(order)).toEqual([4, 2]);
});

it.each([
  ['before one rule', () => 5],
  ['each before the one put there last', (last: number) => last],
])('neighbours make way when thousands come %s', (_, beforeWhat) => {
  const order = new RuleOrder(10);
  let last = 5;
  for (let count = 0; count < 5_000; count++) last = order.insert(beforeWhat(last));
  expect([inOrder(order).length, isRising(order)]).toEqual([5_010, true]);
});
