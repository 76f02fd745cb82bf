// Who asks: from a session's cookie or bearer secret, or an API token. Read from the store with each request, so what was revoked is over at once, on every controller.

import {
  type Actor,
  type Authenticated,
  isRoleAtLeast,
  type RequestFacts,
  ROLES,
  type Role,
  SCOPES,
  type Scope,
} from '#routes';
import {
  type ApiTokenRow,
  apiTokenOfHash,
  membershipsOf,
  type SessionRow,
  sessionOfHash,
  touchApiToken,
  touchSession,
  user,
} from '#store';
import type { Parts } from './parts.ts';
import { hashOf, isSame } from './secrets.ts';
import { cookieOf, isOver, SESSION_COOKIE } from './sessions.ts';

/** Last uses are kept to the minute: a write with each request would cost more than the request. */
const TOUCH_MS = 60_000;
/** 256 bits as base64url, behind the prefix. */
const SECRET = /^(pks|pkt)_[A-Za-z0-9_-]{43}$/;

export async function authenticate(parts: Parts, facts: RequestFacts): Promise<Authenticated> {
  const { authorization } = facts;
  if (authorization !== null) {
    const secret = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(authorization)?.[1] ?? '';
    return secret.startsWith('pks_') ? ofSession(parts, secret, 'bearer') : ofToken(parts, secret);
  }
  const secret = cookieOf(facts.cookie, SESSION_COOKIE);
  return secret === null || secret === '' ? { kind: 'nobody' } : ofSession(parts, secret, 'cookie');
}

async function ofSession(parts: Parts, secret: string, by: 'cookie' | 'bearer'): Promise<Authenticated> {
  const { store, now } = parts;
  const hash = hashOf(secret);
  const session = SECRET.test(secret) ? await sessionOfHash(store.db, hash) : undefined;
  if (session === undefined || !isSame(session.hash, hash) || isOver(session, now())) return sessionOver();
  const [person, roles] = await Promise.all([user(store.db, session.user), rolesOf(parts, session.user)]);
  if (person === undefined) return sessionOver();
  if (now() - session.seen_at >= TOUCH_MS) await touchSession(store.db, session.id, now());
  return { kind: 'actor', by, actor: personActor({ session, name: person.name, roles }) };
}

function personActor({
  session,
  name,
  roles,
}: {
  readonly session: SessionRow;
  readonly name: string;
  readonly roles: Actor['roles'];
}): Actor {
  return {
    kind: 'person',
    id: session.user,
    name,
    roles,
    scopes: null,
    session: session.id,
    authenticatedAt: session.proved_at,
    domain: null,
  };
}

async function ofToken(parts: Parts, secret: string): Promise<Authenticated> {
  const { store, now } = parts;
  const hash = hashOf(secret);
  const token = SECRET.test(secret) ? await apiTokenOfHash(store.db, hash) : undefined;
  if (token === undefined || !isSame(token.hash, hash) || token.ends_at <= now()) return tokenOver();
  const [maker, roles] = await Promise.all([user(store.db, token.user), rolesOf(parts, token.user)]);
  if (maker === undefined) return tokenOver();
  if (now() - (token.used_at ?? 0) >= TOUCH_MS) await touchApiToken(store.db, token.id, now());
  const actor: Actor = {
    kind: 'token',
    id: token.id,
    name: `${token.name} (${maker.name})`,
    roles: narrowed(capOf(token), roles),
    scopes: scopesOf(token),
    session: null,
    authenticatedAt: null,
    domain: null,
  };
  return { kind: 'actor', by: 'bearer', actor };
}

export async function rolesOf({ store }: Pick<Parts, 'store'>, id: string): Promise<Readonly<Record<string, Role>>> {
  const rows = await membershipsOf(store.db, id);
  return Object.fromEntries(rows.map(({ domain, role }) => [domain, role]));
}

/** In each domain the lesser of what the token may be and what its maker is now. */
export function narrowed(
  cap: Readonly<Record<string, Role>>,
  roles: Readonly<Record<string, Role>>,
): Readonly<Record<string, Role>> {
  const both = Object.entries(cap).flatMap(([domain, most]) => {
    const role = Object.hasOwn(roles, domain) ? (roles[domain] ?? null) : null;
    if (role === null) return [];
    return [[domain, isRoleAtLeast(role, most) ? most : role] as const];
  });
  return Object.fromEntries(both);
}

/** What the store keeps is ours; a value that no version knows any more gives nothing. */
export function capOf({ roles }: Pick<ApiTokenRow, 'roles'>): Readonly<Record<string, Role>> {
  const value: unknown = JSON.parse(roles);
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return Object.fromEntries(
    entries.flatMap(([domain, one]) => {
      const role = ROLES.find((known) => known === one);
      return role === undefined ? [] : [[domain, role] as const];
    }),
  );
}

export function scopesOf({ scopes }: Pick<ApiTokenRow, 'scopes'>): readonly Scope[] {
  const value: unknown = JSON.parse(scopes);
  return SCOPES.filter((scope) => Array.isArray(value) && value.includes(scope));
}

function sessionOver(): Authenticated {
  const message = 'the session is over; nothing was changed';
  return { kind: 'refused', code: 'PICKET-C500', message, help: 'log on again: picket login' };
}

function tokenOver(): Authenticated {
  return {
    kind: 'refused',
    code: 'PICKET-C501',
    message: 'the API token does not hold; nothing was changed',
    help: null,
  };
}
