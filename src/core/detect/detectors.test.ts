// New edges, silence, spoofing and beacons; and that the detectors keep few findings, little memory and their head when the clock jumps.

import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '#model';
import { SHORT, Stage } from './detect.testing.ts';

describe('a new edge', () => {
  const polls = { from: '10.0.0.8', to: '10.0.0.7', port: 502 } as const;

  test('is none while it is learned, and none again later', () => {
    const stage = new Stage({ thresholds: SHORT })
      .try(polls)
      .pass(2 * HOUR)
      .try(polls)
      .try({ ...polls, port: 102 });
    expect(stage.cases).toEqual([]);
  });

  test.each([
    [502, 'alarm'],
    [22, 'alarm'],
    [1_883, 'note'],
  ])('by a service on port %i is an %s', (port, severity) => {
    const stage = new Stage({ thresholds: SHORT }).pass(2 * HOUR).try({ from: '10.0.0.5', to: '10.0.0.7', port });
    expect(stage.found).toMatchObject([{ kind: 'new-edge', subject: 'camera', severity, isWorthQuarantine: false }]);
    expect(stage.found[0]?.evidence).toContain('plc');
  });

  test.each(['reset', 'none', 'denied'] as const)('is none that met %s', (outcome) => {
    const stage = new Stage({ thresholds: SHORT }).pass(2 * HOUR).try({ ...polls, outcome });
    expect(stage.pass(MINUTE).cases).toEqual([]);
  });

  test('leads nowhere but into the house', () => {
    const stage = new Stage({ thresholds: SHORT }).pass(2 * HOUR);
    expect(stage.try({ from: '10.0.0.5', to: '198.51.100.1', port: 443 }).cases).toEqual([]);
  });

  test('of a newcomer is one case however many there are', () => {
    const stage = new Stage({ thresholds: SHORT }).pass(2 * HOUR);
    for (let at = 0; at < 20; at++) stage.try({ from: '10.0.9.9', to: `10.0.1.${at}`, port: 9_000 });
    expect(stage.cases).toEqual(['new-edge 10.0.9.9']);
    expect(stage.found.at(-1)).toMatchObject({ count: 16 });
  });

  test('outlives a restart', () => {
    const before = new Stage({ thresholds: SHORT }).try(polls).pass(2 * HOUR);
    const memory = JSON.parse(JSON.stringify(before.detectors.remember()));
    const after = new Stage({ thresholds: SHORT, memory }).try(polls).try({ ...polls, from: '10.0.0.5' });
    expect(after.cases).toEqual(['new-edge camera']);
  });
});

describe('silence', () => {
  const talk = (
    stage: Stage,
    { hours, who = ['10.0.0.6'], everySeconds = 30 }: { hours: number; who?: readonly string[]; everySeconds?: number },
  ): Stage => {
    for (let second = 0; second < hours * 3_600; second += everySeconds) {
      for (const one of who) stage.say(one);
      stage.pass(everySeconds * SECOND, 30 * SECOND);
    }
    return stage;
  };

  test.each([
    ['just inside', 5 * MINUTE, []],
    ['just outside', 12 * MINUTE, ['silence sensor']],
  ])('is told by the longest pause: %s', (_, micros, cases) => {
    const stage = talk(new Stage({ thresholds: { learningMicros: 3 * HOUR } }), { hours: 2 });
    stage
      .pass(4 * MINUTE)
      .say('10.0.0.6')
      .pass(4 * MINUTE)
      .say('10.0.0.6');
    talk(stage, { hours: 2 });
    expect(stage.pass(micros).cases).toEqual(cases);
  });

  test('is told once, ends, and is a habit the third time', () => {
    const stage = talk(new Stage({ thresholds: SHORT }), { hours: 2 });
    const counts: number[] = [];
    for (let at = 0; at < 5; at++) {
      talk(stage.pass(20 * MINUTE), { hours: 12 });
      counts.push(stage.found.length);
    }
    expect(counts).toEqual([1, 2, 3, 3, 3]);
  });

  test('is nothing of an element that has shown no rhythm', () => {
    const stage = new Stage({ thresholds: SHORT }).say('10.0.0.6').pass(HOUR).say('10.0.0.6');
    expect(stage.pass(3 * DAY).cases).toEqual([]);
    const young = talk(new Stage(), { hours: 3 });
    expect(young.pass(HOUR).cases).toEqual([]);
  });

  test('of the whole house is one finding', () => {
    const who = ['10.0.0.5', '10.0.0.6', '10.0.0.7', '10.0.0.8'];
    expect(talk(new Stage({ thresholds: SHORT }), { hours: 2, who }).pass(10 * MINUTE).cases).toEqual([
      'silence the site',
    ]);
  });

  test.each([
    ['the clock jumps by a year', 365 * DAY],
    ['the clock jumps back by a day', -DAY],
  ])('is not concluded when %s', (_, jump) => {
    const stage = talk(new Stage({ thresholds: SHORT }), { hours: 2 });
    stage.now += jump;
    stage.pass(MINUTE);
    expect(stage.cases).toEqual([]);
    expect(talk(stage, { hours: 1 }).cases).toEqual([]);
    expect(stage.pass(HOUR).cases).toEqual(['silence sensor']);
  });

  test('is not concluded over a gap of the observation', () => {
    const stage = talk(new Stage({ thresholds: SHORT }), { hours: 2 });
    stage.now += 30 * MINUTE;
    stage.detectors.blind(stage.now);
    expect(stage.pass(MINUTE).cases).toEqual([]);
  });
});

describe('spoofing', () => {
  const [A, B] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'];

  test.each([
    ['a new card', [A, B], []],
    ['a card changed back', [A, B, A], []],
    ['flapping', [A, B, A, B], ['spoofing 10.0.0.5']],
    ['the same again and again', [A, A, A, A, A], []],
  ])('%s', (_, macs, cases) => {
    const stage = new Stage();
    for (const mac of macs) stage.claim('10.0.0.5', mac).pass(MINUTE);
    expect(stage.cases).toEqual(cases);
  });

  test('changes hours apart are leases, not flapping', () => {
    const stage = new Stage();
    for (let at = 0; at < 20; at++) stage.claim('10.0.0.5', at % 2 === 0 ? A : B).pass(HOUR);
    expect(stage.cases).toEqual([]);
  });

  test.each([
    [8, []],
    [9, [`spoofing ${A}`]],
  ])('one hardware address that claims %i addresses', (count, cases) => {
    const stage = new Stage();
    for (let at = 0; at < count; at++) stage.claim(`10.0.0.${at + 10}`, A);
    expect(stage.cases).toEqual(cases);
  });

  test('a router may claim any number, and hosts have many addresses of IPv6', () => {
    const stage = new Stage({ proxies: new Set([0x02_00_00_00_00_0a]) });
    for (let at = 0; at < 50; at++) stage.claim(`10.0.0.${at + 10}`, A).claim(`2001:db8::${at + 1}`, B);
    expect(stage.cases).toEqual([]);
  });

  test('refusals of a port are one case worth isolating its element', () => {
    const stage = new Stage();
    for (let at = 0; at < 1_000; at++)
      stage.detectors.spoof({
        at: stage.now,
        port: 'p-camera',
        address: stage.addresses.intern('10.0.0.7'),
        mac: 0x0b,
        element: 'camera',
      });
    stage.pass(SECOND);
    expect(stage.found.length).toBe(10);
    expect(stage.found.at(-1)).toMatchObject({
      kind: 'spoofing',
      subject: 'camera',
      count: 512,
      isWorthQuarantine: true,
    });
  });
});

describe('a beacon', () => {
  const call = (port: number, pause: (at: number) => number): readonly string[] => {
    const stage = new Stage({ thresholds: SHORT }).pass(2 * HOUR);
    for (let at = 0; at < 30; at++) stage.try({ from: '10.0.0.5', to: '198.51.100.9', port }).pass(pause(at), MINUTE);
    return stage.cases;
  };

  test('is a nameless host called at regular intervals', () => {
    expect(call(443, () => 5 * MINUTE)).toEqual(['beacon camera']);
    expect(call(443, (at) => (200 + ((at * 67) % 150)) * SECOND)).toEqual(['beacon camera']);
  });

  test('is not irregular, not brief, and not the time', () => {
    expect(call(443, (at) => (at % 5 === 0 ? 30 : 1) * MINUTE)).toEqual([]);
    expect(call(443, () => SECOND)).toEqual([]);
    expect(call(123, () => 5 * MINUTE)).toEqual([]);
  });
});
