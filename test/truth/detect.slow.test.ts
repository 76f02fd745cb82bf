// The detectors on the shared captures: what is found in attacks, and how seldom ordinary traffic is taken for one.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '#detect';
import { DAY, HOUR, type Instant, MINUTE } from '#model';
import { type Watched, watch } from './detect-support.ts';
import { CAPTURES, hasData, NEEDED } from './learn-support.ts';

function filesOf(folder: string, kind: RegExp): readonly string[] {
  const all = readdirSync(join(CAPTURES, folder), { recursive: true, encoding: 'utf8' });
  return all
    .filter((name) => kind.test(name))
    .sort()
    .map((name) => join(folder, name));
}

const texts = ({ cases }: Watched): readonly string[] =>
  cases.map(({ kind, subject, severity }) => `${severity} ${kind} ${subject}`);

const PACKETS = /\.(pcap|pcapng)(\.gz)?$/;
const LOGS = /conn.*\.log(\.gz)?$/;

describe.skipIf(!hasData)(`scans${NEEDED}`, () => {
  test.each([
    ['attack/synscan.pcap', ['alarm scan 172.16.0.8']],
    ['attack/test12-icmp-portscan.pcap', ['alarm scan 192.168.1.109']],
    ['attack/test7-malicious.pcap', ['alarm scan 192.168.2.16']],
    ['zeek-scan/horizontal-conn.log', ['alarm scan 10.0.2.112']],
  ])('%s', (path, found) => {
    expect(texts(watch(path))).toEqual(found);
  });

  test.each([
    ['iot-setup', PACKETS, 189],
    ['iot-week', PACKETS, 4],
    ['ics', PACKETS, 27],
    ['ics-modbus', PACKETS, 3],
    ['edge', PACKETS, 60],
    ['iot23', /labeled\.csv\.gz$/, 4],
    ['zeek-apt29-day1', LOGS, 2],
    ['zeek-slips-mixed9', LOGS, 1],
  ])('none in %s', (folder, kind, filesMin) => {
    const files = filesOf(folder, kind);
    expect(files.length).toBeGreaterThanOrEqual(filesMin);
    const found = files.flatMap((path) => texts(watch(path)).map((text) => `${path}: ${text}`));
    expect(found).toEqual([]);
  });

  test('in app one, where a recording has one direction only, and nobody is isolated for it', () => {
    const found = filesOf('app', PACKETS).flatMap((path) => watch(path).cases);
    expect(found.map(({ kind, isWorthQuarantine }) => [kind, isWorthQuarantine])).toEqual([['scan', false]]);
  });

  test('of a server that the internet scans for two days are a note in a few hours', () => {
    const own = '64.225.56.201';
    const found = filesOf('zeek-3day', LOGS).flatMap((path) => watch(path, { own }).cases);
    expect(found.length).toBeLessThanOrEqual(4);
    for (const one of found)
      expect(one).toMatchObject({ subject: 'internet', severity: 'note', isWorthQuarantine: false });
  });
});

describe.skipIf(!hasData)(`silence${NEEDED}`, () => {
  const week = hasData ? filesOf('iot-week', PACKETS) : [];
  const DEVICES = /^192\.168\.1\./;

  test.each(week)('%s: none in the last days after five were learned', (path) => {
    expect(texts(watch(path, { learningMicros: 5 * DAY }))).toEqual([]);
  });

  // The locks report every few minutes, with one outage of 46 min in the first and pauses of up to 58 min in the second.
  test.each([
    ['lockly-hub-01', 15 * MINUTE],
    ['schlage-lock-01', 2 * HOUR],
  ])('%s: told soon after it dies in the middle of the sixth day', (name, soon) => {
    const { silence, died } = dying(`iot-week/${name}.pcap.gz`);
    expect(silence?.evidence).toMatch(/has sent nothing for .*; its longest usual pause in 5\.\d days was/);
    expect((silence?.began ?? 0) - died).toBeLessThan(soon);
  });

  // The cameras sleep for up to 45 hours until somebody calls them: their silence means nothing.
  test.each(['blink-cam-01', 'blink-cam-02'])('%s: has no rhythm that could be missed', (name) => {
    expect(dying(`iot-week/${name}.pcap.gz`).silence).toBeUndefined();
  });

  function dying(path: string): { readonly silence: Finding | undefined; readonly died: Instant } {
    let died: Instant = -1;
    const { cases } = watch(path, {
      learningMicros: 5 * DAY,
      isMuted: ({ at }, source) => {
        if (died < 0) died = at + 5.5 * DAY;
        return DEVICES.test(source) && at > died;
      },
    });
    return { silence: cases.find(({ kind }) => kind === 'silence'), died };
  }
});
