// Routes of identities: who is enrolled, revocation and its end. Enrolling itself is in enrolment.ts.

import * as z from 'zod';
import { authorityErrors, ID_EXAMPLE, identityId, identityKey, SERIAL_EXAMPLE } from './authority-values.ts';
import { domainParams, lineText } from './changes.ts';
import { json, nothing, route } from './route.ts';
import { domainId, freeText, pageOf, pageQuery, time } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'authority:read' } as const;
/** Whoever sees that something is wrong has to be able to stop it at once. */
const STOP = { kind: 'role', role: 'operator', scope: 'authority:write' } as const;
const OWNER = { kind: 'role', role: 'owner', scope: 'authority:write', isFresh: true } as const;
const WHY_CHARS_MAX = 500;
const REVOCATIONS_SHOWN_MAX = 1_000;

const identityView = z
  .object({
    id: identityId,
    key: identityKey,
    kind: z.string(),
    state: z.enum(['valid', 'expired', 'revoked']).meta({
      description: 'expired: its certificate ended and none was asked for since; by its renewal key it may come back',
    }),
    enrolledAt: time,
    enrolledWith: z.string().meta({ description: 'id of the token' }),
    hasRenewalKey: z.boolean(),
    serial: z.string().meta({ description: 'of its newest certificate, hexadecimal' }),
    notAfter: time,
    renewedAt: time,
    bundleSequence: z.int().meta({ description: 'newest bundle that its agent has confirmed' }),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'Identity' });

const revocationView = z
  .object({
    kind: z.enum(['serial', 'identity', 'subtree', 'issuer']),
    value: z.string(),
    sequence: z.int(),
    at: time,
    by: z.string(),
    why: z.string(),
  })
  .meta({ id: 'Revocation' });

const IDENTITY: z.input<typeof identityView> = {
  id: ID_EXAMPLE,
  key: 'c3BpZmZlOi8vcGxhbnQuZXhhbXBsZS9nYXRld2F5L25vcnRo',
  kind: 'gateway',
  state: 'valid',
  enrolledAt: '2026-11-25T08:00:00.000Z',
  enrolledWith: 'k3v9x2m7',
  hasRenewalKey: true,
  serial: SERIAL_EXAMPLE,
  notAfter: '2026-11-26T08:00:00.000Z',
  renewedAt: '2026-11-25T08:00:00.000Z',
  bundleSequence: 1,
  revokedAt: null,
};
const REVOCATION: z.input<typeof revocationView> = {
  kind: 'identity',
  value: ID_EXAMPLE,
  sequence: 7,
  at: '2026-11-25T08:30:00.000Z',
  by: 'Ada',
  why: 'stolen',
};

const identityParams = z.strictObject({ domain: domainId, identity: identityKey });
const sequenceView = z.object({ sequence: z.int().meta({ description: 'of the revocation list after it' }) });

export const identityRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/identities',
    summary: 'Lists who is enrolled',
    access: READ,
    params: domainParams,
    query: pageQuery({}),
    answer: json(pageOf(identityView), { items: [IDENTITY], next: null }),
    errors: authorityErrors(),
  }),
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/identities/{identity}',
    summary: 'Shows an identity, and what of it is revoked',
    access: READ,
    params: identityParams,
    answer: json(identityView.extend({ revocations: z.array(revocationView).max(REVOCATIONS_SHOWN_MAX) }), {
      ...IDENTITY,
      revocations: [REVOCATION],
    }),
    errors: authorityErrors('PICKET-C347'),
  }),
  dropRenewalKey: route({
    method: 'DELETE',
    path: '/v1/domains/{domain}/identities/{identity}/renewal-key',
    summary: 'Takes the renewal key of an identity away',
    detail: 'After its certificate has ended it cannot come back without a token.',
    access: STOP,
    params: identityParams,
    answer: nothing,
    errors: authorityErrors('PICKET-C347'),
  }),
  revocations: route({
    method: 'GET',
    path: '/v1/domains/{domain}/revocations',
    summary: 'Lists what is revoked, newest first',
    access: READ,
    params: domainParams,
    answer: json(z.object({ items: z.array(revocationView).max(REVOCATIONS_SHOWN_MAX) }), { items: [REVOCATION] }),
    errors: authorityErrors(),
  }),
  revoke: route({
    method: 'POST',
    path: '/v1/domains/{domain}/revocations',
    summary:
      'Revokes a certificate, an identity, one and all below it, or an issuing key; live connections are cut at once',
    access: STOP,
    params: domainParams,
    body: z.strictObject({
      kind: z.enum(['serial', 'identity', 'subtree', 'issuer']),
      value: lineText.max(512).meta({ description: 'serial number, id, id, or id of an issuing key' }),
      why: freeText(WHY_CHARS_MAX).min(1),
    }),
    bodyExample: { kind: 'identity', value: ID_EXAMPLE, why: 'stolen' },
    answer: json(sequenceView, { sequence: 7 }),
    errors: authorityErrors('PICKET-C300', 'PICKET-C303', 'PICKET-C346', 'PICKET-C347'),
  }),
  reinstate: route({
    method: 'POST',
    path: '/v1/domains/{domain}/revocations/reinstate',
    summary: 'Lets a revoked identity be enrolled again; the certificates it had stay revoked',
    access: OWNER,
    params: domainParams,
    body: z.strictObject({ kind: z.enum(['identity', 'subtree']), id: identityId }),
    bodyExample: { kind: 'identity', id: ID_EXAMPLE },
    answer: json(sequenceView, { sequence: 8 }),
    errors: authorityErrors('PICKET-C347'),
  }),
} as const;
