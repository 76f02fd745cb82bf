// Routes of domains: which there are, and making one. What is in a domain has areas of its own.

import * as z from 'zod';
import { ROLES } from './actor.ts';
import type { ErrorKinds } from './error-kinds.ts';
import { json, route } from './route.ts';
import { domainId, freeText, pageOf, pageQuery, time } from './values.ts';

/** Shown in lists of 80 columns. */
const NAME_CHARS_MAX = 80;

export const domainErrors = {
  'PICKET-C480': {
    status: 409,
    title: 'the domain is there already',
    page: [
      'A domain with this id exists. Ids are given once, because certificates name them. Nothing was changed.',
      'Choose another id.',
    ],
  },
} as const satisfies ErrorKinds;

export const domainView = z
  .object({
    id: domainId,
    name: z.string(),
    madeAt: time,
    role: z.enum(ROLES).meta({ description: 'of whoever asks' }),
  })
  .meta({ id: 'Domain' });

const EXAMPLE = { id: 'plant.example', name: 'Plant', madeAt: '2026-11-25T08:00:00.000Z', role: 'owner' } as const;

export const domainRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains',
    summary: 'Lists the domains in which whoever asks has a role',
    access: { kind: 'logged-on' },
    query: pageQuery({}),
    answer: json(pageOf(domainView), { items: [EXAMPLE], next: null }),
  }),
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}',
    summary: 'Shows a domain',
    access: { kind: 'role', role: 'viewer', scope: 'domains:read' },
    params: z.strictObject({ domain: domainId }),
    answer: json(domainView, EXAMPLE),
  }),
  make: route({
    method: 'POST',
    path: '/v1/domains',
    summary: 'Makes a domain; whoever asks becomes its owner',
    access: { kind: 'role', role: 'owner', scope: 'domains:write', isFresh: true },
    body: z.strictObject({ id: domainId, name: freeText(NAME_CHARS_MAX).min(1) }),
    bodyExample: { id: 'plant.example', name: 'Plant' },
    answer: json(domainView, EXAMPLE, 201),
    errors: domainErrors,
  }),
} as const;
