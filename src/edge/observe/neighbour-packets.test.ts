// Packets that claim a MAC and an address: what they claim, and every cut or odd one claims nothing and reads nothing beyond its end.

import { describe, expect, it } from 'vitest';
import { NO_MAC } from '#model';
import { readAdvertisement, readArp, readDhcp } from './neighbour-packets.ts';

const MAC = [0x02, 0, 0, 0, 0, 0x11];
const MAC_NUMBER = 0x02_00_00_00_00_11;
const COOKED = [0x08, 0x06, ...new Array<number>(18).fill(0)];
const ARP = [...COOKED, 0, 1, 8, 0, 6, 4, 0, 1, ...MAC, 10, 0, 0, 5, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1];

/** The same packet with some bytes changed. */
function changed(bytes: readonly number[], at: number, ...values: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}

describe('readArp()', () => {
  it('reads the sender', () => {
    expect(readArp(Uint8Array.from(ARP))).toEqual({ mac: MAC_NUMBER, address: 0x0a000005 });
    expect(readArp(Uint8Array.from([...ARP, 0, 0, 0]))).toEqual({ mac: MAC_NUMBER, address: 0x0a000005 });
  });

  it.each([
    { name: 'a probe', data: changed(ARP, 34, 0, 0, 0, 0) },
    { name: 'another EtherType', data: changed(ARP, 0, 8, 0) },
    { name: 'another hardware', data: changed(ARP, 20, 0, 6) },
    { name: 'another protocol', data: changed(ARP, 22, 0x86, 0xdd) },
    { name: 'long hardware addresses', data: changed(ARP, 24, 8) },
    { name: 'a cut one', data: Uint8Array.from(ARP.slice(0, -1)) },
    { name: 'nothing', data: new Uint8Array(0) },
  ])('reads nothing from $name', ({ data }) => {
    expect(readArp(data)).toBeNull();
  });
});

describe('readAdvertisement()', () => {
  const TARGET = [0xfd, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
  const told = [136, 0, 0, 0, 0x60, 0, 0, 0, ...TARGET, 2, 1, ...MAC];
  const asked = [135, 0, 0, 0, 0, 0, 0, 0, ...TARGET, 1, 1, ...MAC];
  const read = (bytes: readonly number[]) => readAdvertisement(Uint8Array.from(bytes), 0, bytes.length);

  it.each([
    { name: 'an advertisement', bytes: told, target: TARGET, mac: MAC_NUMBER },
    { name: 'one without option', bytes: told.slice(0, 24), target: TARGET, mac: NO_MAC },
    {
      name: 'one with an option of length 0',
      bytes: [...told.slice(0, 24), 2, 0, ...MAC],
      target: TARGET,
      mac: NO_MAC,
    },
    { name: 'a solicitation', bytes: asked, target: null, mac: MAC_NUMBER },
    {
      name: 'one whose option comes second',
      bytes: [...asked.slice(0, 24), 14, 1, 0, 0, 0, 0, 0, 0, 1, 1, ...MAC],
      target: null,
      mac: MAC_NUMBER,
    },
    { name: 'a question for routers', bytes: [133, 0, 0, 0, 0, 0, 0, 0, 1, 1, ...MAC], target: null, mac: MAC_NUMBER },
    { name: 'a router', bytes: [134, ...new Array<number>(15).fill(0), 1, 1, ...MAC], target: null, mac: MAC_NUMBER },
  ])('reads $name', ({ bytes, target, mac }) => {
    expect(read(bytes)).toEqual({ target: target === null ? null : Uint8Array.from(target), mac });
  });

  it.each([
    { name: 'an echo', bytes: [128, ...told.slice(1)] },
    { name: 'a redirect', bytes: [137, ...told.slice(1)] },
    { name: 'a cut advertisement', bytes: told.slice(0, 23) },
    { name: 'a solicitation without option', bytes: asked.slice(0, 24) },
    { name: 'a solicitation with a cut option', bytes: asked.slice(0, 31) },
    { name: 'nothing', bytes: [] },
  ])('reads nothing from $name', ({ bytes }) => {
    expect(read(bytes)).toBeNull();
  });
});

describe('readDhcp()', () => {
  const message = (operation: number, ...options: readonly number[]): Uint8Array => {
    const data = new Uint8Array(240 + options.length);
    data.set([operation, 1, 6]);
    data.set([0x63, 0x82, 0x53, 0x63], 236);
    data.set(MAC, 28);
    data.set(options, 240);
    return data;
  };
  const read = (data: Uint8Array) => readDhcp(data, 0, data.length);
  const words = (text: string): readonly number[] => [...new TextEncoder().encode(text)];

  it('reads the names that a client gives, with nothing that could be markup or control', () => {
    const request = message(1, 53, 1, 3, 12, 5, ...words('cam\x1b1'), 60, 4, ...words('acme'), 255);
    expect(read(request)).toEqual({ mac: MAC_NUMBER, address: 0, hostName: 'cam?1', vendorClass: 'acme' });
  });

  it('reads the address that a server acknowledges', () => {
    const answer = message(2, 0, 53, 1, 5, 12, 1, 65, 255);
    answer.set([10, 0, 0, 7], 16);
    expect(read(answer)).toEqual({ mac: MAC_NUMBER, address: 0x0a000007, hostName: '', vendorClass: '' });
  });

  it('reads the address that a client renews', () => {
    const request = message(1, 53, 1, 3);
    request.set([10, 0, 0, 7], 12);
    expect(read(request)).toMatchObject({ address: 0x0a000007 });
  });

  it.each([
    { name: 'an offer', data: message(2, 53, 1, 2) },
    { name: 'an acknowledgement without address', data: message(2, 53, 1, 5) },
    { name: 'another operation', data: message(3, 53, 1, 5) },
    { name: 'a wrong cookie', data: changed([...message(1)], 236, 0) },
    { name: 'another hardware', data: changed([...message(1)], 1, 6) },
    { name: 'a cut one', data: message(1).slice(0, 239) },
  ])('reads nothing from $name', ({ data }) => {
    expect(read(data)).toBeNull();
  });

  it('reads what stands before an option that is longer than the packet', () => {
    expect(read(message(1, 12, 1, 65, 60, 200, 66))).toMatchObject({ hostName: 'A', vendorClass: '' });
  });
});
