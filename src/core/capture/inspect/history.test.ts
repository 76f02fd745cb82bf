// What is remembered of a stream, and what is forgotten.

import { describe, expect, test } from 'vitest';
import { HISTORY_BYTES_MAX, History } from './history.ts';
import { bytes } from './inspect.testing.ts';

function matched(history: History, sequence: number, data: Uint8Array): readonly [number, readonly string[]] {
  const operations: string[] = [];
  return [history.match(sequence, data, (more) => operations.push(...more)), operations];
}

describe('History', () => {
  test.each([
    ['the whole', 100, 'abcdef', 6, ['x 1', 'x 2']],
    ['the first message', 100, 'abc', 3, ['x 1']],
    ['the middle', 102, 'cd', 2, ['x 1', 'x 2']],
    ['a byte that differs', 100, 'abX', 0, []],
    ['a byte that differs in the second', 100, 'abcX', 0, ['x 1']],
    ['bytes before', 99, 'zabc', 0, []],
    ['bytes beyond', 104, 'efgh', 2, ['x 2']],
  ])('matches %s', (_, sequence, text, length, operations) => {
    const history = new History();
    history.add({ sequence: 100, length: 3, operations: ['x 1'], data: bytes('--abc'), from: 2, to: 5 });
    history.add({ sequence: 103, length: 3, operations: ['x 2'], data: bytes('def'), from: 0, to: 3 });
    expect(matched(history, sequence, bytes(text))).toEqual([length, operations]);
  });

  test('matches anything where nothing was looked at', () => {
    const history = new History();
    history.add({ sequence: 2 ** 32 - 2, length: 10, operations: ['x 1'], data: bytes('abcd'), from: 0, to: 4 });
    expect(matched(history, 0, bytes('cd......'))).toEqual([8, ['x 1']]);
    expect(matched(history, 0, bytes('cX......'))).toEqual([0, []]);
  });

  test('remembers 32 messages', () => {
    const history = new History();
    for (let message = 0; message < 33; message++)
      history.add({ sequence: message * 2, length: 2, operations: [], data: bytes([message, 0]), from: 0, to: 2 });
    expect(matched(history, 0, bytes([0, 0]))[0]).toBe(0);
    expect(matched(history, 2, bytes([1, 0, 2, 0]))[0]).toBe(4);
    expect(matched(history, 64, bytes([32, 0]))[0]).toBe(2);
  });

  test('keeps 64 KiB, and forgets the oldest for more', () => {
    const history = new History();
    const half = new Uint8Array(HISTORY_BYTES_MAX / 2).fill(7);
    history.add({ sequence: 0, length: half.length, operations: [], data: half, from: 0, to: half.length });
    history.add({ sequence: half.length, length: half.length, operations: [], data: half, from: 0, to: half.length });
    expect(matched(history, 0, bytes([7]))[0]).toBe(1);
    history.add({ sequence: half.length * 2, length: 1, operations: [], data: bytes([9]), from: 0, to: 1 });
    expect(matched(history, 0, bytes([7]))[0]).toBe(0);
    expect(matched(history, half.length, bytes([7]))[0]).toBe(1);
    expect(matched(history, half.length * 2, bytes([9]))[0]).toBe(1);
    expect(history.size).toBe(HISTORY_BYTES_MAX);
  });

  test('forgets all when a message is longer than it can keep', () => {
    const history = new History();
    history.add({ sequence: 0, length: 1, operations: [], data: bytes([1]), from: 0, to: 1 });
    const long = new Uint8Array(HISTORY_BYTES_MAX + 1);
    history.add({ sequence: 1, length: long.length, operations: [], data: long, from: 0, to: long.length });
    expect(matched(history, 0, bytes([1]))[0]).toBe(0);
  });

  test('does not grow with the number of short messages', () => {
    const history = new History();
    for (let message = 0; message < 10_000; message++)
      history.add({ sequence: message * 12, length: 12, operations: [], data: new Uint8Array(12), from: 0, to: 12 });
    expect(history.size).toBeLessThanOrEqual(2_048);
  });
});
