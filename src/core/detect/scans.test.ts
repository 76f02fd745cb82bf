// Scans: what is one, what is not, and that one scan is one case.

import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, PROTOCOL, SECOND } from '#model';
import { Stage, type Try } from './detect.testing.ts';

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
const ports = (count: number, rest: Partial<Try> = {}): readonly Try[] =>
  range(count).map((at) => ({ from: '10.0.0.5', to: '10.0.0.7', port: 1_000 + at, outcome: 'reset', ...rest }));
const hosts = (count: number, rest: Partial<Try> = {}): readonly Try[] =>
  range(count).map((at) => ({ from: '10.0.0.5', to: `10.0.0.${100 + at}`, port: 23, outcome: 'none', ...rest }));
const strangers = (count: number, rest: Partial<Try> = {}): readonly Try[] =>
  range(count).map((at) => ({ from: '10.0.0.5', to: `198.51.100.${at}`, port: 23, outcome: 'none', ...rest }));

function play(tries: readonly Try[], pause = 0): Stage {
  const stage = new Stage();
  for (const one of tries) stage.try(one).pass(pause);
  return stage.pass(20 * SECOND);
}

describe('a scan is found', () => {
  test.each([
    ['five closed ports of one host', ports(5)],
    ['five silent ports of one host', ports(5, { outcome: 'none' })],
    ['five denied ports of one host', ports(5, { outcome: 'denied' })],
    ['five silent hosts at one port', hosts(5)],
    ['five denied hosts at one port', hosts(5, { outcome: 'denied' })],
    ['eight strangers at one port', strangers(8)],
    ['forty-eight hosts asked for names', hosts(48, { port: 53, protocol: PROTOCOL.udp })],
    ['five udp ports of one host', ports(5, { protocol: PROTOCOL.udp, outcome: 'none' })],
    [
      'closed ports between open ones',
      range(12).map((at) => ({ ...ports(12)[at], outcome: at % 3 === 0 ? 'answer' : 'reset' }) as Try),
    ],
  ])('%s', (_, tries) => {
    const { cases, found } = play(tries);
    expect(cases).toEqual(['scan camera']);
    const isHeard = tries.some(({ outcome }) => outcome !== 'none');
    expect(found[0]).toMatchObject({ element: 'camera', severity: 'alarm', isWorthQuarantine: isHeard });
  });

  test('as worth isolating for once anything ever came back', () => {
    const { found } = play([{ from: '10.0.0.5', to: '10.0.0.1', port: 53 }, ...hosts(6)]);
    expect(found[0]).toMatchObject({ kind: 'scan', isWorthQuarantine: true });
  });

  test.each([
    ['a probe a minute', MINUTE],
    ['a probe an hour', HOUR],
  ])('%s', (_, pause) => {
    expect(play(ports(9), pause).cases).toEqual(['scan camera']);
  });

  test('of any size as one case, told again when it has doubled', () => {
    const { found, cases } = play(ports(500));
    expect(cases).toEqual(['scan camera']);
    expect(found.length).toBeLessThan(10);
    expect(found.at(-1)?.evidence).toMatch(/about 1 hosts, \d{3} ports, 64 ports of plc among them/);
    expect(new Set(found.map((one) => one.case)).size).toBe(1);
  });

  test('of strangers as one note that nobody is isolated for', () => {
    const tries = range(30).flatMap((source) => hosts(6, { from: `198.51.100.${source}` }));
    const { found, cases } = play(tries);
    expect(cases).toEqual(['scan internet']);
    expect(found[0]).toMatchObject({ element: null, severity: 'note', isWorthQuarantine: false });
  });

  test('without a wish to isolate where another host may have sent it', () => {
    const stage = new Stage().claim('10.0.0.5', '02:00:00:00:00:05');
    for (const one of ports(8, { mac: '02:00:00:00:00:66' })) stage.try(one);
    expect(stage.found[0]).toMatchObject({ kind: 'scan', isWorthQuarantine: false });
    expect(stage.found[0]?.evidence).toContain('more than one hardware address');
  });
});

describe('no scan is', () => {
  test.each([
    ['four closed ports of one host', ports(4)],
    ['four silent hosts at one port', hosts(4)],
    ['seven strangers at one port', strangers(7)],
    ['forty-seven dead resolvers', hosts(47, { port: 53, protocol: PROTOCOL.udp })],
    [
      'one dead service asked a hundred times',
      range(100).map(() => ({ from: '10.0.0.5', to: '10.0.0.7', port: 80, outcome: 'none' }) as Try),
    ],
    ['twenty answering strangers', strangers(20, { outcome: 'answer' })],
    ['twenty answering hosts', hosts(20, { outcome: 'answer' })],
    [
      'failures between as many answers',
      range(20).map((at) => ({ ...ports(20)[at], outcome: at % 2 === 0 ? 'answer' : 'reset' }) as Try),
    ],
    [
      'what goes to groups',
      range(30).map(
        (at) =>
          ({ from: '10.0.0.5', to: `239.1.1.${at}`, port: 5_000, protocol: PROTOCOL.udp, outcome: 'none' }) as Try,
      ),
    ],
  ])('%s', (_, tries) => {
    expect(play(tries).cases).toEqual([]);
  });

  test('what a client was given names for', () => {
    const stage = new Stage();
    const { addresses, detectors } = stage;
    for (const { from, to } of strangers(30))
      detectors.name({
        kind: 'dns-answer',
        at: stage.now,
        client: addresses.intern(from),
        server: addresses.intern('10.0.0.1'),
        clientMac: -1,
        port: 53,
        name: 'cloud.example',
        value: '1',
        address: addresses.intern(to),
        ttlSeconds: 60,
      });
    for (const one of strangers(30)) stage.try(one);
    expect(stage.pass(MINUTE).cases).toEqual([]);
  });

  test('a router that tells hosts what cannot be reached, while a sweep of quiet hosts is one', () => {
    const errors = new Stage();
    const sweep = new Stage();
    for (let at = 0; at < 20; at++) {
      errors.say(`10.0.1.${at}`, '198.51.100.1');
      for (const stage of [errors, sweep])
        stage.try({ from: '10.0.0.1', to: `10.0.1.${at}`, port: -1, protocol: PROTOCOL.icmp, outcome: 'none' });
    }
    expect(errors.pass(MINUTE).cases).toEqual([]);
    expect(sweep.pass(MINUTE).cases).toEqual(['scan 10.0.0.1']);
  });

  test('a contact that was pending while nobody looked', () => {
    const stage = new Stage();
    for (const one of hosts(20)) stage.try(one);
    stage.detectors.advance(stage.now + 400 * 24 * HOUR);
    expect(stage.cases).toEqual([]);
  });
});

test('an open house swept in minutes is a note', () => {
  const tries = range(40).map((at) => ({ from: '10.0.0.5', to: `10.0.1.${at}`, port: 80 }));
  const { found } = play(tries);
  expect(found[0]).toMatchObject({ kind: 'scan', severity: 'note', isWorthQuarantine: false });
});

test('a flood of made-up sources neither grows the tables nor hides a scanner', () => {
  const stage = new Stage();
  const scan = ports(40, { outcome: 'none' });
  for (let at = 0; at < 40_000; at++) {
    const from = `198.${18 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
    stage.try({ from, to: '10.0.0.7', port: 80, outcome: 'none' });
    const one = scan[at / 1_000];
    if (one !== undefined) stage.try(one);
    if (at % 50 === 0) stage.pass(SECOND, SECOND);
  }
  expect(stage.cases).toEqual(['scan camera']);
  expect(stage.detectors.losses.sources).toBeGreaterThan(0);
});
