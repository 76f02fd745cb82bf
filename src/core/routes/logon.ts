// Routes by which people log on: passkeys, one-time links, codes of programs without a browser, identity providers. All are open; each proof is used once.

import * as z from 'zod';
import { deviceErrors, linkErrors, logonErrors, oidcErrors } from './people-errors.ts';
import { json, redirect, route } from './route.ts';
import { freeText, madeId, time } from './values.ts';
import { EXAMPLE_MADE, EXAMPLE_OPTIONS, EXAMPLE_PROOF, passkeyMade, passkeyOptions, passkeyProof } from './webauthn.ts';

export const NAME_CHARS_MAX = 80;
const SECRET_CHARS_MAX = 128;
/** Sealed state of a logon at an identity provider. */
const HANDLE_CHARS_MAX = 4_096;

const open = { kind: 'open' } as const;
const secret = z
  .string()
  .min(1)
  .max(SECRET_CHARS_MAX)
  .regex(/^[A-Za-z0-9_-]+$/, 'the secret of a link is needed');
const issuerId = z
  .string()
  .max(32)
  .regex(/^[a-z0-9-]{1,32}$/, 'lower-case letters, digits and "-"')
  .meta({ examples: ['example'] });
const personName = freeText(NAME_CHARS_MAX).min(1);

/** What people type: eight letters without vowels, so that they form no words. */
export const userCode = z
  .string()
  .max(9)
  .regex(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-?[BCDFGHJKLMNPQRSTVWXZ]{4}$/i, 'a code is like BCDF-GHJK')
  .meta({ examples: ['BCDF-GHJK'] });

const begun = z.object({ id: madeId, name: z.string(), endsAt: time }).meta({ id: 'SessionBegun' });
const BEGUN = { id: 's8d2f6h1', name: 'Ada', endsAt: '2026-11-25T20:00:00.000Z' };

const waiting = z.object({ state: z.literal('waiting'), intervalSeconds: z.int() });
const granted = z.object({
  state: z.literal('granted'),
  secret: z.string().meta({ description: 'of the session; shown once' }),
  session: begun,
});
const polled = z.discriminatedUnion('state', [waiting, granted, z.object({ state: z.literal('denied') })]);

export const logonRoutes = {
  show: route({
    method: 'GET',
    path: '/v1/login',
    summary: 'Says how one can log on here',
    access: open,
    answer: json(
      z.object({
        hasOwner: z.boolean(),
        issuers: z.array(z.object({ id: issuerId, name: z.string(), hasDevice: z.boolean() })).max(16),
      }),
      { hasOwner: true, issuers: [{ id: 'example', name: 'Example', hasDevice: true }] },
    ),
  }),
  passkeyOptions: route({
    method: 'POST',
    path: '/v1/login/passkey/options',
    summary: 'Gives what a passkey has to sign to log on',
    access: open,
    answer: json(passkeyOptions, EXAMPLE_OPTIONS),
  }),
  passkey: route({
    method: 'POST',
    path: '/v1/login/passkey',
    summary: 'Logs on with a passkey',
    detail: 'Sets the cookie of a new session.',
    access: open,
    body: z.strictObject({ proof: passkeyProof }),
    bodyExample: { proof: EXAMPLE_PROOF },
    answer: json(begun, BEGUN, 201),
    errors: logonErrors,
  }),
  link: route({
    method: 'POST',
    path: '/v1/login/link',
    summary: 'Says what a one-time link is for, and gives what the new passkey has to sign',
    access: open,
    body: z.strictObject({ secret, name: personName.optional() }),
    bodyExample: { secret: 'aBcDeF', name: 'Ada' },
    answer: json(z.object({ isFirst: z.boolean(), name: z.string().nullable(), options: passkeyOptions }), {
      isFirst: false,
      name: 'Ada',
      options: EXAMPLE_OPTIONS,
    }),
    errors: linkErrors,
  }),
  useLink: route({
    method: 'POST',
    path: '/v1/login/link/passkey',
    summary: 'Uses up a one-time link: keeps the passkey and logs on',
    detail: 'The first one makes its bearer the owner. Sets the cookie of a new session.',
    access: open,
    body: z.strictObject({ secret, name: personName.optional(), passkeyName: personName, made: passkeyMade }),
    bodyExample: { secret: 'aBcDeF', name: 'Ada', passkeyName: 'laptop', made: EXAMPLE_MADE },
    answer: json(begun, BEGUN, 201),
    errors: linkErrors,
  }),
  deviceBegin: route({
    method: 'POST',
    path: '/v1/login/device',
    summary: 'Begins a logon of a program that has no browser',
    access: open,
    body: z.strictObject({ program: freeText(NAME_CHARS_MAX).min(1) }),
    bodyExample: { program: 'picket on laptop' },
    answer: json(
      z.object({
        secret: z.string().meta({ description: 'with which the program asks what became of it' }),
        code: userCode,
        page: z.string().meta({ description: 'address to open in a browser' }),
        intervalSeconds: z.int(),
        endsAt: time,
      }),
      {
        secret: 'aBcDeF',
        code: 'BCDF-GHJK',
        page: 'https://picket.example:7443/login/#device=BCDF-GHJK',
        intervalSeconds: 2,
        endsAt: '2026-11-25T08:10:00.000Z',
      },
    ),
    errors: deviceErrors,
  }),
  devicePoll: route({
    method: 'POST',
    path: '/v1/login/device/poll',
    summary: 'Asks what became of a logon that was begun',
    access: open,
    body: z.strictObject({ secret }),
    bodyExample: { secret: 'aBcDeF' },
    answer: json(polled, { state: 'waiting', intervalSeconds: 2 }),
    errors: deviceErrors,
  }),
  oidc: route({
    method: 'GET',
    path: '/v1/login/oidc/{issuer}',
    summary: 'Sends a browser to an identity provider',
    access: open,
    params: z.strictObject({ issuer: issuerId }),
    answer: redirect,
    errors: oidcErrors,
  }),
  oidcReturn: route({
    method: 'GET',
    path: '/v1/login/oidc/{issuer}/return',
    summary: 'Takes a browser back from an identity provider',
    detail: 'Sets the cookie of a new session and goes on to the page of the logon, which says what happened.',
    access: open,
    params: z.strictObject({ issuer: issuerId }),
    query: z.object({}).catchall(z.string().max(HANDLE_CHARS_MAX)),
    answer: redirect,
    errors: oidcErrors,
  }),
  oidcDevice: route({
    method: 'POST',
    path: '/v1/login/oidc/{issuer}/device',
    summary: 'Begins a logon at an identity provider for a program without a browser',
    access: open,
    params: z.strictObject({ issuer: issuerId }),
    answer: json(
      z.object({
        handle: z.string(),
        code: z.string(),
        page: z.string(),
        intervalSeconds: z.int(),
        endsAt: time,
      }),
      {
        handle: 'aBcDeF',
        code: 'WDJB-MJHT',
        page: 'https://login.example/device',
        intervalSeconds: 5,
        endsAt: '2026-11-25T08:10:00.000Z',
      },
    ),
    errors: { ...oidcErrors, ...logonErrors },
  }),
  oidcPoll: route({
    method: 'POST',
    path: '/v1/login/oidc/{issuer}/device/poll',
    summary: 'Asks the identity provider once what became of it',
    access: open,
    params: z.strictObject({ issuer: issuerId }),
    body: z.strictObject({
      handle: z
        .string()
        .max(HANDLE_CHARS_MAX)
        .regex(/^[A-Za-z0-9_-]+$/),
    }),
    bodyExample: { handle: 'aBcDeF' },
    answer: json(polled, { state: 'waiting', intervalSeconds: 5 }),
    errors: { ...oidcErrors, ...logonErrors },
  }),
} as const;
