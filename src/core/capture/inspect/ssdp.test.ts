// Announcements made by hand: alive, goodbye, search, answers from any port.

import { describe, expect, test } from 'vitest';
import { PROTOCOL } from '#model';
import { Bench, bytes, decodeOnce, namesOf, span } from './inspect.testing.ts';
import { ssdpDecoder } from './ssdp.ts';

const TO_GROUP = { destinationPort: 1_900 };
const DEVICE = 'USN: uuid:7::upnp:rootdevice\r\nLOCATION: http://10.0.0.7/d.xml\r\nSERVER: Cam/1.0\r\n\r\n';
const NAMES = ['ssdp-device uuid:7::upnp:rootdevice http://10.0.0.7/d.xml', 'ssdp-server Cam/1.0'];
const HOST = 'HOST: 239.255.255.250:1900\r\n';

describe('ssdpDecoder', () => {
  test.each([
    [
      'an announcement',
      `NOTIFY * HTTP/1.1\r\n${HOST}NTS: ssdp:alive\r\n${DEVICE}`,
      ['http-host 239.255.255.250:1900', ...NAMES],
    ],
    ['a goodbye', `NOTIFY * HTTP/1.1\r\n${HOST}NTS: ssdp:byebye\r\n${DEVICE}`, ['http-host 239.255.255.250:1900']],
    ['a search', `M-SEARCH * HTTP/1.1\r\n${HOST}ST: ssdp:all\r\nSERVER: x\r\n\r\n`, ['http-host 239.255.255.250:1900']],
    ['an answer', `HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n${DEVICE}`, NAMES],
    ['line feeds alone, no end', `HTTP/1.1 200 OK\nusn:u\nserver:s`, ['ssdp-device u', 'ssdp-server s']],
    ['a value of 513 bytes', `HTTP/1.1 200 OK\r\nUSN:${'u'.repeat(513)}\r\n\r\n`, [`ssdp-device ${'u'.repeat(512)}`]],
  ])('%s', (_, text, names) => {
    expect(namesOf(decodeOnce(ssdpDecoder, bytes(text), TO_GROUP).found)).toEqual(names);
  });

  test.each([
    ['over TCP', 'NOTIFY * HTTP/1.1\r\n', true],
    ['another method', 'GET / HTTP/1.1\r\n', false],
    ['a cut word', 'NOTIFY * HT', false],
  ])('does not claim %s', (_, text, isTcp) => {
    expect(ssdpDecoder.claims(span(bytes(text), { isTcp, ...TO_GROUP }))).toBe(false);
  });
});

test('an answer from a port of its own names device and conversation, and is no HTTP', () => {
  const bench = new Bench();
  const data = bytes(`HTTP/1.1 200 OK\r\nHOST: a\r\n${DEVICE}`);
  const frame = bench.send({ data, protocol: PROTOCOL.udp, sourcePort: 49_152, destinationPort: 50_000 });
  expect([frame.application, ...bench.found]).toEqual(['ssdp', ...NAMES]);
});
