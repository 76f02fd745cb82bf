// The samples of RFC 9001 appendix A and RFC 9369 appendix A: keys, header protection, tag.

import { describe, expect, test } from 'vitest';
import { clientKeys, open } from './keys.ts';
import { readPacket } from './packet.ts';
import { fromHex, initial, SAMPLE_FRAME, SAMPLE_ID, toHex, VERSION_ONE, VERSION_TWO } from './quic.testing.ts';
import { versionOf } from './versions.ts';

const SAMPLES = [
  {
    name: 'RFC 9001',
    version: VERSION_ONE,
    key: '1f369613dd76d5467730efcbe3b1a22d',
    iv: 'fa044b2f42a3fd3b46fb255c',
    headerProtection: '9f50449e04a0e810283a1e9933adedd2',
    begin: 'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b',
    tag: 'e221af44860018ab0856972e194cd934',
  },
  {
    name: 'RFC 9369',
    version: VERSION_TWO,
    key: '8b1a0bc121284290a29e0971b5cd045d',
    iv: '91f73e2351d8fa91660e909f',
    headerProtection: '45b95e15235d6f45a6b19cbcb0294ba9',
    begin: 'd76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071bf03dceebfa162e75d6c',
    tag: 'a18b2faa745b6fe189cf772a9f84cbfc',
  },
];

describe.each(SAMPLES)('$name', ({ version, key, iv, headerProtection, begin, tag }) => {
  const known = versionOf(version);
  const sent = { version, frames: SAMPLE_FRAME, paddedTo: 1_162, number: 2 };
  const packet = initial(sent);
  const header = readPacket(packet, 0, packet.length);

  test('clientKeys() gives the keys of the sample', () => {
    const keys = known === undefined ? null : clientKeys(known, SAMPLE_ID);
    const texts = keys === null ? null : Object.values(keys).map(toHex);
    expect(texts).toEqual([key, iv, headerProtection]);
  });

  test('a packet made here is that of the sample', () => {
    expect(toHex(packet)).toMatch(new RegExp(`^${begin}.*${tag}$`));
    expect(packet.length).toBe(1_200);
  });

  const openWith = (data: Uint8Array, id = SAMPLE_ID): Uint8Array | null => {
    if (header === null || known === undefined) return null;
    return open({ data, from: 0, numberAt: header.numberAt, to: data.length }, clientKeys(known, id));
  };

  test('open() gives the frames', () => {
    const frames = openWith(packet);
    expect(frames === null ? null : toHex(frames.subarray(0, SAMPLE_FRAME.length))).toBe(toHex(SAMPLE_FRAME));
    expect(frames?.length).toBe(1_162);
  });

  test.each([0, 6, 18, 22, 30, 600, 1_199])('open() refuses a packet whose byte %d was changed', (at) => {
    const changed = packet.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(openWith(changed)).toBeNull();
  });

  test('open() refuses other keys, and what is too short for a sample', () => {
    expect(openWith(packet, fromHex('8394c8f03e515709'))).toBeNull();
    expect(openWith(packet.subarray(0, 18 + 4 + 16))).toBeNull();
    expect(openWith(packet.subarray(0, 18 + 3 + 16))).toBeNull();
  });
});

test.each([
  [0xff00_0014, false],
  [0xff00_0015, true],
  [0xff00_0016, true],
  [0xff00_0017, true],
  [0xff00_001d, true],
  [0xff00_0020, true],
  [0xff00_0022, true],
  [0xff00_0023, false],
  [0xface_b001, true],
  [0xface_b00e, true],
  [0, false],
  [2, false],
  [0x709a_50c4, false],
])('version %d is read: %s', (number, isRead) => {
  expect(versionOf(number) !== undefined).toBe(isRead);
});
