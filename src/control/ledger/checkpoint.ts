// A checkpoint as text: what is signed, how it is written, how it is read. Not when one is made: that is the ledger's.

import { canonicalJson, jsonOf } from './json.ts';
import { hashOf, isCount, isObject, isText } from './line.ts';
import { type CheckpointSigner, isSignedBy, type LedgerKey, ledgerKey } from './signer.ts';
import { LedgerError } from './trouble.ts';
import type { Checkpoint, Head } from './types.ts';

/** A checkpoint has some 450 bytes; a longer line is none. */
export const CHECKPOINT_BYTES_MAX = 2_048;

/** Records that may be without a checkpoint. A longer stretch means that checkpoints were cut off. */
export const UNSIGNED_MAX = 4_096;

const STATEMENT_DOMAIN = 'picket ledger checkpoint 1\n';
const CHAIN_DOMAIN = 'picket ledger checkpoints 1\n';

type Unsigned = Omit<Checkpoint, 'signature'>;

/** What the first checkpoint of a chain names as the one before it. */
export function beforeFirst(chain: string): string {
  return hashOf(CHAIN_DOMAIN, chain);
}

/** Hash of a checkpoint, signature included, that the next one names. */
export function checkpointHash(checkpoint: Checkpoint): string {
  return hashOf(CHAIN_DOMAIN, checkpointText(checkpoint));
}

export interface SignOptions {
  readonly head: Head;
  readonly at: number;
  readonly previous: string;
  readonly signer: CheckpointSigner;
}

export async function signCheckpoint({ head, at, previous, signer }: SignOptions): Promise<Checkpoint> {
  const key = Buffer.from(signer.publicKey).toString('base64');
  const { chain, sequence, hash } = head;
  const unsigned = { chain, sequence, hash, at, algorithm: signer.algorithm, key, previous };
  const signature = await signer.sign(statementOf(unsigned));
  return { ...unsigned, signature: Buffer.from(signature).toString('base64') };
}

/** One line, without its end: the form in the folder and in an exported file. */
export function checkpointText(checkpoint: Checkpoint): string {
  return canonicalJson({ ...checkpoint });
}

/** Reads an exported checkpoint; says in words what is wrong with it. Its signature is another matter. */
export function parseCheckpoint(text: string): Checkpoint {
  const read = readCheckpoint(text.trim());
  if (typeof read !== 'string') return read;
  throw new LedgerError({
    code: 'PICKET-C207',
    message: `cannot read the checkpoint: ${read}`,
    help: 'name a file that "picket audit checkpoint" wrote',
  });
}

/** The checkpoint of a line, or why it is none. */
export function readCheckpoint(line: string): Checkpoint | string {
  if (line.length > CHECKPOINT_BYTES_MAX) return 'it is too long for a checkpoint';
  const checkpoint = checkpointOf(jsonOf(line));
  if (checkpoint === null) return 'it has not the form of a checkpoint';
  return checkpointText(checkpoint) === line ? checkpoint : 'it is not written as a checkpoint is';
}

function checkpointOf(value: unknown): Checkpoint | null {
  if (!isObject(value)) return null;
  const { chain, sequence, hash, at, algorithm, key, previous, signature } = value;
  if (!isText(chain) || !isCount(sequence) || !isText(hash) || !isCount(at)) return null;
  if (algorithm !== 'ES256' && algorithm !== 'EdDSA') return null;
  if (!isText(key) || !isText(previous) || !isText(signature)) return null;
  return { chain, sequence, hash, at, algorithm, key, previous, signature };
}

/** Why a checkpoint's signature does not stand, or null. `trusted` null takes the key that the checkpoint names. */
export function signatureTrouble(checkpoint: Checkpoint, trusted: readonly LedgerKey[] | null): string | null {
  const key = keyOf(checkpoint, trusted);
  if (typeof key === 'string') return key;
  const signature = Buffer.from(checkpoint.signature, 'base64');
  return isSignedBy(key, statementOf(checkpoint), signature) ? null : 'its signature is not of its key';
}

function keyOf(checkpoint: Checkpoint, trusted: readonly LedgerKey[] | null): LedgerKey | string {
  const spki = Buffer.from(checkpoint.key, 'base64');
  if (trusted !== null) {
    const found = trusted.find((key) => spki.equals(key.spki) && key.algorithm === checkpoint.algorithm);
    return found ?? 'it is signed by another key than those that were named';
  }
  try {
    const key = ledgerKey(spki);
    return key.algorithm === checkpoint.algorithm ? key : 'its key is of another kind than it says';
  } catch (error) {
    if (error instanceof LedgerError) return 'its key cannot be read';
    throw error;
  }
}

function statementOf(checkpoint: Unsigned): Uint8Array {
  const { chain, sequence, hash, at, algorithm, key, previous } = checkpoint;
  return Buffer.from(STATEMENT_DOMAIN + canonicalJson({ chain, sequence, hash, at, algorithm, key, previous }));
}
