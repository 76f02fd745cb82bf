// The commands that read traffic, on small captures made here: what they print and what their JSON holds.

import { describe, expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';
import { cameraStream, type Packet, pcap, SYN } from './packets.testing.ts';

const BEGIN = 1_700_000_000;
const STREAM = pcap(cameraStream(BEGIN));

/** The camera's stream, and then a stranger who tries the recorder's port 22. */
const SCAN: readonly Packet[] = [
  ...cameraStream(BEGIN),
  { at: BEGIN + 20, from: '10.0.3.66', to: '10.0.3.10', fromPort: 50_000, toPort: 22, flags: SYN },
];

const POLICY = `picket: 1
mode: enforce
elements:
  recorder: { kind: server, address: 10.0.3.10 }
  camera: { kind: device, address: 10.0.3.21 }
rules:
  stream:
    from: camera
    to: { on: recorder, protocol: tcp, port: 554 }
    limits: { size: <= 230 B sent }
`;

const world = (): World => new World().put('policy.yaml', POLICY).put('a.pcap', STREAM).put('scan.pcap', pcap(SCAN));

describe('picket flows', () => {
  test('CSV has the columns of the flow table, and a file column only for several files', async () => {
    const { out } = await world().run('flows', '--format', 'csv', 'a.pcap');
    const [head, row, ...rest] = out.trim().split('\n');
    expect(head).toBe(
      'flow,ip_version,proto,addr_a,port_a,addr_b,port_b,later_fragments,first_ts,last_ts,packets_ab,packets_ba,ip_bytes_ab,ip_bytes_ba,frame_bytes_ab,frame_bytes_ba,min_frame,max_frame,tcp_flags_ab,tcp_flags_ba,vlans_ab,vlans_ba',
    );
    expect(row).toBe(
      '1,4,6,10.0.3.21,40000,10.0.3.10,554,0,1700000000.000000000,1700000003.000000000,4,1,760,40,816,54,54,254,12,12,-,-',
    );
    expect(rest).toEqual([]);
    const two = (await world().run('flows', '--format', 'csv', 'a.pcap', 'scan.pcap')).out.trim().split('\n');
    expect(two[0]).toMatch(/^file,flow,/);
    expect(two.slice(1).map((line) => line.split(',').slice(0, 2).join(' '))).toEqual([
      'a.pcap 1',
      'scan.pcap 1',
      'scan.pcap 2',
    ]);
  });

  test('JSON holds the same, with numbers as numbers', async () => {
    const json = JSON.parse((await world().run('flows', '--format', 'json', 'scan.pcap')).out);
    expect(json).toMatchObject({
      schema: 'picket.flows/v1',
      complete: true,
      inputs: [{ file: 'scan.pcap', format: 'pcap', count: 6 }],
    });
    expect(json.flows).toHaveLength(2);
    expect(json.flows[1]).toMatchObject({
      flow: 2,
      proto: 6,
      addr_a: '10.0.3.66',
      port_b: 22,
      first_ts: '1700000020.000000000',
    });
  });

  test.each([40, 60, 80, 120])('a table holds %i columns', async (columns) => {
    const made = world();
    made.columns = columns;
    const { out } = await made.run('flows', 'scan.pcap');
    for (const line of out.split('\n')) expect([...line].length).toBeLessThanOrEqual(columns);
    expect(out.trim().split('\n')).toHaveLength(3);
  });

  test('a table of 10,000 rows has them all, and says which columns did not fit', async () => {
    const many = Array.from(
      { length: 10_000 },
      (_, at): Packet => ({
        at: BEGIN + at,
        from: `2001:db8::${(at % 200) + 1}`,
        to: '2001:db8::fff0',
        fromPort: at,
        toPort: 443,
      }),
    );
    const made = world().put('many.pcap', pcap(many));
    made.columns = 60;
    const { out, err } = await made.run('flows', 'many.pcap');
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(10_001);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(60);
    expect(err).toMatch(/^note: first, .* did not fit into 60 characters; --format csv has every column\n$/);
  });

  test('a capture without packets is whole and empty', async () => {
    expect(await world().put('none.pcap', pcap([])).run('flows', 'none.pcap')).toMatchObject({
      exit: 0,
      out: 'no flows\n',
      err: '',
    });
  });
});

describe('picket replay', () => {
  test('counts and explains what was denied', async () => {
    const { exit, out, err } = await world().run('replay', 'scan.pcap', '--policy', 'policy.yaml');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain('6 packets');
    expect(out).toContain('denied    4 packets');
    expect(out).toContain('blocked[packet-size]: camera → recorder tcp/554, 3 of 5 packets');
    expect(out).toContain('240 B, limit 230 B');
    expect(out).toContain('blocked[unknown-element]: 10.0.3.66 → recorder tcp/22, 1 of 1 packet');
  });

  test('JSON holds totals, rules, reasons, elements and the denied flows', async () => {
    const json = JSON.parse((await world().run('replay', 'scan.pcap', '--policy', 'policy.yaml', '--json')).out);
    expect(json).toMatchObject({
      schema: 'picket.replay/v1',
      complete: true,
      totals: { packets: 6, denied: 4, recorded: 0, flows: 2, deniedFlows: 2 },
      rules: { stream: { packets: 5, denied: 3, flows: 1 } },
      reasons: { 'packet-size': { denied: 3 }, 'unknown-element': { denied: 1 }, 'no-rule': { denied: 0, given: 1 } },
      elements: { recorder: { packets: 6, denied: 4 }, camera: { packets: 5, denied: 3 } },
      deniedFlows: [
        {
          from: { element: 'camera', address: '10.0.3.21', port: 40_000 },
          to: { element: 'recorder', port: 554 },
          rule: 'stream',
          reason: 'packet-size',
          observed: 240,
          limit: 230,
          denied: 3,
          firstDenied: { number: 3, file: 'scan.pcap' },
        },
        { from: { element: null }, reason: 'unknown-element', reasons: ['unknown-element', 'no-rule'], denied: 1 },
      ],
    });
  });

  test('only counts between --from and --to', async () => {
    const from = new Date((BEGIN + 10) * 1000).toISOString();
    const run = async (...flags: string[]): Promise<unknown> =>
      JSON.parse((await world().run('replay', 'scan.pcap', '--policy', 'policy.yaml', '--json', ...flags)).out).totals;
    expect(await run('--from', from)).toMatchObject({ packets: 1, denied: 1, flows: 1 });
    expect(await run('--to', from)).toMatchObject({ packets: 5, denied: 3, flows: 1 });
  });

  test('no traffic in the time asked for gives zeros, no empty table, and a note', async () => {
    const { exit, out, err } = await world().run('replay', 'a.pcap', '--policy', 'policy.yaml', '--from', '2099-01-01');
    expect(exit).toBe(0);
    expect(out).toBe(
      '0 packets (0 B) in 0 flows\ndenied    0 packets (0 %) in 0 flows\n\n1 rule without traffic\n2 elements without traffic: recorder, camera\n',
    );
    expect(err).toContain('note: no packet was judged');
  });

  test.each([
    ['--from', '2023-11-15', 0],
    ['--from', '2023-11-14', 5],
    ['--to', '2023-11-15', 5],
    ['--to', '2023-11-14', 0],
    ['--from', '2023-11-14T22:13:21', 3],
    ['--from', '2023-11-14T22:13:21Z', 3],
    ['--from', '2023-11-14T23:13:21+01:00', 3],
  ])('%s %s counts %i packets', async (flag, value, packets) => {
    const words = ['replay', 'a.pcap', '--policy', 'policy.yaml', '--json', flag, value];
    expect(JSON.parse((await world().run(...words)).out).totals).toMatchObject({ packets });
  });

  test('a date without a zone is one of the zone of the policy', async () => {
    const made = world().put('tokyo.yaml', POLICY.replace('mode:', 'timezone: Asia/Tokyo\nmode:'));
    const words = ['replay', 'a.pcap', '--policy', 'tokyo.yaml', '--json', '--from', '2023-11-15'];
    expect(JSON.parse((await made.run(...words)).out).totals).toMatchObject({ packets: 5 });
  });

  test.each([
    ['2026-03-01', '2026-02-01'],
    ['2026-03-01', '2026-03-01'],
  ])('--from %s --to %s is refused', async (from, to) => {
    const ran = await world().run('replay', 'a.pcap', '--policy', 'policy.yaml', '--from', from, '--to', to);
    expect(ran).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('--from is not before --to') });
  });

  test('records what nobody enforces', async () => {
    const made = world().put('watch.yaml', POLICY.replace('mode: enforce', 'mode: observe'));
    const json = JSON.parse((await made.run('replay', 'scan.pcap', '--policy', 'watch.yaml', '--json')).out);
    expect(json.totals).toMatchObject({ denied: 0, recorded: 4, deniedFlows: 0, recordedFlows: 2 });
  });

  test('reads several files in the order of time, whatever order they are named in', async () => {
    const early = pcap(cameraStream(BEGIN, 1).slice(0, 2));
    const late = pcap(cameraStream(BEGIN, 1).slice(2));
    const made = world().put('1.pcap', early).put('2.pcap', late);
    const json = JSON.parse((await made.run('replay', '2.pcap', '1.pcap', '--policy', 'policy.yaml', '--json')).out);
    expect(json.inputs.map(({ file }: { file: string }) => file)).toEqual(['1.pcap', '2.pcap']);
    expect(json.totals).toMatchObject({ packets: 3, flows: 1 });
  });

  test('joins labels per packet', async () => {
    const made = world().put('labels.csv', '1;0\n2;0\n3;0\n4;0\n5;0\n6;1\n');
    const words = ['replay', 'scan.pcap', '--policy', 'policy.yaml', '--labels', 'labels.csv'];
    const json = JSON.parse((await made.run(...words, '--json')).out);
    expect(json.labels).toEqual({
      packets: { malicious: 1, caught: 1, missed: 0, benign: 5, falselyDenied: 3, unlabelled: 0 },
      flows: null,
    });
    expect((await made.run(...words)).out).toContain('caught         1 of 1 malicious packet (100 %)');
  });

  test.each([
    ['1;0\n2;0\n', 'the labels end at packet 2, but the capture at packet 6; check that they belong together'],
    ['1;0\n7;1\n', 'the labels end at packet 7, but the capture at packet 6; check that they belong together'],
    ['1;0\n6;1\n', ''],
    ['0;0\n5;1\n', 'the labels begin at packet 0, but packets count from 1'],
    [
      'ts,uid,id.orig_h,id.resp_h,proto,label\n5.0,C9,192.0.2.1,192.0.2.2,tcp,Bad\n',
      'none of the 1 labelled flows is in the traffic',
    ],
  ])('says when labels do not fit the capture: %j', async (labels, says) => {
    const made = world().put('labels.csv', labels);
    const { exit, err } = await made.run('replay', 'scan.pcap', '--policy', 'policy.yaml', '--labels', 'labels.csv');
    expect(exit).toBe(0);
    if (says === '') expect(err).toBe('');
    else expect(err).toContain(`note: ${says}`);
  });

  test('joins labels by uid where both sides have it, whatever their times and ports', async () => {
    const head = 'ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,orig_pkts,orig_ip_bytes';
    const row = (uid: string, at: number): string => `${at},${uid},10.0.3.66,5,10.0.3.10,22,tcp,1,60`;
    const made = world()
      .put('conn.csv', `${head}\n${row('C1', 1_700_000_000)}\n${row('C2', 1_700_000_009)}\n`)
      .put('labels.csv', `${head},label\n${row('C2', 3)},Bad\n${row('C1', 4)},Benign\n`);
    const words = ['replay', 'conn.csv', '--policy', 'policy.yaml', '--labels', 'labels.csv', '--json'];
    expect(JSON.parse((await made.run(...words)).out).labels.flows).toMatchObject({
      malicious: 1,
      benign: 1,
      unseen: 0,
    });
    const without = made.put('labels.csv', `${head},label\n${row('-', 1_700_000_009)},Bad\n`);
    expect(JSON.parse((await without.run(...words)).out).labels.flows).toMatchObject({ malicious: 1, benign: 0 });
  });

  test('joins labels of a log with the log itself, per flow', async () => {
    const log = [
      'ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,service,duration,orig_bytes,resp_bytes,conn_state,local_orig,local_resp,missed_bytes,history,orig_pkts,orig_ip_bytes,resp_pkts,resp_ip_bytes,tunnel_parents,label,detailed-label',
      '1700000000.5,C1,10.0.3.21,40000,10.0.3.10,554,tcp,,1,0,0,SF,,,0,S,3,180,2,120,,Benign,-',
      '1700000001.5,C2,10.0.3.66,50000,10.0.3.10,22,tcp,,,,,S0,,,0,S,1,60,0,0,,Malicious,Scan',
    ].join('\n');
    const made = world().put('conn.csv', log);
    const json = JSON.parse(
      (await made.run('replay', 'conn.csv', '--policy', 'policy.yaml', '--labels', 'conn.csv', '--json')).out,
    );
    expect(json.totals).toMatchObject({ packets: 6, denied: 1, flows: 2, deniedFlows: 1 });
    expect(json.labels).toMatchObject({
      packets: { malicious: 1, caught: 1, benign: 5, falselyDenied: 0 },
      flows: { malicious: 1, caught: 1, missed: 0, benign: 1, falselyDenied: 0, unseen: 0 },
    });
  });

  test('writes a report', async () => {
    const made = world();
    const { exit, err } = await made.run('replay', 'scan.pcap', '--policy', 'policy.yaml', '--report', 'out.html');
    expect(exit).toBe(0);
    expect(err).toContain('wrote out.html');
    expect(made.text('out.html')).toContain('unknown-element');
  });
});

describe('picket learn', () => {
  test('the policy it prints is valid, formatted, and denies nothing of what it learned from', async () => {
    const made = world();
    const { exit, out } = await made.run('learn', 'a.pcap');
    expect(exit).toBe(0);
    made.put('learned.yaml', out);
    expect((await made.run('policy', 'check', 'learned.yaml')).exit).toBe(0);
    expect((await made.run('policy', 'fmt', '--check', 'learned.yaml')).exit).toBe(0);
    const json = JSON.parse((await made.run('replay', 'a.pcap', '--policy', 'learned.yaml', '--json')).out);
    expect(json.totals).toMatchObject({ packets: 5, denied: 0, recorded: 0 });
    const scan = JSON.parse((await made.run('replay', 'scan.pcap', '--policy', 'learned.yaml', '--json')).out);
    expect(scan.totals).toMatchObject({ packets: 6, denied: 1 });
  });

  test('writes the same to a file, says what to do next, and gives evidence as JSON', async () => {
    const made = world();
    const { out: printed } = await made.run('learn', 'a.pcap');
    const { exit, out, err } = await made.run('learn', 'a.pcap', '-o', 'out.yaml', '--json');
    expect(exit).toBe(0);
    expect(made.text('out.yaml')).toBe(printed);
    expect(err).toContain('Next: picket replay a.pcap --policy out.yaml');
    expect(JSON.parse(out)).toMatchObject({ schema: 'picket.learn/v1', complete: true, policy: printed });
  });

  test('writes a report of the learned policy', async () => {
    const made = world();
    expect((await made.run('learn', 'a.pcap', '--report', 'out.html')).exit).toBe(0);
    expect(made.text('out.html')).toContain('<!doctype html>');
  });
});

describe('picket why', () => {
  const why = (...words: string[]): ReturnType<World['run']> => world().run('why', ...words, '--policy', 'policy.yaml');

  test('permits with the rule', async () => {
    const { exit, out } = await why('camera', 'recorder:554');
    expect(exit).toBe(0);
    expect(out).toMatch(/^permitted: camera may use recorder/);
    expect(out).toContain('stream');
  });

  test('denies with the reason, the limit and the observed value', async () => {
    const { exit, out } = await why('camera', 'recorder:554', '--packet-size', '1500');
    expect(exit).toBe(0);
    expect(out).toMatch(/^blocked\[packet-size\]: camera may not use recorder/);
    expect(out).toContain('1,500 B, limit 230 B');
  });

  test('denies what no rule allows', async () => {
    expect((await why('camera', 'recorder:22')).out).toMatch(/^blocked\[no-rule\]/);
    expect((await why('10.9.9.9', '[2001:db8::1]:22')).exit).toBe(0);
  });

  test('gives JSON', async () => {
    expect(JSON.parse((await why('camera', 'recorder:22', '--json')).out)).toMatchObject({
      schema: 'picket.why/v1',
      verdict: 'deny',
      reasons: [{ reason: 'no-rule' }],
    });
  });

  test.each([
    ['camra', 'recorder:554', 'did you mean "camera"'],
    ['camera', 'recordr:554', 'did you mean "recorder"'],
    ['camera', 'recorder/video', 'no service "video"'],
  ])('does not know %s %s', async (from, to, says) => {
    const { exit, err } = await why(from, to);
    expect(exit).toBe(3);
    expect(err).toContain(says);
  });
});
