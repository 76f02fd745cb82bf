// Fuzz: mutated messages through every decoder and through the inspector. Nothing may throw, hang, or reach beyond its bytes.

import { expect, test } from 'vitest';
import { PROTOCOL } from '#model';
import { SEEDS as BACNET } from './bacnet.seeds.testing.ts';
import { SEEDS as COAP } from './coap.seeds.testing.ts';
import { FOUND_MAX, NOT_MINE } from './decoder.ts';
import { DECODERS } from './decoders.ts';
import { SEEDS as DNP3 } from './dnp3.seeds.testing.ts';
import { SEEDS as ENIP } from './enip.seeds.testing.ts';
import { SEEDS as HTTP } from './http.seeds.testing.ts';
import { SEEDS as IEC104 } from './iec104.seeds.testing.ts';
import { Bench, bytes, clientHello, decodeOnce, dnsName, modbusUnit, span, two } from './inspect.testing.ts';
import { SEEDS as MODBUS } from './modbus.seeds.testing.ts';
import { SEEDS as MQTT } from './mqtt.seeds.testing.ts';
import { SEEDS as OPCUA } from './opcua.seeds.testing.ts';
import { SEEDS as S7COMM } from './s7comm.seeds.testing.ts';

const ROUNDS = 100_000;
const SEED = Number(process.env.PICKET_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Mulberry32 (public domain): small, and the same numbers for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

const MESSAGES: readonly Uint8Array[] = [
  bytes([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName('www.example.com'), two(1), two(1)),
  bytes(
    [0, 1, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0],
    dnsName('www.example.com'),
    two(1),
    two(1),
    [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, 97, 0xc0, 16],
    [0xc0, 45, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4],
  ),
  bytes([0, 29, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName('example.com'), two(1), two(1)),
  clientHello('api.example.com', 30),
  bytes('POST /a HTTP/1.1\r\nHost: example.com\r\nContent-Length: 5\r\n\r\nhello'),
  bytes(1, new Uint8Array(235), [0x63, 0x82, 0x53, 0x63, 12, 3], 'cam', [60, 2], 'vv', 255),
  bytes(modbusUnit(1, 3), modbusUnit(2, 16, [0, 0, 0, 1, 2, 0, 0])),
  bytes([0x10, 15, 0, 4], 'MQTT', [4, 2, 0, 60, 0, 3], 'abc', [0x82, 8, 0, 1, 0, 3], 'a/b', 0, [0x30, 5, 0, 3], 'a/b'),
  ...[BACNET, COAP, DNP3, ENIP, HTTP, IEC104, MODBUS, MQTT, OPCUA, S7COMM].flat(),
];
const PORTS = [102, 2_404, 4_840, 5_683, 20_000, 44_818, 47_808, 53, 5_353, 67, 502, 1_883, 1_900, 80, 40_000];

function mutate(message: Uint8Array, random: (below: number) => number): Uint8Array {
  const data = message.slice(0, random(8) === 0 ? random(message.length + 1) : message.length);
  const changes = random(6);
  for (let change = 0; change < changes && data.length > 0; change++) {
    const at = random(data.length);
    data[at] = [random(256), 0, 255, 0xc0, (data[at] ?? 0) ^ (1 << random(8))][random(5)] ?? 0;
  }
  return data;
}

test(`decoders and inspector survive ${ROUNDS} mutations (PICKET_SEED=${SEED})`, { timeout: 120_000 }, () => {
  const random = randomOf(SEED);
  const bench = new Bench(256);
  for (let round = 0; round < ROUNDS; round++) {
    const data = mutate(MESSAGES[random(MESSAGES.length)] ?? bytes(), random);
    const isTcp = random(2) === 0;
    const more = { isTcp, isFinal: random(2) === 0, destinationPort: PORTS[random(PORTS.length)] ?? 0 };
    for (const decoder of DECODERS) {
      decoder.claims(span(data, more));
      const { length, found } = decodeOnce(decoder, data, more);
      const isFine =
        length >= NOT_MINE &&
        Number.isSafeInteger(length) &&
        found.names.length + found.operations.length <= 2 * FOUND_MAX &&
        found.names.every(({ name }) => /^[\x20-\x7e]+$/.test(name));
      // One comparison a round would take longer than all decoders.
      if (!isFine) expect({ decoder: decoder.protocol, length, found }).toBe('fine');
    }
    bench.send({
      data,
      destinationPort: more.destinationPort,
      sourcePort: 40_000 + random(4),
      protocol: isTcp ? PROTOCOL.tcp : PROTOCOL.udp,
      sequence: random(2_000),
      captured: random(3) === 0 ? random(data.length + 1) : data.length,
    });
  }
  expect(bench.names.length).toBeGreaterThan(500);
  expect(bench.operations.length).toBeGreaterThan(1_000);
});
