// Lines of conntrack as flows: who began, who answers behind a translation, and the words that name the connection.

import { describe, expect, it } from 'vitest';
import { addressText } from '#model';
import { trackedFlow } from './cutting.ts';

const TCP =
  'tcp      6 431999 ESTABLISHED src=10.0.1.2 dst=192.0.2.1 sport=40000 dport=80 src=10.0.2.2 dst=10.0.1.2 sport=8080 dport=40000 [ASSURED] mark=17 use=1';
const UDP =
  'udp      17 29 src=fd00:1::2 dst=fd00:2::2 sport=5 dport=6 [UNREPLIED] src=fd00:2::2 dst=fd00:1::2 sport=6 dport=5 mark=4294967295 use=1';
const PING =
  'icmp     1 29 src=10.0.1.2 dst=10.0.2.2 type=8 code=0 id=7 src=10.0.2.2 dst=10.0.1.2 type=0 code=0 id=7 mark=3 use=1';

describe('trackedFlow()', () => {
  it.each([
    [
      TCP,
      6,
      '10.0.1.2',
      '10.0.2.2',
      8_080,
      17,
      ['-p', '6', '-s', '10.0.1.2', '-d', '192.0.2.1', '--orig-port-src', '40000', '--orig-port-dst', '80'],
    ],
    [
      UDP,
      17,
      'fd00:1::2',
      'fd00:2::2',
      6,
      4_294_967_295,
      ['-p', '17', '-s', 'fd00:1::2', '-d', 'fd00:2::2', '--orig-port-src', '5', '--orig-port-dst', '6'],
    ],
    [PING, 1, '10.0.1.2', '10.0.2.2', -1, 3, ['-p', '1', '-s', '10.0.1.2', '-d', '10.0.2.2']],
  ])('reads %s', (line, protocol, from, to, port, mark, words) => {
    for (const text of [line, `ipv4     2 ${line}`]) {
      const flow = trackedFlow(text);
      expect(flow).toMatchObject({ protocol, port, mark, words });
      expect([flow?.from, flow?.to].map((bytes) => bytes && addressText(bytes))).toEqual([from, to]);
    }
  });

  it.each([
    '',
    'conntrack v1.4.7: 0 flow entries',
    'tcp 6 src=x dst=y mark=1',
    'tcp six src=10.0.0.1 dst=10.0.0.2 src=10.0.0.2 dst=10.0.0.1 mark=1',
  ])('reads nothing from %s', (line) => {
    expect(trackedFlow(line)).toBeNull();
  });
});
