// Routes about whoever asks. Their sessions, passkeys and tokens are the people area's.

import * as z from 'zod';
import { CONTROLLER, ROLES, SCOPES } from './actor.ts';
import { json, route } from './route.ts';
import { domainId, time } from './values.ts';

const roleKey = z.union([domainId, z.literal(CONTROLLER)]);

export const meRoutes = {
  show: route({
    method: 'GET',
    path: '/v1/me',
    summary: 'Says who asks, with roles by domain',
    access: { kind: 'logged-on' },
    answer: json(
      z.object({
        kind: z.enum(['person', 'token', 'local', 'system']),
        id: z.string(),
        name: z.string(),
        roles: z.record(roleKey, z.enum(ROLES)),
        scopes: z.array(z.enum(SCOPES)).nullable(),
        session: z.string().nullable(),
        authenticatedAt: time.nullable(),
      }),
      {
        kind: 'person',
        id: 'k3v9x2m7',
        name: 'Ada',
        roles: { 'plant.example': 'owner' },
        scopes: null,
        session: 's8d2f6h1',
        authenticatedAt: '2026-11-25T08:00:00.000Z',
      },
    ),
  }),
} as const;
