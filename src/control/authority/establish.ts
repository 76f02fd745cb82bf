// Makes a domain's authority: root, issuing certificate, policy key; and new issuing certificates as the old ones age. Not rotation of roots.

import { BACKDATED, isDomainName } from '#identity';
import type { Doer } from '#ledger';
import { DAY, type Instant } from '#model';
import { type AuthorityKeyRow, addAuthority, addAuthorityKey, authorityRow, changeKey } from '#store';
import { type Context, instantOfMs, msOfInstant } from './context.ts';
import { activeKey, bytesOf, type DomainKeys, keyRow, keysOf } from './keys.ts';
import { ISSUING_DAYS, ROOT_YEARS } from './options.ts';
import { readRoot, removeRoot, writeRoot } from './root-file.ts';
import { AuthorityError } from './trouble.ts';
import { newSigningKey, type SigningKey } from './x509.ts';

const YEAR = 365 * DAY;

/** Makes the authority of a domain that has none; does nothing where there is one. Of two controllers that try at once one makes it. */
export async function establish(context: Context, domain: string, actor: Doer): Promise<void> {
  if (!isDomainName(domain))
    throw new AuthorityError({
      code: 'PICKET-C300',
      message: `domain ${JSON.stringify(domain.slice(0, 80))} is no DNS name in lower case; nothing was changed`,
    });
  if ((await authorityRow(context.store.db, domain)) !== undefined) return;
  const root = newSigningKey();
  await writeRoot(context, domain, root);
  let isMade = false;
  try {
    const rows = [
      await rootRow(context, { domain, key: root, state: 'active', sequence: 1 }),
      await issuingRow(context, { domain, root, rootEnd: rootEnd(context) }),
      policyRow(context, { domain, state: 'active', sequence: 1 }),
    ];
    isMade = await context.recorder.perform(actor, async (db, note) => {
      if (!(await addAuthority(db, domain))) return false;
      for (const row of rows) await addAuthorityKey(db, row);
      note({ action: 'authority.establish', subject: domain, domain, detail: { root: root.keyId } });
      return true;
    });
  } finally {
    if (!isMade) await removeRoot(context, { domain, keyId: root.keyId });
  }
}

function rootEnd({ now }: Context): Instant {
  return instantOfMs(now()) + ROOT_YEARS * YEAR;
}

interface NewKey {
  readonly domain: string;
  readonly state: AuthorityKeyRow['state'];
  /** Of the bundle in which it first stands. */
  readonly sequence: number;
}

export async function rootRow(
  context: Context,
  { domain, key, state, sequence }: NewKey & { readonly key: SigningKey },
): Promise<AuthorityKeyRow> {
  const notAfter = rootEnd(context);
  const notBefore = instantOfMs(context.now()) - BACKDATED;
  const { der } = await context.maker.makeIssuer({ domain, purpose: 'root', key, by: key, notBefore, notAfter });
  return keyRow(context, key, {
    domain,
    purpose: 'root',
    state,
    made_at: context.now(),
    since_sequence: sequence,
    not_after: msOfInstant(notAfter),
    der,
  });
}

export function policyRow(context: Context, { domain, state, sequence }: NewKey): AuthorityKeyRow {
  return keyRow(context, newSigningKey(), {
    domain,
    purpose: 'policy',
    state,
    made_at: context.now(),
    since_sequence: sequence,
  });
}

/** A new issuing key and its certificate by this root; it ends with the root at the latest. */
export async function issuingRow(
  context: Context,
  { domain, root, rootEnd: end }: { readonly domain: string; readonly root: SigningKey; readonly rootEnd: Instant },
): Promise<AuthorityKeyRow> {
  const now = instantOfMs(context.now());
  const key = newSigningKey();
  const notAfter = Math.min(now + ISSUING_DAYS * DAY, end);
  const { der } = await context.maker.makeIssuer({
    domain,
    purpose: 'issuing',
    key,
    by: root,
    notBefore: now - BACKDATED,
    notAfter,
  });
  return keyRow(context, key, {
    domain,
    purpose: 'issuing',
    state: 'active',
    made_at: context.now(),
    since_sequence: 0,
    signed_by: root.keyId,
    not_after: msOfInstant(notAfter),
    der,
  });
}

/** Whether it is time for a new issuing certificate: at half of its life. */
export function isIssuingAged(row: AuthorityKeyRow, now: number): boolean {
  return now >= (row.made_at + (row.not_after ?? 0)) / 2;
}

/**
 * The keys to issue with, after a new issuing certificate was made where the old one has aged and the root is at hand.
 * Without the root the old one serves until its end; after that nothing is issued.
 */
export async function freshKeys(context: Context, domain: string, actor: Doer): Promise<DomainKeys> {
  const keys = await keysOf(context.store.db, domain);
  const issuing = activeKey(keys, 'issuing');
  const now = context.now();
  if (!isIssuingAged(issuing, now)) return keys;
  const root = await readRoot(context, { domain, keyId: activeKey(keys, 'root').id });
  if (root !== null) return replaceIssuing(context, { keys, root, actor });
  if (now < (issuing.not_after ?? 0)) return keys;
  throw new AuthorityError({
    code: 'PICKET-C340',
    message: `the issuing certificate of ${domain} has ended, and the root key that makes a new one is not at hand; nothing was issued`,
    help: 'put the root key file back for a moment: the new certificate is made at the next request',
  });
}

/** Puts a new issuing key in the place of the one in use. Where somebody else was faster, theirs is used. */
export async function replaceIssuing(
  context: Context,
  { keys, root, actor }: { readonly keys: DomainKeys; readonly root: SigningKey; readonly actor: Doer },
): Promise<DomainKeys> {
  const { domain } = keys;
  const old = activeKey(keys, 'issuing');
  const rootKey = keys.rows.find(({ id }) => id === root.keyId);
  if (rootKey === undefined || bytesOf(rootKey.certificate).length === 0) return keys;
  const row = await issuingRow(context, { domain, root, rootEnd: instantOfMs(rootKey.not_after ?? 0) });
  await context.recorder.perform(actor, async (db, note) => {
    const isMine = await changeKey(
      db,
      { domain, id: old.id, from: 'active' },
      { state: 'retiring', used_until: old.not_after },
    );
    if (!isMine) return;
    await addAuthorityKey(db, row);
    note({ action: 'authority.issuing', subject: domain, domain, detail: { key: row.id, root: root.keyId } });
  });
  return keysOf(context.store.db, domain);
}
