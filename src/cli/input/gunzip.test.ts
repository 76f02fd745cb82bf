// gzip undone: whole, cut at every byte, damaged, several members; what came before the fault is always there.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type GzipFault, gunzip } from './gunzip.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function inflate(bytes: Uint8Array, size = 1_000): Promise<{ text: Buffer; fault: GzipFault | null }> {
  let fault: GzipFault | null = null;
  const parts: Uint8Array[] = [];
  for await (const chunk of gunzip(pieces(bytes, size), (found) => {
    fault = found;
  }))
    parts.push(chunk);
  return { text: Buffer.concat(parts), fault };
}

const PLAIN = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * at) % 251));
const PACKED = gzipSync(PLAIN);

describe('gunzip()', () => {
  test.each([1, 7, 1_000, 1_000_000])('gives the same bytes from pieces of %i', async (size) => {
    const { text, fault } = await inflate(PACKED, size);
    expect(text.equals(PLAIN)).toBe(true);
    expect(fault).toBeNull();
  });

  test('reads members that follow each other', async () => {
    const { text, fault } = await inflate(Buffer.concat([PACKED, gzipSync(Buffer.from('more'))]));
    expect(text.length).toBe(PLAIN.length + 4);
    expect(fault).toBeNull();
  });

  test.each([1, 7, 1_000, 1_000_000])('passes over zeros that fill the last block, in pieces of %i', async (size) => {
    const { text, fault } = await inflate(Buffer.concat([PACKED, Buffer.alloc(20_000)]), size);
    expect(text.equals(PLAIN)).toBe(true);
    expect(fault).toBeNull();
  });

  test('tells bytes behind the data that are no member', async () => {
    const { fault } = await inflate(Buffer.concat([PACKED, Buffer.from('no member at all')]));
    expect(fault?.kind).toBe('damaged');
  });

  test('gives what came before a cut, and says it was cut', async () => {
    for (let length = 20; length < PACKED.length; length += 97) {
      const { text, fault } = await inflate(PACKED.subarray(0, length));
      expect(PLAIN.subarray(0, text.length).equals(text)).toBe(true);
      expect(fault?.kind).toBe('cut');
    }
    const { text } = await inflate(PACKED.subarray(0, PACKED.length - 8));
    expect(text.length).toBe(PLAIN.length);
  });

  test('tells damage from a cut', async () => {
    const broken = Buffer.from(PACKED);
    broken.fill(0xff, PACKED.length / 2, PACKED.length / 2 + 40);
    const { fault } = await inflate(broken);
    expect(fault?.kind).toBe('damaged');
    expect(fault?.message).toContain('damaged near compressed byte');
  });

  test('does not fill the memory with what grows', async () => {
    let most = 0;
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    for await (const chunk of gunzip(pieces(bomb, bomb.length), () => {})) most = Math.max(most, chunk.length);
    expect(most).toBeLessThanOrEqual(64 * 1024);
  });
});
