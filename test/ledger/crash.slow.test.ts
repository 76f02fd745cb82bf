// The ledger under SIGKILL and on a full disk: every acknowledged record is there, and the chain verifies.

import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerKey, openLedger, readRecords, signerOf, verifyLedger } from '#ledger';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WRITER = fileURLToPath(new URL('./writer.testing.mjs', import.meta.url));
const ROUNDS = 8;

const folder = mkdtempSync(join(tmpdir(), 'picket-crash-'));
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const keyPath = join(folder, 'key.pem');
const keys = [ledgerKey(publicKey.export({ type: 'spki', format: 'pem' }).toString())];

beforeAll(() => {
  writeFileSync(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  // The writer runs the built program, which this brings up to date.
  expect(spawnSync(join(ROOT, 'picket'), ['version'], { encoding: 'utf8' }).status).toBe(0);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes until it has acknowledged `count` records, kills it in the middle of the next, and gives what it said. */
async function writeAndKill(ledger: string, round: number, count: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [WRITER, ledger, keyPath, String(round)], { cwd: ROOT });
  let said = '';
  let complaint = '';
  child.stderr.on('data', (piece) => {
    complaint += piece;
  });
  child.stdout.on('data', (piece) => {
    said += piece;
    if (said.split('\n').length > count) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.on('close', resolve));
  expect(complaint).toBe('');
  return said.split('\n').slice(0, -1);
}

describe('a ledger whose process is killed', () => {
  it(`has every acknowledged record after each of ${ROUNDS} times`, async () => {
    const path = join(folder, 'ledger');
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      acknowledged.push(...(await writeAndKill(path, round, 20 + round * 17)));
      const answer = await verifyLedger({ path, keys, kept: null });
      expect(answer.wrong, `round ${round}`).toBeNull();
    }
    const ids = new Set<string>();
    for await (const { id } of readRecords(path, { from: 1, to: Number.MAX_SAFE_INTEGER })) ids.add(id);
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(ROUNDS * 20);
  }, 60_000);
});

const isMountable = spawnSync('unshare', ['--mount', 'true']).status === 0 && process.getuid?.() === 0;

describe('a ledger on a full disk', () => {
  it.skipIf(!isMountable)(
    'refuses, acknowledges nothing, and goes on when there is room (needs root for a small tmpfs)',
    async () => {
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk]).status).toBe(0);
      try {
        await fillAndFree(disk);
      } finally {
        spawnSync('umount', [disk]);
      }
    },
    60_000,
  );
});

async function fillAndFree(disk: string): Promise<void> {
  let ids = 0;
  const path = join(disk, 'ledger');
  const options = {
    folder: path,
    now: () => 1_790_000_000_000,
    newId: () => `own-${ids++}`,
    signer: signerOf(privateKey),
  };
  const ledger = await openLedger(options);
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(200_000));
  const actor = { kind: 'person', id: 'u1', name: 'ada' };
  const act = { action: 'a', subject: 's', domain: 'd', detail: 'x'.repeat(20_000) };
  const acknowledged: string[] = [];
  const append = async (id: string): Promise<void> => {
    await ledger.append([{ id, at: 1, actor, act }]);
    acknowledged.push(id);
  };
  const writeUntilFull = async (): Promise<void> => {
    for (let number = 0; number < 100; number++) await append(`entry-${number}`);
  };
  await expect(writeUntilFull()).rejects.toMatchObject({ code: 'PICKET-C204' });
  expect(ledger.health()).toMatchObject({ state: 'full', code: 'PICKET-C204' });
  expect(await ledger.tryAgain()).toMatchObject({ state: 'full' });
  expect(await verifyLedger({ path, keys, kept: null })).toMatchObject({
    wrong: null,
    records: acknowledged.length + 1,
  });

  rmSync(join(disk, 'ballast'));
  expect(await ledger.tryAgain()).toEqual({ state: 'ready' });
  await append('after');
  await ledger.close();
  const answer = await verifyLedger({ path, keys, kept: null });
  expect(answer).toMatchObject({ wrong: null, records: acknowledged.length + 1, unsigned: 0 });
}
