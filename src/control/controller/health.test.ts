// Sources that answer, that do not, and a process that stood still itself.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HealthBook, type HealthSource } from './health.ts';

const ANSWER_MS = 3_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

async function codesAfter(look: HealthSource['look'], ms: number): Promise<readonly string[]> {
  const book = new HealthBook({ sources: [{ name: 'database', look }], now: () => 0, onChange: () => {} });
  const looking = book.look();
  // As where the process did nothing for so long: the timer is over before anything that arrived is read.
  vi.advanceTimersByTime(ms);
  await looking;
  return book.states.map(({ code }) => code);
}

it.each<readonly [string, HealthSource['look'], number, readonly string[]]>([
  ['answers', async () => [], 0, []],
  ['does not answer', () => new Promise(() => {}), ANSWER_MS, ['PICKET-C810']],
  ['fails', () => Promise.reject(new Error('refused')), 0, ['PICKET-C810']],
  [
    'answered while the process stood still',
    () => new Promise((resolve) => void setImmediate(() => resolve([]))),
    2 * ANSWER_MS,
    [],
  ],
])('a source that %s', async (_, look, ms, codes) => {
  expect(await codesAfter(look, ms)).toEqual(codes);
});
