// Enrolment: a one-time token and proof of keys that were made on the element, for a first certificate. Keys are never sent, only what they sign.

import {
  canHoldRenewalKey,
  enrolText,
  fromBase64,
  fromBase64url,
  type PublicKey,
  readPublicKey,
  type SpiffeId,
  spiffeId,
  TOKEN_BYTES,
  upward,
} from '#identity';
import type { Doer } from '#ledger';
import { type Db, type EnrolmentTokenRow, identityRow, isAnyRevoked, putIdentity, tokenByHash, useToken } from '#store';
import type { Context } from './context.ts';
import { freshKeys } from './establish.ts';
import { draftLeaf, type Issued } from './issue.ts';
import { type DomainKeys, trustedKeys } from './keys.ts';
import { SYSTEM } from './options.ts';
import { announceRevocations, supersede } from './revoke.ts';
import { pathFor, tokenHash } from './tokens.ts';
import { AuthorityError, refusedBy } from './trouble.ts';

/** As it comes over the API; bytes are base64, `root` is base64url. */
export interface EnrolRequest {
  readonly domain: string;
  readonly token: string;
  /** Below the token's path, where it is a prefix; otherwise null or the token's own. */
  readonly path: string | null;
  /** Public key of the leaf. */
  readonly spki: string;
  /** Signature by that key over `enrolText`. */
  readonly proof: string;
  /** Public key that may ask for a new leaf later; null for people and AI agents. */
  readonly renewalSpki: string | null;
  readonly renewalProof: string | null;
  /** The root by which the element knows this authority, from the join link. */
  readonly root: string;
}

export async function enrol(context: Context, request: EnrolRequest): Promise<Issued> {
  const { domain } = request;
  const token = await usableToken(context, request);
  const id = spiffeId({ domain, kind: token.kind, path: pathFor(token, request.path) });
  if (id.kind === 'refused') throw refusedBy(id);
  const keys = await freshKeys(context, domain, SYSTEM);
  const proved = checkProofs(context, { request, keys, id: id.value });
  await checkFree(context.store.db, { domain, id: id.value, token });
  const draft = await draftLeaf(context, { keys, id: id.value, spki: proved.leaf.spki });
  const actor: Doer = { kind: 'agent', id: id.value.text, name: id.value.text };
  const superseded = await context.recorder.perform(actor, async (db, note) => {
    const now = context.now();
    if (!(await useToken(db, token, { at: now, by: id.value.text }))) throw spent(token, now);
    await checkFree(db, { domain, id: id.value, token });
    const gone = await supersede(db, { context, domain, id: id.value.text, why: 'enrolled again' });
    await putIdentity(db, {
      domain,
      id: id.value.text,
      kind: id.value.kind,
      enrolled_at: now,
      enrolled_with: token.id,
      renewal_key: proved.renewal === null ? null : request.renewalSpki,
      serial: draft.issued.serial,
      not_after: draft.issued.notAfter,
      renewed_at: now,
      bundle_sequence: keys.bundle_sequence,
      revoked_at: null,
    });
    await draft.keep(db);
    note({
      action: 'identity.enrol',
      subject: id.value.text,
      domain,
      detail: { token: token.id, serial: draft.issued.serial, superseded: gone.count },
    });
    return gone;
  });
  await announceRevocations(context, domain, superseded.sequence);
  return draft.issued;
}

/** The token's row, if it can be used now. Whoever does not hold it learns nothing: only the right secret finds a row. */
async function usableToken(context: Context, { domain, token }: EnrolRequest): Promise<EnrolmentTokenRow> {
  const isWhole = fromBase64url(token)?.length === TOKEN_BYTES;
  const row = isWhole ? await tokenByHash(context.store.db, domain, tokenHash(token)) : undefined;
  if (row === undefined)
    throw new AuthorityError({
      code: 'PICKET-C320',
      message: 'the token is not known here; nothing was changed',
      help: 'take the whole link, or make a new one: picket tokens enrol',
    });
  const now = context.now();
  if (row.used_at !== null || row.revoked_at !== null || row.expires_at <= now) throw spent(row, now);
  return row;
}

function spent(row: EnrolmentTokenRow, now: number): AuthorityError {
  const help = 'make a new one: picket tokens enrol';
  if (row.revoked_at !== null)
    return new AuthorityError({ code: 'PICKET-C323', message: 'the token was revoked; nothing was changed', help });
  if (row.used_at === null && row.expires_at <= now)
    return new AuthorityError({
      code: 'PICKET-C322',
      message: `the token ended at ${new Date(row.expires_at).toISOString()}; nothing was changed`,
      help,
    });
  return new AuthorityError({
    code: 'PICKET-C321',
    message: 'the token was used already; nothing was changed',
    help: 'if it was not you, somebody else had the link: look at picket identities ls, and revoke what you do not know',
  });
}

interface Proving {
  readonly request: EnrolRequest;
  readonly keys: DomainKeys;
  readonly id: SpiffeId;
}

/** Both keys have to sign the same text, which binds token, keys and this authority. */
function checkProofs(
  { primitives }: Context,
  { request, keys, id }: Proving,
): { readonly leaf: PublicKey; readonly renewal: PublicKey | null } {
  const { domain, token, renewalSpki, renewalProof } = request;
  const leaf = publicKey(request.spki, 'key');
  const renewal = renewalSpki === null ? null : publicKey(renewalSpki, 'renewal key');
  if (renewal !== null && !canHoldRenewalKey(id.kind))
    throw new AuthorityError({
      code: 'PICKET-C330',
      message: `kind ${id.kind} has no renewal key; nothing was changed`,
      help: 'leave it out',
    });
  const root = fromBase64url(request.root);
  const isOurs = trustedKeys(keys, 'root').some((row) => root !== null && row.id === Buffer.from(root).toString('hex'));
  if (root === null || !isOurs)
    throw new AuthorityError({
      code: 'PICKET-C308',
      message: 'the link names a root that this domain does not have; nothing was changed',
      help: 'make a new link: picket tokens enrol',
    });
  const signed = enrolText({ domain, token, spki: leaf.spki, renewalSpki: renewal?.spki ?? null, root }, primitives);
  const isProved = primitives.verify({ signed, signature: signatureOf(request.proof), key: leaf });
  const isRenewalProved =
    renewal === null || primitives.verify({ signed, signature: signatureOf(renewalProof ?? ''), key: renewal });
  if (!isProved || !isRenewalProved) throw unproved(isProved ? 'renewal key' : 'key');
  if (renewal !== null && Buffer.from(renewal.spki).equals(leaf.spki))
    throw new AuthorityError({
      code: 'PICKET-C325',
      message: 'the renewal key is the key of the certificate; it has to be another; nothing was changed',
    });
  return { leaf, renewal };
}

export function publicKey(text: string, what: string): PublicKey {
  const bytes = fromBase64(text);
  const key = bytes === null ? null : readPublicKey(bytes);
  if (key?.kind === 'ok') return key.value;
  throw new AuthorityError({
    code: 'PICKET-C325',
    message: `the ${what} is no P-256 or Ed25519 public key; nothing was changed`,
  });
}

export function signatureOf(text: string): Uint8Array {
  return fromBase64(text) ?? new Uint8Array(0);
}

export function unproved(what: string): AuthorityError {
  return new AuthorityError({
    code: 'PICKET-C325',
    message: `the signature by the ${what} does not fit what was asked; nothing was changed`,
    help: 'agent and controller may be of different versions: compare picket version on both',
  });
}

/** A revoked name stays so until somebody reinstates it, and a token for many names takes over none that is there. */
async function checkFree(
  db: Db,
  of: { readonly domain: string; readonly id: SpiffeId; readonly token: EnrolmentTokenRow },
): Promise<void> {
  const { domain, id, token } = of;
  await checkNotRevoked(db, id);
  const there = await identityRow(db, domain, id.text);
  if (there === undefined || token.is_prefix === 0) return;
  throw new AuthorityError({
    code: 'PICKET-C328',
    message: `${id.text} is enrolled already, and a token for a whole path takes over none; nothing was changed`,
    help: 'choose another name, or ask for a token for exactly this one',
  });
}

export async function checkNotRevoked(db: Db, id: SpiffeId): Promise<void> {
  const above = upward(id).map((value) => ({ kind: 'subtree' as const, value }));
  if (!(await isAnyRevoked(db, id.domain, [{ kind: 'identity', value: id.text }, ...above]))) return;
  throw revoked(id);
}

export function revoked(id: SpiffeId): AuthorityError {
  return new AuthorityError({
    code: 'PICKET-C307',
    message: `${id.text} is revoked; nothing was issued`,
    help: 'an owner can reinstate it: picket identities reinstate ID',
  });
}
