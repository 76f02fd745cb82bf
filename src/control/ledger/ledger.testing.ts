// A ledger in a folder of its own, with a key made for it and a clock that counts. For tests.

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger } from './ledger.ts';
import { type LedgerOptions, openLedger } from './open.ts';
import { type CheckpointSigner, signerOf } from './signer.ts';
import type { Entry } from './types.ts';

export const FIRST_MS = 1_790_000_000_000;

export function newSigner(kind: 'p256' | 'ed25519' = 'p256'): CheckpointSigner {
  const { privateKey } =
    kind === 'p256' ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' }) : generateKeyPairSync('ed25519');
  return signerOf(privateKey);
}

/** A folder that is gone when the test is. */
export function newFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'picket-ledger-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Times and ids that count up: the same calls make the same bytes. */
export function testOptions(folder: string, more: Partial<LedgerOptions> = {}): LedgerOptions {
  let time = FIRST_MS;
  let id = 0;
  return {
    folder: join(folder, 'ledger'),
    now: () => time++,
    newId: () => `id-${++id}`,
    signer: newSigner(),
    ...more,
  };
}

export function openTestLedger(folder: string, more: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return openLedger(testOptions(folder, more));
}

export function entry(number: number, more: Partial<Entry> = {}): Entry {
  return {
    id: `entry-${number}`,
    at: FIRST_MS + number,
    actor: { kind: 'person', id: 'ada', name: 'Ada "the first" Łovelace' },
    act: {
      action: 'policy.apply',
      subject: `revision ${number}`,
      domain: 'plant.example',
      detail: { number, why: 'näher\n' },
    },
    ...more,
  };
}
