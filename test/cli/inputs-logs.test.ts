// Logs as inputs of every command: several at once, in folders, beside captures; what they tell, and what they cannot.

import { describe, expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';
import { cameraStream, pcap } from './packets.testing.ts';

const START = 1_700_000_000;
const ENDS = { 'id.orig_h': '10.0.3.21', 'id.orig_p': 40_000, 'id.resp_h': '10.0.3.10' };
const lines = (...rows: readonly object[]): string => `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
const conn = (at: number, more: object = {}): object => ({
  _path: 'conn',
  ts: START + at,
  uid: `C${at}`,
  ...ENDS,
  'id.resp_p': 502,
  proto: 'tcp',
  duration: 60,
  conn_state: 'SF',
  orig_pkts: 10,
  orig_ip_bytes: 1_000,
  resp_pkts: 8,
  resp_ip_bytes: 900,
  ...more,
});
const modbus = (at: number, func: string): object => ({
  _path: 'modbus',
  ts: START + at,
  uid: 'C0',
  ...ENDS,
  'id.resp_p': 502,
  unit: 1,
  func,
  pdu_type: 'REQ',
});
const dns = (at: number, name: string, address: string): object => ({
  _path: 'dns',
  ts: START + at,
  rtt: 0.5,
  ...ENDS,
  'id.resp_h': '10.0.3.1',
  'id.resp_p': 53,
  proto: 'udp',
  query: name,
  qtype: 1,
  rcode: 0,
  answers: [address],
  TTLs: [60],
});
const WEB = { 'id.resp_h': '203.0.113.7', 'id.resp_p': 443, service: 'ssl' };

/** A folder as a sensor writes it: the conn log ends what the dns log began, each in its own order. */
function sensor(): World {
  const made = new World()
    .put('day/conn.01.log', lines(conn(100, WEB), conn(5), conn(50, { ...WEB, uid: 'C9' })))
    .putGzip('day/dns.01.log.gz', Buffer.from(lines(dns(20, 'api.example.com', '203.0.113.7'))))
    .put('day/modbus.01.log', lines(modbus(6, 'READ_COILS'), modbus(7, 'WRITE_SINGLE_COIL')))
    .put('day/weird.01.log', lines({ _path: 'weird', ts: START, name: 'x' }))
    .put('day/notes.txt', 'not a log\n')
    .put('day/.hidden', 'x');
  made.directories.add('day');
  return made;
}

const POLICY = `picket: 1
mode: enforce
elements:
  plc: { kind: device, address: 10.0.3.10 }
  hmi: { kind: device, address: 10.0.3.21 }
rules:
  read: { from: hmi, to: { on: plc, protocol: tcp, port: 502 }, limits: { operations: [modbus 1/1] } }
  api: { from: hmi, to: { on: api.example.com, protocol: tcp, port: 443 } }
  dns: { from: hmi, to: { on: any, protocol: udp, port: 53 } }
`;

describe('a folder', () => {
  test('flows: every conversation of every file, none made of names or operations', async () => {
    const { exit, out, err } = await sensor().run('flows', '--format', 'json', 'day');
    expect(exit).toBe(0);
    const { flows, inputs } = JSON.parse(out);
    expect(
      flows.map(({ addr_b, packets_ab, last_ts }: Record<string, unknown>) => [addr_b, packets_ab, last_ts]),
    ).toEqual([
      ['203.0.113.7', 20, `${START + 160}.000000000`],
      ['10.0.3.10', 10, `${START + 65}.000000000`],
    ]);
    expect(inputs.map(({ file }: { file: string }) => file)).toEqual([
      'day/conn.01.log',
      'day/dns.01.log.gz',
      'day/modbus.01.log',
      'day/weird.01.log',
    ]);
    expect(err).toContain('note: 1 file of "day" left out, no capture and no log that is known: "day/notes.txt"');
    expect(err).toContain('note: 1 line of "day/weird.01.log" left out: a Zeek weird log tells no flows');
  });

  test('names and operations', async () => {
    const names = await sensor().run('names', '--format', 'json', 'day');
    expect(JSON.parse(names.out).names.map(({ kind, name }: Record<string, unknown>) => [kind, name])).toEqual([
      ['dns-query', 'api.example.com'],
      ['dns-answer', 'api.example.com'],
    ]);
    const operations = await sensor().run('operations', '--format', 'json', 'day');
    expect(JSON.parse(operations.out).operations.map(({ operation }: Record<string, unknown>) => operation)).toEqual([
      '1/1',
      '1/5',
    ]);
  });

  test('tables name the file of each part, and only files that have one', async () => {
    const { out } = await sensor().run('names', 'day');
    expect(out).toContain('day/dns.01.log.gz:');
    expect(out).not.toContain('no names');
    const csv = await sensor().run('operations', '--format', 'csv', 'day');
    expect(csv.out.split('\n')[0]).toBe('file,protocol,src,dst,dst_port,operation,count');
    const made = new World().put('one/conn.log', lines(conn(1)));
    made.directories.add('one');
    expect((await made.run('names', 'one')).out).toContain('no names');
  });

  test('replay: a name explains the flow that is written before it, and a wrong operation is denied', async () => {
    const { exit, out } = await sensor().put('p.yaml', POLICY).run('replay', 'day', '--policy', 'p.yaml', '--json');
    expect(exit).toBe(0);
    const result = JSON.parse(out);
    expect(result.totals).toMatchObject({ packets: 55, denied: 1 });
    expect(result.reasons).toEqual({ 'wrong-operation': expect.objectContaining({ denied: 1 }) });
    expect(result.deniedFlows.map(({ denied, packets }: Record<string, unknown>) => [denied, packets])).toEqual([
      [1, 19],
    ]);
  });

  test('learn: names and operations become rules, and what no log tells stands at the top', async () => {
    const { exit, out, err } = await sensor().run('learn', 'day');
    expect(exit).toBe(0);
    expect(out).toMatch(/^# the input tells no packet sizes; no rule rests on that/);
    expect(out).toContain('api.example.com');
    expect(out).toContain('modbus 1/5');
    expect(err).toContain('note: the input tells no packet sizes');
  });

  test.each([
    ['nothing', []],
    ['nothing that is known', [['empty/a.txt', 'hello\n']]],
  ] as const)('that holds %s is refused', async (_, files) => {
    const made = new World();
    made.directories.add('empty');
    for (const [path, text] of files) made.put(path, text);
    const ran = await made.run('flows', 'empty');
    expect(ran).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('PICKET-I002') });
  });

  test('is gone into four levels deep', async () => {
    const made = new World();
    for (const path of ['a', 'a/b', 'a/b/c', 'a/b/c/d', 'a/b/c/d/e']) made.directories.add(path);
    made.put('a/b/c/d/in.log', lines(conn(1))).put('a/b/c/d/e/out.log', lines(conn(2)));
    const { out } = await made.run('flows', '--format', 'json', 'a');
    expect(JSON.parse(out).inputs.map(({ file }: { file: string }) => file)).toEqual(['a/b/c/d/in.log']);
  });
});

describe('several logs at once', () => {
  test('files that follow each other are read by the end of their first record, not by its beginning', async () => {
    const made = new World()
      .put('2.log', lines(conn(0, { duration: 4_000, uid: 'long' }), conn(3_700)))
      .put('1.log', lines(conn(100), conn(200)))
      .put('p.yaml', POLICY);
    const { exit, err } = await made.run('replay', '2.log', '1.log', '--policy', 'p.yaml', '--json');
    expect(exit).toBe(0);
    expect(err).not.toContain('later than');
  });

  test('a log beside a capture: its names come before the packets that are later', async () => {
    const moved = (address: string): string => (address === '10.0.3.10' ? '203.0.113.7' : address);
    const stream = cameraStream(START + 30).map((packet) => ({
      ...packet,
      from: moved(packet.from),
      to: moved(packet.to),
    }));
    const policy = POLICY.replaceAll('443', '554');
    const made = new World()
      .put('s.pcap', pcap(stream))
      .put('dns.log', lines(dns(20, 'api.example.com', '203.0.113.7')))
      .put('late.log', lines(dns(9_000, 'api.example.com', '203.0.113.7')))
      .put('p.yaml', policy);
    const early = await made.run('replay', 's.pcap', 'dns.log', '--policy', 'p.yaml', '--json');
    const late = await made.run('replay', 's.pcap', 'late.log', '--policy', 'p.yaml', '--json');
    expect([JSON.parse(early.out).totals.denied, JSON.parse(late.out).totals.denied > 0]).toEqual([0, true]);
  });
});

describe('what an input cannot tell', () => {
  test.each([['flows'], ['names'], ['operations'], ['learn'], ['replay', '--policy', 'p.yaml']])(
    'picket %s refuses a log that tells nothing at all',
    async (...words) => {
      const ran = await new World()
        .put('p.yaml', POLICY)
        .put('files.log', lines({ _path: 'files', ts: 1, fuid: 'F' }))
        .run(...words, 'files.log');
      expect([ran.exit, ran.out]).toEqual([2, '']);
      expect(ran.err).toContain('PICKET-I007');
    },
  );

  test.each([
    ['names', 'conn.log'],
    ['operations', 'conn.log'],
    ['flows', 'dns.log'],
  ])('picket %s %s is empty, and says why', async (command, file) => {
    const { exit, err } = await new World()
      .put('conn.log', lines(conn(1)))
      .put('dns.log', lines(dns(1, 'a.example', '192.0.2.1')))
      .run(command, file);
    expect(exit).toBe(0);
    expect(err).toContain(`note: no input tells ${command}`);
  });

  test('damage among good lines: the good ones are in the output, exit code 8', async () => {
    const { exit, err, out } = await new World()
      .put('conn.log', `${lines(conn(1))}{"ts":\n${lines(conn(2))}`)
      .run('flows', '--format', 'json', 'conn.log');
    expect([exit, JSON.parse(out).flows[0].packets_ab]).toEqual([8, 20]);
    expect(err).toContain('cannot read 1 of 3 records; line 2: the line is no JSON object');
  });

  test('learn never takes refused traffic for normal', async () => {
    const aws = (port: number, action: string): string =>
      `2 1 eni-1 10.0.3.21 10.0.3.10 40000 ${port} 6 5 500 ${START} ${START + 60} ${action} OK\n`;
    const { out, err } = await new World()
      .put('vpc.log', aws(502, 'ACCEPT') + aws(3_389, 'REJECT'))
      .run('learn', 'vpc.log');
    expect(out).toContain('502');
    expect(out).not.toContain('3389');
    expect(err).toContain('note: 1 record of refused traffic left out');
    expect(out).toMatch(/^# the input tells no packet sizes, no names, no operations, not who began/);
  });
});
