// MQTT control packets made by hand, of all three versions.

import { describe, expect, test } from 'vitest';
import { NEEDS_MORE, NOT_MINE } from './decoder.ts';
import { bytes, decodeOnce, namesOf, type Part, two } from './inspect.testing.ts';
import { isMqttConnect, mqttDecoder } from './mqtt.ts';

const text = (value: string): Uint8Array => bytes(two(value.length), value);
const packet = (first: number, ...body: readonly Part[]): Uint8Array => {
  const all = bytes(...body);
  return bytes(first, all.length, all);
};
const BROKER = { isTcp: true, isFinal: false, destinationPort: 1883 };

describe('mqttDecoder', () => {
  test.each([
    ['CONNECT 3.1', packet(0x10, text('MQIsdp'), 3, 2, two(60), text('Sensor/1')), 1, ['mqtt-client Sensor/1']],
    ['CONNECT 3.1.1', packet(0x10, text('MQTT'), 4, 2, two(60), text('s')), 1, ['mqtt-client s']],
    ['CONNECT 5', packet(0x10, text('MQTT'), 5, 2, two(60), 5, 17, 0, 0, 0, 1, text('v5')), 1, ['mqtt-client v5']],
    ['CONNECT without id', packet(0x10, text('MQTT'), 4, 2, two(60), text('')), 1, []],
    ['PUBLISH', packet(0x32, text('home/t'), two(7), '21'), 3, ['mqtt-topic home/t']],
    ['SUBSCRIBE', packet(0x82, two(1), text('a/#'), 0, text('b'), 1), 8, ['mqtt-topic a/#', 'mqtt-topic b']],
    ['SUBSCRIBE 5', packet(0x82, two(1), 0, text('a/#'), 0), 8, ['mqtt-topic a/#']],
    ['UNSUBSCRIBE', packet(0xa2, two(1), text('a/#')), 10, ['mqtt-topic a/#']],
    ['PINGREQ', bytes([0xc0, 0]), 12, []],
    ['AUTH', bytes([0xf0, 0]), 15, []],
  ])('reads %s', (_, data, type, names) => {
    const { length, found } = decodeOnce(mqttDecoder, data, BROKER);
    expect([length, found.operations, namesOf(found)]).toEqual([data.length, [type], names]);
  });

  test('tells type and topic of a PUBLISH whose payload is still to come', () => {
    const data = bytes([0x30, 0xff, 0x7f], text('big'), 'payload');
    const { length, found } = decodeOnce(mqttDecoder, data, BROKER);
    expect([length, namesOf(found)]).toEqual([3 + 16_383, ['mqtt-topic big']]);
    expect(decodeOnce(mqttDecoder, data.subarray(0, 7), BROKER).length).toBe(NEEDS_MORE);
    expect(decodeOnce(mqttDecoder, data.subarray(0, 2), BROKER).length).toBe(NEEDS_MORE);
  });

  test.each([
    ['type 0', bytes([0x00, 0])],
    ['flags on a PINGREQ', bytes([0xc1, 0])],
    ['quality 3', bytes([0x36, 0])],
    ['a length of five bytes', bytes([0x30, 0xff, 0xff, 0xff, 0xff, 1])],
  ])('refuses %s', (_, data) => {
    expect(decodeOnce(mqttDecoder, data, BROKER).length).toBe(NOT_MINE);
  });
});

test.each([
  [packet(0x10, text('MQTT'), 4, 2), true],
  [packet(0x10, text('MQIsdp'), 3, 2), true],
  [packet(0x20, text('MQTT'), 4, 2), false],
  [packet(0x10, text('MQTX'), 4, 2), false],
  [bytes([0x10]), false],
])('isMqttConnect() of case %#', (data, expected) => {
  expect(isMqttConnect(data, 0, data.length)).toBe(expected);
});
