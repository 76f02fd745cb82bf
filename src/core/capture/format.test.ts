// Formats by their first bytes.

import { describe, expect, it } from 'vitest';
import { detectFormat } from './format.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('detectFormat()', () => {
  it.each([
    { head: Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1), format: 'pcap' },
    { head: Uint8Array.of(0xa1, 0xb2, 0x3c, 0x4d), format: 'pcap' },
    { head: Uint8Array.of(0xa1, 0xb2, 0xcd, 0x34), format: 'pcap' },
    { head: Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a), format: 'pcapng' },
    { head: Uint8Array.of(0x1f, 0x8b), format: 'gzip' },
    { head: text('#separator \\x09\n'), format: 'text' },
    { head: text('{"ts": "grün"}'), format: 'text' },
    { head: new Uint8Array(0), format: 'empty' },
    { head: new Uint8Array(16), format: 'unknown' },
    { head: Uint8Array.of(0xd4, 0xc3, 0xb2), format: 'text' },
    { head: text('snoop\0\0\0'), format: 'snoop' },
    { head: text('snoop\0\0\u0001'), format: 'unknown' },
    { head: text('snooze at 12'), format: 'text' },
  ])('says $format', ({ head, format }) => {
    expect(detectFormat(head)).toBe(format);
  });
});
