// WireGuard's three handshake messages by their exact lengths, and everything beside them.

import { expect, test } from 'vitest';
import { bytes, span } from './inspect.testing.ts';
import { isWireguard } from './wireguard.ts';

test.each([
  [1, 148, true],
  [1, 147, false],
  [1, 149, false],
  [2, 92, true],
  [2, 91, false],
  [3, 64, true],
  [3, 65, false],
  [4, 32, false],
  [0, 148, false],
  [255, 148, false],
])('type %d of %d bytes: %s', (type, length, expected) => {
  expect(isWireguard(span(bytes(type, new Uint8Array(length - 1))))).toBe(expected);
});

test('reserved bytes are zero, and the transport is UDP', () => {
  expect(isWireguard(span(bytes(1, 1, new Uint8Array(146))))).toBe(false);
  expect(isWireguard(span(bytes(1, new Uint8Array(147)), { isTcp: true }))).toBe(false);
  expect(isWireguard(span(bytes()))).toBe(false);
});
