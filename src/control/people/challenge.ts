// Challenges that a passkey signs: they carry their own proof, so that asking for one keeps nothing here and nobody can fill a table. Used once: the used ones are kept.

import { type Db, spendProof } from '#store';
import { hashOf, isSame, type Keyring, type Random, textOf } from './secrets.ts';

/** Time for a person to find the key and touch it. */
export const CHALLENGE_LIFE_MS = 5 * 60 * 1_000;
const NONCE_BYTES = 16;
const TIME_BYTES = 6;
const MAC_BYTES = 16;

/** What it is for; a challenge for one thing is none for another. */
export type Purpose = 'logon' | 'link' | 'passkey';

export interface ChallengeOptions {
  readonly keyring: Keyring;
  readonly purpose: Purpose;
  /** Whom it is bound to, where that is known beforehand: a link, a person. */
  readonly subject: string;
}

export function newChallenge(
  { keyring, purpose, subject }: ChallengeOptions,
  { now, random }: { readonly now: number; readonly random: Random },
): Uint8Array {
  const head = Buffer.concat([random(NONCE_BYTES), timeBytes(now + CHALLENGE_LIFE_MS)]);
  return Buffer.concat([head, macOf(keyring, { purpose, subject, head })]);
}

/** Whether it is one of ours, for this, and not too old. */
export function isChallenge({ keyring, purpose, subject }: ChallengeOptions, text: string, now: number): boolean {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== NONCE_BYTES + TIME_BYTES + MAC_BYTES || textOf(bytes) !== text) return false;
  const head = bytes.subarray(0, NONCE_BYTES + TIME_BYTES);
  const mac = macOf(keyring, { purpose, subject, head });
  return isSame(textOf(mac), textOf(bytes.subarray(-MAC_BYTES))) && endOf(head) > now;
}

/** False where it was used before. INVARIANT: `isChallenge` held. */
export function spendChallenge(db: Db, text: string): Promise<boolean> {
  return spendProof(db, hashOf(text), endOf(Buffer.from(text, 'base64url')));
}

function timeBytes(ms: number): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeUIntBE(ms, 0, TIME_BYTES);
  return bytes;
}

function endOf(bytes: Buffer): number {
  return bytes.readUIntBE(NONCE_BYTES, TIME_BYTES);
}

function macOf(
  keyring: Keyring,
  { purpose, subject, head }: { readonly purpose: Purpose; readonly subject: string; readonly head: Buffer },
): Uint8Array {
  return keyring.mac('challenge', purpose, subject, textOf(head)).subarray(0, MAC_BYTES);
}
