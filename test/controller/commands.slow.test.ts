// Commands of the policy against a real controller over TLS: applied, confirmed from a later session, taken back, listed, shown, undone.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Io, runPicket } from '#cli';
import { chunksOf } from '../../src/bin/files.ts';
import { machine } from '../../src/bin/machine.ts';
import { newTextIo } from '../../src/cli/io.testing.ts';
import {
  authorityOf,
  DOMAIN,
  POLICY,
  person,
  type Running,
  seeded,
  session,
  start,
  temporary,
} from './controller.testing.ts';

const folder = temporary();
let running: Running;
let policy: string;

beforeAll(async () => {
  const secrets = await seeded(folder.path, async (store) => {
    await person(store, 'ada', 'owner');
    await person(store, 'vic', 'viewer');
    // A session that begins after the change, as one of a new logon would.
    return {
      early: await session(store, 'ada'),
      late: await session(store, 'ada', Date.now() + 300_000),
      viewer: await session(store, 'vic'),
    };
  });
  running = await start({ folder: folder.path });
  const url = `https://localhost:${running.controller.port}`;
  const authority = authorityOf(folder.path);
  for (const [name, secret] of Object.entries(secrets)) {
    const one = { url, authority, domain: DOMAIN, secret, who: name, endsAt: null };
    const kept = { schema: 'picket.contexts/v1', current: 'here', contexts: { here: one } };
    writeFileSync(join(folder.path, `${name}.json`), JSON.stringify(kept), { mode: 0o600 });
  }
  policy = join(folder.path, 'policy.yaml');
  writeFileSync(policy, POLICY);
}, 60_000);

afterAll(async () => {
  await running?.controller.close();
  folder.remove();
});

async function picket(who: string, ...words: readonly string[]): Promise<{ exit: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const { io } = newTextIo({ kind: 'stream', bytes: Buffer.alloc(0), chunk: 64 });
  const own: Io = {
    ...io,
    stdout: {
      columns: null,
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      columns: null,
      write: (text) => {
        err += text;
      },
    },
    now: () => Date.now() * 1_000,
    read: (path) => chunksOf(path),
    machine: {
      ...machine,
      environment: (name) => (name === 'PICKET_CONTEXTS' ? join(folder.path, `${who}.json`) : null),
      ask: async () => null,
    },
  };
  const exit = await runPicket(words, own);
  return { exit, out, err };
}

test('a dry run shows the plan and changes nothing; silence is no yes; a viewer may not', async () => {
  const dry = await picket('early', 'policy', 'apply', policy, '--dry-run');
  expect(dry).toMatchObject({ exit: 0, err: '' });
  expect(dry.out).toMatch(/Plan:[\s\S]*added +rules\.one[\s\S]*Nothing was changed/);
  expect(await picket('early', 'policy', 'apply', policy)).toMatchObject({ exit: 7 });
  expect(await picket('viewer', 'policy', 'apply', policy, '--yes')).toMatchObject({ exit: 5 });
  expect((await picket('early', 'policy', 'show')).out).not.toContain('cam may use');
  expect((await picket('early', 'policy', 'rollback', '--yes')).out).toContain('nothing waits');
});

test('a policy with an error ends with exit code 4', async () => {
  const broken = join(folder.path, 'broken.yaml');
  writeFileSync(broken, POLICY.replace('cam may use', 'cam may not use'));
  expect(await picket('early', 'policy', 'apply', broken, '--yes')).toMatchObject({ exit: 4 });
});

test('an apply is taken back, or confirmed from a later session alone', async () => {
  const applied = await picket('early', 'policy', 'apply', policy, '--yes', '--why', 'day one', '--on', 'here');
  expect(applied).toMatchObject({ exit: 0 });
  expect(applied.out).toContain('Applied as revision 2.');
  expect(applied.out).toContain('picket policy confirm --on here');
  expect(applied.out).toContain('No agent belongs to the domain yet.');
  expect((await picket('early', 'policy', 'confirm')).err).toContain('PICKET-C716');
  expect((await picket('early', 'policy', 'rollback')).exit).toBe(7);
  expect((await picket('early', 'policy', 'rollback', '--yes')).out).toContain('is in force again, as revision 3');
  const again = JSON.parse((await picket('early', 'policy', 'apply', policy, '--yes', '--json')).out);
  expect(again).toMatchObject({ schema: 'picket.domain-change/v1', revision: 4, pending: { revertsTo: 3 } });
  expect((await picket('late', 'policy', 'confirm')).out).toContain('revision 4 is confirmed');
  expect((await picket('early', 'policy', 'show')).out).toBe(POLICY);
  expect((await picket('early', 'policy', 'history')).out).toMatch(/2 +reverted .*day one/);
});

test('undo brings the revision before back; the agent is meant where it is said', async () => {
  const undone = await picket('early', 'undo', '--yes', '--confirm', 'none');
  expect(undone).toMatchObject({ exit: 0 });
  expect((await picket('early', 'policy', 'show')).out).not.toContain('cam may use');
  expect((await picket('early', 'policy', 'show', '4')).out).toBe(POLICY);
  expect(await picket('early', 'policy', 'show', '99')).toMatchObject({ exit: 3 });
  const socket = ['--socket', join(folder.path, 'none.sock')];
  expect((await picket('early', 'policy', 'history', '--on', 'local', ...socket)).err).toContain('PICKET-G020');
  expect((await picket('early', 'policy', 'history', ...socket)).err).toContain('PICKET-G020');
});
