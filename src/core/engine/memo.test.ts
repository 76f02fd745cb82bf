// What is remembered is exactly what was kept, until it is forgotten; what has no class never is.

import { expect, it } from 'vitest';
import { MEMO, Memo, NO_CLASS, wireOf } from './memo.ts';

const found = (number: number) => ({ found: number, service: 0, plan: -1, isOther: false });

function answerOf(memo: Memo, from: number, to: number, wire: number): number | null {
  const at = memo.find(from, to, wire);
  return at < 0 ? null : (memo.words[at + MEMO.found] ?? null);
}

it('never answers for another pair, protocol or port, however full it is', () => {
  const memo = new Memo();
  let known = 0;
  for (let at = 0; at < 300_000; at++) {
    const key = { from: at % 1_009, to: at % 997, wire: wireOf(at % 256, at % 65_537) };
    memo.keep(key, found(at));
    if (answerOf(memo, key.from, key.to, key.wire) !== at) expect.fail(`${at} is not there`);
  }
  for (let at = 0; at < 300_000; at++) {
    const answer = answerOf(memo, at % 1_009, at % 997, wireOf(at % 256, at % 65_537));
    if (answer !== null) known++;
    if (answer !== null && answer !== at) expect.fail(`${answer} for ${at}`);
  }
  expect(known).toBeGreaterThan(50_000);
});

it('holds four that share a place, and the one kept first goes first', () => {
  const memo = new Memo();
  const wire = wireOf(6, 443);
  const first = memo.keep({ from: 1, to: 2, wire }, found(1));
  const others = Array.from({ length: 3_000 }, (_, at) => at + 10).filter((from) => {
    const probe = new Memo();
    return probe.keep({ from, to: 2, wire }, found(from)) === first;
  });
  const [second = 0, third = 0, fourth = 0, fifth = 0] = others;
  const all = [1, second, third, fourth];
  const keep = (from: number): number => memo.keep({ from, to: 2, wire }, found(from));
  for (const from of all.slice(1)) keep(from);
  expect(all.map((from) => answerOf(memo, from, 2, wire))).toEqual(all);
  keep(fifth);
  expect([...all, fifth].map((from) => answerOf(memo, from, 2, wire))).toEqual([null, second, third, fourth, fifth]);
});

it('forgets all at once', () => {
  const memo = new Memo();
  memo.keep({ from: 1, to: 2, wire: 3 }, found(7));
  memo.forget();
  expect(answerOf(memo, 1, 2, 3)).toBeNull();
});

it.each([
  [NO_CLASS, 2],
  [1, NO_CLASS],
])('keeps nothing of ends without a class (%i, %i)', (from, to) => {
  const memo = new Memo();
  expect([memo.keep({ from, to, wire: 3 }, found(7)), memo.find(from, to, 3)]).toEqual([-1, -1]);
});
