// `picket doctor`: what each trouble looks like, one line and the way out; the real kernel is in test/agent.

import { describe, expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';
import { machineOf, type Scene } from './machine.testing.ts';

const SOCKET = '/nowhere/agent.sock';

async function doctor(
  scene: Scene,
  words: readonly string[] = [],
): Promise<{ exit: number; out: string; err: string }> {
  const world = new World();
  world.machine = machineOf(scene);
  return world.run('doctor', '--socket', SOCKET, ...words);
}

async function checksOf(scene: Scene): Promise<ReadonlyMap<string, { state: string; found: string; code: string }>> {
  const { out } = await doctor(scene, ['--json']);
  const { checks } = JSON.parse(out);
  return new Map(checks.map((check: { name: string }) => [check.name, check]));
}

const without = (program: string): Scene => ({ programs: { [program]: { isFound: false, status: null } } });
const rights = (hex: string): Scene => ({ files: { '/proc/self/status': `CapEff:\t${hex}\n` } });
const state = (entry: object): Scene => ({ entries: { '/var/lib/picket': entry } });

describe('picket doctor', () => {
  test('finds nothing wrong where all is well, and says that no agent runs', async () => {
    const { exit, out, err } = await doctor({});
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).not.toMatch(/^fail/m);
    expect(out).toContain('warn  agent            does not run [PICKET-D015]');
    expect(out).toContain('1 warning, 0 failures. Nothing was changed.');
  });

  test.each<[what: string, scene: Scene, name: string, state: string, code: string]>([
    ['node 20.19.0', { nodeVersion: '20.19.0' }, 'node', 'ok', 'PICKET-D001'],
    ['node 20.18.9', { nodeVersion: '20.18.9' }, 'node', 'fail', 'PICKET-D001'],
    ['node 22.0.0', { nodeVersion: '22.0.0' }, 'node', 'ok', 'PICKET-D001'],
    ['node 18.20.0', { nodeVersion: '18.20.0' }, 'node', 'fail', 'PICKET-D001'],
    ['both capabilities', rights('0000000000003000'), 'rights', 'ok', 'PICKET-D002'],
    ['no CAP_NET_RAW', rights('0000000000001000'), 'rights', 'fail', 'PICKET-D002'],
    ['no CAP_NET_ADMIN', rights('0000000000002000'), 'rights', 'fail', 'PICKET-D002'],
    ['status that says nothing', { files: { '/proc/self/status': '' } }, 'rights', 'fail', 'PICKET-D002'],
    ['no nft', without('nft --version'), 'nft', 'fail', 'PICKET-D003'],
    ['nft 1.0.5', { programs: { 'nft --version': 'nftables v1.0.5 (Lester)' } }, 'nft', 'fail', 'PICKET-D004'],
    ['nft 0.9.8', { programs: { 'nft --version': 'nftables v0.9.8 (E.D.S.)' } }, 'nft', 'fail', 'PICKET-D004'],
    ['nft 1.0.10', { programs: { 'nft --version': 'nftables v1.0.10 (x)' } }, 'nft', 'ok', 'PICKET-D004'],
    ['nft 1.1.0', { programs: { 'nft --version': 'nftables v1.1.0 (x)' } }, 'nft', 'ok', 'PICKET-D004'],
    ['an nft that says no version', { programs: { 'nft --version': 'hello' } }, 'nft', 'fail', 'PICKET-D004'],
    ['no conntrack', without('conntrack --version'), 'conntrack', 'fail', 'PICKET-D007'],
    ['no tcpdump', without('tcpdump --version'), 'tcpdump', 'fail', 'PICKET-D007'],
    [
      'a broken tcpdump',
      { programs: { 'tcpdump --version': { status: 127, stderr: 'libpcap.so: no' } } },
      'tcpdump',
      'fail',
      'PICKET-D007',
    ],
    ['no ip', without('ip -V'), 'ip', 'fail', 'PICKET-D007'],
    ['no namespaces', { programs: { 'unshare -n': { status: 1 } } }, 'kernel', 'warn', 'PICKET-D006'],
    [
      'a kernel without nf_tables',
      { programs: { 'unshare -n nft -f -': { status: 1, stderr: 'Error: x' } } },
      'kernel',
      'fail',
      'PICKET-D005',
    ],
    [
      'marks in a table',
      { programs: { 'nft list ruleset': 'table ip vpn {\n chain c {\n ct mark set 1\n }\n}\n' } },
      'marks',
      'fail',
      'PICKET-D008',
    ],
    [
      'marks of its own',
      { programs: { 'nft list ruleset': 'table inet picket {\n ct mark set 1\n}\n' } },
      'marks',
      'ok',
      'PICKET-D008',
    ],
    [
      'marks in routing',
      { programs: { 'ip rule list': '99: from all fwmark 0x1 lookup 7\n' } },
      'marks',
      'fail',
      'PICKET-D008',
    ],
    [
      'marks in IPv6 routing',
      { programs: { 'ip -6 rule list': '99: from all fwmark 0x1 lookup 7\n' } },
      'marks',
      'fail',
      'PICKET-D008',
    ],
    ['rules that cannot be read', { programs: { 'nft list ruleset': { status: 1 } } }, 'marks', 'warn', 'PICKET-D008'],
    ['Docker by its process', { files: { '/proc/77/comm': 'dockerd\n' } }, 'firewalls', 'warn', 'PICKET-D009'],
    [
      'firewalld by its table',
      { programs: { 'nft list ruleset': 'table inet firewalld {\n}\n' } },
      'firewalls',
      'warn',
      'PICKET-D009',
    ],
    ['ufw by its file', { files: { '/etc/ufw/ufw.conf': '# x\nENABLED=yes\n' } }, 'firewalls', 'warn', 'PICKET-D009'],
    ['ufw that is off', { files: { '/etc/ufw/ufw.conf': 'ENABLED=no\n' } }, 'firewalls', 'ok', 'PICKET-D009'],
    ['a state directory of its own', state({}), 'state', 'ok', 'PICKET-D019'],
    ['a state directory of somebody', state({ uid: 1000 }), 'state', 'fail', 'PICKET-D019'],
    ['a state directory that others enter', state({ mode: 0o750 }), 'state', 'fail', 'PICKET-D019'],
    ['a file for a state directory', state({ kind: 'file' }), 'state', 'fail', 'PICKET-D019'],
    ['a disk with 63 MB', { freeBytes: 63_000_000 }, 'disk', 'fail', 'PICKET-D020'],
    ['a disk with 64 MB', { freeBytes: 64_000_000 }, 'disk', 'warn', 'PICKET-D020'],
    ['a disk with 1 GB', { freeBytes: 1_000_000_000 }, 'disk', 'ok', 'PICKET-D020'],
    ['a full table of connections', tracked(81, 100), 'connections', 'warn', 'PICKET-D012'],
    ['a table of connections at four fifths', tracked(80, 100), 'connections', 'ok', 'PICKET-D012'],
    [
      'a table without an agent',
      { programs: { 'nft list tables': 'table inet picket\n' } },
      'agent',
      'warn',
      'PICKET-D016',
    ],
  ])('%s', async (_, scene, name, expected, code) => {
    const check = (await checksOf(scene)).get(name);
    expect({ state: check?.state, code: check?.code }).toEqual({ state: expected, code });
  });

  test.each([
    [Date.UTC(1970, 0, 1), 'fail'],
    [Date.UTC(2025, 11, 31), 'fail'],
    [Date.UTC(2026, 0, 1), 'ok'],
    [Date.UTC(2100, 0, 1), 'ok'],
    [Date.UTC(2101, 0, 1), 'fail'],
  ])('the clock at %i: %s', async (millis, expected) => {
    const world = new World();
    world.machine = machineOf({});
    world.now = millis * 1_000;
    const { out } = await world.run('doctor', '--socket', SOCKET, '--json');
    const { checks } = JSON.parse(out);
    expect(checks.find(({ name }: { name: string }) => name === 'clock').state).toBe(expected);
  });

  test('the clock behind what was written', async () => {
    const later = (Date.UTC(2026, 2, 2, 12) + 2 * 3_600_000) * 1_000;
    const checks = await checksOf({ entries: { '/var/lib/picket/history': { modified: later } } });
    expect(checks.get('clock')).toMatchObject({ state: 'warn', code: 'PICKET-D013' });
  });

  test('exits 1 where a check fails, and tells the way out', async () => {
    const { exit, out } = await doctor(without('nft --version'));
    expect(exit).toBe(1);
    expect(out).toContain('fail  nft              there is no such program [PICKET-D003]');
    expect(out).toContain('help: apt-get install nftables');
  });

  test('what a table says never steers the terminal, and every line fits', async () => {
    const { out } = await doctor({
      programs: { 'nft list ruleset': `table ip x {\n ct mark set 1 comment "\u001b[2J${'a'.repeat(300)}"\n}\n` },
    });
    expect(out).not.toContain('\u001b');
  });

  test('every code it can give has a page', async () => {
    const world = new World();
    for (let number = 1; number <= 20; number++) {
      const code = `PICKET-D0${String(number).padStart(2, '0')}`;
      expect(await world.run('explain', code)).toMatchObject({ exit: 0 });
    }
  });
});

function tracked(count: number, max: number): Scene {
  const folder = '/proc/sys/net/netfilter/nf_conntrack';
  return { files: { [`${folder}_count`]: `${count}\n`, [`${folder}_max`]: `${max}\n` } };
}
