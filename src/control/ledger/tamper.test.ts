// Tampering: whatever is done to the files by somebody who has no key is found, and the first wrong place is named.

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCheckpoint } from './checkpoint.ts';
import { entry, newFolder, newSigner, openTestLedger } from './ledger.testing.ts';
import { hashOf, nextLine } from './line.ts';
import { ledgerKey } from './signer.ts';
import type { Checkpoint, Head } from './types.ts';
import { type Verified, verifyLedger } from './verify.ts';

const signer = newSigner();
let folder: ReturnType<typeof newFolder>;
let kept: Checkpoint;
let original = '';

/** Three files of records, the last checkpoint at the end. */
beforeAll(async () => {
  folder = newFolder();
  const ledger = await openTestLedger(folder.path, { signer, segmentBytesMax: 4_000, checkpointEvery: 5 });
  for (let number = 0; number < 24; number++) await ledger.append([entry(number)]);
  await ledger.close();
  original = join(folder.path, 'ledger');
  const newest = ledger.newestCheckpoint;
  if (newest === null) throw new Error('no checkpoint was signed');
  kept = newest;
});
afterAll(() => folder.remove());

async function verifyAfter(
  change: (path: string) => void,
  more: { readonly kept?: Checkpoint } = {},
): Promise<Verified> {
  const path = join(folder.path, 'changed');
  cpSync(original, path, { recursive: true });
  try {
    change(path);
    return await verifyLedger({ path, keys: [ledgerKey(signer.publicKey)], kept: more.kept ?? null });
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

const segments = (): readonly string[] =>
  readdirSync(original)
    .filter((name) => /^\d+\.jsonl$/.test(name))
    .sort();
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);
const write = (path: string, lines: readonly string[]): void =>
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));

/** A file and one of its lines. */
const place = fc.nat().chain((seed) => {
  const names = [...segments(), 'checkpoints.jsonl'];
  const name = names[seed % names.length] ?? '';
  return fc.nat().map((more) => ({ name, line: more % linesOf(join(original, name)).length }));
});

describe('verifyLedger()', () => {
  it('finds nothing in what was not touched', async () => {
    expect(segments().length).toBeGreaterThanOrEqual(3);
    expect(await verifyAfter(() => {})).toMatchObject({ wrong: null, records: 25, unsigned: 0, isKeyGiven: true });
  });

  it('finds any byte that was changed, in any file', async () => {
    const files = [...segments(), 'checkpoints.jsonl'].map((name) => ({
      name,
      bytes: readFileSync(join(original, name)),
    }));
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, at, change) => {
        const file = files[which % files.length];
        if (file === undefined) return;
        const bytes = Buffer.from(file.bytes);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ change;
        const { wrong } = await verifyAfter((path) => writeFileSync(join(path, file.name), bytes));
        expect(wrong, `${file.name} byte ${place}`).not.toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  it('finds any line that was removed, doubled, moved or put in, and names it', async () => {
    await fc.assert(
      fc.asyncProperty(
        place,
        fc.nat(),
        fc.constantFrom('remove', 'double', 'move', 'insert'),
        async ({ name, line }, seed, how) => {
          const before = linesOf(join(original, name));
          const other = seed % before.length;
          const lines = [...before];
          const [taken = ''] = lines.splice(line, 1);
          if (how === 'double') lines.splice(line, 0, taken, taken);
          if (how === 'insert') lines.splice(line, 0, before[other] ?? '', taken);
          if (how === 'move') lines.splice(other, 0, taken);
          fc.pre(lines.join() !== before.join());
          const { wrong, unsigned } = await verifyAfter((path) => write(join(path, name), lines));
          // Without its newest checkpoint the chain is one that was not signed to its end, and that is said.
          const isNewestGone = name === 'checkpoints.jsonl' && lines.join() === before.slice(0, -1).join();
          if (isNewestGone) expect(unsigned).toBeGreaterThan(0);
          else expect(wrong).not.toBeNull();
          const first = before.findIndex((text, index) => lines[index] !== text);
          // A piece that is missing at the end of a file is found where the next one begins.
          if (name !== 'checkpoints.jsonl' && wrong?.file === name && first !== -1 && first < lines.length)
            expect(wrong.line).toBe(first + 1);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('finds a chain that was written anew by somebody without the key', async () => {
    const { wrong } = await verifyAfter((path) => {
      let head: Head = { chain: kept.chain, sequence: 0, hash: hashOf('picket ledger chain 1\n', kept.chain) };
      for (const name of segments()) {
        const lines = linesOf(join(path, name)).map((line) => {
          const { record } = JSON.parse(line);
          const forged = record.sequence === 9 ? { ...record.act, subject: 'revision 99' } : record.act;
          const next = nextLine(head, { ...record, act: forged });
          head = next.record;
          return next.line.trimEnd();
        });
        write(join(path, name), lines);
      }
    });
    expect(wrong).toMatchObject({ sequence: 10, why: expect.stringContaining('was signed for') });
  });

  it('finds a cut-off end: by the checkpoints, and where those were cut as well by one that was kept', async () => {
    const last = segments().at(-1) ?? '';
    const cutRecords = (path: string): void => write(join(path, last), linesOf(join(path, last)).slice(0, -1));
    expect((await verifyAfter(cutRecords)).wrong?.why).toContain('the end was cut off');
    const cutBoth = (path: string): void => {
      cutRecords(path);
      write(join(path, 'checkpoints.jsonl'), linesOf(join(path, 'checkpoints.jsonl')).slice(0, -1));
    };
    expect((await verifyAfter(cutBoth)).wrong).toBeNull();
    expect((await verifyAfter(cutBoth, { kept })).wrong).toMatchObject({
      file: 'the kept checkpoint',
      why: expect.stringContaining('the end was cut off'),
    });
  });

  it('finds a file that is missing, first, between or last', async () => {
    for (const name of segments()) expect((await verifyAfter((path) => rmSync(join(path, name)))).wrong).not.toBeNull();
  });

  it('trusts no other key than the one that is named', async () => {
    const { wrong } = await verifyLedger({ path: original, keys: [ledgerKey(newSigner().publicKey)], kept: null });
    expect(wrong).toMatchObject({ file: 'checkpoints.jsonl', line: 1, why: expect.stringContaining('another key') });
  });

  it('takes a kept checkpoint for none when it was changed or is of another chain', async () => {
    const other = { ...kept, hash: '0'.repeat(64) };
    expect((await verifyAfter(() => {}, { kept: other })).wrong?.why).toContain('signature');
    expect(() => parseCheckpoint('{"sequence":1}')).toThrow('cannot read the checkpoint');
  });

  it('verifies one exported file by itself, from whatever record it begins with', async () => {
    const name = segments()[1] ?? '';
    const path = join(original, name);
    const answer = await verifyLedger({ path, keys: null, kept: null });
    expect(answer).toMatchObject({ wrong: null, first: Number.parseInt(name, 10), checkpoints: 0 });
    await expect(verifyLedger({ path: join(original, 'nothing'), keys: null, kept: null })).rejects.toMatchObject({
      code: 'PICKET-C212',
    });
  });
});
