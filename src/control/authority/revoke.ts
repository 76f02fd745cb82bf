// Revocation: of one certificate, an identity, all below one, an issuing key, or a renewal key; and taking it back. Every change has a sequence number.

import {
  BACKDATED,
  fromHex,
  LEAF_LIFE,
  parseSpiffeId,
  REVOCATIONS_MAX,
  type Revocation,
  type RevocationList,
} from '#identity';
import type { Doer } from '#ledger';
import {
  changeIdentity,
  type Db,
  leafRow,
  liveLeaves,
  liveRevocations,
  markIdentities,
  nextSequence,
  putRevocation,
  type RevocationRow,
  removeRevocation,
  revocationCount,
} from '#store';
import type { Context } from './context.ts';
import { keysOf } from './keys.ts';
import { AuthorityError, refusedBy } from './trouble.ts';
import { certificateKeyId } from './x509.ts';

export interface RevocationWish {
  readonly kind: Revocation['kind'];
  /** Serial number in hexadecimal, id, id, or key id of an issuing key. */
  readonly value: string;
  readonly why: string;
}

/** No certificate lives longer than this after it was issued, so no entry has to be told to agents for longer. */
const LEAF_MS_MAX = (Math.max(...Object.values(LEAF_LIFE)) + BACKDATED) / 1_000;
/** Certificates of one identity, or below one, that are revoked singly when it is reinstated or enrolled again. */
const LEAVES_MAX = 10_000;

interface Ordered {
  readonly domain: string;
  readonly actor: Doer;
}

export async function revoke(
  context: Context,
  { domain, actor, wish }: Ordered & { readonly wish: RevocationWish },
): Promise<number> {
  const { kind, why } = wish;
  const value = kind === 'issuer' ? certificateKeyId(wish.value) : wish.value;
  await keysOf(context.store.db, domain);
  const until = await endOf(context, domain, wish);
  const sequence = await context.recorder.perform(actor, async (db, note) => {
    const now = context.now();
    if ((await revocationCount(db, domain, now)) >= REVOCATIONS_MAX) throw full();
    // The row is taken first: a renewal that is under way ends before it or sees it.
    if (kind === 'identity' || kind === 'subtree')
      await markIdentities(db, { domain, id: value, isSubtree: kind === 'subtree' }, now);
    const next = await nextSequence(db, domain, 'revocation_sequence');
    await putRevocation(db, {
      domain,
      kind,
      value,
      sequence: next,
      at: now,
      until,
      by_id: actor.id,
      by_name: actor.name,
      why,
    });
    note({ action: 'identity.revoke', subject: value, domain, detail: { kind, why, sequence: next } });
    return next;
  });
  await announceRevocations(context, domain, sequence);
  return sequence;
}

/** Checks what is to be revoked, and answers until when agents have to know. */
async function endOf(context: Context, domain: string, { kind, value }: RevocationWish): Promise<number> {
  if (kind === 'identity' || kind === 'subtree') {
    const id = parseSpiffeId(value);
    if (id.kind === 'refused') throw refusedBy(id);
    if (id.value.domain !== domain)
      throw new AuthorityError({
        code: 'PICKET-C303',
        message: `${value} belongs to another domain than ${domain}; nothing was changed`,
      });
    return context.now() + LEAF_MS_MAX;
  }
  if (fromHex(value) === null) throw unknown(`${kind} ${JSON.stringify(value.slice(0, 64))}`);
  if (kind === 'issuer') return context.now() + LEAF_MS_MAX;
  const leaf = await leafRow(context.store.db, domain, value);
  if (leaf === undefined) throw unknown(`certificate ${value.slice(0, 64)}`);
  return leaf.not_after;
}

function unknown(what: string): AuthorityError {
  return new AuthorityError({
    code: 'PICKET-C347',
    message: `${what} is not there; nothing was changed`,
    help: 'picket identities ls',
  });
}

function full(): AuthorityError {
  return new AuthorityError({
    code: 'PICKET-C346',
    message: `${REVOCATIONS_MAX} revocations are in force; this one was not made`,
    help: 'revoke the subtree above, or the issuing key: both are one entry',
  });
}

/** Takes the renewal key of an identity away: its certificate still lives, and can be renewed until it ends. */
export async function revokeRenewalKey(
  context: Context,
  { domain, actor, id }: Ordered & { readonly id: string },
): Promise<void> {
  await context.recorder.perform(actor, async (db, note) => {
    if (!(await changeIdentity(db, domain, id, { renewal_key: null })))
      throw unknown(`identity ${JSON.stringify(id.slice(0, 512))}`);
    note({ action: 'identity.revoke-renewal-key', subject: id, domain });
  });
}

/** Lets an identity, or all below one, be enrolled again. The certificates it had stay revoked, one by one. */
export async function reinstate(
  context: Context,
  { domain, actor, kind, id }: Ordered & { readonly kind: 'identity' | 'subtree'; readonly id: string },
): Promise<number> {
  const sequence = await context.recorder.perform(actor, async (db, note) => {
    if (!(await removeRevocation(db, { domain, kind, value: id })))
      throw unknown(`a revocation of ${kind} ${JSON.stringify(id.slice(0, 512))}`);
    const gone = await supersede(db, { context, domain, id, isSubtree: kind === 'subtree', why: 'reinstated' });
    await markIdentities(db, { domain, id, isSubtree: kind === 'subtree' }, null);
    const next = gone.sequence ?? (await nextSequence(db, domain, 'revocation_sequence'));
    note({ action: 'identity.reinstate', subject: id, domain, detail: { kind, sequence: next } });
    return next;
  });
  await announceRevocations(context, domain, sequence);
  return sequence;
}

interface Superseding {
  readonly context: Context;
  readonly domain: string;
  readonly id: string;
  readonly isSubtree?: boolean;
  readonly why: string;
}

/** Revokes the certificates of an identity that still live, one by one. The sequence is null where there were none. */
export async function supersede(
  db: Db,
  { context, domain, id, isSubtree = false, why }: Superseding,
): Promise<{ readonly count: number; readonly sequence: number | null }> {
  const now = context.now();
  const leaves = await liveLeaves(db, { domain, id, isSubtree, now, limit: LEAVES_MAX });
  if (leaves.length === 0) return { count: 0, sequence: null };
  const sequence = await nextSequence(db, domain, 'revocation_sequence');
  for (const { serial, not_after: until } of leaves)
    await putRevocation(db, {
      domain,
      kind: 'serial',
      value: serial,
      sequence,
      at: now,
      until,
      by_id: 'authority',
      by_name: 'authority',
      why,
    });
  return { count: leaves.length, sequence };
}

export async function announceRevocations(context: Context, domain: string, sequence: number | null): Promise<void> {
  if (sequence !== null) await context.announce({ domain, what: 'revocations', sequence });
}

/** The list as agents get it: whatever still stops a certificate that lives. */
export async function revocationList(context: Context, domain: string): Promise<RevocationList> {
  const { db } = context.store;
  const { revocation_sequence: sequence } = await keysOf(db, domain);
  const rows = await liveRevocations(db, { domain, now: context.now(), limit: REVOCATIONS_MAX });
  return { domain, sequence, entries: rows.map(entryOf) };
}

function entryOf({ kind, value, until }: RevocationRow): Revocation {
  return { kind, value, until: until * 1_000 };
}
