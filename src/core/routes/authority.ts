// Routes of a domain's authority: its keys and how it is, the trust bundle, rotation. Private keys are nowhere in the API.

import * as z from 'zod';
import { authorityErrors } from './authority-values.ts';
import { domainParams } from './changes.ts';
import { json, route } from './route.ts';
import { time } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'authority:read' } as const;
const OWNER = { kind: 'role', role: 'owner', scope: 'authority:write', isFresh: true } as const;
/** Keys of a domain over its life, retired ones included. */
const KEYS_MAX = 1_000;
/** A backup is never so old that agents have seen more bundles since. */
const RAISE_MAX = 1_000_000;

const keyView = z
  .object({
    id: z.string().meta({ description: 'SHA-256 of the public key, hexadecimal' }),
    purpose: z.enum(['root', 'issuing', 'policy']),
    state: z.enum(['published', 'active', 'retiring', 'retired']),
    madeAt: time,
    notAfter: time.nullable(),
    sinceSequence: z.int().meta({ description: 'bundle in which it first stood' }),
  })
  .meta({ id: 'AuthorityKey' });

const authorityView = z
  .object({
    bundleSequence: z.int(),
    revocationSequence: z.int(),
    keys: z.array(keyView).max(KEYS_MAX),
    ailments: z
      .array(
        z.object({ code: z.string(), severity: z.enum(['warning', 'error']), message: z.string(), help: z.string() }),
      )
      .max(10),
  })
  .meta({ id: 'Authority' });

const KEY: z.input<typeof keyView> = {
  id: '3dfa156ea1b91a59ec52a9353de863c74085f1363dfa156ea1b91a59ec52a935',
  purpose: 'root',
  state: 'active',
  madeAt: '2026-11-25T08:00:00.000Z',
  notAfter: '2036-11-22T08:00:00.000Z',
  sinceSequence: 1,
};

const sequenceView = z.object({ bundleSequence: z.int() });

/** A SPIFFE bundle: JSON Web Keys with certificates; more members than are listed here may come. */
const bundleView = z
  .looseObject({
    spiffe_sequence: z.int(),
    spiffe_refresh_hint: z.int(),
    picket_domain: z.string(),
    keys: z.array(z.looseObject({ use: z.string(), kty: z.string(), kid: z.string() })).max(32),
  })
  .meta({ id: 'TrustBundle' });

export const authorityRoutes = {
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/authority',
    summary: 'Shows the keys of a domain, and whether its authority can go on issuing',
    access: READ,
    params: domainParams,
    answer: json(authorityView, { bundleSequence: 1, revocationSequence: 0, keys: [KEY], ailments: [] }),
    errors: authorityErrors(),
  }),
  bundle: route({
    method: 'GET',
    path: '/v1/domains/{domain}/bundle',
    summary: 'Gives the trust bundle of a domain: public keys and certificates only',
    detail: 'Whoever joins compares the root in it with the join link before anything of it is believed.',
    access: { kind: 'open' },
    params: domainParams,
    answer: json(bundleView, {
      spiffe_sequence: 1,
      spiffe_refresh_hint: 300,
      picket_domain: 'plant.example',
      keys: [{ use: 'x509-svid', kty: 'EC', kid: KEY.id }],
    }),
    errors: authorityErrors(),
  }),
  rotate: route({
    method: 'POST',
    path: '/v1/domains/{domain}/authority/rotate',
    summary: 'Takes one step of a rotation: publish a new key, use it once every agent trusts it, retire the old one',
    access: OWNER,
    params: domainParams,
    body: z.strictObject({
      purpose: z.enum(['root', 'policy']),
      step: z.enum(['publish', 'activate', 'retire']),
      force: z
        .boolean()
        .default(false)
        .meta({ description: 'leaves agents behind that are not ready; they have to join again' }),
    }),
    bodyExample: { purpose: 'root', step: 'publish', force: false },
    answer: json(sequenceView, { bundleSequence: 2 }),
    errors: authorityErrors('PICKET-C340', 'PICKET-C342', 'PICKET-C343', 'PICKET-C348'),
  }),
  replaceIssuing: route({
    method: 'POST',
    path: '/v1/domains/{domain}/authority/issuing',
    summary: 'Makes a new issuing certificate now; the old one is valid until it is revoked or ends',
    access: OWNER,
    params: domainParams,
    answer: json(authorityView, { bundleSequence: 1, revocationSequence: 0, keys: [KEY], ailments: [] }),
    errors: authorityErrors('PICKET-C340', 'PICKET-C342', 'PICKET-C343'),
  }),
  raise: route({
    method: 'POST',
    path: '/v1/domains/{domain}/authority/raise',
    summary: 'Raises the number of the bundle, after a restore from a backup that agents are ahead of',
    access: OWNER,
    params: domainParams,
    body: z.strictObject({ by: z.int().min(1).max(RAISE_MAX) }),
    bodyExample: { by: 100 },
    answer: json(sequenceView, { bundleSequence: 101 }),
    errors: authorityErrors(),
  }),
} as const;
