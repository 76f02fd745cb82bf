// Addresses as text, bytes, prefixes and numbers: strict on the way in, canonical on the way out.

import { describe, expect, test } from 'vitest';
import {
  AddressTable,
  addressText,
  isGroupAddress,
  isGroupMac,
  isInternet,
  macText,
  NO_ADDRESS,
  parseAddress,
  parseMac,
  parsePrefix,
  prefixHas,
  prefixText,
} from './addresses.ts';

const bytesOf = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array(0);

describe('parseAddress()', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['0:0:1::', '0:0:1::'],
    ['1:2:3:4:5:6:0:8', '1:2:3:4:5:6:0:8'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
  ])('reads %s and prints %s', (text, canonical) => {
    expect(addressText(bytesOf(text))).toBe(canonical);
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '010.1.1.1',
    '0x7f.1',
    '1.2.3.256',
    '1.2.3.-4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::1.2.3',
    '1.2.3.4::',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
});

describe('prefixes', () => {
  test.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/8', '9.255.255.255', false],
    ['192.168.1.128/25', '192.168.1.128', true],
    ['192.168.1.128/25', '192.168.1.127', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '1.2.3.4', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
  ])('%s holds %s: %s', (prefix, address, isInside) => {
    const parsed = parsePrefix(prefix);
    expect(parsed).not.toBeNull();
    expect(parsed !== null && prefixHas(parsed, bytesOf(address))).toBe(isInside);
  });

  test.each([
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '2001:db8::/129',
    '2001:db8::1/64',
    'x/8',
    '',
  ])('refuses %j', (text) => {
    expect(parsePrefix(text)).toBeNull();
  });

  test.each(['10.0.0.0/8', '10.1.2.3', '2001:db8::/32', '::1', '0.0.0.0/0'])('prints %s as written', (text) => {
    const parsed = parsePrefix(text);
    expect(parsed === null ? null : prefixText(parsed)).toBe(text);
  });
});

test.each([
  ['8.8.8.8', true],
  ['172.15.255.255', true],
  ['172.16.0.0', false],
  ['172.31.255.255', false],
  ['172.32.0.0', true],
  ['100.63.255.255', true],
  ['100.64.0.1', false],
  ['127.0.0.1', false],
  ['169.254.1.1', false],
  ['223.255.255.255', true],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['203.0.113.10', true],
  ['2001:4860::8888', true],
  ['fd00::1', false],
  ['fe80::1', false],
  ['ff02::fb', false],
  ['::1', false],
])('isInternet(%s) is %s', (text, expected) => {
  expect(isInternet(bytesOf(text))).toBe(expected);
});

test.each([
  ['223.255.255.255', false],
  ['224.0.0.0', true],
  ['255.255.255.255', true],
  ['ff02::1', true],
  ['fe80::1', false],
])('isGroupAddress(%s) is %s', (text, expected) => {
  expect(isGroupAddress(bytesOf(text))).toBe(expected);
});

describe('AddressTable', () => {
  test('gives the same number to the same address however it came', () => {
    const table = new AddressTable();
    const four = table.intern4(0x0a010203);
    expect(table.intern('10.1.2.3')).toBe(four);
    expect(table.intern6(bytesOf('::ffff:10.1.2.3'), 0)).toBe(four);
    const six = table.intern('2001:db8::1');
    expect(six).not.toBe(four);
    expect(table.intern6(bytesOf('2001:db8:0::1'), 0)).toBe(six);
    expect(table.size).toBe(2);
    expect([table.version(four), table.version(six)]).toEqual([4, 6]);
    expect([table.text(four), table.text(six)]).toEqual(['10.1.2.3', '2001:db8::1']);
  });

  test('keeps nothing for text that is no address', () => {
    const table = new AddressTable();
    expect(table.intern('010.1.1.1')).toBe(NO_ADDRESS);
    expect(table.size).toBe(0);
    expect(() => table.bytes(0)).toThrow(RangeError);
  });
});

test('MAC addresses are read strictly and printed in one form', () => {
  const mac = parseMac('02-42-AC-11-00-05');
  expect(mac === null ? null : macText(mac)).toBe('02:42:ac:11:00:05');
  expect(parseMac('00:00:00:00:00:00')).toBe(0);
  expect(macText(0)).toBe('00:00:00:00:00:00');
  for (const text of ['', '02:42:ac:11:00', '02:42:ac:11:00:05:06', '0242ac110005', '02:42:ac:11:00:0g'])
    expect(parseMac(text)).toBeNull();
});

test.each([
  ['ff:ff:ff:ff:ff:ff', true],
  ['01:00:5e:00:00:fb', true],
  ['33:33:00:00:00:01', true],
  ['02:42:ac:11:00:05', false],
  ['00:00:00:00:00:00', false],
])('isGroupMac(%s) is %s', (text, expected) => {
  expect(isGroupMac(parseMac(text) ?? -1)).toBe(expected);
});

describe('a bounded AddressTable', () => {
  test('knows as many addresses as it may, and takes every further one for 0.0.0.0', () => {
    const table = new AddressTable(3);
    const known = [table.intern('10.0.0.1'), table.intern('2001:db8::1')];
    expect(known).toEqual([1, 2]);
    expect(table.isFull).toBe(true);
    for (const further of ['10.0.0.2', '2001:db8::2']) expect(table.text(table.intern(further))).toBe('0.0.0.0');
    expect(table.intern4(0x0a000001)).toBe(1);
    expect(table.size).toBe(3);
  });

  test('is not full one before', () => {
    const table = new AddressTable(3);
    table.intern('10.0.0.1');
    expect(table.isFull).toBe(false);
    expect(table.text(table.intern('10.0.0.2'))).toBe('10.0.0.2');
  });

  test('has no bound unless it is given one', () => {
    const table = new AddressTable();
    for (let value = 1; value <= 1_000; value++) expect(table.intern4(value)).toBe(value - 1);
    expect(table.isFull).toBe(false);
  });
});
