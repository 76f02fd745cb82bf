// A whole chain verified from bytes that somebody else sends, who may send anything: only what was signed and follows stands.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointText, parseCheckpoint, UNSIGNED_MAX } from './checkpoint.ts';
import { entry, newFolder, newSigner, testOptions } from './ledger.testing.ts';
import { openLedger } from './open.ts';
import { recordsIn } from './read.ts';
import { chainBytes } from './segments.ts';
import { type CheckpointSigner, ledgerKey } from './signer.ts';
import type { Checkpoint } from './types.ts';
import { verifyChain } from './verify.ts';

const folder = newFolder();
const signer: CheckpointSigner = newSigner();
let lines: readonly string[] = [];
let early: Checkpoint;
let newest: Checkpoint;

beforeAll(async () => {
  const options = testOptions(folder.path, { signer });
  const ledger = await openLedger(options);
  const signed = async (): Promise<Checkpoint> => {
    await ledger.checkpoint();
    if (ledger.newestCheckpoint === null) throw new Error('nothing was signed');
    return ledger.newestCheckpoint;
  };
  const entries = Array.from({ length: UNSIGNED_MAX }, (_, number) => entry(number));
  for (let at = 0; at < entries.length; at += 512) await ledger.append(entries.slice(at, at + 512));
  early = await signed();
  await ledger.append([entry(UNSIGNED_MAX)]);
  newest = await signed();
  await ledger.append([entry(UNSIGNED_MAX + 1)]);
  let text = '';
  for await (const piece of chainBytes(options.folder)) text += Buffer.from(piece).toString();
  lines = text.split(/(?<=\n)/);
  await ledger.close();
});
afterAll(() => folder.remove());

/** In pieces that end in the middle of lines. */
async function* sent(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}

function verify(text: string, more: Partial<Parameters<typeof verifyChain>[1]> = {}) {
  return verifyChain(sent(text), { name: 'sent', keys: null, kept: null, newest, ...more });
}

describe('a chain that is sent', () => {
  it('is sound as it was written, with its key, and as far as a kept checkpoint', async () => {
    const keys = [ledgerKey(signer.publicKey)];
    const answer = await verify(lines.join(''), { keys, kept: early });
    expect(answer).toMatchObject({ wrong: null, first: 1, records: lines.length, checkpoints: 1, unsigned: 1 });
    expect(answer).toMatchObject({ isKeyGiven: true, isComparedWithKept: true, newestCheckpoint: newest });
    expect(parseCheckpoint(checkpointText(newest))).toEqual(newest);
  });

  it('may end in a line that is being written', async () => {
    const text = lines.join('');
    expect(await verify(text.slice(0, -5))).toMatchObject({ wrong: null, records: lines.length - 1 });
  });

  const forged: readonly (readonly [what: string, change: (lines: readonly string[]) => string, why: RegExp])[] = [
    ['a byte changed', (all) => all.join('').replace('Łovelace', 'Xovelace'), /its hash is not that of its text/],
    ['a record removed', (all) => all.toSpliced(40, 1).join(''), /its number is 42, and 41 has to come here/],
    ['the first record removed', (all) => all.slice(1).join(''), /its number is 2, and 1 has to come here/],
    ['a record doubled', (all) => all.toSpliced(40, 0, all[40] ?? '').join(''), /and 42 has to come here/],
    [
      'the signed end cut off',
      (all) => all.slice(0, 100).join(''),
      /the records end with number 100, and it was signed at/,
    ],
    ['nothing but a line of something else', () => 'hello\n', /has not the form of a record/],
  ];
  it.each(forged)('%s', async (_, change, why) => {
    expect((await verify(change(lines))).wrong?.why).toMatch(why);
  });

  it('is refused with a checkpoint of another key, another record, or another chain', async () => {
    const keys = [ledgerKey(newSigner().publicKey)];
    const text = lines.join('');
    expect((await verify(text, { keys })).wrong).toMatchObject({
      file: 'the newest checkpoint',
      why: expect.stringMatching(/another key/),
    });
    expect((await verify(text, { newest: { ...newest, hash: early.hash } })).wrong?.why).toMatch(/not of its key/);
    expect((await verify(text, { newest: early, kept: newest })).wrong).toBeNull();
    const kept = { ...newest, sequence: newest.sequence + 1 };
    expect((await verify(text, { kept })).wrong).toMatchObject({ file: 'the kept checkpoint' });
  });

  it('is not believed without any checkpoint, nor where nothing comes', async () => {
    expect((await verify(lines.join(''), { newest: null })).wrong?.why).toMatch(/no checkpoint was given/);
    expect((await verify(lines.slice(0, UNSIGNED_MAX).join(''), { newest: null })).wrong).toBeNull();
    expect((await verify(lines.slice(0, UNSIGNED_MAX + 1).join(''), { newest: null })).wrong).not.toBeNull();
    await expect(verify('', { newest: null })).rejects.toMatchObject({ code: 'PICKET-C212' });
    expect((await verify('')).wrong?.why).toMatch(/the end was cut off/);
  });

  it('gives records by themselves, and stops at one that was changed', async () => {
    const read = async (text: string): Promise<number> => {
      let count = 0;
      for await (const { sequence } of recordsIn(sent(text), 'sent')) count = sequence;
      return count;
    };
    expect(await read(lines.join(''))).toBe(lines.length);
    await expect(read(lines.join('').replace('revision 7"', 'revision 9"'))).rejects.toMatchObject({
      code: 'PICKET-C203',
      message: expect.stringContaining('sent, line 9'),
    });
  });
});
