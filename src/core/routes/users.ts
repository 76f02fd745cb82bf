// Routes of a domain's people: who has which role, invitations, sessions, and what needs a second person. One's own account is another area.

import * as z from 'zod';
import { SESSION_EXAMPLE, sessionView } from './account.ts';
import { ROLES } from './actor.ts';
import { NAME_CHARS_MAX } from './logon.ts';
import { userErrors } from './people-errors.ts';
import { json, nothing, route } from './route.ts';
import { domainId, freeText, madeId, pageOf, pageQuery, time } from './values.ts';

const FOUR_EYES_MAX = 1_000;
const see = { kind: 'role', role: 'viewer', scope: 'people:read' } as const;
const rule = { kind: 'role', role: 'owner', scope: 'people:write', isFresh: true } as const;
const cut = { kind: 'role', role: 'owner', scope: 'people:write' } as const;
const params = z.strictObject({ domain: domainId });
const userParams = z.strictObject({ domain: domainId, user: madeId });
const role = z.enum(ROLES);

export const userView = z
  .object({
    id: madeId,
    name: z.string(),
    role,
    /** How they prove who they are. */
    knownBy: z.enum(['passkey', 'oidc', 'nothing yet']),
    givenBy: z.string(),
    givenAt: time,
  })
  .meta({ id: 'User' });
const USER = {
  id: 'k3v9x2m7',
  name: 'Ada',
  role: 'operator',
  knownBy: 'passkey',
  givenBy: 'b2n4c6x8',
  givenAt: '2026-11-25T08:00:00.000Z',
} as const;

const link = z.object({ page: z.string().meta({ description: 'shown once' }), endsAt: time });
const LINK = { page: 'https://picket.example:7443/login/#k=aBcDeF', endsAt: '2026-11-26T08:00:00.000Z' };
const guarded = { isWholePolicy: z.boolean(), services: z.array(z.string()).max(FOUR_EYES_MAX) };
const fourEyes = z.object({
  ...guarded,
  wish: z
    .object({ ...guarded, by: z.string(), endsAt: time })
    .nullable()
    .meta({ description: 'asked for by one owner; in force when another one asks for the same' }),
});

export const userRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/users',
    summary: 'Lists who has a role in the domain',
    access: see,
    params,
    query: pageQuery({}),
    answer: json(pageOf(userView), { items: [USER], next: null }),
  }),
  invite: route({
    method: 'POST',
    path: '/v1/domains/{domain}/users',
    summary: 'Invites somebody by a one-time link, or gives a role to somebody who is known',
    detail:
      'With "name" a new person is made, and a link that lets them register a passkey is answered. With "id" a person of another domain gets a role here too, and "link" is null.',
    access: rule,
    params,
    body: z.union([
      z.strictObject({ name: freeText(NAME_CHARS_MAX).min(1), role }),
      z.strictObject({ id: madeId, role }),
    ]),
    bodyExample: { name: 'Ada', role: 'operator' },
    answer: json(z.object({ user: userView, link: link.nullable() }), { user: USER, link: LINK }, 201),
    errors: userErrors,
  }),
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/users/{user}',
    summary: 'Shows somebody who has a role in the domain',
    access: see,
    params: userParams,
    answer: json(userView, USER),
  }),
  setRole: route({
    method: 'PUT',
    path: '/v1/domains/{domain}/users/{user}',
    summary: 'Gives another role',
    access: rule,
    params: userParams,
    body: z.strictObject({ role }),
    bodyExample: { role: 'operator' },
    answer: json(userView, USER),
    errors: { 'PICKET-C520': userErrors['PICKET-C520'] },
  }),
  remove: route({
    method: 'DELETE',
    path: '/v1/domains/{domain}/users/{user}',
    summary: 'Takes the role away; whoever has none left is forgotten, with passkeys, sessions and tokens',
    access: rule,
    params: userParams,
    answer: nothing,
    errors: { 'PICKET-C520': userErrors['PICKET-C520'] },
  }),
  link: route({
    method: 'POST',
    path: '/v1/domains/{domain}/users/{user}/link',
    summary: 'Makes a new one-time link for somebody who lost their passkeys',
    access: rule,
    params: userParams,
    answer: json(link, LINK, 201),
    errors: { 'PICKET-C521': userErrors['PICKET-C521'] },
  }),
  sessions: route({
    method: 'GET',
    path: '/v1/domains/{domain}/sessions',
    summary: "Lists sessions of the domain's people",
    access: { kind: 'role', role: 'owner', scope: 'people:read' },
    params,
    query: pageQuery({}),
    answer: json(pageOf(sessionView.extend({ user: madeId, name: z.string() }).meta({ id: 'UserSession' })), {
      items: [{ ...SESSION_EXAMPLE, user: 'k3v9x2m7', name: 'Ada' }],
      next: null,
    }),
  }),
  endSession: route({
    method: 'DELETE',
    path: '/v1/domains/{domain}/sessions/{session}',
    summary: "Ends a session of one of the domain's people at once",
    access: cut,
    params: z.strictObject({ domain: domainId, session: madeId }),
    answer: nothing,
  }),
  fourEyes: route({
    method: 'GET',
    path: '/v1/domains/{domain}/four-eyes',
    summary: 'Says which changes need a second person',
    access: see,
    params,
    answer: json(fourEyes, { isWholePolicy: false, services: ['ssh'], wish: null }),
  }),
  setFourEyes: route({
    method: 'PUT',
    path: '/v1/domains/{domain}/four-eyes',
    summary: 'Says anew which changes need a second person',
    detail:
      'More of them at once. Fewer only when another owner, who was one before, asks for the same within a day: until then the answer is what is in force, with the "wish".',
    access: rule,
    params,
    body: z.strictObject({
      isWholePolicy: z.boolean(),
      services: z.array(freeText(NAME_CHARS_MAX).min(1)).max(FOUR_EYES_MAX),
    }),
    bodyExample: { isWholePolicy: false, services: ['ssh'] },
    answer: json(fourEyes, { isWholePolicy: false, services: ['ssh'], wish: null }),
  }),
} as const;
