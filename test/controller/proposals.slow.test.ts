// Proposals decided by command at a real controller: listed, shown, taken into the policy together, rejected; and who may not.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { noteProposals } from '#store';
import { type Picket, picketOf } from './commands.testing.ts';
import { DOMAIN, person, type Running, seeded, session, start, temporary } from './controller.testing.ts';

const folder = temporary();
const AT = Date.now() - 60_000;
let running: Running;
let asked: Picket;

beforeAll(async () => {
  const secrets = await seeded(folder.path, async (store) => {
    await person(store, 'ann', 'approver');
    await person(store, 'vic', 'viewer');
    await store.transaction((db) =>
      noteProposals(db, DOMAIN, {
        agent: 'gateway/north',
        revision: 1,
        rows: [
          rowOf('p0000001', { section: 'elements', entry: 'cam', json: '{"kind":"device","address":"10.0.3.20"}' }),
          rowOf('p0000002', {
            section: 'rules',
            entry: 'cam-web',
            json: '{"from":"cam","to":{"on":"internet","protocol":"tcp","port":443}}',
          }),
          rowOf('p0000003', {
            section: 'rules',
            entry: 'cam-\u001b[31m',
            json: '{"from":"cam","to":{"on":"internet","protocol":"tcp","port":25}}',
          }),
        ],
      }),
    );
    return { ann: await session(store, 'ann'), vic: await session(store, 'vic') };
  });
  running = await start({ folder: folder.path });
  asked = picketOf({ folder: folder.path, port: running.controller.port, secrets });
}, 60_000);

afterAll(async () => {
  await running?.controller.close();
  folder.remove();
});

function rowOf(
  id: string,
  rest: { readonly section: 'elements' | 'rules'; readonly entry: string; readonly json: string },
) {
  return { id, ...rest, evidence: '9 times', first_seen: AT, last_seen: AT };
}

async function idsOf(state: string): Promise<readonly string[]> {
  const { out } = await asked('vic', ['proposals', 'ls', '--state', state, '--json']);
  return JSON.parse(out)
    .proposals.map(({ id }: { id: string }) => id)
    .sort();
}

test('what waits is listed and shown, whatever stands in a name', async () => {
  const { exit, out } = await asked('vic', ['proposals', 'ls']);
  expect(exit).toBe(0);
  expect(out).toMatch(/p0000002 +rules +cam-web +9 times +1/);
  expect(out).not.toContain('\u001b');
  const shown = await asked('vic', ['proposals', 'show', 'p0000002']);
  expect(shown.out).toContain('cam-web: {"from":"cam"');
  expect(shown.out).toContain('gateway/north: 9 times');
  expect(await asked('vic', ['proposals', 'show', 'p9999999'])).toMatchObject({ exit: 3, out: '' });
});

test('a viewer decides nothing', async () => {
  for (const verb of ['accept', 'reject'])
    expect(await asked('vic', ['proposals', verb, 'p0000001', ...(verb === 'accept' ? ['--yes'] : [])])).toMatchObject({
      exit: 5,
      err: expect.stringContaining('PICKET-C403'),
    });
  expect(await idsOf('open')).toEqual(['p0000001', 'p0000002', 'p0000003']);
});

test('a rule without its element is refused, a plan changes nothing, both together become a revision', async () => {
  expect((await asked('ann', ['proposals', 'accept', 'p0000002', '--yes'])).exit).not.toBe(0);
  expect(await asked('ann', ['proposals', 'accept', 'p0000001', 'p0000002', '--dry-run'])).toMatchObject({
    exit: 0,
    err: '',
  });
  // Nobody is there to ask.
  expect((await asked('ann', ['proposals', 'accept', 'p0000001', 'p0000002'])).exit).not.toBe(0);
  expect(await idsOf('accepted')).toEqual([]);
  const done = await asked('ann', ['proposals', 'accept', 'p0000001', 'p0000002', '--yes', '--confirm', 'none']);
  expect(done).toMatchObject({ exit: 0, err: '' });
  expect(await idsOf('accepted')).toEqual(['p0000001', 'p0000002']);
  const { out } = await asked('vic', ['policy', 'show']);
  expect(out).toContain('cam-web');
  expect((await asked('ann', ['proposals', 'accept', 'p0000002', '--yes'])).err).toContain('PICKET-C732');
});

test('what is rejected stays so', async () => {
  expect(await asked('ann', ['proposals', 'reject', 'p0000003'])).toMatchObject({ exit: 0 });
  expect([await idsOf('open'), await idsOf('rejected')]).toEqual([[], ['p0000003']]);
  expect((await asked('ann', ['proposals', 'ls'])).out).toBe('no proposals\n');
});
