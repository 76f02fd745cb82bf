// `picket names` on a small capture made here: every kind, one kind, and a kind that there is not.

import { expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';
import { pcap } from './packets.testing.ts';

const BEGIN = 1_700_000_000;

/** A DNS question of type `type` for labels given one by one. */
function question(type: number, ...labels: readonly string[]): Buffer {
  const name = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...name, Buffer.from([0, 0, type, 0, 1])]);
}

const CAPTURE = pcap(
  [question(1, 'www', 'example', 'com'), question(16, '2', 'dnscrypt-cert', 'example', 'com')].map((payload, at) => ({
    at: BEGIN + at,
    from: '10.0.3.21',
    to: '10.0.3.1',
    fromPort: 40_000 + at,
    toPort: 53,
    protocol: 'udp',
    payload,
  })),
);

const HEAD = 'kind,client,server,port,name,value,count,first_frame';
const PLAIN = 'dns-query,10.0.3.21,10.0.3.1,53,www.example.com,1,1,1';
const CERTIFICATE = 'dns-query,10.0.3.21,10.0.3.1,53,2.dnscrypt-cert.example.com,16,1,2';
const HIDING = 'hides-names,10.0.3.21,10.0.3.1,53,dnscrypt,certificate of 2.dnscrypt-cert.example.com,1,2';

test.each([
  [[], [HEAD, PLAIN, CERTIFICATE, HIDING]],
  [
    ['--kind', 'dns-query'],
    [HEAD, PLAIN, CERTIFICATE],
  ],
  [
    ['--kind', 'hides-names'],
    [HEAD, HIDING],
  ],
  [['--kind', 'ja4'], [HEAD]],
])('picket names %j lists its rows', async (flags, rows) => {
  const { out, exit } = await new World().put('a.pcap', CAPTURE).run('names', '--format', 'csv', ...flags, 'a.pcap');
  expect([exit, ...out.trim().split('\n')]).toEqual([0, ...rows]);
});

test('a kind that there is not is refused, with those that there are', async () => {
  const { err, exit } = await new World().put('a.pcap', CAPTURE).run('names', '--kind', 'dns', 'a.pcap');
  expect(exit).not.toBe(0);
  expect(err).toContain('dns-query');
});
