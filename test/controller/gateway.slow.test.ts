// A controller and a gateway that joined it, end to end: real processes, a real kernel, real packets between two hosts behind the gateway. What is applied at the
// controller is what packets meet, also when the controller is gone.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '#routes';
import { addApiToken } from '#store';
import { missingTools } from '../agent/process.testing.ts';
import { authorityOf, DOMAIN, person, seeded, temporary, until } from './controller.testing.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const missing = missingTools();
const folder = temporary();
const [gateway, near, far] = ['g', 'a', 'b'].map((one) => `pc${process.pid}${one}`) as [string, string, string];
const data = join(folder.path, 'controller');
const state = join(folder.path, 'agent');
const socket = join(state, 'agent.sock');
const children = new Set<ChildProcess>();
/** A loaded machine of two cores takes its time. */
const MS_MAX = 120_000;

const POLICY = `picket: 1
elements:
  a: { kind: device, address: 10.0.1.2, mode: enforce }
  b: { kind: server, address: 10.0.2.2, mode: enforce }
services:
  web: { on: b, protocol: tcp, port: 8080 }
rules:
  a-web: { from: a, to: web }
`;

function ip(...words: readonly string[]): void {
  execFileSync('ip', [...words], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** `picket` on the gateway; its output, or the failure with what it said. */
function picket(words: readonly string[], input = ''): string {
  const env = { ...process.env, HOME: folder.path, XDG_CONFIG_HOME: folder.path, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', gateway, join(ROOT, 'picket'), ...words], {
    encoding: 'utf8',
    env,
    input,
    timeout: MS_MAX,
  });
  if (status !== 0) throw new Error(`picket ${words.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

const local = ['--state', state, '--socket', socket];
const listens = ['--listen', '127.0.0.1:7443', '--agents', '127.0.0.1:7444', '--name', 'localhost'];

/** Whether the near host gets a page from the far one. */
function isServed(port: number): boolean {
  const words = ['netns', 'exec', near, 'curl', '-s', '-o', '/dev/null', '-m', '2', `http://10.0.2.2:${port}/`];
  return spawnSync('ip', words).status === 0;
}

/** Puts an element in quarantine, or lets it out, over the API from the gateway itself. */
function quarantine(method: 'PUT' | 'DELETE', token: string): void {
  const words = ['-s', '--fail', '--cacert', join(folder.path, 'ca.pem'), '-X', method];
  if (method === 'PUT') words.push('-H', 'content-type: application/json', '-d', '{"reason":"test"}');
  words.push('-H', `authorization: Bearer ${token}`, `https://localhost:7443/v1/domains/${DOMAIN}/quarantines/a`);
  execFileSync('ip', ['netns', 'exec', gateway, 'curl', ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function tokenOfAnOwner(): Promise<string> {
  const token = `pkt_${randomBytes(32).toString('base64url')}`;
  await seeded(data, async (store) => {
    await person(store, 'ada', 'owner');
    await addApiToken(store.db, {
      id: 'token',
      hash: createHash('sha256').update(token).digest('base64url'),
      user: 'ada',
      name: 'test',
      scopes: JSON.stringify(SCOPES),
      roles: JSON.stringify({ [DOMAIN]: 'owner' }),
      made_at: Date.now(),
      ends_at: Date.now() + 3_600_000,
      used_at: null,
    });
  });
  return token;
}

function makeSite(): void {
  for (const name of [gateway, near, far]) {
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  for (const [name, device, subnet] of [
    [near, 'ga', '10.0.1'],
    [far, 'gb', '10.0.2'],
  ] as const) {
    ip('link', 'add', device, 'netns', gateway, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('-n', gateway, 'addr', 'add', `${subnet}.1/24`, 'dev', device);
    ip('-n', name, 'addr', 'add', `${subnet}.2/24`, 'dev', 'eth0');
    ip('-n', gateway, 'link', 'set', device, 'up');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', `${subnet}.1`);
  }
  ip('netns', 'exec', gateway, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  for (const port of ['8080', '8081'])
    children.add(spawn('ip', ['netns', 'exec', far, 'python3', '-m', 'http.server', port], { stdio: 'ignore' }));
}

describe.skipIf(missing !== '')(`a gateway of a domain${missing === '' ? '' : ` (${missing})`}`, () => {
  let token = '';

  beforeAll(async () => {
    token = await tokenOfAnOwner();
    makeSite();
    picket(['controller', 'up', '--data', data, '--domain', DOMAIN, ...listens]);
    writeFileSync(join(folder.path, 'ca.pem'), authorityOf(data) ?? '');
    picket(['login', 'https://localhost:7443', '--token', '--ca', join(folder.path, 'ca.pem')], `${token}\n`);
    picket(['up', ...local]);
  }, 4 * MS_MAX);

  afterAll(() => {
    for (const words of [
      ['down', '--purge', '--yes', ...local],
      ['controller', 'down', '--data', data],
    ]) {
      try {
        picket(words);
      } catch {}
    }
    for (const child of children) child.kill('SIGKILL');
    for (const name of [gateway, near, far]) {
      const pids = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout.split('\n');
      for (const pid of pids) if (/^\d+$/.test(pid)) process.kill(Number(pid), 'SIGKILL');
      spawnSync('ip', ['netns', 'del', name]);
    }
    folder.remove();
  }, 2 * MS_MAX);

  it(
    'joins by a link that is good once',
    async () => {
      const { link } = JSON.parse(picket(['tokens', 'enrol', 'gateway/north', '--json']));
      picket(['join', link, '--yes', ...local]);
      await until('the agent has the policy', () => picket(['agents', 'ls']).includes('1 of 1 have'), MS_MAX);
      expect(() => picket(['join', link, '--yes', ...local])).toThrow('PICKET-C651');
      await until('both ports are served', () => isServed(8_080) && isServed(8_081), MS_MAX);
    },
    2 * MS_MAX,
  );

  it(
    'what is applied at the controller is what packets meet',
    async () => {
      const file = join(folder.path, 'policy.yaml');
      writeFileSync(file, POLICY);
      const said = picket([
        'policy',
        'ci',
        file,
        '--against',
        'context',
        '--apply',
        '--confirm',
        'none',
        '--why',
        'test',
      ]);
      expect(said).toContain('gateway/north: applied');
      expect([isServed(8_080), isServed(8_081)]).toEqual([true, false]);
      const other = join(folder.path, 'other.yaml');
      writeFileSync(other, POLICY.replace('port: 8080', 'port: 8081'));
      expect(() =>
        picket(['policy', 'apply', other, '--on', 'local', '--yes', '--confirm', 'none', ...local.slice(2)]),
      ).toThrow('PICKET-C659');
      expect([isServed(8_080), isServed(8_081)]).toEqual([true, false]);
    },
    2 * MS_MAX,
  );

  it(
    'a quarantine cuts at once, and its end lets through again',
    async () => {
      quarantine('PUT', token);
      await until('the element is cut off', () => !isServed(8_080), MS_MAX);
      quarantine('DELETE', token);
      await until('it is let through again', () => isServed(8_080), MS_MAX);
      expect(isServed(8_081)).toBe(false);
    },
    2 * MS_MAX,
  );

  it(
    'without a controller, and after the agent was killed and began again, the last policy holds',
    async () => {
      picket(['controller', 'down', '--data', data]);
      const { pid } = JSON.parse(picket(['status', '--json', '--socket', socket]));
      process.kill(pid, 'SIGKILL');
      expect(isServed(8_081)).toBe(false);
      picket(['up', ...local]);
      expect([isServed(8_080), isServed(8_081)]).toEqual([true, false]);
    },
    3 * MS_MAX,
  );

  it(
    'a policy that is carried in a file is what packets meet, and an old one is refused',
    async () => {
      const [before, after, other] = ['before.signed', 'after.signed', 'other.yaml'].map((name) =>
        join(folder.path, name),
      );
      if (before === undefined || after === undefined || other === undefined) throw new Error('three paths');
      picket(['agent', 'stop', '--yes', '--socket', socket]);
      picket(['controller', 'up', '--data', data, '--domain', DOMAIN, ...listens]);
      picket(['policy', 'export', '-o', before]);
      // Ends with 8: the agent is away.
      expect(() => picket(['policy', 'apply', other, '--yes', '--confirm', 'none'])).toThrow('ended with 8');
      picket(['policy', 'export', '-o', after]);
      picket(['controller', 'down', '--data', data]);
      picket(['up', ...local]);
      expect([isServed(8_080), isServed(8_081)]).toEqual([true, false]);
      expect(picket(['policy', 'import', after, '--yes', '--socket', socket])).toContain('is in force');
      expect([isServed(8_080), isServed(8_081)]).toEqual([false, true]);
      for (const file of [before, other])
        expect(() => picket(['policy', 'import', file, '--yes', '--socket', socket])).toThrow('ended with 7');
      expect([isServed(8_080), isServed(8_081)]).toEqual([false, true]);
    },
    3 * MS_MAX,
  );
});
