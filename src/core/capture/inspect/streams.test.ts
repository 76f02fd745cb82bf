// The bounds of what is kept of half-read streams.

import { expect, test } from 'vitest';
import { STREAM_BYTES_MAX, STREAMS_BYTES_MAX, STREAMS_MAX, Streams } from './streams.ts';

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
  for (let segment = 0; segment < 8; segment++) expect(streams.hold(1, segment, new Uint8Array(10))).toBe(true);
  expect(streams.hold(1, 8, new Uint8Array(10))).toBe(false);
  expect(streams.release(1, 3)?.bytes.length).toBe(10);
  expect(streams.release(1, 3)).toBeNull();
  expect(streams.bytes).toBe(70);
  streams.drop(1);
  expect(streams.bytes).toBe(0);
});
