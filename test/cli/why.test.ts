// Every limit asked through `picket why`, just inside, on and just outside, and the tests of a policy.

import { describe, expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';

const POLICY = `picket: 1
timezone: Europe/Berlin
mode: enforce
elements:
  camera: { kind: device, address: 10.0.0.5 }
  recorder: { kind: server, address: 10.0.0.9 }
  plc: { kind: device, address: 10.0.0.7 }
  alice: { kind: human, address: 10.0.0.8, login: alice@example.com }
services:
  video: { on: recorder, protocol: tcp, port: 554 }
  ssh: { on: recorder, protocol: tcp, port: 22, logon: required }
rules:
  stream:
    from: camera
    to: video
    limits: { hours: Mon-Fri 06:00-22:00, volume: <= 1 MB per hour, size: <= 1400 B sent }
    owner: facilities
  shell: { from: alice, to: ssh, limits: { logon: person within 15 min } }
  reads:
    from: recorder
    to: { on: plc, protocol: tcp, port: 502, application: modbus }
    limits: { operations: modbus read }
  ended: { from: plc, to: video, until: 2026-01-01 }
never:
  stay-home: { from: camera, to: internet }
tests:
  - camera may use recorder video on Mon 12:00
  - camera may not use recorder video on Sun 12:00 because outside-hours
`;

const NOON = '--at 2026-03-02T12:00';

async function why(line: string): Promise<{ exit: number; out: string; err: string }> {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
  return await new World().put('p.yaml', POLICY).run('why', ...words, '--policy', 'p.yaml');
}

const ANSWERS: readonly (readonly [line: string, verdict: string])[] = [
  ['camera recorder:554 --at 2026-03-02T05:59:59', 'blocked[outside-hours]'],
  ['camera recorder:554 --at 2026-03-02T06:00', 'permitted'],
  ['camera recorder:554 --at 2026-03-02T21:59:59', 'permitted'],
  ['camera recorder:554 --at 2026-03-02T22:00', 'blocked[outside-hours]'],
  ['camera recorder:554 --at 2026-03-02T05:00:00Z', 'permitted'],
  [`camera recorder:554 ${NOON} --packet-size 1399`, 'permitted'],
  [`camera recorder:554 ${NOON} --packet-size 1400`, 'permitted'],
  [`camera recorder:554 ${NOON} --packet-size 1401`, 'blocked[packet-size]'],
  [`camera recorder:554 ${NOON} --bytes 999000 --packet-size 999`, 'permitted'],
  [`camera recorder:554 ${NOON} --bytes 999000 --packet-size 1000`, 'permitted'],
  [`camera recorder:554 ${NOON} --bytes 999kB --packet-size 1001`, 'blocked[over-volume]'],
  ['alice recorder/ssh', 'blocked[not-logged-on]'],
  ['alice recorder/ssh --logon person', 'permitted'],
  ['alice recorder/ssh --logon person=15min', 'permitted'],
  ['alice recorder/ssh --logon person=901s', 'blocked[session-expired]'],
  ['alice recorder/ssh --logon device=1s', 'blocked[not-logged-on]'],
  ['recorder plc:502 --operation "modbus 1/3"', 'permitted'],
  ['recorder plc:502 --operation "modbus 1/5"', 'blocked[wrong-operation]'],
  ['recorder plc:502 --application modbus', 'permitted'],
  ['recorder plc:502 --application tls', 'blocked[wrong-application]'],
  ['plc recorder:554 --at 2026-01-01T23:59:59', 'permitted'],
  ['plc recorder:554 --at 2026-01-02', 'blocked[no-rule]'],
  ['camera internet:443', 'blocked[guardrail]'],
  ['camera example.com:443', 'blocked[guardrail]'],
  ['camera recorder/video --protocol udp', 'blocked[no-rule]'],
];

describe('picket why', () => {
  test.each(ANSWERS)('%s: %s', async (line, verdict) => {
    const { exit, out } = await why(line);
    expect(exit).toBe(0);
    expect(out.split(': ')[0]).toBe(verdict);
  });

  test.each([
    ['2026-03-02T05:00', '2026-03-02 06:00:00'],
    ['2026-03-02T22:00', '2026-03-03 06:00:00'],
    ['2026-03-06T22:00', '2026-03-09 06:00:00'],
    ['2026-03-28T12:00', '2026-03-30 06:00:00'],
  ])('at %s names the next opening, %s, in the zone of the policy', async (at, next) => {
    expect((await why(`camera recorder:554 --at ${at}`)).out).toContain(`hours open at ${next} Europe/Berlin`);
  });

  test('one byte too many is shown as such', async () => {
    const { out } = await why(`camera recorder:554 ${NOON} --bytes 1MB --packet-size 1`);
    expect(out).toContain('1,000,001 B, limit 1,000,000 B');
  });

  test('every line holds 80 columns', async () => {
    for (const line of (await why(`camera recorder:554 ${NOON}`)).out.split('\n'))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each([
    '--logon person=soon',
    '--logon person=-1min',
    '--logon nobody',
    '--bytes 1e3',
    '--packet-size -5',
    '--at tomorrow',
    '--at 2026-02-30',
    '--protocol 256',
  ])('cannot understand %s', async (flags) => {
    expect(await why(`camera recorder:554 ${flags}`)).toMatchObject({ exit: 2, out: '' });
  });
});

describe('picket policy test', () => {
  const run = (policy: string): ReturnType<World['run']> =>
    new World().put('p.yaml', policy).run('policy', 'test', 'p.yaml');

  test('says what came and whether it is wanted', async () => {
    const { exit, out } = await run(POLICY);
    expect(exit).toBe(0);
    expect(out).toContain('permitted, as you want (rule stream)');
    expect(out).toContain('blocked, as you want (outside-hours)');
    expect(out).toContain('p.yaml: 2 of 2 tests hold');
  });

  test('ends with 4 when one fails', async () => {
    const { exit, out } = await run(`${POLICY}  - camera may use recorder ssh\n`);
    expect(exit).toBe(4);
    expect(out).toMatch(
      /FAIL {2}p\.yaml:\d+: camera may use recorder ssh: blocked \(no-rule\), but you want it permitted/,
    );
  });
});

describe('completion of an end', () => {
  const complete = async (...words: string[]): Promise<readonly string[]> =>
    (
      await new World()
        .put('p.yaml', POLICY)
        .put('bad.yaml', 'rules: 7')
        .run('__complete', 'why', ...words)
    ).out
      .trim()
      .split('\n');

  test.each([
    [['--policy', 'p.yaml', 'cam'], ['camera']],
    [['-p', 'p.yaml', 'camera', 'rec'], ['recorder']],
    [
      ['--policy=p.yaml', 'camera', 'recorder/'],
      ['recorder/video', 'recorder/ssh'],
    ],
    [['--policy', 'p.yaml', 'camera', 'recorder/s'], ['recorder/ssh']],
    [['--policy', 'bad.yaml', 'cam'], ['']],
    [['--policy', 'absent.yaml', 'cam'], ['']],
    [['cam'], ['']],
  ])('%j', async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });
});
