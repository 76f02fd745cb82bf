// The recorder on a real store and a real ledger: a change and its record stand or fall together, and nothing is recorded twice.

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acts, addActs, type Db, openStore, type Store } from '#store';
import { newFolder, testOptions } from './ledger.testing.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerOptions, openLedger } from './open.ts';
import { Recorder } from './recorder.ts';
import type { Act, Doer } from './types.ts';

const ADA: Doer = { kind: 'person', id: 'u1', name: 'ada' };
const DOMAIN = 'plant.example';
const act = (subject: string): Act => ({ action: 'policy.apply', subject, domain: DOMAIN, detail: { subject } });
const ALL = { limit: 100, after: null, from: null, to: null, actor: null, action: null, subject: null };

let folder: ReturnType<typeof newFolder>;
let options: LedgerOptions;
let store: Store;
let ledger: Ledger;
let recorder: Recorder;

beforeEach(async () => {
  folder = newFolder();
  options = testOptions(folder.path);
  await open();
});
afterEach(async () => {
  await close();
  folder.remove();
});

async function open(): Promise<void> {
  store = await openStore({ file: join(folder.path, 'picket.db'), url: null });
  ledger = await openLedger(options);
  recorder = await Recorder.open({ store, ledger, now: options.now, newId: options.newId });
}

async function close(): Promise<void> {
  await recorder.close();
  await ledger.close();
  await store.close();
}

async function subjects(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const record of ledger.read()) if (record.act.domain === DOMAIN) found.push(record.act.subject);
  return found;
}

const setting = (db: Db, id: string) => db.insertInto('domains').values({ id, name: id, made_at: 1 }).execute();
const domains = async (): Promise<readonly string[]> =>
  (await store.db.selectFrom('domains').select('id').execute()).map(({ id }) => id);

describe('a recorder', () => {
  it('answers when change and record are there', async () => {
    const answer = await recorder.perform(ADA, async (db, note) => {
      await setting(db, 'one');
      note(act('revision 1'));
      note(act('revision 2'));
      return 42;
    });
    expect(answer).toBe(42);
    expect(await subjects()).toEqual(['revision 1', 'revision 2']);
    expect(await domains()).toEqual(['one']);
    await recorder.close();
    const rows = await acts(store.db, DOMAIN, { ...ALL, action: 'policy' });
    expect(rows.map(({ subject, sequence }) => [subject, sequence])).toEqual([
      ['revision 2', 3],
      ['revision 1', 2],
    ]);
  });

  it('marks an act as recorded that the disk was slow with, while others were marked', async () => {
    await recorder.record(ADA, [act('first')]);
    const rows = () => acts(store.db, DOMAIN, ALL);
    const append = ledger.append.bind(ledger);
    const slow = vi.spyOn(ledger, 'append').mockImplementationOnce(async (entries) => {
      await vi.waitFor(async () => expect((await rows()).at(-1)?.sequence).not.toBeNull(), 10_000);
      return append(entries);
    });
    await recorder.record(ADA, [act('second')]);
    slow.mockRestore();
    await recorder.close();
    expect((await rows()).map(({ subject, sequence }) => [subject, sequence])).toEqual([
      ['second', 3],
      ['first', 2],
    ]);
  });

  it('records nothing of a change that failed, and changes nothing where an act cannot be recorded', async () => {
    const failing = recorder.perform(ADA, async (db, note) => {
      await setting(db, 'one');
      note(act('revision 1'));
      throw new Error('the policy has an error');
    });
    await expect(failing).rejects.toThrow('the policy has an error');
    const long = recorder.perform(ADA, async (db, note) => {
      await setting(db, 'two');
      note({ ...act('revision 2'), detail: 'x'.repeat(70_000) });
    });
    await expect(long).rejects.toMatchObject({ code: 'PICKET-C205' });
    const many = recorder.perform(ADA, async (_, note) => {
      for (let number = 0; number < 300; number++) note(act(`revision ${number}`));
    });
    await expect(many).rejects.toMatchObject({ code: 'PICKET-C205' });
    expect(await subjects()).toEqual([]);
    expect(await domains()).toEqual([]);
  });

  it('records first what a crash left in the outbox', async () => {
    const chain = ledger.head?.chain ?? '';
    const left = {
      chain,
      at: 5,
      domain: DOMAIN,
      action: 'a',
      actor_kind: 'person',
      actor_id: 'u',
      actor_name: 'u',
      detail: '{"n":1}',
      sequence: null,
      hash: null,
    };
    await addActs(store.db, [
      { ...left, id: 'left-2', position: 7, subject: 'second' },
      { ...left, id: 'left-1', position: 6, subject: 'first' },
    ]);
    await close();
    await open();
    await recorder.record(ADA, [act('third')]);
    expect(await subjects()).toEqual(['first', 'second', 'third']);
  });

  it('does not record twice what was recorded but not marked so', async () => {
    await recorder.record(ADA, [act('revision 1')]);
    await recorder.close();
    await store.db.updateTable('acts').set({ sequence: null, hash: null }).execute();
    await close();
    await open();
    await recorder.record(ADA, [act('revision 2')]);
    expect(await subjects()).toEqual(['revision 1', 'revision 2']);
    await recorder.close();
    expect((await acts(store.db, DOMAIN, ALL)).map(({ sequence }) => sequence)).toEqual([3, 2]);
  });

  it('takes over what the ledger of another folder did not record', async () => {
    await addActs(store.db, [
      {
        id: 'x',
        chain: 'gone',
        position: 0,
        at: 5,
        domain: DOMAIN,
        action: 'a',
        subject: 'orphan',
        actor_kind: 'p',
        actor_id: 'u',
        actor_name: 'u',
        detail: null,
        sequence: null,
        hash: null,
      },
    ]);
    await close();
    await open();
    expect(await subjects()).toEqual(['orphan']);
  });

  it('changes nothing where the ledger is older than the database', async () => {
    await recorder.record(ADA, [act('revision 1')]);
    await recorder.close();
    await store.db.updateTable('acts').set({ sequence: 99 }).execute();
    await close();
    await open();
    expect(recorder.health()).toMatchObject({ state: 'broken', code: 'PICKET-C214' });
    const refused = recorder.perform(ADA, async (db, note) => {
      await setting(db, 'one');
      note(act('revision 2'));
    });
    await expect(refused).rejects.toMatchObject({ code: 'PICKET-C214' });
    expect(await domains()).toEqual([]);
  });

  it('records many changes at once, each of them once', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, number) => recorder.record(ADA, [act(`revision ${number}`)])));
    expect((await subjects()).toSorted()).toEqual(
      Array.from({ length: 60 }, (_, number) => `revision ${number}`).toSorted(),
    );
    expect(new Set(await subjects()).size).toBe(60);
  });

  it('refuses when it was closed', async () => {
    await ledger.close();
    await expect(recorder.record(ADA, [act('late')])).rejects.toMatchObject({ code: 'PICKET-C210' });
  });
});
