// Cuts single sessions in the kernel's connection tracking, whichever way their packets went and whether they are translated.

import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AddressTable, newObservation, PROTOCOL } from '#model';
import { SessionCutter } from './session-cutter.ts';

const SPACE = `pc${process.pid}`;
const inside = (...words: string[]): string =>
  execFileSync('ip', ['netns', 'exec', SPACE, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

function missing(): string {
  if (process.getuid?.() !== 0) return 'not root';
  if (spawnSync('sh', ['-c', 'command -v conntrack']).status !== 0) return 'no conntrack';
  return spawnSync('unshare', ['-n', 'nft', 'list', 'ruleset']).status === 0 ? '' : 'no network namespaces';
}

/** A session from 10.0.0.2:1000 that began toward `to` and is answered by 10.0.0.9:502. */
function track(to: string, port: number): void {
  const ends = ['-s', '10.0.0.2', '-d', to, '--sport', '1000', '--dport', String(port)];
  const answers = ['-r', '10.0.0.9', '-q', '10.0.0.2', '--reply-port-src', '502', '--reply-port-dst', '1000'];
  inside('conntrack', '-I', '-p', 'udp', '-t', '100', ...ends, ...answers);
}

const why = missing();

describe.skipIf(why !== '')(`a session${why === '' ? '' : ` (${why})`}`, () => {
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', SPACE]);
  });
  afterAll(() => {
    spawnSync('ip', ['netns', 'del', SPACE]);
  });

  it.each([
    ['as it began', '10.0.0.9', 502, false],
    ['whose packet is an answer', '10.0.0.9', 502, true],
    ['whose destination is translated', '192.0.2.1', 5020, false],
    ['whose destination is translated, by an answer', '192.0.2.1', 5020, true],
  ])('%s is cut, and its neighbour is not', async (_, to, port, isAnswer) => {
    inside('conntrack', '-F');
    track(to, port);
    inside(
      ...['conntrack', '-I', '-p', 'udp', '-t', '100', '-s', '10.0.0.3', '-d', to, '--sport', '1000'],
      ...['--dport', String(port), '-r', '10.0.0.9', '-q', '10.0.0.3', '--reply-port-src', '502'],
      ...['--reply-port-dst', '1000'],
    );
    const addresses = new AddressTable();
    const [client, server] = [addresses.intern('10.0.0.2'), addresses.intern('10.0.0.9')];
    const cutter = new SessionCutter({ prefix: ['ip', 'netns', 'exec', SPACE], log: () => {} }, addresses);
    const ends = isAnswer
      ? { source: server, destination: client, sourcePort: 502, destinationPort: 1_000 }
      : { source: client, destination: server, sourcePort: 1_000, destinationPort: 502 };
    expect(cutter.cut({ ...newObservation(), ...ends, protocol: PROTOCOL.udp })).toBe('session cut');
    const left = (): string[] =>
      inside('conntrack', '-L')
        .split('\n')
        .filter((line) => line !== '');
    await expect.poll(() => left().length, { timeout: 20_000 }).toBe(1);
    expect(left()[0]).toContain('src=10.0.0.3');
  });
});
