// Zeek logs of names and operations made by hand: what each kind tells, in every spelling, and what it does not.

import { describe, expect, test } from 'vitest';
import { countsOf, readLog } from '../log.testing.ts';

const ENDS = { uid: 'C1', 'id.orig_h': '10.0.0.1', 'id.orig_p': 4000, 'id.resp_h': '10.0.0.2' };
const line = (path: string, port: number, more: object): string =>
  `${JSON.stringify({ _path: path, ts: 1000.5, ...ENDS, 'id.resp_p': port, ...more })}\n`;

const TOLD: readonly (readonly [what: string, text: string, seen: readonly string[]])[] = [
  [
    'dns: question, canonical name, addresses with their lifetimes, at the time of the answer',
    line('dns', 53, {
      proto: 'udp',
      query: 'A.example',
      qtype: 1,
      rcode: 0,
      rtt: 0.25,
      answers: ['b.example', '192.0.2.1', '192.0.2.2'],
      TTLs: [60, 30.5, 0],
    }),
    [
      '1000500000 dns-query 10.0.0.1 > 10.0.0.2:53 A.example 1',
      '1000750000 dns-cname 10.0.0.1 > 10.0.0.2:53 A.example b.example',
      '1000750000 dns-answer 10.0.0.1 > 10.0.0.2:53 A.example 192.0.2.1 bound 30',
      '1000750000 dns-answer 10.0.0.1 > 10.0.0.2:53 A.example 192.0.2.2 bound 0',
    ],
  ],
  [
    'dns: an answer with an error binds nothing',
    line('dns', 53, { proto: 'udp', query: 'a.example', qtype: 1, rcode: 3, answers: ['192.0.2.1'] }),
    ['1000500000 dns-query 10.0.0.1 > 10.0.0.2:53 a.example 1'],
  ],
  [
    'dns: an address of the wrong version is no answer, and texts of other types are none',
    line('dns', 53, {
      proto: 'udp',
      query: 'a.example',
      qtype: 28,
      answers: ['192.0.2.1', 'TXT 3 abc', '2001:db8::1'],
    }),
    [
      '1000500000 dns-query 10.0.0.1 > 10.0.0.2:53 a.example 28',
      '1000500000 dns-answer 10.0.0.1 > 10.0.0.2:53 a.example 2001:db8::1 bound 0',
    ],
  ],
  [
    'dns: what a group was asked binds nothing',
    line('dns', 5353, { proto: 'udp', 'id.resp_h': '224.0.0.251', query: 'a.local', qtype: 1, answers: ['10.0.0.9'] }),
    [
      '1000500000 dns-query 10.0.0.1 > 224.0.0.251:5353 a.local 1',
      '1000500000 dns-answer 10.0.0.1 > 224.0.0.251:5353 a.local 10.0.0.9',
    ],
  ],
  [
    'dns: a name longer than 255 is none',
    line('dns', 53, { proto: 'udp', query: 'a'.repeat(256), qtype: 1, answers: ['192.0.2.1'] }),
    [],
  ],
  ['ssl', line('ssl', 443, { server_name: 'S.example.' }), ['1000500000 sni 10.0.0.1 > 10.0.0.2:443 S.example']],
  ['quic', line('quic', 443, { server_name: 'q.example' }), ['1000500000 sni 10.0.0.1 > 10.0.0.2:443 q.example']],
  [
    'dhcp',
    `${JSON.stringify({ _path: 'dhcp', ts: 7, mac: '02:00:00:00:00:01', host_name: 'cam', assigned_addr: '10.0.0.7', server_addr: '10.0.0.2' })}\n`,
    ['7000000 dhcp-host 10.0.0.7 > 10.0.0.2:67 cam'],
  ],
  [
    'http: host and method',
    line('http', 80, { method: 'GET', host: 'h.example', uri: '/' }),
    [
      '1000500000 http-host 10.0.0.1 > 10.0.0.2:80 h.example',
      '1000500000 10.0.0.1:4000 > 10.0.0.2:80 6 0p 0b i1 http http GET',
    ],
  ],
  [
    'modbus: a request with its unit',
    line('modbus', 502, { unit: 7, func: 'WRITE_SINGLE_COIL', pdu_type: 'REQ' }),
    ['1000500000 10.0.0.1:4000 > 10.0.0.2:502 6 0p 0b i1 modbus modbus 7/5'],
  ],
  [
    'modbus: a log without units',
    line('modbus', 502, { func: 'unknown-99' }),
    ['1000500000 10.0.0.1:4000 > 10.0.0.2:502 6 0p 0b i1 modbus modbus ?/99'],
  ],
  [
    'dnp3: request and reply, each of its sender',
    line('dnp3', 20_000, { fc_request: 'DIRECT_OPERATE', fc_reply: 'RESPONSE' }),
    [
      '1000500000 10.0.0.1:4000 > 10.0.0.2:20000 6 0p 0b i1 dnp3 dnp3 5',
      '1000500000 10.0.0.2:20000 > 10.0.0.1:4000 6 0p 0b i2 dnp3 dnp3 129',
    ],
  ],
  [
    'mqtt_connect',
    line('mqtt_connect', 1883, { client_id: 'c-1', connect_status: 'Connection Accepted' }),
    [
      '1000500000 mqtt-client 10.0.0.1 > 10.0.0.2:1883 c-1',
      '1000500000 10.0.0.1:4000 > 10.0.0.2:1883 6 0p 0b i1 mqtt mqtt 1',
    ],
  ],
  [
    'mqtt_publish: from the broker',
    line('mqtt_publish', 1883, { from_client: false, topic: 't/1' }),
    [
      '1000500000 mqtt-topic 10.0.0.2 > 10.0.0.1:4000 t/1',
      '1000500000 10.0.0.2:1883 > 10.0.0.1:4000 6 0p 0b i2 mqtt mqtt 3',
    ],
  ],
  [
    'mqtt_subscribe: every topic',
    line('mqtt_subscribe', 1883, { action: 'MQTT::SUBSCRIBE', topics: ['a', 'b'] }),
    [
      '1000500000 mqtt-topic 10.0.0.1 > 10.0.0.2:1883 a',
      '1000500000 mqtt-topic 10.0.0.1 > 10.0.0.2:1883 b',
      '1000500000 10.0.0.1:4000 > 10.0.0.2:1883 6 0p 0b i1 mqtt mqtt 8',
    ],
  ],
];

test.each(TOLD)('%s', (_, text, seen) => {
  expect(readLog(text).seen).toEqual(seen);
  expect(readLog(text.replaceAll(/id\.(orig|resp)_/g, 'id_$1_').replace('_path', '@stream'), 1).seen).toEqual(seen);
});

const UNTOLD: readonly (readonly [text: string, reason: string])[] = [
  [line('ssl', 443, { server_name: '' }), 'a Zeek ssl record without a server name'],
  [line('dns', 53, { proto: 'udp', qtype: 1 }), 'a Zeek dns record without a name'],
  [line('http', 80, { status_code: 200 }), 'a Zeek http record without a method and a host'],
  [line('modbus', 502, { unit: 1, func: 'READ_COILS', pdu_type: 'RESP' }), 'a Zeek modbus record of an answer'],
  [line('dnp3', 20_000, {}), 'a Zeek dnp3 record without a function'],
  [line('files', 80, { fuid: 'F1' }), 'a Zeek files log tells no flows, names or operations'],
  ['#path\tweird\n#fields\tts\tuid\tname\n1.0\tC1\tx\n', 'a Zeek weird log tells no flows, names or operations'],
  [
    `${JSON.stringify({ ts: 1, uid: 'C1', strange: 1 })}\n`,
    'a Zeek log of another kind tells no flows, names or operations',
  ],
  [line('<script>', 80, {}), 'a Zeek log of another kind tells no flows, names or operations'],
];

test.each(UNTOLD)('case %# is counted with its reason', (text, reason) => {
  const read = readLog(text);
  expect(countsOf(read)).toEqual({ records: 0, unread: 0, skipped: { [reason]: 1 } });
  expect([read.seen, read.end?.kind]).toEqual([[], 'whole']);
});

const FAULTY: readonly (readonly [text: string, reason: string])[] = [
  [line('modbus', 502, { unit: 1, func: 'NO_SUCH' }), 'func is "NO_SUCH", which is no Modbus function'],
  [line('modbus', 502, { unit: 1, func: 'unknown-256' }), 'func is "unknown-256", which is no Modbus function'],
  [line('dnp3', 20_000, { fc_request: 'X' }), 'fc_request is "X", which is no DNP3 function'],
  [line('http', 80, { 'id.orig_h': '010.0.0.1', method: 'GET' }), 'id.orig_h is "010.0.0.1", which is no address'],
  [line('ssl', 443, { ts: 'now', server_name: 'x' }), 'ts is "now", which is no time'],
];

test.each(FAULTY)('case %# is a fault of its line', (text, reason) => {
  expect(readLog(text).end).toMatchObject({ kind: 'damaged', unread: 1, problems: [{ line: 1, reason }] });
});

describe('spellings', () => {
  test('another separator, other words for nothing, and escaped ones', () => {
    const text = [
      '#separator \\x7c',
      '#set_separator|;',
      '#empty_field|EMPTY',
      '#unset_field|NONE',
      '#path|dns',
      '#fields|ts|id.orig_h|id.orig_p|id.resp_h|id.resp_p|proto|query|qtype|rcode|answers|TTLs',
      '1.0|10.0.0.1|9|10.0.0.2|53|udp|a.example|1|NONE|192.0.2.1;192.0.2.2|5;6',
      '2.0|10.0.0.1|9|10.0.0.2|53|udp|NONE|1|0|EMPTY|EMPTY',
    ].join('\n');
    const read = readLog(`${text}\n`);
    expect(read.seen).toEqual([
      '1000000 dns-query 10.0.0.1 > 10.0.0.2:53 a.example 1',
      '1000000 dns-answer 10.0.0.1 > 10.0.0.2:53 a.example 192.0.2.1 bound 5',
      '1000000 dns-answer 10.0.0.1 > 10.0.0.2:53 a.example 192.0.2.2 bound 6',
    ]);
    expect(countsOf(read)).toMatchObject({ records: 1, unread: 0 });
  });

  test('logs of several kinds joined to one file', () => {
    const dns = '#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\n';
    const conn = '#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\n';
    const { seen, end } = readLog(
      `${dns}1.0\t10.0.0.1\t9\t10.0.0.2\t53\tudp\ta.example\n${conn}2.0\t10.0.0.1\t9\t10.0.0.3\t80\ttcp\n`,
    );
    expect(seen).toEqual([
      '1000000 dns-query 10.0.0.1 > 10.0.0.2:53 a.example',
      '2000000 10.0.0.1:9 > 10.0.0.3:80 6 1p 0b i1',
    ]);
    expect(end?.tells).toMatchObject({ flows: true, names: true, operations: false });
  });

  test('times as ISO 8601, with and without a fraction', () => {
    const at = (ts: string): string => readLog(line('ssl', 443, { ts, server_name: 'x' })).seen[0] ?? '';
    expect(at('2021-03-08T15:22:15.831389Z')).toMatch(/^1615216935831389 /);
    expect(at('2021-03-08T17:22:15+0200')).toMatch(/^1615216935000000 /);
  });
});

test('three spaces inside a cell part nothing, unless the header has them', () => {
  const head = '#path\thttp\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tuser_agent\tmethod\n';
  expect(readLog(`${head}1.0\t10.0.0.1\t9\t10.0.0.2\t80\tA   B\tGET\n`).seen).toEqual([
    '1000000 10.0.0.1:9 > 10.0.0.2:80 6 0p 0b i1 http http GET',
  ]);
});
