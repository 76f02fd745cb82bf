// The ledger on a real disk: what is acknowledged is there, what a crash leaves is seen, what was changed is not written on.

import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entry, newFolder, newSigner, openTestLedger } from './ledger.testing.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerRecord } from './types.ts';
import { type Verified, verifyLedger } from './verify.ts';

let folder: ReturnType<typeof newFolder>;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => folder.remove());

const verify = (): Promise<Verified> => verifyLedger({ path: join(folder.path, 'ledger'), keys: null, kept: null });
const fileOf = (name: string): string => join(folder.path, 'ledger', name);
const FIRST = '000000000001.jsonl';

async function all(ledger: Ledger): Promise<readonly LedgerRecord[]> {
  const records: LedgerRecord[] = [];
  for await (const record of ledger.read()) records.push(record);
  return records;
}

describe('a ledger', () => {
  it('begins a chain, keeps what it acknowledged, and goes on after it was closed', async () => {
    const signer = newSigner();
    const first = await openTestLedger(folder.path, { signer });
    const records = await first.append([entry(1), entry(2)]);
    expect(records.map(({ sequence, act }) => [sequence, act.subject])).toEqual([
      [2, 'revision 1'],
      [3, 'revision 2'],
    ]);
    await first.close();
    const second = await openTestLedger(folder.path, { signer });
    expect(second.health()).toEqual({ state: 'ready' });
    await second.append([entry(3)]);
    expect((await all(second)).map(({ act }) => act.action)).toEqual([
      'ledger.begin',
      'policy.apply',
      'policy.apply',
      'policy.apply',
    ]);
    await second.close();
    expect(await verify()).toMatchObject({ wrong: null, records: 4, last: 4, unsigned: 0, unfinishedBytes: 0 });
  });

  it('gives many callers at once their own records, in one order', async () => {
    const ledger = await openTestLedger(folder.path, { segmentBytesMax: 20_000, checkpointEvery: 50 });
    const all = await Promise.all(Array.from({ length: 600 }, (_, number) => ledger.append([entry(number)])));
    expect(all.map(([record]) => record?.id)).toEqual(Array.from({ length: 600 }, (_, number) => `entry-${number}`));
    await ledger.close();
    expect(await verify()).toMatchObject({ wrong: null, records: 601 });
  });

  it('goes on in the next file when one is full', async () => {
    const signer = newSigner();
    for (let round = 0; round < 3; round++) {
      const ledger = await openTestLedger(folder.path, { signer, segmentBytesMax: 3_000 });
      for (let number = 0; number < 20; number++) await ledger.append([entry(number)]);
      await ledger.close();
    }
    expect(readdirSync(fileOf('')).filter((name) => /^\d/.test(name)).length).toBeGreaterThan(5);
    expect(await verify()).toMatchObject({ wrong: null, records: 61 });
  });

  it('cuts off a last line that was not finished, and says so in the chain', async () => {
    const signer = newSigner();
    const first = await openTestLedger(folder.path, { signer });
    await first.append([entry(1)]);
    await first.close();
    appendFileSync(fileOf(FIRST), '{"hash":"ab');
    expect(await verify()).toMatchObject({ wrong: null, records: 2, unfinishedBytes: 11 });
    const second = await openTestLedger(folder.path, { signer });
    const last = (await all(second)).at(-1);
    expect(last?.act).toMatchObject({ action: 'ledger.cut', detail: { file: FIRST, bytes: 11 } });
    await second.close();
    expect(await verify()).toMatchObject({ wrong: null, records: 3, unfinishedBytes: 0 });
  });

  it.each([
    ['a changed byte', (text: string) => text.replace('revision 2', 'revision 9')],
    ['a removed line', (text: string) => text.split('\n').toSpliced(1, 1).join('\n')],
    ['a line put twice', (text: string) => `${text}${text.split('\n').at(-2)}\n`],
    ['the end cut off', (text: string) => `${text.split('\n').slice(0, 2).join('\n')}\n`],
    ['nothing left', () => ''],
  ])('opens for reading only after %s, and writes nothing', async (_, change) => {
    const signer = newSigner();
    const first = await openTestLedger(folder.path, { signer });
    await first.append([entry(1), entry(2)]);
    await first.close();
    const changed = change(readFileSync(fileOf(FIRST), 'utf8'));
    writeFileSync(fileOf(FIRST), changed);
    const second = await openTestLedger(folder.path, { signer });
    expect(second.health()).toMatchObject({ state: 'broken', code: 'PICKET-C203' });
    await expect(second.append([entry(3)])).rejects.toMatchObject({ code: 'PICKET-C203' });
    await second.close();
    expect(readFileSync(fileOf(FIRST), 'utf8')).toBe(changed);
    expect((await verify()).wrong).not.toBeNull();
  });

  it('refuses a second writer, and lets him in when the first is gone', async () => {
    const signer = newSigner();
    const first = await openTestLedger(folder.path, { signer });
    await expect(openTestLedger(folder.path, { signer })).rejects.toMatchObject({ code: 'PICKET-C201' });
    await first.close();
    await (await openTestLedger(folder.path, { signer })).close();
  });

  it('refuses an act that is too long or no plain data, and records those beside it', async () => {
    const ledger = await openTestLedger(folder.path);
    const long = entry(1, { act: { action: 'a', subject: 's', domain: 'd', detail: 'x'.repeat(64 * 1_024) } });
    const half = entry(2, { act: { action: 'a', subject: '\ud800', domain: 'd' } });
    const answers = await Promise.allSettled([ledger.append([long]), ledger.append([half]), ledger.append([entry(3)])]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await ledger.close();
    expect(await verify()).toMatchObject({ wrong: null, records: 2 });
  });

  it('tells the chain when another key signs', async () => {
    const first = await openTestLedger(folder.path);
    await first.close();
    const second = await openTestLedger(folder.path, { signer: newSigner('ed25519') });
    expect((await all(second)).at(-1)?.act.action).toBe('ledger.key');
    await second.close();
    expect((await verify()).keys).toHaveLength(2);
  });

  it('is not fooled by a checkpoints file that was cut', async () => {
    const signer = newSigner();
    const first = await openTestLedger(folder.path, { signer, segmentBytesMax: 2_000 });
    for (let number = 0; number < 12; number++) await first.append([entry(number)]);
    await first.close();
    truncateSync(fileOf('checkpoints.jsonl'), 0);
    const second = await openTestLedger(folder.path, { signer });
    expect(second.health()).toMatchObject({ state: 'broken', code: 'PICKET-C203' });
    await second.close();
  });
});
