// Renewal: a new leaf for a new key. Over mutual TLS the old leaf proves who asks; after it has ended the renewal key does, with a fresh challenge.

import { type Leaf, parseSpiffeId, renewText, type SpiffeId } from '#identity';
import type { Doer } from '#ledger';
import { changeIdentity, type IdentityRow, identityRow } from '#store';
import { challengeFor, isChallengeFresh } from './challenge.ts';
import type { Context } from './context.ts';
import { checkNotRevoked, publicKey, revoked, signatureOf, unproved } from './enrol.ts';
import { freshKeys } from './establish.ts';
import { draftLeaf, type Issued } from './issue.ts';
import { SYSTEM } from './options.ts';
import { AuthorityError, refusedBy } from './trouble.ts';

/** Over mutual TLS. Bytes are base64. */
export interface RenewRequest {
  /** The new public key. */
  readonly spki: string;
  /** Signature by it over `renewText` with the old leaf's serial number. */
  readonly proof: string;
}

/** Without a valid certificate. */
export interface WakeRequest extends RenewRequest {
  readonly id: string;
  readonly challenge: string;
  /** Signature by the renewal key over the same text. */
  readonly renewalProof: string;
}

/** Seconds between two renewals of one identity: an agent gone wild must not fill the database. */
export const RENEWAL_SECONDS_MIN = 10;
/** How long people and AI agents go on by renewals before they log on, or are minted, anew. */
const RENEWABLE_MS = 12 * 3_600 * 1_000;

/** `leaf` is what the one verifier made of the connection's certificate: never a name from a message. */
export async function renew(context: Context, leaf: Leaf, request: RenewRequest): Promise<Issued> {
  const key = publicKey(request.spki, 'key');
  const signed = renewText({ id: leaf.id.text, spki: key.spki, fresh: leaf.serial }, context.primitives);
  if (!context.primitives.verify({ signed, signature: signatureOf(request.proof), key })) throw unproved('key');
  return issueAgain(context, { id: leaf.id, spki: key.spki, by: 'certificate', needed: () => null });
}

/** A challenge for `wake`; the same for whoever asks, so it tells nothing of who is enrolled. */
export function challenge(context: Context, id: string): string {
  return challengeFor(context, id);
}

export async function wake(context: Context, request: WakeRequest): Promise<Issued> {
  const id = parseSpiffeId(request.id);
  if (id.kind === 'refused') throw refusedBy(id);
  if (!isChallengeFresh(context, { id: request.id, challenge: request.challenge }))
    throw new AuthorityError({
      code: 'PICKET-C331',
      message: 'the challenge is not fresh, or was given for another identity; nothing was changed',
      help: 'ask for a new one',
    });
  const key = publicKey(request.spki, 'key');
  const { primitives } = context;
  const signed = renewText({ id: request.id, spki: key.spki, fresh: request.challenge }, primitives);
  if (!primitives.verify({ signed, signature: signatureOf(request.proof), key })) throw unproved('key');
  const renewalProof = signatureOf(request.renewalProof);
  const needed = ({ renewal_key: renewal }: IdentityRow): AuthorityError | null => {
    const isProved =
      renewal !== null &&
      primitives.verify({ signed, signature: renewalProof, key: publicKey(renewal, 'renewal key') });
    return isProved ? null : unwoken();
  };
  return issueAgain(context, { id: id.value, spki: key.spki, by: 'renewal-key', needed });
}

/** The same for an identity that is not there, one without a renewal key, and one with another: strangers learn nothing. */
function unwoken(): AuthorityError {
  return new AuthorityError({
    code: 'PICKET-C330',
    message: 'no renewal key of that identity made this signature, or it was revoked; nothing was changed',
    help: 'join the element again with a new token: picket tokens enrol',
  });
}

interface Again {
  readonly id: SpiffeId;
  readonly spki: Uint8Array;
  readonly by: 'certificate' | 'renewal-key';
  /** What the identity's row has to fulfil, or why it does not. */
  readonly needed: (row: IdentityRow) => AuthorityError | null;
}

async function issueAgain(context: Context, { id, spki, by, needed }: Again): Promise<Issued> {
  const { domain } = id;
  const row = await identityRow(context.store.db, domain, id.text);
  if (row === undefined) throw by === 'renewal-key' ? unwoken() : revoked(id);
  const fault = needed(row) ?? overdue(row, context.now());
  if (fault !== null) throw fault;
  await checkNotRevoked(context.store.db, id);
  const keys = await freshKeys(context, domain, SYSTEM);
  const draft = await draftLeaf(context, { keys, id, spki });
  const actor: Doer = { kind: 'agent', id: id.text, name: id.text };
  await context.recorder.perform(actor, async (db, note) => {
    const { serial, notAfter: not_after } = draft.issued;
    if (!(await changeIdentity(db, domain, id.text, { serial, not_after, renewed_at: context.now() })))
      throw revoked(id);
    // Looked at once more inside: a revocation of all below a path does not touch a row that is made meanwhile.
    await checkNotRevoked(db, id);
    await draft.keep(db);
    note({ action: 'identity.renew', subject: id.text, domain, detail: { serial, by } });
  });
  return draft.issued;
}

function overdue(row: IdentityRow, now: number): AuthorityError | null {
  const mayRenew = (row.kind !== 'human' && row.kind !== 'agent') || now - row.enrolled_at < RENEWABLE_MS;
  if (!mayRenew)
    return new AuthorityError({
      code: 'PICKET-C333',
      message: `${row.id} was enrolled more than ${RENEWABLE_MS / 3_600_000} hours ago, and kind ${row.kind} has to begin anew then; nothing was issued`,
      help: 'log on again, or use a new token',
    });
  const waited = now - row.renewed_at;
  if (waited < 0 || waited >= RENEWAL_SECONDS_MIN * 1_000) return null;
  return new AuthorityError({
    code: 'PICKET-C334',
    message: `${row.id} was given a certificate less than ${RENEWAL_SECONDS_MIN} seconds ago; nothing was issued`,
    help: 'wait that long',
  });
}
