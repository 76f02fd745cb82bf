// The real ./picket with a real agent in a network namespace, a client in another, and a real server: from `up` to `down --purge`.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PICKET = fileURLToPath(new URL('../../picket', import.meta.url));
const HOST = `pkh${process.pid}`;
const CLIENT = `pkc${process.pid}`;
const SERVER_ADDRESS = '10.77.1.1';
const CLIENT_ADDRESS = '10.77.1.2';
const folder = mkdtempSync(join(tmpdir(), 'picket-host-'));
const state = join(folder, 'state');
const socket = join(folder, 'run', 'agent.sock');
const PLACE = ['--socket', socket];
const WHERE = [...PLACE, '--state', state];
const children: ChildProcess[] = [];

interface Ended {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

function run(words: readonly string[], env: NodeJS.ProcessEnv = process.env): Ended {
  const [program = '', ...rest] = words;
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8', env, timeout: 120_000 });
  return { exit: status, out: stdout, err: stderr };
}

const inHost = (...words: string[]): Ended => run(['ip', 'netns', 'exec', HOST, ...words]);
const picket = (...words: string[]): Ended => inHost(PICKET, ...words);
/** A session of its own, as a second login has. */
const inNewSession = (...words: string[]): Ended => inHost('setsid', '-w', PICKET, ...words);

/** Whether the client gets an answer from the server. */
function reaches(port = 8080): boolean {
  const url = `http://${SERVER_ADDRESS}:${port}/`;
  return run(['ip', 'netns', 'exec', CLIENT, 'curl', '-s', '-m', '3', '-o', '/dev/null', url]).exit === 0;
}

/** What runs out by itself differs from one look to the next. */
function withoutTimes(ruleset: string): string {
  return ruleset
    .split('\n')
    .filter((line) => !line.includes(' expires '))
    .join('\n');
}

function settings(): string {
  const names = ['nf_conntrack_acct', 'nf_conntrack_timestamp', 'nf_conntrack_events', 'nf_conntrack_tcp_loose'];
  return (
    withoutTimes(inHost('nft', 'list', 'ruleset').out) +
    inHost('sysctl', ...names.map((name) => `net.netfilter.${name}`)).out
  );
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const began = Date.now(); Date.now() - began < 60_000; ) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`in a minute it did not come to this: ${what}`);
}

function missing(): string {
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of ['nft', 'conntrack', 'tcpdump', 'ip', 'curl', 'python3', 'setsid', 'setpriv'])
    if (run(['sh', '-c', `command -v ${tool}`]).exit !== 0) return `no ${tool}`;
  return run(['unshare', '-n', 'nft', 'list', 'ruleset']).exit === 0 ? '' : 'no nft or no network namespaces';
}

const why = missing();
let before = '';

describe.skipIf(why !== '')(`the commands of a gateway, with a real agent${why === '' ? '' : ` (${why})`}`, () => {
  beforeAll(async () => {
    expect(run([PICKET, 'version']).exit).toBe(0);
    for (const name of [HOST, CLIENT]) {
      run(['ip', 'netns', 'add', name]);
      run(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
    }
    run(['ip', 'link', 'add', 'h0', 'netns', HOST, 'type', 'veth', 'peer', 'name', 'c0', 'netns', CLIENT]);
    run(['ip', '-n', HOST, 'address', 'add', `${SERVER_ADDRESS}/24`, 'dev', 'h0']);
    run(['ip', '-n', CLIENT, 'address', 'add', `${CLIENT_ADDRESS}/24`, 'dev', 'c0']);
    run(['ip', '-n', HOST, 'link', 'set', 'h0', 'up']);
    run(['ip', '-n', CLIENT, 'link', 'set', 'c0', 'up']);
    children.push(
      spawn('ip', ['netns', 'exec', HOST, 'python3', '-m', 'http.server', '8080', '--directory', folder], {
        stdio: 'ignore',
      }),
    );
    await until('the server answers', () => reaches());
    before = settings();
  }, 180_000);

  afterAll(() => {
    picket('down', '--purge', '--yes', ...WHERE);
    for (const child of children) child.kill('SIGKILL');
    for (const name of [HOST, CLIENT]) run(['ip', 'netns', 'del', name]);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  test('doctor finds that a gateway can begin, and changes nothing', () => {
    const { exit, out } = picket('doctor', ...WHERE);
    expect(out).toMatch(/^ok {4}kernel .*a table with every limit loads$/m);
    expect(out).toContain('agent            does not run [PICKET-D015]');
    expect(exit).toBe(0);
    expect(settings()).toBe(before);
  }, 120_000);

  test('without root, up says so, and nothing is begun', () => {
    const bare = ['setpriv', '--reuid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'];
    const { exit, err } = inHost(...bare, process.execPath, PICKET, 'up', ...WHERE);
    // A checkout below a folder of root's cannot be entered by somebody else: then there is nothing to run.
    if (/Cannot find module|EACCES/.test(err)) return;
    expect({ exit, err }).toMatchObject({ exit: 1, err: expect.stringContaining('PICKET-D002') });
    expect(existsSync(state)).toBe(false);
  }, 120_000);

  test.each([
    ['nft', null, 'PICKET-D003'],
    ['nft', 'nftables v1.0.2 (Lester Gooch)', 'PICKET-D004'],
    ['conntrack', null, 'PICKET-D007'],
    ['tcpdump', null, 'PICKET-D007'],
  ])(
    'with %s being %j, up refuses with %s and nothing is changed',
    (tool, says, code) => {
      const path = pathWithout(tool, says);
      const { exit, err } = run(['/usr/bin/env', `PATH=${path}`, process.execPath, PICKET, 'up', ...WHERE]);
      expect(err).toContain(code);
      expect(err).toContain('nothing was changed');
      expect(exit).toBe(1);
      expect(existsSync(state)).toBe(false);
    },
    120_000,
  );

  test('beside a user of marks, up refuses with the line that it found', () => {
    inHost('nft', 'add table ip vpn; add chain ip vpn c; add rule ip vpn c ct mark set 7');
    const { exit, err } = picket('up', ...WHERE);
    inHost('nft', 'delete table ip vpn');
    expect(err).toContain('PICKET-D008');
    expect(err).toContain('table ip vpn');
    expect(exit).toBe(1);
    expect(settings()).toBe(before);
  }, 120_000);

  test('up observes, shows this host and blocks nothing', () => {
    const { exit, out, err } = picket('up', ...WHERE);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain('Nothing is blocked.');
    expect(out).toMatch(/python3 +here +8080\/tcp/);
    expect(out).toContain('picket protect 8080/tcp');
    expect(reaches()).toBe(true);
  }, 120_000);

  test('up again starts nothing', () => {
    const pid = JSON.parse(picket('status', '--json', ...PLACE).out).pid;
    const { exit, out } = picket('up', ...WHERE);
    expect(exit).toBe(0);
    expect(out).toContain('Running already.');
    expect(JSON.parse(picket('status', '--json', ...PLACE).out).pid).toBe(pid);
  }, 120_000);

  test('a second agent with the same state is refused', () => {
    const { exit, err } = picket('agent', 'run', '--state', state, '--socket', join(folder, 'other', 'agent.sock'));
    expect(exit).toBe(7);
    expect(err).toContain('PICKET-G024');
  }, 120_000);

  test('status, flows and the inbox show the client', async () => {
    await until('the client is a peer', () => {
      reaches();
      return picket('status', ...PLACE).out.includes(CLIENT_ADDRESS);
    });
    const flows = JSON.parse(picket('flows', '--format', 'json', ...PLACE).out);
    expect(flows.schema).toBe('picket.live-flows/v1');
    expect(flows.flows.some((flow: { from: { address: string } }) => flow.from.address === CLIENT_ADDRESS)).toBe(true);
    await until('the client is in the inbox', () =>
      picket('elements', 'ls', '--new', ...PLACE).out.includes(CLIENT_ADDRESS),
    );
  }, 180_000);

  test('flows are followed as they happen', async () => {
    const follower = spawn('ip', ['netns', 'exec', HOST, PICKET, 'flows', '-f', '--from', CLIENT_ADDRESS, ...PLACE]);
    children.push(follower);
    let text = '';
    follower.stdout.on('data', (data: Buffer) => {
      text += data.toString();
    });
    await until('a flow of the client is told', () => {
      reaches();
      return text.includes(`${CLIENT_ADDRESS}:`);
    });
    const ended = new Promise((resolve) => follower.once('exit', resolve));
    follower.kill('SIGINT');
    expect(await ended).toBe(130);
  }, 120_000);

  test('protect is planned, refused without a yes, applied, and taken back', async () => {
    expect(picket('protect', '8080', '--allow', 'nobody', '--dry-run', ...PLACE)).toMatchObject({ exit: 0 });
    expect(picket('protect', '8080', '--allow', 'nobody', ...PLACE)).toMatchObject({ exit: 7 });
    expect(reaches()).toBe(true);
    const { exit, out, err } = picket('protect', '8080', '--allow', 'nobody', '--yes', ...PLACE);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain('It reverts by itself in');
    expect(reaches()).toBe(false);
    await until('the denial is shown', () => picket('verdicts', ...PLACE).out.includes(CLIENT_ADDRESS));
    expect(picket('rollback-of-nothing', ...PLACE).exit).toBe(2);
    expect(picket('policy', 'rollback', '--yes', ...PLACE)).toMatchObject({ exit: 0 });
    expect(reaches()).toBe(true);
  }, 180_000);

  test('a change is kept from a new session, and from that alone', () => {
    expect(picket('protect', '8080', '--allow', CLIENT_ADDRESS, '--yes', ...PLACE)).toMatchObject({ exit: 0 });
    expect(picket('policy', 'confirm', ...PLACE)).toMatchObject({ exit: 5 });
    expect(inNewSession('policy', 'confirm', ...PLACE)).toMatchObject({ exit: 0 });
    expect(reaches()).toBe(true);
    expect(picket('policy', 'history', ...PLACE).out).toMatch(/in force/);
    const live = picket('why', CLIENT_ADDRESS, `${SERVER_ADDRESS}:8080`, '--live', ...PLACE);
    expect(live.out).toMatch(/^permitted/);
    expect(live.exit).toBe(0);
  }, 180_000);

  test('a policy with an error is shown in its lines and changes nothing', () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'picket: 1\nrules:\n  a: { from: any, to: { on: nobody, protocol: tcp } }\n');
    const revision = JSON.parse(picket('policy', 'show', '--json', ...PLACE).out).policy.revision;
    const { exit, err } = picket('policy', 'apply', file, '--yes', ...PLACE);
    expect(exit).toBe(4);
    expect(err).toContain('bad.yaml:3:');
    expect(JSON.parse(picket('policy', 'show', '--json', ...PLACE).out).policy.revision).toBe(revision);
  }, 120_000);

  test('a policy that is too large for the kernel is refused whole, and nothing is half there', () => {
    const file = join(folder, 'large.yaml');
    const elements = Array.from(
      { length: 4_100 },
      (_, at) => `  e${at}: { kind: device, address: 10.${at >> 6}.${(at & 63) * 4}.0/24 }\n`,
    );
    writeFileSync(
      file,
      `picket: 1\nelements:\n${elements.join('')}rules:\n  r: { from: any, to: { on: e1, protocol: tcp, port: 80 } }\n`,
    );
    const kernel = settings();
    const { exit, err } = picket('policy', 'apply', file, '--yes', ...PLACE);
    expect({ exit, err }).toMatchObject({ exit: 1, err: expect.stringContaining('error[PICKET-G002]') });
    expect(settings()).toBe(kernel);
    expect(picket('status', ...PLACE).exit).toBe(0);
  }, 180_000);

  test('undo brings back what was', () => {
    expect(picket('undo', '--yes', '--confirm', 'none', ...PLACE)).toMatchObject({ exit: 0 });
    expect(picket('policy', 'show', ...PLACE).out).not.toContain(CLIENT_ADDRESS);
  }, 120_000);

  test('doctor sees the agent, its table, and an agent that was killed', async () => {
    expect(picket('doctor', ...WHERE).out).toMatch(/^ok {4}table /m);
    const { pid } = JSON.parse(picket('status', '--json', ...PLACE).out);
    process.kill(pid, 'SIGKILL');
    await until('it is gone', () => picket('status', ...PLACE).exit === 6);
    expect(picket('doctor', ...WHERE).out).toContain('PICKET-D016');
  }, 180_000);

  test('down --purge after a kill leaves rules, settings and disk as they were', () => {
    expect(picket('down', ...WHERE)).toMatchObject({ exit: 7 });
    expect(picket('down', '--purge', '--yes', ...WHERE)).toMatchObject({ exit: 0 });
    expect(settings()).toBe(before);
    expect(existsSync(state)).toBe(false);
    expect(picket('down', '--yes', ...WHERE).out).toContain('Nothing is up');
  }, 180_000);

  test('in the foreground it holds until it is told to end', async () => {
    const up = spawn('ip', ['netns', 'exec', HOST, PICKET, 'up', '--foreground', ...WHERE]);
    children.push(up);
    await until('it answers', () => picket('status', ...PLACE).exit === 0);
    const ended = new Promise((resolve) => up.once('exit', resolve));
    up.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(inHost('nft', 'list', 'tables').out).toContain('inet picket');
    expect(picket('down', '--purge', '--yes', ...WHERE)).toMatchObject({ exit: 0 });
    expect(settings()).toBe(before);
  }, 180_000);
});

/** A search path with every program of the usual ones but for one, which is not there or says another version. */
function pathWithout(tool: string, says: string | null): string {
  const bin = mkdtempSync(join(folder, 'bin-'));
  mkdirSync(join(bin, 'own'));
  if (says !== null) writeFileSync(join(bin, 'own', tool), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
  for (const name of ['nft', 'conntrack', 'tcpdump', 'ip', 'unshare', 'sh', 'cat', 'flock', 'true']) {
    const found = run(['sh', '-c', `command -v ${name}`]).out.trim();
    if (name !== tool && found.startsWith('/')) symlinkSync(found, join(bin, 'own', name));
  }
  return join(bin, 'own');
}
