// EVE events made by hand: what each tells, in the versions that are out there, and what counts nothing.

import { describe, expect, test } from 'vitest';
import { countsOf, readLog } from '../log.testing.ts';

const AT = '2021-06-06T16:26:27.431769+0200';
const ENDS = { src_ip: '10.0.0.1', src_port: 4000, dest_ip: '10.0.0.2', proto: 'TCP' };
const line = (type: string, port: number, more: object): string =>
  `${JSON.stringify({ timestamp: AT, flow_id: 5, event_type: type, ...ENDS, dest_port: port, ...more })}\n`;
const FLOW = line('flow', 443, {
  app_proto: 'tls',
  flow: {
    pkts_toserver: 3,
    pkts_toclient: 2,
    bytes_toserver: 300,
    bytes_toclient: 200,
    start: '2021-06-06T14:00:00.000001Z',
    end: '2021-06-06T14:00:09.5Z',
  },
});
const SEEN = '1622989587431769';

const TOLD: readonly (readonly [what: string, text: string, seen: readonly string[]])[] = [
  [
    'flow: both directions, from its start',
    FLOW,
    [
      '1622988000000001 10.0.0.1:4000 > 10.0.0.2:443 6 3p 300b i1 tls',
      '1622988000000001 10.0.0.2:443 > 10.0.0.1:4000 6 2p 200b i2 tls',
    ],
  ],
  [
    'flow: a client that was not answered; counts as texts',
    line('flow', 443, { flow: { pkts_toserver: '1', pkts_toclient: 0, bytes_toserver: '60', bytes_toclient: 0 } }),
    [`${SEEN} 10.0.0.1:4000 > 10.0.0.2:443 6 1p 60b i1`],
  ],
  [
    'netflow: one direction, and nobody said who began',
    line('netflow', 443, { netflow: { pkts: 4, bytes: 400, start: AT, end: AT } }),
    [`${SEEN} 10.0.0.1:4000 > 10.0.0.2:443 6 4p 400b i0`],
  ],
  [
    'icmp has no ports',
    `${JSON.stringify({ timestamp: AT, event_type: 'flow', src_ip: '::1', dest_ip: '::2', proto: 'IPv6-ICMP', icmp_type: 128, flow: { pkts_toserver: 1, bytes_toserver: 70 } })}\n`,
    [`${SEEN} ::1 > ::2 58 1p 70b i1`],
  ],
  [
    'dns version 1: a question',
    line('dns', 53, { proto: 'UDP', dns: { type: 'query', rrname: 'a.example', rrtype: 'A' } }),
    [`${SEEN} dns-query 10.0.0.1 > 10.0.0.2:53 a.example 1`],
  ],
  [
    'dns version 1: an answer, in the direction of its packet',
    `${JSON.stringify({ timestamp: AT, event_type: 'dns', src_ip: '10.0.0.2', src_port: 53, dest_ip: '10.0.0.1', dest_port: 4000, proto: 'UDP', dns: { type: 'answer', rcode: 'NOERROR', rrname: 'a.example', rrtype: 'A', ttl: 9, rdata: '192.0.2.1' } })}\n`,
    [`${SEEN} dns-answer 10.0.0.1 > 10.0.0.2:53 a.example 192.0.2.1 bound 9`],
  ],
  [
    'dns version 2: the answers on the chain of names, and no others',
    line('dns', 53, {
      proto: 'UDP',
      dns: {
        version: 2,
        type: 'answer',
        rcode: 'NOERROR',
        rrname: 'A.example',
        rrtype: 'A',
        answers: [
          { rrname: 'a.example', rrtype: 'CNAME', ttl: 60, rdata: 'b.example' },
          { rrname: 'B.example', rrtype: 'A', ttl: 30, rdata: '192.0.2.1' },
          { rrname: 'evil.example', rrtype: 'A', ttl: 30, rdata: '192.0.2.66' },
        ],
      },
    }),
    [
      `${SEEN} dns-cname 10.0.0.1 > 10.0.0.2:53 A.example b.example`,
      `${SEEN} dns-answer 10.0.0.1 > 10.0.0.2:53 A.example 192.0.2.1 bound 30`,
    ],
  ],
  [
    'dns version 2: grouped answers only',
    line('dns', 53, {
      proto: 'UDP',
      dns: { version: 2, type: 'answer', rrname: 'a.example', rrtype: 'AAAA', grouped: { AAAA: ['2001:db8::1'] } },
    }),
    [`${SEEN} dns-answer 10.0.0.1 > 10.0.0.2:53 a.example 2001:db8::1 bound 0`],
  ],
  [
    'dns version 3: request and response',
    line('dns', 53, { dns: { version: 3, type: 'request', queries: [{ rrname: 'a.example', rrtype: 'HTTPS' }] } }) +
      line('dns', 53, {
        dns: {
          version: 3,
          type: 'response',
          rcode: 'NOERROR',
          queries: [{ rrname: 'a.example', rrtype: 'A' }],
          answers: [{ rrname: 'a.example', rrtype: 'A', ttl: 5, rdata: '192.0.2.1' }],
        },
      }),
    [
      `${SEEN} dns-query 10.0.0.1 > 10.0.0.2:53 a.example 65`,
      `${SEEN} dns-answer 10.0.0.1 > 10.0.0.2:53 a.example 192.0.2.1 bound 5`,
    ],
  ],
  [
    'dns: an error binds nothing',
    line('dns', 53, {
      dns: { type: 'answer', rcode: 'NXDOMAIN', rrname: 'a.example', rrtype: 'A', rdata: '192.0.2.1' },
    }),
    [],
  ],
  ['tls', line('tls', 443, { tls: { sni: 's.example' } }), [`${SEEN} sni 10.0.0.1 > 10.0.0.2:443 s.example`]],
  [
    'quic',
    line('quic', 443, { proto: 'UDP', quic: { sni: 'q.example' } }),
    [`${SEEN} sni 10.0.0.1 > 10.0.0.2:443 q.example`],
  ],
  [
    'http',
    line('http', 80, { http: { hostname: 'h.example', http_method: 'POST' } }),
    [
      `${SEEN} http-host 10.0.0.1 > 10.0.0.2:80 h.example`,
      `${SEEN} 10.0.0.1:4000 > 10.0.0.2:80 6 0p 0b i1 http http POST`,
    ],
  ],
  [
    'mqtt: a packet and its answer',
    line('mqtt', 1883, { mqtt: { connect: { client_id: 'c' }, connack: {} } }),
    [
      `${SEEN} mqtt-client 10.0.0.1 > 10.0.0.2:1883 c`,
      `${SEEN} 10.0.0.1:4000 > 10.0.0.2:1883 6 0p 0b i1 mqtt mqtt 1`,
      `${SEEN} 10.0.0.2:1883 > 10.0.0.1:4000 6 0p 0b i2 mqtt mqtt 2`,
    ],
  ],
  [
    'mqtt: topics as objects',
    line('mqtt', 1883, { mqtt: { subscribe: { topics: [{ topic: 't/#', qos: 0 }, 7, null] } } }),
    [`${SEEN} mqtt-topic 10.0.0.1 > 10.0.0.2:1883 t/#`, `${SEEN} 10.0.0.1:4000 > 10.0.0.2:1883 6 0p 0b i1 mqtt mqtt 8`],
  ],
  [
    'modbus',
    line('modbus', 502, { modbus: { id: 1, request: { unit_id: 3, function_raw: 16 }, response: { unit_id: 3 } } }),
    [`${SEEN} 10.0.0.1:4000 > 10.0.0.2:502 6 0p 0b i1 modbus modbus 3/16`],
  ],
  [
    'dnp3: request and response in one event',
    line('dnp3', 20_000, {
      dnp3: { request: { application: { function_code: 1 } }, response: { application: { function_code: 129 } } },
    }),
    [
      `${SEEN} 10.0.0.1:4000 > 10.0.0.2:20000 6 0p 0b i1 dnp3 dnp3 1`,
      `${SEEN} 10.0.0.2:20000 > 10.0.0.1:4000 6 0p 0b i2 dnp3 dnp3 129`,
    ],
  ],
  [
    'dnp3: one message an event',
    line('dnp3', 20_000, { dnp3: { type: 'unsolicited_response', application: { function_code: 130 } } }),
    [`${SEEN} 10.0.0.2:20000 > 10.0.0.1:4000 6 0p 0b i2 dnp3 dnp3 130`],
  ],
  [
    'dhcp',
    `${JSON.stringify({ timestamp: AT, event_type: 'dhcp', src_ip: '0.0.0.0', src_port: 68, dest_ip: '255.255.255.255', dest_port: 67, proto: 'UDP', dhcp: { type: 'request', client_mac: '02:00:00:00:00:01', hostname: 'cam', client_ip: '0.0.0.0' } })}\n`,
    [`${SEEN} dhcp-host 0.0.0.0 > 255.255.255.255:67 cam`],
  ],
];

test.each(TOLD)('%s', (_, text, seen) => {
  expect(readLog(text).seen).toEqual(seen);
  expect(readLog(text, 1).seen).toEqual(seen);
});

test.each([
  [line('alert', 443, { alert: {}, flow: { pkts_toserver: 9, bytes_toserver: 900 } }), 'alert event'],
  [line('fileinfo', 80, { http: { hostname: 'h', http_method: 'GET' } }), 'fileinfo event'],
  [line('stats', 0, {}), 'stats event'],
  [line('__proto__', 0, {}), '__proto__ event'],
  [line('<b>', 0, {}), 'unknown event'],
])('case %# counts nothing: %s', (text, word) => {
  const read = readLog(text);
  expect(read.seen).toEqual([]);
  expect(countsOf(read)).toMatchObject({ records: 0, unread: 0 });
  expect(read.end?.skipped[0]?.reason).toContain(word);
});

describe('what two events tell is counted once', () => {
  test('a flow and the names and operations of it', () => {
    const text =
      FLOW +
      line('tls', 443, { tls: { sni: 's' } }) +
      line('http', 443, { http: { hostname: 'h', http_method: 'GET' } });
    const counts = readLog(text).seen.map((one) => /(\d+)p (\d+)b/.exec(one)?.slice(1) ?? []);
    expect(counts.flat().filter((count) => count !== '0')).toEqual(['3', '300', '2', '200']);
  });

  test.each([
    ['flow', 'netflow'],
    ['netflow', 'flow'],
  ])('%s before %s: the first kind counts', (first, second) => {
    const netflow = line('netflow', 443, { netflow: { pkts: 3, bytes: 300 } });
    const read = readLog(first === 'flow' ? FLOW + netflow : netflow + FLOW);
    expect(countsOf(read)).toEqual({
      records: 1,
      unread: 0,
      skipped: { [`a Suricata ${second} event beside ${first} events`]: 1 },
    });
  });
});

test('what is no IP, no time or no address', () => {
  const arp = JSON.stringify({ timestamp: AT, event_type: 'flow', ether_type: 2054, flow: { pkts_toserver: 1 } });
  const read = readLog(
    `${FLOW}${arp}\n${FLOW.replace(AT, 'soon')}${FLOW.replace('10.0.0.1', 'x')}not json\n${line('flow', 1, { flow: [] })}`,
  );
  expect(countsOf(read)).toEqual({ records: 1, unread: 4, skipped: { 'a Suricata flow without IP': 1 } });
  expect(read.end?.problems.map(({ reason }) => reason)).toEqual([
    'timestamp is "soon", which is no time',
    'the source is "x", which is no address',
    'the line is no JSON object',
    'the flow has no pkts_toserver and bytes_toserver',
  ]);
});

test('the end of a flow is told with its record', () => {
  expect(readLog(FLOW).records).toMatchObject([{ number: 1, line: 1, uid: '5', ends: 1_622_988_009_500_000 }]);
});
