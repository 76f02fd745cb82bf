// Rotation of roots and policy keys with overlap: publish → confirmed by all agents → activate → retire. No step is taken by itself.

import { sign } from 'node:crypto';
import { base64, endorseText } from '#identity';
import type { Doer } from '#ledger';
import { DAY } from '#model';
import {
  type AuthorityKeyRow,
  addAuthorityKey,
  behindBundle,
  changeKey,
  type Db,
  lastLeafEnd,
  nextSequence,
} from '#store';
import { type Context, instantOfMs } from './context.ts';
import { issuingRow, policyRow, rootRow } from './establish.ts';
import { activeKey, bytesOf, type DomainKeys, keysOf } from './keys.ts';
import { readRoot, removeRoot, rootPath, writeRoot } from './root-file.ts';
import { AuthorityError } from './trouble.ts';
import { newSigningKey, type SigningKey } from './x509.ts';

export interface RotationWish {
  readonly purpose: 'root' | 'policy';
  readonly step: 'publish' | 'activate' | 'retire';
  /** Goes on without agents that have not confirmed, or before the last certificate has ended: they have to join anew. */
  readonly force: boolean;
}

interface Ordered {
  readonly domain: string;
  readonly actor: Doer;
  readonly wish: RotationWish;
}

/** Agents named in a refusal; the count says how many there are. */
const NAMED_MAX = 20;
/** A policy that was signed by the old key is on the agents' disks until its successor is: a day suffices for one that is off over night. */
const POLICY_KEY_REST_MS = DAY / 1_000;

/** Takes one step, and answers the sequence number of the bundle after it. */
export async function rotate(context: Context, ordered: Ordered): Promise<number> {
  const keys = await keysOf(context.store.db, ordered.domain);
  const sequence = await STEPS[ordered.wish.step](context, keys, ordered);
  await context.announce({ domain: ordered.domain, what: 'keys', sequence });
  return sequence;
}

const STEPS = { publish, activate, retire } as const;

function inState(
  { rows }: DomainKeys,
  purpose: AuthorityKeyRow['purpose'],
  state: AuthorityKeyRow['state'],
): AuthorityKeyRow | undefined {
  return rows.find((row) => row.purpose === purpose && row.state === state);
}

function notNow(message: string, help: string): AuthorityError {
  return new AuthorityError({ code: 'PICKET-C348', message: `${message}; nothing was changed`, help });
}

async function publish(
  context: Context,
  keys: DomainKeys,
  { domain, actor, wish: { purpose } }: Ordered,
): Promise<number> {
  checkNoneUnderWay(keys, purpose);
  const draft =
    purpose === 'root'
      ? await draftRoot(context, keys)
      : { row: policyRow(context, { domain, state: 'published', sequence: 0 }), drop: async () => {} };
  let isKept = false;
  try {
    return await context.recorder.perform(actor, async (db, note) => {
      const sequence = await nextSequence(db, domain, 'bundle_sequence');
      checkNoneUnderWay(await keysOf(db, domain), purpose);
      await addAuthorityKey(db, { ...draft.row, since_sequence: sequence });
      note({ action: 'authority.publish', subject: domain, domain, detail: { purpose, key: draft.row.id, sequence } });
      isKept = true;
      return sequence;
    });
  } catch (error) {
    if (!isKept) await draft.drop();
    throw error;
  }
}

function checkNoneUnderWay(keys: DomainKeys, purpose: RotationWish['purpose']): void {
  const other = inState(keys, purpose, 'published') ?? inState(keys, purpose, 'retiring');
  if (other === undefined) return;
  const next = other.state === 'published' ? 'activate' : 'retire';
  throw notNow(
    `a rotation of the ${purpose} key is under way (key ${other.id.slice(0, 16)} is ${other.state})`,
    `its next step is: picket authority rotate ${purpose} ${next}`,
  );
}

/** A new root with the word of the one in use, whose key has to be at hand for it. */
async function draftRoot(
  context: Context,
  keys: DomainKeys,
): Promise<{ readonly row: AuthorityKeyRow; readonly drop: () => Promise<void> }> {
  const { domain } = keys;
  const old = await rootAtHand(context, domain, activeKey(keys, 'root').id);
  const key = newSigningKey();
  const row = await rootRow(context, { domain, key, state: 'published', sequence: 0 });
  await writeRoot(context, domain, key);
  const signature = sign('sha256', endorseText(domain, bytesOf(row.certificate), context.primitives), old.privateKey);
  return {
    row: { ...row, signed_by: old.keyId, endorsement: base64(signature) },
    drop: () => removeRoot(context, { domain, keyId: key.keyId }),
  };
}

async function rootAtHand(context: Context, domain: string, keyId: string): Promise<SigningKey> {
  const root = await readRoot(context, { domain, keyId });
  if (root !== null) return root;
  throw new AuthorityError({
    code: 'PICKET-C340',
    message: `the root key is needed for this, and its file is not there (${rootPath(context, { domain, keyId })}); nothing was changed`,
    help: 'put the file back for as long as the step takes',
  });
}

async function activate(
  context: Context,
  keys: DomainKeys,
  { domain, actor, wish: { purpose, force } }: Ordered,
): Promise<number> {
  const next = inState(keys, purpose, 'published');
  if (next === undefined)
    throw notNow(`no ${purpose} key is published`, `begin with: picket authority rotate ${purpose} publish`);
  if (!force) await checkConfirmed(context, domain, next.since_sequence);
  const old = activeKey(keys, purpose);
  const issuing = purpose === 'root' ? await draftIssuing(context, domain, next) : null;
  await context.recorder.perform(actor, async (db, note) => {
    const isMine =
      (await changeKey(
        db,
        { domain, id: old.id, from: 'active' },
        { state: 'retiring', used_until: context.now() + POLICY_KEY_REST_MS },
      )) && (await changeKey(db, { domain, id: next.id, from: 'published' }, { state: 'active' }));
    if (!isMine) throw notNow('somebody else took this step meanwhile', 'look at picket authority show');
    if (issuing !== null) await changeIssuing(db, keys, issuing);
    note({
      action: 'authority.activate',
      subject: domain,
      domain,
      detail: { purpose, key: next.id, before: old.id, force },
    });
  });
  return keys.bundle_sequence;
}

async function checkConfirmed(context: Context, domain: string, sequence: number): Promise<void> {
  const behind = await behindBundle(context.store.db, { domain, sequence, now: context.now(), limit: NAMED_MAX });
  if (behind.length === 0) return;
  const names = behind.map(({ id }) => id).join(', ');
  throw notNow(
    `${behind.length === NAMED_MAX ? `${NAMED_MAX} or more` : behind.length} agents have not confirmed bundle ${sequence} yet: ${names}`,
    'wait until they have, or add --force: those agents then have to join anew',
  );
}

async function draftIssuing(context: Context, domain: string, root: AuthorityKeyRow): Promise<AuthorityKeyRow> {
  const key = await rootAtHand(context, domain, root.id);
  return issuingRow(context, { domain, root: key, rootEnd: instantOfMs(root.not_after ?? 0) });
}

async function changeIssuing(db: Db, keys: DomainKeys, next: AuthorityKeyRow): Promise<void> {
  const old = activeKey(keys, 'issuing');
  const isMine = await changeKey(
    db,
    { domain: keys.domain, id: old.id, from: 'active' },
    { state: 'retiring', used_until: old.not_after },
  );
  if (!isMine) throw notNow('a new issuing certificate was made meanwhile', 'repeat the step');
  await addAuthorityKey(db, next);
}

async function retire(
  context: Context,
  keys: DomainKeys,
  { domain, actor, wish: { purpose, force } }: Ordered,
): Promise<number> {
  const old = inState(keys, purpose, 'retiring');
  if (old === undefined) throw notNow(`no ${purpose} key is retiring`, 'look at picket authority show');
  const below = keys.rows.filter(({ purpose: of, signed_by }) => of === 'issuing' && signed_by === old.id);
  const end = purpose === 'policy' ? (old.used_until ?? 0) : await lastEnd(context, below);
  if (end > context.now() && !force)
    throw notNow(
      `what the old ${purpose} key vouches for is in use until ${new Date(end).toISOString()}`,
      'wait until then, or add --force: agents that still use it then have to join anew',
    );
  return context.recorder.perform(actor, async (db, note) => {
    const sequence = await nextSequence(db, domain, 'bundle_sequence');
    if (!(await changeKey(db, { domain, id: old.id, from: 'retiring' }, { state: 'retired' })))
      throw notNow('somebody else took this step meanwhile', 'look at picket authority show');
    for (const { id, state } of below) await changeKey(db, { domain, id, from: state }, { state: 'retired' });
    note({ action: 'authority.retire', subject: domain, domain, detail: { purpose, key: old.id, sequence, force } });
    return sequence;
  });
}

async function lastEnd({ store }: Context, issuing: readonly AuthorityKeyRow[]): Promise<number> {
  const ends = await Promise.all(issuing.map(({ domain, id }) => lastLeafEnd(store.db, domain, id)));
  return Math.max(0, ...ends);
}

/** A bundle with a higher number and the same content: for after a restore, when agents know a higher number than the backup. */
export async function raiseBundle(
  context: Context,
  { domain, actor, by }: { readonly domain: string; readonly actor: Doer; readonly by: number },
): Promise<number> {
  const sequence = await context.recorder.perform(actor, async (db, note) => {
    const next = await nextSequence(db, domain, 'bundle_sequence', by);
    note({ action: 'authority.raise', subject: domain, domain, detail: { sequence: next } });
    return next;
  });
  await context.announce({ domain, what: 'keys', sequence });
  return sequence;
}
