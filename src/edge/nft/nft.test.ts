// The printer: what it joins, and what it stops at.

import { describe, expect, it } from 'vitest';
import { parseAddress } from '#model';
import { address, addressRange, interfaceName, list, mac, mark, nft, raw } from './nft.ts';

const bytes = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array(16);

describe('nft``', () => {
  it('joins fixed words, numbers and printed pieces', () => {
    expect(nft`over ${5} bytes`.nft).toBe('over 5 bytes');
    expect(nft`${mark(1)} . ${nft`tcp`}`.nft).toBe('0x00000001 . tcp');
    expect(list([mark(1), mark(0xffff_ffff)]).nft).toBe('0x00000001, 0xffffffff');
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'stops at %s, which is no number of nft',
    (value) => {
      expect(() => nft`${value}`).toThrow(RangeError);
    },
  );

  it.each([-1, 2 ** 32, 0.5])('stops at %s, which is no mark', (value) => {
    expect(() => mark(value)).toThrow(RangeError);
  });

  it('prints addresses without a letter that nft could read as a word', () => {
    for (const text of ['0.0.0.0', '255.255.255.255', '::', 'fd00::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'])
      expect(address(bytes(text)).nft).toMatch(/^[0-9a-f.:]+$/);
    expect(addressRange(bytes('10.0.0.0'), bytes('10.0.0.255')).nft).toBe('10.0.0.0-10.0.0.255');
    expect(addressRange(bytes('10.0.0.1'), bytes('10.0.0.1')).nft).toBe('10.0.0.1');
  });

  it('prints MACs, raw bytes and the names of interfaces', () => {
    expect(mac(0x0200_0000_0001).nft).toBe('02:00:00:00:00:01');
    expect(raw(new Uint8Array([0, 10, 255])).nft).toBe('0x000aff');
    expect(interfaceName('enp3s0f0np0.100').nft).toBe('"enp3s0f0np0.100"');
  });

  it.each([-1, 2 ** 48, 0.5])('stops at %s, which is no MAC', (value) => {
    expect(() => mac(value)).toThrow(RangeError);
  });

  it.each([
    '',
    'a"; flush ruleset; #',
    'eth0*',
    '*',
    'a b',
    'eth0\n',
    'a/b',
    '../x',
    '-x',
    '.',
    '..',
    'a$b',
    'sixteen-letters-',
    'ä',
  ])('stops at %j, which is no printable name of an interface', (name) => {
    expect(() => interfaceName(name)).toThrow(RangeError);
  });
});
