// The inspector on hand-made packets: applications, streams that are split, repeated, out of order and cut, and its bounds.

import { describe, expect, test } from 'vitest';
import { PROTOCOL, TCP } from '#model';
import { dnp3Request } from './dnp3.seeds.testing.ts';
import { Bench, bytes, clientHello, dnsName, modbusUnit, two } from './inspect.testing.ts';
import { NO_OPERATIONS } from './operations.ts';

const GET = bytes('GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n');
const MODBUS = { destinationPort: 502 };

/** Name and fingerprint of `clientHello('split.example.com')`, each once. */
const HELLO_FACTS = ['sni split.example.com', 'ja4 t12d010200_0f2cb44170f4_4298e3b3ed58 split.example.com'];

describe('application', () => {
  test.each([
    ['tls', clientHello('a')],
    ['http', GET],
    ['http', bytes('HTTP/1.1 200 OK\r\n')],
    ['ssh', bytes('SSH-2.0-OpenSSH\r\n')],
    ['rtsp', bytes('DESCRIBE rtsp://10.0.0.2/ RTSP/1.0\r\n')],
    ['rtsp', bytes('OPTIONS * RTSP/1.0\r\n')],
    ['sip', bytes('OPTIONS sip:a@b SIP/2.0\r\n')],
    ['mqtt', bytes([0x10, 12, 0, 4], 'MQTT', [4, 2, 0, 60, 0, 0])],
    ['modbus', modbusUnit(1, 3)],
    ['smtp', bytes('220 mail ESMTP Postfix\r\n')],
    ['smtp', bytes('EHLO client\r\n')],
    ['ftp', bytes('220 (vsFTPd 3.0.3)\r\n')],
    ['unknown', bytes('220 welcome\r\n')],
    ['unknown', bytes('\u0000\u0001\u0002\u0003 anything')],
  ])('%s is told by its first bytes on any port', (application, data) => {
    expect(new Bench().send({ data, destinationPort: 4_444 }).application).toBe(application);
  });

  test.each([
    [53, 'dns'],
    [123, 'unknown'],
    [9_999, 'dns'],
  ])('a strict DNS message to port %d is %s', (destinationPort, application) => {
    const data = bytes([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName('a.b'), two(1), two(1));
    const sent = { data, destinationPort, protocol: PROTOCOL.udp };
    expect(new Bench().send(destinationPort === 123 ? { ...sent, data: data.subarray(0, 12) } : sent).application).toBe(
      application,
    );
  });

  test.each([
    ['two requests', [dnp3Request(1), dnp3Request(2)], ['dnp3 1', 'dnp3 2']],
    ['a request and a byte', [dnp3Request(1), bytes(0)], ['dnp3 1', 'dnp3 ?']],
    ['256 frames', Array.from({ length: 256 }, () => dnp3Request(3)), ['dnp3 3']],
    ['257 frames', Array.from({ length: 257 }, () => dnp3Request(3)), ['dnp3 3', 'dnp3 ?']],
  ])('a datagram of %s carries all of them', (_, parts, operations) => {
    const bench = new Bench();
    const frame = bench.send({ data: bytes(...parts), protocol: PROTOCOL.udp, destinationPort: 20_000 });
    expect(frame.operations).toEqual(operations);
  });

  test('NTP needs its port', () => {
    const data = bytes(0x23, new Uint8Array(47));
    expect(new Bench().send({ data, destinationPort: 123, protocol: PROTOCOL.udp }).application).toBe('ntp');
    expect(new Bench().send({ data, destinationPort: 124, protocol: PROTOCOL.udp }).application).toBe('unknown');
  });

  test('is empty until a byte was seen, and stays so when the first bytes were not captured', () => {
    const bench = new Bench();
    expect(bench.send({ data: bytes(), tcpFlags: TCP.syn }).application).toBe('');
    expect(bench.send({ data: GET, captured: 0 }).application).toBe('');
    expect(bench.send({ data: bytes('in the middle of it'), sequence: GET.length }).application).toBe('');
  });

  test('the first recognised side wins, and it stays', () => {
    const bench = new Bench();
    expect(bench.answer({ data: bytes('nothing that is known') }).application).toBe('unknown');
    expect(bench.send({ data: bytes('SSH-2.0-x\r\n') }).application).toBe('ssh');
    expect(bench.answer({ data: GET, sequence: 21 }).application).toBe('ssh');
    expect(bench.send({ data: bytes(), tcpFlags: TCP.ack }).application).toBe('ssh');
  });

  test('a later segment of a side that was judged changes nothing', () => {
    const bench = new Bench();
    expect(bench.send({ data: bytes('nothing that is known') }).application).toBe('unknown');
    expect(bench.send({ data: GET, sequence: 21 }).application).toBe('unknown');
  });

  test('a tiny first segment is waited for, not condemned', () => {
    const bench = new Bench();
    expect(bench.send({ data: bytes('GE') }).application).toBe('');
    expect(bench.send({ data: bytes('T / HTTP/1.1\r\n'), sequence: 2 }).application).toBe('http');
    const other = new Bench();
    other.send({ data: bytes('ab') });
    expect(other.send({ data: bytes('cdefgh'), sequence: 2 }).application).toBe('unknown');
  });

  test('a new SYN on the same ports begins a new conversation', () => {
    const bench = new Bench();
    bench.send({ data: GET });
    expect(bench.send({ data: bytes(), tcpFlags: TCP.syn }).application).toBe('');
    expect(bench.send({ data: bytes('SSH-2.0-x\r\n'), sequence: 900 }).application).toBe('ssh');
  });

  test('forgets the longest silent conversation when its set is full', () => {
    const bench = new Bench(8);
    for (let port = 1; port <= 9; port++) bench.send({ data: GET, sourcePort: port });
    expect(bench.send({ data: bytes(), sourcePort: 9 }).application).toBe('http');
    expect(bench.send({ data: bytes(), sourcePort: 1 }).application).toBe('');
  });
});

describe('operations', () => {
  test('a packet carries what it asks for; one operation makes no new array', () => {
    const bench = new Bench();
    const first = bench.send({ data: modbusUnit(1, 3), ...MODBUS }).operations;
    expect(first).toEqual(['modbus 1/3']);
    expect(bench.send({ data: modbusUnit(1, 3), sequence: 12, ...MODBUS }).operations).toBe(first);
    expect(bench.send({ data: bytes(modbusUnit(1, 3), modbusUnit(2, 5)), sequence: 24, ...MODBUS }).operations).toEqual(
      ['modbus 1/3', 'modbus 2/5'],
    );
    expect(bench.answer({ data: modbusUnit(1, 3), sourcePort: 502 }).operations).toBe(NO_OPERATIONS);
    expect(bench.operations).toEqual(['modbus 1/3', 'modbus 1/3', 'modbus 1/3', 'modbus 2/5']);
  });

  test('a unit that spans segments is one operation, of the packet that carries its function', () => {
    const unit = modbusUnit(1, 16, [0, 0, 0, 2, 4, 1, 2, 3, 4]);
    for (let cut = 1; cut < unit.length; cut++) {
      const bench = new Bench();
      const first = bench.send({ data: unit.subarray(0, cut), ...MODBUS }).operations;
      const second = bench.send({
        data: bytes(unit.subarray(cut), modbusUnit(1, 3)),
        sequence: cut,
        ...MODBUS,
      }).operations;
      expect([...first, ...second]).toEqual(['modbus 1/16', 'modbus 1/3']);
      expect(first.length).toBe(cut >= 8 ? 1 : 0);
    }
  });

  test('a repeated packet still carries its operation, but is not counted again', () => {
    const bench = new Bench();
    bench.send({ data: modbusUnit(1, 5), ...MODBUS });
    expect(bench.send({ data: modbusUnit(1, 5), ...MODBUS }).operations).toEqual(['modbus 1/5']);
    expect(bench.operations).toEqual(['modbus 1/5']);
  });

  test('bytes that another capture-side cut left out do not shift what follows', () => {
    const bench = new Bench();
    const unit = modbusUnit(1, 16, [0, 0, 0, 2, 4, 1, 2, 3, 4]);
    bench.send({ data: unit, captured: 8, ...MODBUS });
    expect(bench.send({ data: modbusUnit(1, 3), sequence: unit.length, ...MODBUS }).operations).toEqual(['modbus 1/3']);
  });
});

describe('streams', () => {
  const hello = clientHello('split.example.com', 3_000);
  const [one, two_, three] = [hello.subarray(0, 1_000), hello.subarray(1_000, 2_000), hello.subarray(2_000)];

  test.each([
    ['in order', [0, 1, 2], 1],
    ['the last two swapped', [0, 2, 1], 1],
    ['the first two swapped', [1, 0, 2], 1],
    ['backwards', [2, 1, 0], 1],
    ['with a repetition', [0, 1, 1, 2, 0], 1],
    ['without the middle', [0, 2], 0],
  ])('a ClientHello in three segments, %s', (_, order, count) => {
    const bench = new Bench();
    const parts = [one, two_, three];
    // A byte before, so that the count of bytes is known before the first part comes.
    bench.send({ data: bytes(0), sequence: 99 });
    for (const at of order) bench.send({ data: parts[at] ?? bytes(), sequence: 100 + at * 1_000 });
    expect(bench.found).toEqual(count === 0 ? [] : HELLO_FACTS);
  });

  test.each([
    ['a request', GET, ['http-host a.example.com']],
    ['a ClientHello', clientHello('split.example.com'), HELLO_FACTS],
  ])('%s in two segments gives its name wherever it is cut', (_, data, names) => {
    for (let cut = 1; cut < data.length; cut++) {
      const bench = new Bench();
      bench.send({ data: data.subarray(0, cut) });
      bench.send({ data: data.subarray(cut), sequence: cut });
      expect(bench.found).toEqual(names);
    }
  });

  test.each([
    ['a request', GET, ['http-host a.example.com']],
    ['a ClientHello', clientHello('split.example.com'), HELLO_FACTS],
  ])('%s in segments of one byte gives its name once', (_, data, names) => {
    const bench = new Bench();
    for (let at = 0; at < data.length; at++) bench.send({ data: data.subarray(at, at + 1), sequence: at });
    expect(bench.found).toEqual(names);
  });

  test('sequence numbers may wrap', () => {
    const bench = new Bench();
    bench.send({ data: one, sequence: 2 ** 32 - 1_000 });
    bench.send({ data: two_, sequence: 0 });
    bench.send({ data: three, sequence: 1_000 });
    expect(bench.found).toEqual(HELLO_FACTS);
  });

  test('reading goes on behind a segment that never comes', () => {
    const bench = new Bench();
    bench.send({ data: one });
    let sequence = 5_000;
    for (let segment = 0; segment < 40; segment++) {
      bench.send({ data: GET, sequence });
      sequence += GET.length;
    }
    expect(bench.found.length).toBeGreaterThan(20);
  });

  test('a body is skipped over segments, also when the capture cut it', () => {
    const head = bytes('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n');
    for (const captured of [100, 10, 0]) {
      const bench = new Bench();
      bench.send({ data: head });
      bench.send({ data: bytes(GET, new Uint8Array(100 - GET.length)), sequence: head.length, captured });
      bench.send({ data: bytes(GET, new Uint8Array(100 - GET.length)), sequence: head.length + 100 });
      bench.send({ data: GET, sequence: head.length + 200 });
      expect(bench.found.at(-1)).toBe('http-host a.example.com');
      if (captured > 0) expect(bench.found).toEqual(['http-host a', 'http-host a.example.com']);
    }
  });
});

test('facts name client and server by the exchange, not by the packet', () => {
  const bench = new Bench();
  const ask = bytes([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName('a.b'), two(1), two(1));
  const given = bytes([0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], dnsName('a.b'), two(1), two(1), [0xc0, 12], two(1));
  const answer = bytes(given, two(1), two(0), two(60), two(4), [10, 9, 9, 9]);
  bench.send({ data: ask, destinationPort: 53, protocol: PROTOCOL.udp });
  bench.answer({ data: answer, sourcePort: 53, protocol: PROTOCOL.udp });
  const client = bench.addresses.intern('10.0.0.1');
  expect(bench.names.map((fact) => [fact.kind, fact.client, fact.port, fact.address, fact.ttlSeconds])).toEqual([
    ['dns-query', client, 53, -1, 0],
    ['dns-answer', client, 53, bench.addresses.intern('10.9.9.9'), 60],
  ]);
});
