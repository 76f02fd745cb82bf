// The route of backups on a real store and ledger: for an owner of the controller who is there, noted, whole, one at a time.

import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger, Recorder, signerOf } from '#ledger';
import { routes } from '#routes';
import { backupBytes, keepBackup, openStore, restoreBackup, type Store, setSetting, setting } from '#store';
import { actorOf, NOW, startApi, type TestApi } from './api.testing.ts';
import { backupHandlers } from './backup.ts';

const folder = mkdtempSync(join(tmpdir(), 'picket-backup-api-'));
const parts = [{ name: 'folder', folder, only: ['ledger'] }];
let store: Store;
let api: TestApi;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  store = await openStore({ file: join(folder, 'picket.db'), url: null });
  const now = () => NOW;
  const signer = signerOf(generateKeyPairSync('ed25519').privateKey);
  const ledger = await openLedger({ folder: join(folder, 'ledger'), now, newId: randomUUID, signer });
  const recorder = await Recorder.open({ store, ledger, now, newId: randomUUID });
  api = await startApi({
    table: { backup: routes.backup },
    handlers: { backup: backupHandlers({ store, recorder, parts, now }) },
    actors: {
      owner: actorOf({ roles: { '*': 'owner' } }),
      stale: actorOf({ roles: { '*': 'owner' }, authenticatedAt: NOW - 3_600_000 }),
      approver: actorOf({ roles: { '*': 'approver', 'plant.example': 'owner' } }),
      token: actorOf({ kind: 'token', roles: { '*': 'owner' }, scopes: ['controller:write'], session: null }),
    },
  });
  closers.push(
    () => api.close(),
    () => recorder.close(),
    () => ledger.close(),
    () => store.close(),
  );
  await setSetting(store.db, 'a', '1');
});
afterAll(async () => {
  for (const close of closers) await close();
  rmSync(folder, { recursive: true, force: true });
});

function get(who: string) {
  const headers = { authorization: `Bearer ${who}` };
  return api.send({ method: 'GET', target: '/v1/backup', headers, body: null, signal: null });
}

test('an owner gets a backup that can be restored, and the ledger says so', async () => {
  const { status, body } = await get('owner');
  expect(status).toBe(200);
  const path = join(folder, 'made.picket');
  await keepBackup(path, body);
  const target = { file: join(folder, 'back', 'picket.db'), url: null };
  await restoreBackup({ path, store: target, parts: { folder: join(folder, 'back') } });
  const back = await openStore(target);
  expect(await setting(back.db, 'a')).toBe('1');
  await back.close();
  const noted = await store.db.selectFrom('acts').selectAll().execute();
  expect(JSON.stringify(noted)).toContain('controller.backup');
});

test.each(['stale', 'approver', 'token'])('%s gets none', async (who) => {
  expect((await get(who)).status).toBe(403);
});

test('of two at once the second is refused before it begins', async () => {
  // More than the streams in between hold, so that the first one is still being read.
  for (let number = 0; number < 60; number++)
    await setSetting(store.db, `large-${number}`, randomBytes(50_000).toString('hex'));
  const first = backupBytes({ store, parts, now: NOW });
  await first.next();
  const { status, body } = await get('owner');
  let text = '';
  for await (const piece of body) text += Buffer.from(piece).toString();
  expect([status, JSON.parse(text).code]).toEqual([409, 'PICKET-C125']);
  await first.return(undefined);
  expect((await get('owner')).status).toBe(200);
});

test('one that was cut on its way is not kept', async () => {
  const { body } = await get('owner');
  async function* cut() {
    for await (const piece of body) yield Buffer.from(piece).subarray(0, 100);
  }
  const path = join(folder, 'cut.picket');
  await expect(keepBackup(path, cut())).rejects.toMatchObject({ code: expect.stringMatching(/C12[01]/) });
  writeFileSync(path, '');
});
