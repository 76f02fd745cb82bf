// Which decoders are asked: those of the application first, then those of the ports and of the first byte; and who answers for what cannot be read.

import { describe, expect, test } from 'vitest';
import { DECODERS, Dispatch } from './decoders.ts';
import { bytes, span } from './inspect.testing.ts';

const DISPATCH = new Dispatch(DECODERS);
const TCP = { isTcp: true, isFinal: false, sourcePort: 40_000, destinationPort: 40_001 };

function asked(data: Uint8Array, more: object): readonly string[] {
  const shown = span(data, { ...TCP, ...more });
  const names: string[] = [];
  for (let bits = DISPATCH.candidates(shown); bits !== 0; bits = DISPATCH.without(bits))
    names.push(DISPATCH.first(bits)?.protocol ?? '');
  return names.filter((name) => !['dns', 'mdns', 'nbns', 'dnscrypt', 'dtls', 'ssdp', 'dhcp'].includes(name));
}

test('a decoder has a bit of one number', () => expect(DECODERS.length).toBeLessThanOrEqual(31));

describe('candidates()', () => {
  test.each([
    ['nothing', bytes([23, 3, 3]), {}, []],
    ['a first byte', bytes('GET '), {}, ['http']],
    ['a port', bytes([0, 1]), { destinationPort: 502 }, ['modbus']],
    ['both ports', bytes([0, 1]), { destinationPort: 502, sourcePort: 20_000 }, ['modbus', 'dnp3']],
    ['an application', bytes([0, 1]), { application: 'opcua' }, ['opcua']],
    ['an application before a first byte', bytes('P'), { application: 'mqtt' }, ['mqtt', 'http']],
    ['a port whatever the application', bytes([0, 1]), { application: 'http', sourcePort: 502 }, ['http', 'modbus']],
    ['UDP', bytes([5, 0x64]), { isTcp: false, destinationPort: 20_000 }, ['dnp3']],
    ['UDP, where Modbus is not spoken', bytes([0, 1]), { isTcp: false, destinationPort: 502 }, []],
  ])('by %s', (_, data, more, names) => {
    const isLike = names.every((name) => asked(data, more).includes(name));
    expect(isLike).toBe(true);
    expect(asked(data, more).filter((name) => name !== 'tls' && name !== 'quic')).toEqual(names);
  });
});

describe('asking()', () => {
  test.each([
    ['nothing', {}, null],
    ['a request of Modbus', { destinationPort: 502 }, 'modbus'],
    ['an answer of Modbus', { sourcePort: 502, destinationPort: 40_000 }, null],
    ['both sides of MQTT', { sourcePort: 1883 }, 'mqtt'],
    ['TLS on a port of MQTT', { application: 'tls', destinationPort: 1883 }, 'mqtt'],
    ['TLS elsewhere', { application: 'tls' }, null],
    ['who began HTTP', { application: 'http' }, 'http'],
    ['who answers HTTP', { application: 'http', isFromFirstSpeaker: false }, null],
    ['DNS', { application: 'dns', destinationPort: 53 }, null],
  ])('of %s', (_, more, protocol) => {
    expect(DISPATCH.asking(span(bytes([0]), { ...TCP, ...more }))?.protocol ?? null).toBe(protocol);
  });
});
