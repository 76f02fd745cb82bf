// Bad input of every kind, through every command that reads traffic: a clear answer and an exit code of the contract.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FileError } from '#cli';
import { World } from './fake-io.testing.ts';
import { cameraStream, type Packet, pcap } from './packets.testing.ts';

const STREAM = pcap(cameraStream(1_700_000_000));

const POLICY = `picket: 1
mode: enforce
elements:
  recorder: { kind: server, address: 10.0.3.10 }
  camera: { kind: device, address: 10.0.3.21 }
rules:
  stream: { from: camera, to: { on: recorder, protocol: tcp, port: 554 } }
`;

/** Every command that reads traffic, with what it needs beside the files. */
const READERS: readonly (readonly string[])[] = [
  ['flows'],
  ['flows', '--format', 'csv'],
  ['flows', '--format', 'json'],
  ['names', '--format', 'json'],
  ['operations', '--format', 'csv'],
  ['learn'],
  ['learn', '--json'],
  ['learn', '-o', 'out.yaml'],
  ['replay', '--policy', 'policy.yaml'],
  ['replay', '--policy', 'policy.yaml', '--json'],
  ['policy', 'plan', 'policy.yaml', 'policy.yaml', '--traffic'],
];

function world(): World {
  const made = new World().put('policy.yaml', POLICY).put('stream.pcap', STREAM);
  made.directories.add('captures');
  return made;
}

const BAD: readonly (readonly [what: string, exit: number, code: string, make: (world: World) => void])[] = [
  ['a missing file', 3, 'PICKET-I001', () => {}],
  ['a directory', 2, 'PICKET-I002', (made) => made.directories.add('bad')],
  ['an unreadable file', 1, 'PICKET-I003', (made) => made.files.set('bad', new FileError('denied', 'no'))],
  ['a disk that fails', 1, 'PICKET-I003', (made) => made.files.set('bad', new FileError('failed', 'i/o error'))],
  ['an empty file', 1, 'PICKET-I004', (made) => made.put('bad', '')],
  ['text', 1, 'PICKET-I005', (made) => made.put('bad', 'hello, this is no capture\n')],
  ['one byte', 1, 'PICKET-I005', (made) => made.put('bad', 'x')],
  ['zeros', 1, 'PICKET-I005', (made) => made.put('bad', Buffer.alloc(100_000))],
  ['gzip of text', 1, 'PICKET-I005', (made) => made.putGzip('bad', Buffer.from('hello'))],
  ['a gzip head and no more', 1, 'PICKET-I005', (made) => made.put('bad', gzipSync(STREAM).subarray(0, 8))],
];

describe.each(READERS.map((words) => [words.join(' '), words] as const))('picket %s', (_, words) => {
  test.each(BAD)('refuses %s', async (_what, exit, code, make) => {
    const made = world();
    make(made);
    const ran = await made.run(...words, 'bad');
    expect(ran).toMatchObject({ exit, out: '' });
    expect(ran.err).toContain(`error[${code}]: cannot read "bad"`);
    expect(made.files.has('out.yaml')).toBe(false);
  });

  test('refuses a bad file among good ones before it prints anything', async () => {
    const ran = await world().run(...words, 'stream.pcap', 'absent.pcap');
    expect(ran).toMatchObject({ exit: 3, out: '' });
  });

  test('gives what comes before a cut, says where it broke, and ends with 8', async () => {
    const made = world().put('cut.pcap', STREAM.subarray(0, STREAM.length - 10));
    const ran = await made.run(...words, 'cut.pcap');
    expect(ran.exit).toBe(8);
    expect(ran.err).toContain('warning[PICKET-I006]: "cut.pcap"');
    if (words.includes('json') || words.includes('--json'))
      expect(JSON.parse(ran.out)).toMatchObject({ complete: false, damage: [{ file: 'cut.pcap' }] });
  });

  test('gives what comes before a cut in gzip', async () => {
    const packed = gzipSync(STREAM);
    const ran = await world()
      .put('cut.gz', packed.subarray(0, packed.length - 9))
      .run(...words, 'cut.gz');
    expect(ran.exit).toBe(8);
    expect(ran.err).toContain('gzip data ends early');
  });

  test.each([
    ['1970', 0],
    ['2106', 4_294_967_290],
  ])('reads a capture of %s', async (_year, begin) => {
    const ran = await world()
      .put('old.pcap', pcap(cameraStream(begin, 1)))
      .run(...words, 'old.pcap');
    expect(ran.exit).toBe(0);
  });

  test('reads a capture whose time runs backwards', async () => {
    const backwards = [...cameraStream(1_700_000_000)]
      .reverse()
      .map((packet, at): Packet => ({ ...packet, at: 1_700_000_000 - at }));
    expect(
      (
        await world()
          .put('back.pcap', pcap(backwards))
          .run(...words, 'back.pcap')
      ).exit,
    ).toBe(0);
  });

  test('reads standard input, gzip too', async () => {
    expect(
      (
        await world()
          .put('-', STREAM)
          .run(...words, '-')
      ).exit,
    ).toBe(0);
    expect(
      (
        await world()
          .putGzip('-', STREAM)
          .run(...words, '-')
      ).exit,
    ).toBe(0);
  });

  test('refuses standard input twice', async () => {
    expect(
      await world()
        .put('-', STREAM)
        .run(...words, '-', '-'),
    ).toMatchObject({ exit: 2, out: '' });
  });
});

describe('policies', () => {
  test('a policy with 50 errors shows all of them and judges nothing', async () => {
    const rules = Array.from(
      { length: 50 },
      (_, at) => `  r${at}: { from: any, to: { on: any, protocol: tcp, port: ${70_000 + at} } }`,
    );
    const made = world().put('bad.yaml', `picket: 1\nrules:\n${rules.join('\n')}\n`);
    for (const words of [
      ['policy', 'check', 'bad.yaml'],
      ['replay', 'stream.pcap', '--policy', 'bad.yaml'],
      ['policy', 'test', 'bad.yaml'],
    ]) {
      const { exit, err, out } = await made.run(...words);
      expect(exit).toBe(4);
      expect(out).toBe('');
      for (let at = 0; at < 50; at++) expect(err).toContain(String(70_000 + at));
    }
  });

  test('a policy for IPv4 on IPv6 traffic is told in a note', async () => {
    const six = cameraStream(1_700_000_000).map((packet) => ({
      ...packet,
      from: `2001:db8::${packet.from.split('.')[3]}`,
      to: `2001:db8::${packet.to.split('.')[3]}`,
    }));
    const { exit, err, out } = await world()
      .put('six.pcap', pcap(six))
      .run('replay', 'six.pcap', '--policy', 'policy.yaml', '--json');
    expect(exit).toBe(0);
    expect(err).toContain('note: 5 packets are IPv6, but every address in the policy is IPv4');
    expect(JSON.parse(out).totals).toMatchObject({ packets: 5, denied: 5 });
  });

  test.each([
    ['an element by MAC alone', 'elements: { a: { kind: device, mac: "02:00:00:00:00:01" } }', '(a)'],
    ['a guardrail by MAC', 'never: { n: { from: "02:00:00:00:00:01", to: any } }', '(n)'],
    [
      'an element with an address as well',
      'elements: { a: { kind: device, mac: "02:00:00:00:00:01", address: 10.0.0.1 } }',
      null,
    ],
  ])('a log, which shows no MACs, is told of against a policy with %s', async (_, part, told) => {
    const line =
      '{"ts":1,"id.orig_h":"10.0.0.1","id.orig_p":1,"id.resp_h":"10.0.0.2","id.resp_p":2,"proto":"udp","orig_pkts":1,"orig_ip_bytes":30}';
    const made = world().put('conn.log', `${line}\n`).put('mac.yaml', `picket: 1\n${part}\n`);
    const { err } = await made.run('replay', 'conn.log', '--policy', 'mac.yaml');
    if (told === null) expect(err).not.toContain('shows no MACs');
    else expect(err).toContain(`note: the traffic shows no MACs, but the policy names ends by MAC alone ${told}`);
    const captured = await made.run('replay', 'stream.pcap', '--policy', 'mac.yaml');
    expect(captured.err).not.toContain('shows no MACs');
  });

  test('a labels file that cannot be read has a code of its own', async () => {
    const ran = await world()
      .put('labels.csv', 'hello')
      .run('replay', 'stream.pcap', '--policy', 'policy.yaml', '--labels', 'labels.csv');
    expect(ran).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('error[PICKET-I008]') });
  });

  test('labels by packet number need one capture', async () => {
    const ran = await world()
      .put('labels.csv', '1;0')
      .run('replay', 'stream.pcap', 'stream.pcap', '--policy', 'policy.yaml', '--labels', 'labels.csv');
    expect(ran).toMatchObject({ exit: 2, out: '' });
  });
});

describe('picket learn', () => {
  test.each(['02:00:00:00:00:99', '192.0.2.1'])(
    'an element that appears in no traffic (%s) is not found',
    async (element) => {
      const made = world();
      const ran = await made.run('learn', 'stream.pcap', '--element', element, '-o', 'out.yaml');
      expect(ran).toMatchObject({ exit: 3, out: '', err: expect.stringContaining('error[PICKET-I010]') });
      expect(ran.err).toContain(element);
      expect(made.files.has('out.yaml')).toBe(false);
    },
  );

  test.each([
    ['--element', 'camera'],
    ['--timezone', 'Mars/Olympus'],
    ['--from', 'yesterday-ish'],
    ['--setup', 'maybe'],
  ])('cannot understand %s %s', async (flag, value) => {
    const ran = await world().run('learn', 'stream.pcap', flag, value);
    expect(ran).toMatchObject({ exit: 2, out: '', err: expect.stringContaining(value) });
  });

  test('time without traffic is told, and nothing is written', async () => {
    const made = world();
    const ran = await made.run('learn', 'stream.pcap', '--to', '2001-01-01', '-o', 'out.yaml');
    expect(ran).toMatchObject({ exit: 1, err: expect.stringContaining('PICKET-I012') });
    expect(made.files.has('out.yaml')).toBe(false);
  });

  test('a policy learned from a cut capture says so at its top', async () => {
    const { out } = await world()
      .put('cut.pcap', STREAM.subarray(0, STREAM.length - 10))
      .run('learn', 'cut.pcap');
    expect(out).toMatch(/^# INCOMPLETE INPUT: cut.pcap/);
  });

  test('a file that cannot be written is told', async () => {
    const ran = await world().run('learn', 'stream.pcap', '-o', '/denied/out.yaml');
    expect(ran).toMatchObject({ exit: 1, err: expect.stringContaining('cannot write "/denied/out.yaml"') });
  });
});
