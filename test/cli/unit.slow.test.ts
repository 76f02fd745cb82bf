// The systemd unit: well formed, and the agent works with exactly the rights that it grants.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const UNIT = fileURLToPath(new URL('../../packaging/systemd/picket.service', import.meta.url));
const PICKET = fileURLToPath(new URL('../../picket', import.meta.url));
const HOST = `pku${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'picket-unit-'));
const PLACE = ['--socket', join(folder, 'run', 'agent.sock')];
const WHERE = [...PLACE, '--state', join(folder, 'state')];

/** What `systemd-analyze security` may say at most, of 10; a unit without any hardening has 9.6. */
const EXPOSURE_MAX = 3.1;

function run(...[program = '', ...words]: string[]): { exit: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', timeout: 120_000 });
  return { exit: status, out: `${stdout}${stderr}` };
}

const picket = (...words: string[]): { exit: number | null; out: string } =>
  run('ip', 'netns', 'exec', HOST, PICKET, ...words);

function missing(): string {
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of ['nft', 'conntrack', 'tcpdump', 'ip', 'setpriv'])
    if (run('sh', '-c', `command -v ${tool}`).exit !== 0) return `no ${tool}`;
  return run('unshare', '-n', 'nft', 'list', 'ruleset').exit === 0 ? '' : 'no nft or no network namespaces';
}

const noSystemd = run('systemd-analyze', '--version').exit === 0 ? '' : 'no systemd-analyze';

describe.skipIf(noSystemd !== '')(`picket.service${noSystemd === '' ? '' : ` (${noSystemd})`}`, () => {
  test('is well formed', () => {
    const { out } = run('systemd-analyze', 'verify', UNIT);
    // Where Node lies elsewhere its absence is told, and nothing else.
    expect(out.split('\n').filter((line) => line !== '' && !/not executable/.test(line))).toEqual([]);
  });

  test('is exposed little', () => {
    const { out } = run('systemd-analyze', 'security', '--offline=yes', '--no-pager', UNIT);
    const exposure = Number(/exposure level for picket\.service: ([\d.]+)/.exec(out)?.[1] ?? Number.NaN);
    expect(exposure).toBeLessThanOrEqual(EXPOSURE_MAX);
  });
});

const why = missing();

describe.skipIf(why !== '')(`an agent with the rights of the unit${why === '' ? '' : ` (${why})`}`, () => {
  let agent: ChildProcess | null = null;

  beforeAll(() => {
    expect(run(PICKET, 'version').exit).toBe(0);
    run('ip', 'netns', 'add', HOST);
    run('ip', '-n', HOST, 'link', 'set', 'lo', 'up');
    const words = ['agent', 'run', ...WHERE];
    agent = spawn('ip', ['netns', 'exec', HOST, ...rights(), process.execPath, PICKET, ...words], { stdio: 'ignore' });
  }, 180_000);

  afterAll(() => {
    picket('down', '--purge', '--yes', ...WHERE);
    agent?.kill('SIGKILL');
    run('ip', 'netns', 'del', HOST);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  test('holds its table, observes, and lacks nothing', () => {
    expect(picket('agent', 'wait', ...PLACE).exit).toBe(0);
    const status = JSON.parse(picket('status', '--json', ...PLACE).out);
    expect(status.table.isUp).toBe(true);
    expect(status.health).toEqual([]);
    expect(status.losses.restarts).toBe(0);
  }, 180_000);

  test('ends when told, with its children, and leaves the table', async () => {
    const ended = new Promise((resolve) => agent?.once('exit', resolve));
    expect(picket('agent', 'stop', '--yes', ...PLACE).exit).toBe(0);
    expect(await ended).toBe(0);
    expect(run('ip', 'netns', 'exec', HOST, 'nft', 'list', 'tables').out).toContain('inet picket');
    expect(run('ip', 'netns', 'pids', HOST).out.trim()).toBe('');
  }, 180_000);
});

/** The words that leave a process the capabilities of the unit and no others. */
function rights(): readonly string[] {
  const line = /^CapabilityBoundingSet=(.*)$/m.exec(readFileSync(UNIT, 'utf8'))?.[1] ?? '';
  const capabilities = line.split(' ').map((name) => `+${name.replace('CAP_', '').toLowerCase()}`);
  return ['setpriv', `--bounding-set=-all,${capabilities.join(',')}`, '--inh-caps=-all', '--no-new-privs'];
}
