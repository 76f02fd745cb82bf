// One machine from nothing: `picket up --controller` gives a controller and an agent that belongs to it, and `picket down --purge` leaves nothing. Real processes in a
// network namespace. What the controller and the gateway do after that is told beside this file.

import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '#routes';
import { addApiToken, openStore } from '#store';
import { missingTools } from '../agent/process.testing.ts';
import { authorityOf, DOMAIN, person, temporary } from './controller.testing.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const missing = missingTools();
const folder = temporary();
const space = `pu${process.pid}`;
const state = join(folder.path, 'state');
const data = join(state, 'controller');
const local = ['--state', state, '--socket', join(state, 'run', 'agent.sock')];
const own = ['--controller', '--domain', DOMAIN, '--name', 'localhost', '--listen', '127.0.0.1:7443'];
/** A loaded machine of two cores takes its time. */
const MS_MAX = 120_000;

const POLICY = `picket: 1
elements:
  a: { kind: device, address: 10.0.1.2 }
  b: { kind: server, address: 10.0.2.2 }
services:
  web: { on: b, protocol: tcp, port: 8080 }
rules:
  a-web: { from: a, to: web }
`;

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function picket(words: readonly string[], { input = '', as = [] as readonly string[] } = {}): Said {
  const env = { ...process.env, HOME: folder.path, XDG_CONFIG_HOME: folder.path, NO_COLOR: '1' };
  const command = ['netns', 'exec', space, ...as, process.execPath, join(ROOT, 'dist/bin/picket.js'), ...words];
  return spawnSync('ip', command, { encoding: 'utf8', env, input, timeout: MS_MAX });
}

function done(words: readonly string[], input = ''): string {
  const { status, stdout, stderr } = picket(words, { input });
  if (status !== 0) throw new Error(`picket ${words.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Processes of the namespace. */
function pids(): readonly string[] {
  const { stdout } = spawnSync('ip', ['netns', 'pids', space], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => /^\d+$/.test(line));
}

function ruleset(): string {
  return spawnSync('ip', ['netns', 'exec', space, 'nft', 'list', 'ruleset'], { encoding: 'utf8' }).stdout;
}

/** A token of an owner, written into the store of a controller that is down. */
async function tokenOfAnOwner(): Promise<string> {
  const token = `pkt_${randomBytes(32).toString('base64url')}`;
  const store = await openStore({ file: join(data, 'picket.db'), url: null });
  try {
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
  } finally {
    await store.close();
  }
  return token;
}

describe.skipIf(missing !== '')(`picket up --controller${missing === '' ? '' : ` (${missing})`}`, () => {
  beforeAll(() => {
    // Builds what is older than its source.
    spawnSync(join(ROOT, 'picket'), ['version']);
    spawnSync('ip', ['netns', 'add', space]);
    spawnSync('ip', ['-n', space, 'link', 'set', 'lo', 'up']);
  }, MS_MAX);

  afterAll(() => {
    for (const pid of pids()) process.kill(Number(pid), 'SIGKILL');
    spawnSync('ip', ['netns', 'del', space]);
    folder.remove();
  });

  it(
    'starts nothing where it may not, or where a port is taken',
    () => {
      const user = ['setpriv', '--reuid=65534', '--clear-groups'];
      const unprivileged = picket(['up', ...own, ...local], { as: user });
      expect([unprivileged.status, pids()]).toEqual([1, []]);
      expect(unprivileged.stderr).toContain('nothing was changed');
      expect(picket(['up', '--domain', DOMAIN, ...local]).stderr).toContain('--controller');

      const held = join(folder.path, 'held.mjs');
      writeFileSync(
        held,
        `import { createServer } from 'node:net';
createServer().listen(7443, '127.0.0.1', () => {
  const [node, ...words] = process.argv.slice(2);
  import('node:child_process').then(({ spawn }) =>
    spawn(node, words, { stdio: 'inherit' }).on('exit', (status) => process.exit(status)));
});
`,
      );
      const taken = picket(['up', ...own, ...local], { as: [process.execPath, held] });
      expect([taken.status, pids(), ruleset()]).toEqual([1, [], '']);
      expect(taken.stderr).toContain('the address is in use by another program');
      expect(taken.stderr).toContain('PICKET-C809');
    },
    MS_MAX,
  );

  it(
    'gives a controller and an agent that belongs to it, and nothing is blocked',
    () => {
      const { schema, agent, controller, firstLink } = JSON.parse(done(['up', ...own, '--json', ...local]));
      expect(schema).toBe('picket.up/v1');
      expect(agent.domain).toMatchObject({ domain: DOMAIN, isConnected: true, inForce: 1, trouble: null });
      expect(agent.domain.id).toMatch(new RegExp(`^spiffe://${DOMAIN}/host/`));
      expect(agent.elements).toEqual({ observe: 0, protect: 0, enforce: 0 });
      expect(controller).toMatchObject({ url: 'https://localhost:7443', domains: [DOMAIN], health: 'well' });
      expect(firstLink).toMatch(/^https:\/\/localhost:7443\/login\/#/);
      expect(readdirSync(data)).not.toContain('own-join.json');
    },
    MS_MAX,
  );

  it(
    'starts nothing the second time, and the status shows both',
    () => {
      const before = pids();
      expect(done(['up', '--controller', ...local])).toContain('Running already.');
      expect(pids()).toEqual(before);
      const said = done(['status', ...local]);
      expect(said).toContain(`${DOMAIN}, revision 1; connected to`);
      expect(said).toContain('https://localhost:7443');
    },
    MS_MAX,
  );

  it(
    'begins the one that has ended, without a flag again; a policy of the controller reaches the agent',
    async () => {
      done(['controller', 'down', '--data', data]);
      const token = await tokenOfAnOwner();
      const { agent, firstLink } = JSON.parse(done(['up', '--controller', '--json', ...local]));
      expect([agent.domain.domain, firstLink]).toEqual([DOMAIN, null]);
      const [ca, file] = [join(folder.path, 'ca.pem'), join(folder.path, 'policy.yaml')];
      writeFileSync(ca, authorityOf(data) ?? '');
      writeFileSync(file, POLICY);
      done(['login', 'https://localhost:7443', '--token', '--ca', ca], `${token}\n`);
      const apply = ['policy', 'ci', file, '--against', 'context', '--apply', '--confirm', 'none', '--why', 'test'];
      expect(done(apply)).toMatch(/host\/[a-z0-9-]+: applied/);
      expect(JSON.parse(done(['status', '--json', ...local])).domain).toMatchObject({ inForce: 2 });
    },
    2 * MS_MAX,
  );

  it(
    'refuses another domain for what belongs to one, and takes nothing of what runs',
    () => {
      const before = pids();
      const other = picket(['up', '--controller', '--domain', 'other.example', ...local]);
      expect([other.status, pids()]).toEqual([7, before]);
      expect(other.stderr).toContain('PICKET-A008');
      expect(other.stderr).toContain(`takes its policy from "${DOMAIN}"`);
    },
    MS_MAX,
  );

  it(
    'ends both and begins both again; after a purge nothing is left',
    () => {
      done(['down', '--yes', ...local]);
      expect([pids(), ruleset()]).toEqual([[], '']);
      expect(readFileSync(join(data, 'beside.json'), 'utf8')).toContain(DOMAIN);
      const { agent } = JSON.parse(done(['up', '--controller', '--json', ...local]));
      expect(agent.domain).toMatchObject({ domain: DOMAIN, isConnected: true, inForce: 2 });
      done(['down', '--purge', '--yes', ...local]);
      expect([pids(), ruleset(), existsSync(state)]).toEqual([[], '', false]);
    },
    2 * MS_MAX,
  );
});
