// Routes of enrolment: one-time tokens for people to give out, and what an element asks with them, or with its renewal key. Open to whoever holds these.

import * as z from 'zod';
import { authorityErrors, base64, ID_EXAMPLE, identityId, KEY_EXAMPLE, SERIAL_EXAMPLE } from './authority-values.ts';
import { domainParams, lineText } from './changes.ts';
import { json, nothing, route } from './route.ts';
import { domainId, madeId, pageOf, pageQuery, time } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'authority:read' } as const;
const WRITE = { kind: 'role', role: 'operator', scope: 'authority:write' } as const;
const SECONDS_MIN = 60;
const SECONDS_MAX = 3_600;
const PATH_CHARS_MAX = 512;
/** 32 bytes in base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const CHALLENGE_CHARS_MAX = 64;

const path = lineText.max(PATH_CHARS_MAX).meta({ description: 'names with "/" between them', examples: ['north'] });
const secret = z.string().max(43).regex(SECRET).meta({ description: '32 bytes in base64url' });

const tokenView = z
  .object({
    id: madeId,
    kind: z.string(),
    path: z.string(),
    isPrefix: z.boolean(),
    state: z.enum(['open', 'used', 'expired', 'revoked']),
    madeBy: z.string(),
    madeAt: time,
    expiresAt: time,
    usedAt: time.nullable(),
    usedBy: z.string().nullable().meta({ description: 'the identity that was enrolled with it' }),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'EnrolmentToken' });

const madeToken = z
  .object({
    id: madeId,
    token: secret.meta({ description: 'shown this once, kept nowhere' }),
    root: secret.meta({ description: 'SHA-256 of the public key of the root, base64url' }),
    expiresAt: time,
  })
  .meta({ id: 'MadeEnrolmentToken' });

const issued = z
  .object({
    id: identityId,
    serial: z.string(),
    chain: z.array(base64).max(4).meta({ description: 'leaf, then its issuer, DER' }),
    notBefore: time,
    notAfter: time,
    bundle: z.looseObject({}).meta({ description: 'as from the route of the bundle' }),
    gate: z.object({ pseudonym: z.string(), key: base64 }).meta({ description: "opens the gate of the agents' port" }),
    agents: z.array(z.string()).max(64).meta({ description: 'host:port of each controller for agents' }),
    now: time.meta({ description: "the controller's clock" }),
  })
  .meta({ id: 'Issued' });

const SECRET_EXAMPLE = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const TOKEN: z.input<typeof tokenView> = {
  id: 'k3v9x2m7',
  kind: 'gateway',
  path: 'north',
  isPrefix: false,
  state: 'open',
  madeBy: 'Ada',
  madeAt: '2026-11-25T08:00:00.000Z',
  expiresAt: '2026-11-25T09:00:00.000Z',
  usedAt: null,
  usedBy: null,
  revokedAt: null,
};
const ISSUED: z.input<typeof issued> = {
  id: ID_EXAMPLE,
  serial: SERIAL_EXAMPLE,
  chain: [KEY_EXAMPLE, KEY_EXAMPLE],
  notBefore: '2026-11-25T07:59:00.000Z',
  notAfter: '2026-11-26T08:00:00.000Z',
  bundle: { spiffe_sequence: 1, keys: [] },
  gate: { pseudonym: 'abcdefghij234567', key: KEY_EXAMPLE },
  agents: ['picket.plant.example:7444'],
  now: '2026-11-25T08:00:00.000Z',
};

const ISSUING = [
  'PICKET-C307',
  'PICKET-C325',
  'PICKET-C330',
  'PICKET-C340',
  'PICKET-C342',
  'PICKET-C343',
  'PICKET-C344',
] as const;

export const enrolmentRoutes = {
  tokens: route({
    method: 'GET',
    path: '/v1/domains/{domain}/enrolment-tokens',
    summary: 'Lists one-time tokens, without their secrets, and what became of them',
    access: READ,
    params: domainParams,
    query: pageQuery({}),
    answer: json(pageOf(tokenView), { items: [TOKEN], next: null }),
    errors: authorityErrors(),
  }),
  makeToken: route({
    method: 'POST',
    path: '/v1/domains/{domain}/enrolment-tokens',
    summary: 'Makes a one-time token by which one element can be enrolled',
    access: WRITE,
    params: domainParams,
    body: z.strictObject({
      kind: lineText.max(32),
      path,
      isPrefix: z
        .boolean()
        .default(false)
        .meta({ description: 'for a path below this one, which the element chooses' }),
      seconds: z.int().min(SECONDS_MIN).max(SECONDS_MAX).default(SECONDS_MAX),
    }),
    bodyExample: { kind: 'gateway', path: 'north', isPrefix: false, seconds: 3_600 },
    answer: json(
      madeToken,
      { id: 'k3v9x2m7', token: SECRET_EXAMPLE, root: SECRET_EXAMPLE, expiresAt: TOKEN.expiresAt },
      201,
    ),
    errors: authorityErrors('PICKET-C300', 'PICKET-C326', 'PICKET-C346'),
  }),
  revokeToken: route({
    method: 'DELETE',
    path: '/v1/domains/{domain}/enrolment-tokens/{token}',
    summary: 'Revokes a token that was not used yet',
    access: WRITE,
    params: z.strictObject({ domain: domainId, token: madeId }),
    answer: nothing,
    errors: authorityErrors('PICKET-C347'),
  }),
  enrol: route({
    method: 'POST',
    path: '/v1/enrol',
    summary: 'Enrols an element: a token and proof of its keys, for its first certificate',
    access: { kind: 'open' },
    body: z.strictObject({
      domain: domainId,
      token: secret,
      path: path.nullable().meta({ description: 'needed where the token is for paths below one' }),
      spki: base64.meta({ description: 'public key of the certificate' }),
      proof: base64.meta({ description: 'signature by it over what is asked' }),
      renewalSpki: base64
        .nullable()
        .meta({ description: 'public key that may ask for a certificate after the old one ended' }),
      renewalProof: base64.nullable(),
      root: secret.meta({ description: 'the root of the join link' }),
    }),
    bodyExample: {
      domain: 'plant.example',
      token: SECRET_EXAMPLE,
      path: null,
      spki: KEY_EXAMPLE,
      proof: KEY_EXAMPLE,
      renewalSpki: KEY_EXAMPLE,
      renewalProof: KEY_EXAMPLE,
      root: SECRET_EXAMPLE,
    },
    answer: json(issued, ISSUED, 201),
    errors: authorityErrors(
      ...ISSUING,
      'PICKET-C300',
      'PICKET-C308',
      'PICKET-C320',
      'PICKET-C321',
      'PICKET-C322',
      'PICKET-C323',
      'PICKET-C324',
      'PICKET-C328',
    ),
  }),
  challenge: route({
    method: 'POST',
    path: '/v1/enrol/challenge',
    summary: 'Gives a challenge for an element whose certificate ended while it slept; the same for whoever asks',
    access: { kind: 'open' },
    body: z.strictObject({ id: identityId }),
    bodyExample: { id: ID_EXAMPLE },
    answer: json(z.object({ challenge: z.string() }), { challenge: '1795593600000.AAAA' }),
  }),
  wake: route({
    method: 'POST',
    path: '/v1/enrol/wake',
    summary: 'Issues a certificate to an element that proves its renewal key',
    access: { kind: 'open' },
    body: z.strictObject({
      id: identityId,
      challenge: lineText.max(CHALLENGE_CHARS_MAX),
      spki: base64.meta({ description: 'the new public key' }),
      proof: base64,
      renewalProof: base64,
    }),
    bodyExample: {
      id: ID_EXAMPLE,
      challenge: '1795593600000.AAAA',
      spki: KEY_EXAMPLE,
      proof: KEY_EXAMPLE,
      renewalProof: KEY_EXAMPLE,
    },
    answer: json(issued, ISSUED, 201),
    errors: authorityErrors(...ISSUING, 'PICKET-C300', 'PICKET-C331', 'PICKET-C333', 'PICKET-C334'),
  }),
} as const;
