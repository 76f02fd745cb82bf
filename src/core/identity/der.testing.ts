// A writer of DER for tests, that can also write what is no DER. Not used outside tests.

import { ascii, joined } from './bytes.ts';
import { TAG } from './der.ts';

export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = joined(parts);
  return joined([Uint8Array.of(tag, ...lengthBytes(content.length)), content]);
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tlv(TAG.sequence, ...parts);
export const integer = (...bytes: readonly number[]): Uint8Array => tlv(TAG.integer, Uint8Array.from(bytes));
export const octets = (...parts: readonly Uint8Array[]): Uint8Array => tlv(TAG.octetString, ...parts);
export const boolean = (byte: number): Uint8Array => tlv(TAG.boolean, Uint8Array.of(byte));
export const bits = (unused: number, ...bytes: readonly number[]): Uint8Array =>
  tlv(TAG.bitString, Uint8Array.of(unused, ...bytes));
export const text = (tag: number, content: string): Uint8Array => tlv(tag, ascii(content));

export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const content = [first * 40 + second, ...rest].flatMap((part) => {
    const sevens: number[] = [];
    for (let left = part; sevens.length === 0 || left > 0; left >>= 7)
      sevens.unshift((left & 0x7f) | (sevens.length > 0 ? 0x80 : 0));
    return sevens;
  });
  return tlv(TAG.objectId, Uint8Array.from(content));
}
