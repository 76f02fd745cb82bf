// One input: looked into and then read whole, also where it can be read only once; files are let go of.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { newTextIo } from '../io.testing.ts';
import { PEEK_BYTES_MAX, readText, Source } from './source.ts';

const TEXT = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));

async function all(source: Source): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of source.chunks(() => {})) parts.push(chunk);
  return Buffer.concat(parts);
}

describe('Source', () => {
  test.each([
    ['a file', 'file', TEXT],
    ['a file in gzip', 'file', gzipSync(TEXT)],
    ['a pipe', 'stream', TEXT],
    ['a pipe in gzip', 'stream', gzipSync(TEXT)],
  ] as const)('%s gives everything after it was looked into, several times', async (_, kind, bytes) => {
    for (const chunk of [1_000, 65_536]) {
      const outside = newTextIo({ kind, bytes, chunk });
      const source = await Source.open(outside.io, 'x');
      expect(TEXT.subarray(0, 64 * 1024).equals(await source.head())).toBe(true);
      expect((await source.head()).length).toBe(64 * 1024);
      await source.peek(() => true);
      expect((await all(source)).equals(TEXT)).toBe(true);
      expect(outside.opened()).toBe(outside.closed());
      if (kind === 'stream') expect(outside.opened()).toBe(1);
    }
  });

  test('a look ahead that finds nothing ends at its bound', async () => {
    const outside = newTextIo({ kind: 'stream', bytes: Buffer.alloc(PEEK_BYTES_MAX * 2), chunk: 65_536 });
    const source = await Source.open(outside.io, 'x');
    let seen = 0;
    await source.peek((chunk) => {
      seen += chunk.length;
      return false;
    });
    expect(seen).toBe(PEEK_BYTES_MAX);
    expect((await all(source)).length).toBe(PEEK_BYTES_MAX * 2);
  });

  test.each([0, 1, 2])('an input of %i bytes', async (length) => {
    const outside = newTextIo({ kind: 'file', bytes: Buffer.alloc(length, 0x1f), chunk: 1 });
    expect((await all(await Source.open(outside.io, 'x'))).length).toBe(length);
    expect(outside.opened()).toBe(outside.closed());
  });

  test('counts the bytes of the disk, not those of the text', async () => {
    const packed = gzipSync(TEXT);
    const outside = newTextIo({ kind: 'file', bytes: packed, chunk: 100 });
    let counted = 0;
    for await (const _ of (await Source.open(outside.io, 'x')).chunks((count) => {
      counted += count;
    }));
    expect(counted).toBe(packed.length);
  });
});

describe('readText()', () => {
  test('undoes gzip, and refuses half of it', async () => {
    const packed = gzipSync('picket: 1');
    expect(await readText(newTextIo({ kind: 'file', bytes: packed, chunk: 5 }).io, 'x')).toBe('picket: 1');
    const cut = newTextIo({ kind: 'file', bytes: packed.subarray(0, packed.length - 4), chunk: 5 });
    await expect(readText(cut.io, 'x')).rejects.toMatchObject({ code: 'PICKET-I006' });
  });
});
