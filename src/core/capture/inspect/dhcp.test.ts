// DHCP messages made by hand.

import { describe, expect, test } from 'vitest';
import { dhcpDecoder } from './dhcp.ts';
import { bytes, decodeOnce, namesOf, type Part, span } from './inspect.testing.ts';

const message = (...options: readonly Part[]): Uint8Array =>
  bytes(1, new Uint8Array(235), [0x63, 0x82, 0x53, 0x63], ...options);

describe('dhcpDecoder', () => {
  test.each([
    ['a host', message([53, 1, 3, 12, 3], 'cam', 255), ['dhcp-host cam']],
    ['a host and a vendor', message([60, 4], 'udhc', [0, 0, 12, 4], 'HS-1', 255), ['dhcp-host HS-1 udhc']],
    ['a host that ends in zeros', message([12, 5], 'cam', [0, 0, 255]), ['dhcp-host cam']],
    ['a host that is not printable', message([12, 3], 'a\n\xff', 255), ['dhcp-host a\\x0a\\xff']],
    ['no host', message([53, 1, 1, 255]), []],
    ['a host behind the end', message([255, 12, 3], 'cam'), []],
    ['a host cut short', message([12, 9], 'cam'), []],
    ['an empty host', message([12, 0, 255]), []],
  ])('reads %s', (_, data, names) => {
    expect(dhcpDecoder.claims(span(data))).toBe(true);
    expect(namesOf(decodeOnce(dhcpDecoder, data).found)).toEqual(names);
  });

  test('does not claim BOOTP without the cookie, or a message cut before it', () => {
    expect(dhcpDecoder.claims(span(bytes(1, new Uint8Array(300))))).toBe(false);
    expect(dhcpDecoder.claims(span(message().subarray(0, 239)))).toBe(false);
  });
});
