// Access: who may ask a route, and the judgement. Pure; the only place where a role is compared. Not authentication.

import { type Actor, CONTROLLER, isRoleAtLeast, type Role, roleIn, type Scope } from './actor.ts';

/** `isFresh`: a person has proved to be there within FRESH_MS_MAX. API tokens never do. */
export type Access =
  /** Anybody, logged on or not. */
  | { readonly kind: 'open' }
  /** Any person or API token. */
  | { readonly kind: 'logged-on' }
  /** A person, about what is their own. No API token: it could make itself more tokens. */
  | { readonly kind: 'self'; readonly isFresh?: boolean }
  /** At least `role` in the domain of the path, or in CONTROLLER where the path names none; an API token needs `scope` as well. */
  | { readonly kind: 'role'; readonly role: Role; readonly scope: Scope; readonly isFresh?: boolean }
  /** An agent of the path's domain. */
  | { readonly kind: 'agent' };

/** Five minutes: long enough to finish what one logged on for, short enough for a screen left open. */
export const FRESH_MS_MAX = 5 * 60 * 1_000;

/** `domain`: there is no such domain for this actor, which looks the same as no such domain at all. */
export type Judgement = 'allowed' | 'logon' | 'domain' | 'role' | 'scope' | 'person' | 'fresh' | 'agent';

export interface Question {
  readonly access: Access;
  readonly actor: Actor;
  /** Domain of the path; null where the path names none. */
  readonly domain: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function judge({ access, actor, domain, now }: Question): Judgement {
  if (access.kind === 'open') return 'allowed';
  // Roles under CONTROLLER are kept beside those of domains, but it is none: no path may name it.
  if (domain === CONTROLLER) return 'domain';
  if (actor.kind === 'nobody') return 'logon';
  if (access.kind === 'agent') return judgeAgent(actor, domain);
  if (actor.kind === 'agent') return domain !== null && actor.domain !== domain ? 'domain' : 'role';
  if (access.kind === 'logged-on') return 'allowed';
  if (access.kind === 'self') {
    if (actor.kind === 'token') return 'person';
    return access.isFresh === true ? judgeFresh(actor, now) : 'allowed';
  }
  const role = roleIn(actor, domain ?? CONTROLLER);
  if (role === null) return domain === null ? 'role' : 'domain';
  if (!isRoleAtLeast(role, access.role)) return 'role';
  if (actor.scopes !== null && !actor.scopes.includes(access.scope)) return 'scope';
  return access.isFresh === true ? judgeFresh(actor, now) : 'allowed';
}

function judgeAgent(actor: Actor, domain: string | null): Judgement {
  if (actor.kind !== 'agent') return 'agent';
  return domain === null || actor.domain === domain ? 'allowed' : 'domain';
}

function judgeFresh(actor: Actor, now: number): Judgement {
  if (actor.kind === 'token') return 'person';
  if (actor.kind === 'local' || actor.kind === 'system') return 'allowed';
  const at = actor.authenticatedAt;
  // A time to come is a clock that was set back: not fresh.
  return at !== null && at <= now && now - at <= FRESH_MS_MAX ? 'allowed' : 'fresh';
}
