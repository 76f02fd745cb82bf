// Passkeys by WebAuthn: what a browser is asked to sign, and whether what it gives holds. User verification is always required. Not sessions.

import { type PasskeyMade, type PasskeyProof, Refusal } from '#routes';
import { type Db, type PasskeyRow, passkey, passkeysOf, usePasskey } from '#store';
import { isChallenge, newChallenge, type Purpose, spendChallenge } from './challenge.ts';
import { decoyKey } from './decoy.ts';
import type { Parts } from './parts.ts';
import { isSame, textOf } from './secrets.ts';

/** Loaded when somebody first logs on: with its parsers it is a quarter of what a controller would hold from its start. */
const webAuthn = () => import('@simplewebauthn/server');

const TIMEOUT_MS = 5 * 60 * 1_000;
/** COSE: Ed25519, ECDSA P-256, RSA PKCS#1. */
const ALGORITHMS = [-8, -7, -257];
/** A passkey that proves nothing of its use keeps the counter 0. */
const TRANSPORTS_MAX = 8;

/** For the browser, as it is. */
export type PasskeyOptions = { readonly challenge: string } & Readonly<Record<string, unknown>>;

export async function logonOptions(parts: Parts): Promise<PasskeyOptions> {
  const options = await (await webAuthn()).generateAuthenticationOptions({
    rpID: parts.publicName,
    challenge: Uint8Array.from(newChallenge({ keyring: parts.keyring, purpose: 'logon', subject: '' }, clockOf(parts))),
    timeout: TIMEOUT_MS,
    userVerification: 'required',
  });
  return { ...options };
}

export interface NewPasskeyFor {
  readonly user: { readonly id: string; readonly name: string };
  readonly purpose: Exclude<Purpose, 'logon'>;
  /** Link or person that the challenge is bound to. */
  readonly subject: string;
}

export async function creationOptions(
  parts: Parts,
  { user, purpose, subject }: NewPasskeyFor,
): Promise<PasskeyOptions> {
  const kept = await passkeysOf(parts.store.db, user.id);
  const options = await (await webAuthn()).generateRegistrationOptions({
    rpName: 'Picket',
    rpID: parts.publicName,
    userID: Uint8Array.from(Buffer.from(user.id)),
    userName: user.name,
    userDisplayName: user.name,
    challenge: Uint8Array.from(newChallenge({ keyring: parts.keyring, purpose, subject }, clockOf(parts))),
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    excludeCredentials: kept.map(({ id }) => ({ id })),
    // Found by the key itself, so nobody has to say who they are and nothing can be asked about somebody.
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  return { ...options };
}

/** A passkey whose proof held, and how to use the proof up. */
export interface Proved {
  readonly passkey: PasskeyRow;
  /** False where somebody was faster with the same proof or key. */
  readonly spend: (db: Db) => Promise<boolean>;
}

/** Rejects with one and the same refusal, whatever does not hold; an unknown key is verified against one that nobody has. */
export async function proved(parts: Parts, proof: PasskeyProof): Promise<Proved> {
  const kept = await passkey(parts.store.db, proof.id);
  const challenge = challengeOf(proof.response.clientDataJSON);
  const counter = await verifiedCounter(parts, { proof, kept, challenge });
  if (kept === undefined || counter === null || !isOwn(proof, kept)) throw logonRefused();
  const at = parts.now();
  return {
    passkey: kept,
    spend: async (db) =>
      (await spendChallenge(db, challenge)) &&
      (await usePasskey(db, { id: kept.id, before: kept.counter, counter, at })),
  };
}

export function logonRefused(): Refusal {
  return new Refusal({
    code: 'PICKET-C502',
    message: 'the logon was refused; nothing was changed',
    help: 'begin anew; whoever lost a passkey asks an owner for a new link',
  });
}

/** The user handle names the person that the key was made for. */
function isOwn({ response }: PasskeyProof, kept: PasskeyRow): boolean {
  const { userHandle } = response;
  return userHandle === undefined || isSame(textOf(Buffer.from(kept.user)), userHandle);
}

interface Verifying {
  readonly proof: PasskeyProof;
  readonly kept: PasskeyRow | undefined;
  readonly challenge: string;
}

/** The counter after this use, or null where the proof does not hold. */
async function verifiedCounter(parts: Parts, { proof, kept, challenge }: Verifying): Promise<number | null> {
  const { publicName, origin, keyring, now } = parts;
  try {
    const { verified, authenticationInfo } = await (await webAuthn()).verifyAuthenticationResponse({
      response: { ...proof, response: responseOf(proof), clientExtensionResults: {} },
      expectedChallenge: () => isChallenge({ keyring, purpose: 'logon', subject: '' }, challenge, now()),
      expectedOrigin: origin,
      expectedRPID: publicName,
      requireUserVerification: true,
      credential: {
        id: proof.id,
        publicKey: kept === undefined ? decoyKey() : Uint8Array.from(Buffer.from(kept.public_key, 'base64url')),
        counter: kept?.counter ?? 0,
      },
    });
    return verified && authenticationInfo.userVerified ? authenticationInfo.newCounter : null;
  } catch {
    // The library says with an error what does not hold; whoever asked is told none of it.
    return null;
  }
}

function responseOf({ response }: PasskeyProof) {
  const { userHandle, ...rest } = response;
  return userHandle === undefined ? rest : { ...rest, userHandle };
}

export type NewPasskey = Pick<PasskeyRow, 'id' | 'public_key' | 'counter' | 'transports'> & {
  readonly spend: (db: Db) => Promise<boolean>;
};

/** The passkey that a browser made, where it is as it was asked for. */
export async function made(
  parts: Parts,
  { purpose, subject }: Pick<NewPasskeyFor, 'purpose' | 'subject'>,
  answer: PasskeyMade,
): Promise<NewPasskey> {
  const { publicName, origin, keyring, now } = parts;
  const challenge = challengeOf(answer.response.clientDataJSON);
  const { transports = [], ...response } = answer.response;
  const verified = await (await webAuthn())
    .verifyRegistrationResponse({
      response: { ...answer, response, clientExtensionResults: {} },
      expectedChallenge: () => isChallenge({ keyring, purpose, subject }, challenge, now()),
      expectedOrigin: origin,
      expectedRPID: publicName,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    .catch(() => null);
  if (verified === null || !verified.verified) throw passkeyRefused();
  const { credential } = verified.registrationInfo;
  return {
    id: credential.id,
    public_key: textOf(credential.publicKey),
    counter: credential.counter,
    transports: JSON.stringify(transports.slice(0, TRANSPORTS_MAX)),
    spend: (db) => spendChallenge(db, challenge),
  };
}

export function passkeyRefused(): Refusal {
  return new Refusal({
    code: 'PICKET-C512',
    message: 'the passkey cannot be taken; nothing was changed',
    help: 'begin anew, with a key that checks who you are by PIN, finger or face',
  });
}

/** What the browser says was signed. It is believed only where the signature holds over it. */
function challengeOf(clientData: string): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(clientData, 'base64url').toString('utf8'));
    if (typeof value !== 'object' || value === null || !('challenge' in value)) return '';
    return typeof value.challenge === 'string' ? value.challenge : '';
  } catch {
    return '';
  }
}

function clockOf({ now, random }: Parts): { readonly now: number; readonly random: Parts['random'] } {
  return { now: now(), random };
}
