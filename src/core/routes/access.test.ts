// The judgement of who may ask what, as a table. Not the table of routes: test/api compares that with the committed matrix.

import { describe, expect, test } from 'vitest';
import { type Access, FRESH_MS_MAX, type Judgement, judge } from './access.ts';
import { type Actor, CONTROLLER, NOBODY, ROLES } from './actor.ts';

const NOW = 1_764_057_600_000;
const HERE = 'plant.example';

function actor(changes: Partial<Actor>): Actor {
  return { ...NOBODY, kind: 'person', id: 'a', authenticatedAt: NOW, ...changes };
}

function role(needed: (typeof ROLES)[number], isFresh = false): Access {
  return { kind: 'role', role: needed, scope: 'policies:write', isFresh };
}

const OWNER = actor({ roles: { [HERE]: 'owner' } });
const TOKEN = actor({ kind: 'token', roles: { [HERE]: 'owner' }, scopes: ['policies:write'], authenticatedAt: null });
const AGENT = actor({ kind: 'agent', domain: HERE, authenticatedAt: null });
const AGENT_WITH_ROLES = actor({ kind: 'agent', domain: HERE, roles: { [HERE]: 'owner', [CONTROLLER]: 'owner' } });

const CASES: readonly (readonly [
  what: string,
  access: Access,
  actor: Actor,
  domain: string | null,
  wanted: Judgement,
])[] = [
  ['open to nobody', { kind: 'open' }, NOBODY, null, 'allowed'],
  ['open to an agent', { kind: 'open' }, AGENT, HERE, 'allowed'],
  ['logged-on: nobody', { kind: 'logged-on' }, NOBODY, null, 'logon'],
  ['logged-on: a person without roles', { kind: 'logged-on' }, actor({}), null, 'allowed'],
  ['logged-on: a token', { kind: 'logged-on' }, TOKEN, null, 'allowed'],
  ['logged-on: an agent', { kind: 'logged-on' }, AGENT, null, 'role'],
  ['self: a person', { kind: 'self' }, actor({}), null, 'allowed'],
  ['self: a token', { kind: 'self' }, TOKEN, null, 'person'],
  ['self: nobody', { kind: 'self' }, NOBODY, null, 'logon'],
  ['self: an agent', { kind: 'self' }, AGENT, null, 'role'],
  [
    'self, fresh: on the limit',
    { kind: 'self', isFresh: true },
    actor({ authenticatedAt: NOW - FRESH_MS_MAX }),
    null,
    'allowed',
  ],
  [
    'self, fresh: past it',
    { kind: 'self', isFresh: true },
    actor({ authenticatedAt: NOW - FRESH_MS_MAX - 1 }),
    null,
    'fresh',
  ],
  ['role: nobody', role('viewer'), NOBODY, HERE, 'logon'],
  ['role: none here', role('viewer'), actor({ roles: { 'other.example': 'owner' } }), HERE, 'domain'],
  ['role: owner of the controller only', role('viewer'), actor({ roles: { [CONTROLLER]: 'owner' } }), HERE, 'domain'],
  [
    'role: the controller named as a domain',
    role('viewer'),
    actor({ roles: { [CONTROLLER]: 'owner' } }),
    CONTROLLER,
    'domain',
  ],
  ['role: of the controller', role('owner'), actor({ roles: { [CONTROLLER]: 'owner' } }), null, 'allowed'],
  ['role: owner here, not of the controller', role('viewer'), OWNER, null, 'role'],
  ['role: a name of every object', role('viewer'), OWNER, 'constructor', 'domain'],
  ['role: __proto__', role('viewer'), OWNER, '__proto__', 'domain'],
  ['role: a token with the scope', role('owner'), TOKEN, HERE, 'allowed'],
  ['role: a token without it', role('owner'), { ...TOKEN, scopes: ['policies:read'] }, HERE, 'scope'],
  ['role: a token without any', role('owner'), { ...TOKEN, scopes: [] }, HERE, 'scope'],
  ['role: a token of a viewer', role('owner'), { ...TOKEN, roles: { [HERE]: 'viewer' } }, HERE, 'role'],
  ['role, fresh: a token', role('owner', true), TOKEN, HERE, 'person'],
  [
    'role, fresh: without a time',
    role('owner', true),
    actor({ roles: { [HERE]: 'owner' }, authenticatedAt: null }),
    HERE,
    'fresh',
  ],
  [
    'role, fresh: a time to come',
    role('owner', true),
    actor({ roles: { [HERE]: 'owner' }, authenticatedAt: NOW + 1 }),
    HERE,
    'fresh',
  ],
  [
    'role, fresh: the console of the machine',
    role('owner', true),
    actor({ kind: 'local', roles: { [HERE]: 'owner' } }),
    HERE,
    'allowed',
  ],
  ['role: an agent that was given roles by mistake', role('viewer'), AGENT_WITH_ROLES, HERE, 'role'],
  ['role: the same, without a domain', role('viewer'), AGENT_WITH_ROLES, null, 'role'],
  ['agent: of this domain', { kind: 'agent' }, AGENT, HERE, 'allowed'],
  ['agent: of another', { kind: 'agent' }, AGENT, 'other.example', 'domain'],
  ['agent: a person', { kind: 'agent' }, OWNER, HERE, 'agent'],
  ['agent: a token', { kind: 'agent' }, TOKEN, HERE, 'agent'],
  ['agent: nobody', { kind: 'agent' }, NOBODY, HERE, 'logon'],
];

describe('judge()', () => {
  test.each(CASES)('%s', (_, access, who, domain, wanted) => {
    expect(judge({ access, actor: who, domain, now: NOW })).toBe(wanted);
  });

  test('lets each role do what the ones before it may, and nothing of the ones after it', () => {
    const allowed = ROLES.map((has) =>
      ROLES.filter(
        (needed) =>
          judge({ access: role(needed), actor: actor({ roles: { [HERE]: has } }), domain: HERE, now: NOW }) ===
          'allowed',
      ),
    );
    expect(allowed).toEqual([['viewer'], ['viewer', 'operator'], ['viewer', 'operator', 'approver'], [...ROLES]]);
  });
});
