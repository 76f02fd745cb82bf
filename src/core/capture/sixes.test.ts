// The memory of IPv6 addresses gives what the address table gives, whatever it has forgotten.

import { expect, it } from 'vitest';
import { AddressTable, parseAddress } from '#model';
import { SIXES_MAX, Sixes } from './sixes.ts';

it('gives the number of the address table, also for many more addresses than it remembers', () => {
  const addresses = new AddressTable();
  const sixes = new Sixes(addresses);
  const other = new AddressTable();
  for (let round = 0; round < 2; round++)
    for (let host = 0; host < SIXES_MAX * 3; host++) {
      const data = Uint8Array.from([
        9,
        0x20,
        1,
        0xd,
        0xb8,
        0,
        0,
        0,
        host & 7,
        0,
        0,
        0,
        0,
        0,
        0,
        host >> 8,
        host & 0xff,
      ]);
      expect(sixes.intern(data, 1)).toBe(other.intern6(data, 1));
    }
  expect(addresses.size).toBe(SIXES_MAX * 3);
});

it.each(['::', '::1', '::ffff:10.0.0.1', 'ff02::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'])('knows %s', (text) => {
  const addresses = new AddressTable();
  const sixes = new Sixes(addresses);
  const data = parseAddress(text) ?? new Uint8Array(0);
  expect([sixes.intern(data, 0), sixes.intern(data, 0)]).toEqual([0, 0]);
  expect(addresses.intern(text)).toBe(0);
});
