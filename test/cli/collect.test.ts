// `picket collect` from datagrams to lines: what is written, what is refused, how it ends.

import { describe, expect, test } from 'vitest';
import type { Arrived } from '#cli';
import { World } from './fake-io.testing.ts';
import { pcap } from './packets.testing.ts';

const SECONDS = 1_700_000_000;

function be(value: number, length: number): number[] {
  return Array.from({ length }, (_, at) => Math.floor(value / 256 ** (length - 1 - at)) % 256);
}

/** NetFlow 5 with one record: 10.0.0.2:40000 sent 3 packets of 180 bytes to 10.0.0.1:443, or the answer. */
function message(sequence: number, isAnswer = false): Uint8Array {
  const ends = [10, 0, 0, 2, 10, 0, 0, 1];
  const ports = [...be(40_000, 2), ...be(443, 2)];
  const [a, b] = isAnswer
    ? [
        [...ends.slice(4), ...ends.slice(0, 4)],
        [...ports.slice(2), ...ports.slice(0, 2)],
      ]
    : [ends, ports];
  const head = [0, 5, 0, 1, ...be(60_000, 4), ...be(SECONDS, 4), ...be(0, 4), ...be(sequence, 4), 0, 0, 0, 0];
  const counts = [...be(3, 4), ...be(180, 4), ...be(59_000, 4), ...be(59_500, 4)];
  return Uint8Array.from([...head, ...a, ...be(0, 8), ...counts, ...b, 0, 0x1b, 6, ...be(0, 9)]);
}

const arrived = (data: Uint8Array, from = '10.0.0.254'): Arrived => ({ data, from, at: SECONDS * 1e6 });

function world(...datagrams: Arrived[]): World {
  const made = new World();
  made.datagrams = datagrams;
  return made;
}

describe('picket collect', () => {
  test('writes one line per flow, which picket flows reads back', async () => {
    const made = world(arrived(message(0, true)), arrived(message(1)));
    const { exit, out, err } = await made.run('collect');
    expect(exit).toBe(0);
    expect(err).toContain('listening on 127.0.0.1:2055: any program on this host may send');
    expect(err).toContain('wrote 1 flow of 2 records in 2 messages');
    expect(JSON.parse(out)).toMatchObject({
      'id.orig_h': '10.0.0.2',
      'id.resp_p': 443,
      orig_pkts: 3,
      resp_ip_bytes: 180,
    });
    expect(JSON.parse(out)).toMatchObject({ ts: SECONDS - 1, duration: 0.5, exporter: '10.0.0.254', lost_before: 0 });
    const flows = await made.put('site.log', out).run('flows', 'site.log', '--format', 'csv');
    expect(flows).toMatchObject({ exit: 0, out: expect.stringContaining('10.0.0.2,40000,10.0.0.1,443') });
  });

  test('tells what is missing and ends with 8', async () => {
    const { exit, err } = await world(arrived(message(0)), arrived(message(10))).run('collect');
    expect(exit).toBe(8);
    expect(err).toContain('warning[PICKET-I041]: 9 records are missing by the sequence numbers');
  });

  test('survives what is no message, and says so', async () => {
    const { exit, err } = await world(
      arrived(Buffer.from('hello')),
      arrived(new Uint8Array(0)),
      arrived(message(0)),
    ).run('collect');
    expect(exit).toBe(0);
    expect(err).toContain('wrote 1 flow of 1 record in 1 message');
    expect(err).toContain('a message is shorter than a header (2 times)');
  });

  test('takes the datagrams of named senders only', async () => {
    const { out, err } = await world(arrived(message(0)), arrived(message(1), '::ffff:10.0.0.9')).run(
      'collect',
      '--exporter',
      '10.0.0.9',
    );
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(out).exporter).toBe('10.0.0.9');
    expect(err).toContain('10.0.0.9 may send');
  });

  test('adds to a file and ends after --records', async () => {
    const made = world(arrived(message(0)), arrived(message(5))).put('site.log', 'before\n');
    await made.run('collect', '-o', 'site.log', '--records', '1');
    expect(made.text('site.log').split('\n')).toHaveLength(3);
    expect(made.text('site.log').startsWith('before\n{')).toBe(true);
  });

  test('reads exports out of a capture only when asked to', async () => {
    const packet = {
      at: SECONDS,
      from: '10.0.0.254',
      to: '10.0.0.5',
      fromPort: 9_999,
      toPort: 2_055,
      protocol: 'udp',
      payload: message(0),
    } as const;
    const made = world().put('exports.pcap', pcap([packet]));
    expect((await made.run('flows', 'exports.pcap', '--format', 'csv')).out).toContain('10.0.0.254,9999');
    expect(JSON.parse((await made.run('collect', '--read', 'exports.pcap')).out)).toMatchObject({
      'id.orig_h': '10.0.0.2',
    });
  });

  test.each([
    [['--listen', ':2055'], 2, 'an address and a port are needed'],
    [['--listen', '127.0.0.1'], 2, 'an address and a port are needed'],
    [['--listen', 'localhost:2055'], 2, 'an address and a port are needed'],
    [['--exporter', 'router'], 2, 'cannot read "router"'],
    [['--for', 'ever'], 2, 'cannot read "ever"'],
    [['--records', '0'], 2, 'cannot read "0"'],
    [['--listen', '127.0.0.1:1'], 1, 'error[PICKET-I040]: cannot listen on 127.0.0.1:1'],
    [['-o', '/denied/x'], 1, 'error[PICKET-I003]'],
  ])('refuses %j', async (words, exit, says) => {
    const ran = await world().run('collect', ...words);
    expect(ran).toMatchObject({ exit, out: '' });
    expect(ran.err).toContain(says);
  });

  test('says who may send where more than this host can', async () => {
    expect((await world().run('collect', '--listen', '0.0.0.0:2055')).err).toContain(
      'whoever reaches this address may send',
    );
  });
});
