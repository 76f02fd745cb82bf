// The person whom an identity provider names: found or made, with the roles that their groups give. Roles given by people stay as they are.

import type { Note } from '#ledger';
import { isRoleAtLeast, Refusal, type RequestFacts, type Role } from '#routes';
import {
  addUser,
  type Db,
  membershipsOf,
  removeMembership,
  setMembership,
  someDomains,
  type UserRow,
  userOfIdentity,
} from '#store';
import { type Parts, performAs } from '../parts.ts';
import { newId } from '../secrets.ts';
import { type Begun, beginSession } from '../sessions.ts';
import type { IssuerOptions } from './issuer.ts';

const NAME_CHARS_MAX = 80;
/** Groups of one person that are looked at. */
const VALUES_MAX = 1_000;

export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

export interface Named {
  readonly issuer: IssuerOptions;
  readonly claims: Claims;
  readonly facts: RequestFacts;
  readonly program?: string;
}

/** Opens a session for the person, or refuses where no role is left. */
export async function beginFor(parts: Parts, { issuer, claims, facts, program }: Named): Promise<Begun> {
  const identity = `${issuer.issuer} ${claims.sub}`;
  const known = await userOfIdentity(parts.store.db, identity);
  const who = known ?? { id: newId(parts.random), name: nameOf(claims), identity, made_at: parts.now() };
  const begun = await performAs(parts, who, async (db, note) => {
    if (!(await synced(parts, { db, note }, { issuer, who, claims, isNew: known === undefined }))) return null;
    const provedAt = provedAtOf(claims, parts.now());
    const named = program === undefined ? {} : { program };
    return beginSession(parts, { db, note }, { user: who, means: 'oidc', provedAt, facts, ...named });
  });
  if (begun !== null) return begun;
  throw noRole();
}

export function noRole(): Refusal {
  return new Refusal({
    code: 'PICKET-C542',
    message: 'the identity has no role here, or the logon was broken off; nothing was changed',
    help: 'ask an owner',
  });
}

interface Syncing {
  readonly issuer: IssuerOptions;
  readonly who: UserRow;
  readonly claims: Claims;
  readonly isNew: boolean;
}

/** False where the person has no role. */
async function synced(
  parts: Parts,
  { db, note }: { readonly db: Db; readonly note: Note },
  { issuer, who, claims, isNew }: Syncing,
): Promise<boolean> {
  const tag = `oidc:${issuer.id}`;
  const wanted = await rolesFor(db, issuer, claims);
  if (isNew && wanted.size === 0) return false;
  if (isNew) await addUser(db, who);
  const held = await membershipsOf(db, who.id);
  for (const { domain, given_by: by } of held) {
    if (by !== tag || wanted.has(domain)) continue;
    await removeMembership(db, domain, who.id);
    note({ action: 'user.remove', subject: who.id, domain, detail: { by: tag } });
  }
  for (const [domain, role] of wanted) {
    const before = held.find((one) => one.domain === domain);
    if (before !== undefined && (before.given_by !== tag || before.role === role)) continue;
    await setMembership(db, { domain, user: who.id, role, given_by: tag, given_at: parts.now() });
    note({ action: 'user.role', subject: who.id, domain, detail: { role, by: tag, name: who.name } });
  }
  return (await membershipsOf(db, who.id)).length > 0;
}

/** The greatest role of each domain that is there. */
async function rolesFor(db: Db, { claim, roles }: IssuerOptions, claims: Claims): Promise<ReadonlyMap<string, Role>> {
  const values = valuesOf(claims, claim);
  const wanted = new Map<string, Role>();
  for (const { value, domain, role } of roles)
    if (values.has(value) && !isRoleAtLeast(wanted.get(domain) ?? null, role)) wanted.set(domain, role);
  const there = new Set((await someDomains(db, [...wanted.keys()])).map(({ id }) => id));
  return new Map([...wanted].filter(([domain]) => there.has(domain)));
}

/** A text, or a list of texts. */
export function valuesOf(claims: Claims, claim: string): ReadonlySet<string> {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value.slice(0, VALUES_MAX) : [value];
  return new Set(list.filter((one) => typeof one === 'string'));
}

/** Without control characters: it is shown in terminals and pages. */
function nameOf(claims: Claims): string {
  const wanted = [claims.name, claims.preferred_username, claims.email, claims.sub];
  const name = wanted.find((one) => typeof one === 'string' && one.trim() !== '');
  return String(name)
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, NAME_CHARS_MAX);
}

/** When the person was there, where the provider says so; a time to come is a clock that differs. */
function provedAtOf({ auth_time: at }: Claims, now: number): number | null {
  return typeof at === 'number' && Number.isFinite(at) ? Math.min(at * 1_000, now) : null;
}
