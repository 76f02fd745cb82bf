// One-time links: the first owner's on first start, and those of people who were invited. A link makes one passkey and opens one session.

import type { Doer, Note } from '#ledger';
import { CONTROLLER, type PasskeyMade, Refusal, type RequestFacts } from '#routes';
import {
  addLogonLink,
  addPasskey,
  addUser,
  allDomains,
  type Db,
  isOwned,
  type LogonLinkRow,
  lockOwners,
  logonLink,
  removeFirstLinks,
  setMembership,
  takeLogonLink,
  type UserRow,
  user,
} from '#store';
import { attempted } from './failures.ts';
import { NO_DOMAIN, type Parts, performAs } from './parts.ts';
import { creationOptions, made, type NewPasskey, type PasskeyOptions, passkeyRefused } from './passkeys.ts';
import { hashOf, newId, newSecret } from './secrets.ts';
import { type Begun, beginSession } from './sessions.ts';

export const FIRST_LINK_LIFE_MS = 10 * 60 * 1_000;
/** Whoever recovers has to start the controller in between. */
export const RECOVERY_LIFE_MS = 60 * 60 * 1_000;
export const INVITATION_LIFE_MS = 24 * 60 * 60 * 1_000;
const FIRST_NAME = 'owner';
/** Of a hash: a person's id that follows from the link, so that nothing is kept before the passkey is there. */
const ID_CHARS = 16;

export interface Link {
  /** With the secret behind `#`, which browsers send to nobody. */
  readonly page: string;
  readonly endsAt: number;
}

/** A new link for the first owner, in place of older ones; null where there is an owner. */
export async function firstLink(parts: Parts): Promise<Link | null> {
  const { store } = parts;
  return store.transaction(async (db) => {
    if (await isOwned(db)) return null;
    await removeFirstLinks(db);
    return newLink(parts, db, { user: null, lifeMs: FIRST_LINK_LIFE_MS });
  });
}

/** A link for a new owner of everything beside those there are, for whoever has the machine itself. Who else owned it stays: the new one removes them. */
export function recoveryLink(parts: Parts, doer: Doer, name: string): Promise<Link> {
  return parts.recorder.perform(doer, async (db, note) => {
    await lockOwners(db);
    const id = newId(parts.random);
    await addUser(db, { id, name, identity: null, made_at: parts.now() });
    await own(parts, { db, note }, { id, name, by: 'recovery', giver: doer.id });
    return newLink(parts, db, { user: id, lifeMs: RECOVERY_LIFE_MS });
  });
}

export async function newLink(
  { random, now, origin }: Parts,
  db: Db,
  { user: id, lifeMs }: { readonly user: string | null; readonly lifeMs: number },
): Promise<Link> {
  const secret = newSecret(random, '');
  const endsAt = now() + lifeMs;
  await addLogonLink(db, { hash: hashOf(secret), user: id, ends_at: endsAt });
  return { page: `${origin}/login/#k=${secret}`, endsAt };
}

export interface LinkShown {
  readonly isFirst: boolean;
  readonly name: string | null;
  readonly options: PasskeyOptions;
}

export interface LinkAsk {
  readonly secret: string;
  /** What the first owner is called. */
  readonly name: string;
  readonly facts: RequestFacts;
}

export function showLink(parts: Parts, { secret, name, facts }: LinkAsk): Promise<LinkShown> {
  const hash = hashOf(secret);
  return attempted(parts, { means: 'link', facts, account: hash }, async () => {
    const { row, person } = await heldLink(parts, parts.store.db, hash);
    const isFirst = row.user === null;
    const options = await creationOptions(parts, {
      user: person ?? { id: firstId(hash), name: name === '' ? FIRST_NAME : name },
      purpose: 'link',
      subject: hash,
    });
    return { isFirst, name: person?.name ?? null, options };
  });
}

export interface LinkUse extends LinkAsk {
  readonly passkeyName: string;
  readonly made: PasskeyMade;
}

export function useLink(parts: Parts, use: LinkUse): Promise<Begun> {
  const { secret, facts, name } = use;
  const hash = hashOf(secret);
  return attempted(parts, { means: 'link', facts, account: hash }, async () => {
    const { person } = await heldLink(parts, parts.store.db, hash);
    const key = await made(parts, { purpose: 'link', subject: hash }, use.made);
    const who = person ?? {
      id: firstId(hash),
      name: name === '' ? FIRST_NAME : name,
      identity: null,
      made_at: parts.now(),
    };
    return performAs(parts, who, (db, note) => usedLink(parts, { db, note }, { hash, who, key, use }));
  });
}

interface Using {
  readonly hash: string;
  readonly who: UserRow;
  readonly key: NewPasskey;
  readonly use: LinkUse;
}

async function usedLink(
  parts: Parts,
  { db, note }: { readonly db: Db; readonly note: Note },
  { hash, who, key, use }: Using,
): Promise<Begun> {
  const taken = await takeLogonLink(db, hash, parts.now());
  if (taken === undefined) throw linkOver();
  if (taken.user === null) await makeOwner(parts, { db, note }, who);
  const { spend, ...kept } = key;
  const row = { ...kept, user: who.id, name: use.passkeyName, made_at: parts.now(), used_at: null };
  if (!(await spend(db)) || !(await addPasskey(db, row))) throw passkeyRefused();
  note({ action: 'passkey.add', subject: key.id, domain: NO_DOMAIN, detail: { user: who.id, name: use.passkeyName } });
  return beginSession(parts, { db, note }, { user: who, means: 'passkey', provedAt: parts.now(), facts: use.facts });
}

/** Of everything that is there so far. Later domains are owned by whoever makes them. */
async function makeOwner(parts: Parts, { db, note }: { readonly db: Db; readonly note: Note }, who: UserRow) {
  await lockOwners(db);
  if (await isOwned(db)) throw linkOver();
  await removeFirstLinks(db);
  await addUser(db, who);
  await own(parts, { db, note }, { id: who.id, name: who.name, by: 'first link', giver: who.id });
}

interface Owning {
  readonly id: string;
  readonly name: string;
  readonly by: 'first link' | 'recovery';
  readonly giver: string;
}

async function own(
  { now }: Parts,
  { db, note }: { readonly db: Db; readonly note: Note },
  { id, name, by, giver }: Owning,
): Promise<void> {
  const domains = [CONTROLLER, ...(await allDomains(db)).map((domain) => domain.id)];
  for (const domain of domains) {
    await setMembership(db, { domain, user: id, role: 'owner', given_by: giver, given_at: now() });
    note({ action: 'user.owner', subject: id, domain, detail: { name, by } });
  }
}

async function heldLink(
  { now }: Parts,
  db: Db,
  hash: string,
): Promise<{ readonly row: LogonLinkRow; readonly person: UserRow | null }> {
  const row = await logonLink(db, hash, now());
  if (row === undefined) throw linkOver();
  if (row.user === null) return { row, person: null };
  const person = await user(db, row.user);
  if (person === undefined) throw linkOver();
  return { row, person };
}

function linkOver(): Refusal {
  return new Refusal({
    code: 'PICKET-C505',
    message: 'the link does not hold: it was used, ran out, or is not from here; nothing was changed',
    help: 'ask for a new one',
  });
}

function firstId(hash: string): string {
  return hashOf(`first owner ${hash}`).slice(0, ID_CHARS);
}
