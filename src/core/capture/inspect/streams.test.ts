// The bounds of what is kept of half-read streams.

import { expect, test } from 'vitest';
import { bytes } from './inspect.testing.ts';
import {
  agreesWithHeld,
  HELD_BYTES_MAX,
  HELD_MAX,
  STREAM_BYTES_MAX,
  STREAMS_BYTES_MAX,
  STREAMS_MAX,
  Streams,
} from './streams.ts';

test('the oldest stream goes when there are too many', () => {
  const streams = new Streams();
  for (let key = 0; key <= STREAMS_MAX; key++) streams.keep(key, new Uint8Array(1));
  expect([streams.size, streams.bytes]).toEqual([STREAMS_MAX, STREAMS_MAX]);
  expect(streams.get(0)).toBeUndefined();
  expect(streams.get(1)).toBeDefined();
});

test('the oldest stream goes when all together hold too much', () => {
  const streams = new Streams();
  const fit = Math.floor(STREAMS_BYTES_MAX / STREAM_BYTES_MAX);
  for (let key = 0; key <= fit; key++) streams.keep(key, new Uint8Array(STREAM_BYTES_MAX));
  expect(streams.size).toBe(fit);
  expect(streams.bytes).toBeLessThanOrEqual(STREAMS_BYTES_MAX);
});

test.each([
  [STREAM_BYTES_MAX, STREAM_BYTES_MAX],
  [STREAM_BYTES_MAX + 1, 0],
])('a message of %d bytes is kept with %d', (length, kept) => {
  const streams = new Streams();
  streams.keep(1, new Uint8Array(length));
  expect(streams.bytes).toBe(kept);
});

test('held segments come out once, in their turn, and are counted', () => {
  const streams = new Streams();
  const held = (sequence: number) => ({ sequence, bytes: new Uint8Array(10), isTold: false });
  for (let segment = 0; segment < HELD_MAX; segment++) expect(streams.hold(1, held(segment * 10))).toBe(true);
  expect(streams.hold(1, held(HELD_MAX * 10))).toBe(false);
  expect(streams.hold(1, held(0))).toBe(true);
  expect(streams.release(1, 30)?.bytes.length).toBe(10);
  expect(streams.bytes).toBe((HELD_MAX - 1) * 10);
  expect(streams.release(1, 30)).toBeNull();
  streams.drop(1);
  expect(streams.bytes).toBe(0);
});

test.each([
  [HELD_BYTES_MAX, true],
  [HELD_BYTES_MAX + 1, false],
])('a held segment of %d bytes is held: %s', (length, isHeld) => {
  expect(new Streams().hold(1, { sequence: 0, bytes: new Uint8Array(length), isTold: false })).toBe(isHeld);
});

test('a held segment is cut to what is missing, and those before are let go', () => {
  const streams = new Streams();
  streams.hold(1, { sequence: 100, bytes: bytes('abcdef'), isTold: false });
  streams.hold(1, { sequence: 101, bytes: bytes('b'), isTold: false });
  expect(streams.release(1, 103)).toMatchObject({ sequence: 103, bytes: bytes('def') });
  expect(streams.bytes).toBe(0);
});

test.each([
  [100, 'abc', true],
  [98, 'xxab', true],
  [98, 'xxaX', false],
  [105, 'fgh', true],
  [105, 'Xgh', false],
  [106, 'gh', true],
])('bytes at %d that say %s agree with held ones: %s', (sequence, text, isAgreed) => {
  const streams = new Streams();
  streams.hold(1, { sequence: 100, bytes: bytes('abcdef'), isTold: false });
  expect(agreesWithHeld(streams.open(1), sequence, bytes(text))).toBe(isAgreed);
});

test('whoever had to go is told', () => {
  const dropped: number[] = [];
  const streams = new Streams((key) => dropped.push(key));
  for (let key = 0; key <= STREAMS_MAX; key++) streams.keep(key, new Uint8Array(1));
  streams.drop(5);
  expect(dropped).toEqual([0]);
});
