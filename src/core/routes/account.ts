// Routes about one's own account: sessions, passkeys, API tokens, programs that wait to be let in. Nobody else's are seen here.

import * as z from 'zod';
import { CONTROLLER, ROLES, SCOPES } from './actor.ts';
import { NAME_CHARS_MAX, userCode } from './logon.ts';
import { deviceErrors, linkErrors, logonErrors, passkeyErrors, tokenErrors } from './people-errors.ts';
import { json, nothing, route } from './route.ts';
import { domainId, freeText, madeId, time } from './values.ts';
import { EXAMPLE_MADE, EXAMPLE_OPTIONS, EXAMPLE_PROOF, passkeyMade, passkeyOptions, passkeyProof } from './webauthn.ts';

const self = { kind: 'self' } as const;
const fresh = { kind: 'self', isFresh: true } as const;
const SESSIONS_MAX = 50;
const PASSKEYS_MAX = 20;
const TOKENS_MAX = 50;
/** A token is looked at once a year at the latest. */
export const TOKEN_DAYS_MAX = 365;

export const sessionView = z
  .object({
    id: madeId,
    means: z.enum(['passkey', 'oidc', 'code']),
    madeAt: time,
    seenAt: time,
    authenticatedAt: time.nullable(),
    endsAt: time,
    address: z.string(),
    program: z.string(),
    isThis: z.boolean(),
  })
  .meta({ id: 'Session' });
export const SESSION_EXAMPLE = {
  id: 's8d2f6h1',
  means: 'passkey',
  madeAt: '2026-11-25T08:00:00.000Z',
  seenAt: '2026-11-25T08:00:00.000Z',
  authenticatedAt: '2026-11-25T08:00:00.000Z',
  endsAt: '2026-11-25T20:00:00.000Z',
  address: '192.0.2.7',
  program: 'Mozilla/5.0',
  isThis: true,
} as const;

/** Of the credential itself: longer than other ids. */
const passkeyId = z
  .string()
  .max(1_364)
  .regex(/^[A-Za-z0-9_-]+$/)
  .meta({ examples: ['AQID'] });
const passkeyView = z
  .object({ id: passkeyId, name: z.string(), madeAt: time, usedAt: time.nullable() })
  .meta({ id: 'Passkey' });
const PASSKEY = { id: 'AQID', name: 'laptop', madeAt: '2026-11-25T08:00:00.000Z', usedAt: null };

const rolesCap = z.record(z.union([domainId, z.literal(CONTROLLER)]), z.enum(ROLES));
const tokenView = z
  .object({
    id: madeId,
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    roles: rolesCap.meta({ description: 'the most that it may be; never more than its maker is' }),
    madeAt: time,
    endsAt: time,
    usedAt: time.nullable(),
  })
  .meta({ id: 'ApiToken' });
const TOKEN: z.input<typeof tokenView> = {
  id: 'k3v9x2m7',
  name: 'backup job',
  scopes: ['policies:read'],
  roles: { 'plant.example': 'viewer' },
  madeAt: '2026-11-25T08:00:00.000Z',
  endsAt: '2027-11-25T08:00:00.000Z',
  usedAt: null,
};

const waitingProgram = z.object({ code: userCode, program: z.string(), address: z.string(), endsAt: time });

export const accountRoutes = {
  logout: route({
    method: 'DELETE',
    path: '/v1/me/session',
    summary: 'Logs off: ends the session that asks',
    access: self,
    answer: nothing,
  }),
  sessions: route({
    method: 'GET',
    path: '/v1/me/sessions',
    summary: 'Lists your sessions',
    access: self,
    answer: json(z.object({ items: z.array(sessionView).max(SESSIONS_MAX) }), { items: [SESSION_EXAMPLE] }),
  }),
  endSession: route({
    method: 'DELETE',
    path: '/v1/me/sessions/{session}',
    summary: 'Ends one of your sessions at once',
    access: self,
    params: z.strictObject({ session: madeId }),
    answer: nothing,
  }),
  endSessions: route({
    method: 'DELETE',
    path: '/v1/me/sessions',
    summary: 'Ends all your sessions, this one too',
    access: self,
    answer: json(z.object({ count: z.int() }), { count: 3 }),
  }),
  prove: route({
    method: 'POST',
    path: '/v1/me/proof',
    summary: 'Proves once more, by passkey, that you are there',
    detail: 'What to sign comes from /v1/login/passkey/options.',
    access: self,
    body: z.strictObject({ proof: passkeyProof }),
    bodyExample: { proof: EXAMPLE_PROOF },
    answer: nothing,
    errors: logonErrors,
  }),
  passkeys: route({
    method: 'GET',
    path: '/v1/me/passkeys',
    summary: 'Lists your passkeys',
    access: self,
    answer: json(z.object({ items: z.array(passkeyView).max(PASSKEYS_MAX) }), { items: [PASSKEY] }),
  }),
  passkeyOptions: route({
    method: 'POST',
    path: '/v1/me/passkeys/options',
    summary: 'Gives what a further passkey has to sign',
    access: fresh,
    answer: json(passkeyOptions, EXAMPLE_OPTIONS),
  }),
  addPasskey: route({
    method: 'POST',
    path: '/v1/me/passkeys',
    summary: 'Adds a passkey',
    access: fresh,
    body: z.strictObject({ name: freeText(NAME_CHARS_MAX).min(1), made: passkeyMade }),
    bodyExample: { name: 'laptop', made: EXAMPLE_MADE },
    answer: json(passkeyView, PASSKEY, 201),
    errors: { 'PICKET-C512': linkErrors['PICKET-C512'], 'PICKET-C511': passkeyErrors['PICKET-C511'] },
  }),
  removePasskey: route({
    method: 'DELETE',
    path: '/v1/me/passkeys/{passkey}',
    summary: 'Removes a passkey; the last one stays',
    access: fresh,
    params: z.strictObject({ passkey: passkeyId }),
    answer: nothing,
    errors: { 'PICKET-C510': passkeyErrors['PICKET-C510'] },
  }),
  tokens: route({
    method: 'GET',
    path: '/v1/me/tokens',
    summary: 'Lists your API tokens',
    access: self,
    answer: json(z.object({ items: z.array(tokenView).max(TOKENS_MAX) }), { items: [TOKEN] }),
  }),
  makeToken: route({
    method: 'POST',
    path: '/v1/me/tokens',
    summary: 'Makes an API token; its secret is shown this once',
    access: fresh,
    body: z.strictObject({
      name: freeText(NAME_CHARS_MAX).min(1),
      scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
      roles: rolesCap.refine((roles) => Object.keys(roles).length > 0, 'at least one domain is needed'),
      days: z.int().min(1).max(TOKEN_DAYS_MAX),
    }),
    bodyExample: {
      name: 'backup job',
      scopes: ['policies:read'],
      roles: { 'plant.example': 'viewer' },
      days: 365,
    },
    answer: json(z.object({ secret: z.string(), token: tokenView }), { secret: 'pkt_aBcDeF', token: TOKEN }, 201),
    errors: tokenErrors,
  }),
  removeToken: route({
    method: 'DELETE',
    path: '/v1/me/tokens/{token}',
    summary: 'Removes an API token at once',
    access: self,
    params: z.strictObject({ token: madeId }),
    answer: nothing,
  }),
  program: route({
    method: 'POST',
    path: '/v1/me/programs',
    summary: 'Says which program waits with a code',
    access: self,
    body: z.strictObject({ code: userCode }),
    bodyExample: { code: 'BCDF-GHJK' },
    answer: json(waitingProgram, {
      code: 'BCDF-GHJK',
      program: 'picket on laptop',
      address: '192.0.2.7',
      endsAt: '2026-11-25T08:10:00.000Z',
    }),
    errors: { ...deviceErrors, 'PICKET-C504': logonErrors['PICKET-C504'] },
  }),
  decideProgram: route({
    method: 'POST',
    path: '/v1/me/programs/decision',
    summary: 'Lets a program in as you, or not',
    access: fresh,
    body: z.strictObject({ code: userCode, isApproved: z.boolean() }),
    bodyExample: { code: 'BCDF-GHJK', isApproved: true },
    answer: nothing,
    errors: { ...deviceErrors, 'PICKET-C504': logonErrors['PICKET-C504'] },
  }),
} as const;
