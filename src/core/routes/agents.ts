// Routes of agents: which processes hold the domain's policy, what they have in force, and what keeps them from it. Not who may become one (identities).

import * as z from 'zod';
import { identityKey } from './authority-values.ts';
import { domainParams } from './changes.ts';
import { json, nothing, route } from './route.ts';
import { domainId, pageOf, pageQuery, time } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'agents:read' } as const;
const WRITE = { kind: 'role', role: 'operator', scope: 'agents:write' } as const;

const state = z.enum(['applied', 'applying', 'stale', 'failed', 'reverted', 'local', 'away']).meta({
  description:
    'applied: has the current revision. applying, stale: has an older one, and works on the newer or has not spoken of it. failed: could not put it in force, or is ahead of the domain. reverted: took it back by itself, because no confirmation came. local: holds a policy of its own, in an emergency. away: not connected',
});

const agentView = z
  .object({
    agent: z.string().meta({ description: 'kind and path of its identity' }),
    key: z.string().meta({ description: 'the same in base64url, for paths' }),
    state,
    controller: z.string().nullable().meta({ description: 'that it is connected to' }),
    connectedAt: time,
    seenAt: time,
    program: z.string(),
    inForce: z.int().meta({ description: 'revision of the domain that it holds; 0 for none' }),
    currentRevision: z.int(),
    staleSince: time.nullable().meta({ description: 'when the revision that it lacks was applied' }),
    problem: z.object({ code: z.string(), message: z.string() }).nullable(),
    local: z.object({ since: time, by: z.string(), why: z.string() }).nullable(),
    counters: z.object({ packets: z.number(), bytes: z.number(), flowsOpen: z.number(), flowsSeen: z.number() }),
    losses: z.array(z.object({ what: z.string(), count: z.number() })).max(32),
    health: z.array(z.object({ code: z.string(), message: z.string() })).max(64),
  })
  .meta({ id: 'Agent' });

const EXAMPLE: z.input<typeof agentView> = {
  agent: 'gateway/north',
  key: 'Z2F0ZXdheS9ub3J0aA',
  state: 'applied',
  controller: 'main',
  connectedAt: '2026-11-25T08:00:00.000Z',
  seenAt: '2026-11-25T08:10:00.000Z',
  program: '0.1.0',
  inForce: 12,
  currentRevision: 12,
  staleSince: null,
  problem: null,
  local: null,
  counters: { packets: 1_200, bytes: 640_000, flowsOpen: 4, flowsSeen: 31 },
  losses: [{ what: 'packets', count: 0 }],
  health: [],
};

const agentParams = z.strictObject({ domain: domainId, agent: identityKey });

const MISSING = {
  'PICKET-C613': {
    status: 404,
    title: 'the agent is not known',
    page: ['No agent of that name has connected to this domain, or it was forgotten.', 'picket agents ls lists them.'],
  },
} as const;

export const agentRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/agents',
    summary: 'Lists the agents of a domain, and what each has in force',
    access: READ,
    params: domainParams,
    query: pageQuery({}),
    answer: json(pageOf(agentView), { items: [EXAMPLE], next: null }),
  }),
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/agents/{agent}',
    summary: 'Shows an agent',
    access: READ,
    params: agentParams,
    answer: json(agentView, EXAMPLE),
    errors: MISSING,
  }),
  forget: route({
    method: 'DELETE',
    path: '/v1/domains/{domain}/agents/{agent}',
    summary: 'Forgets an agent that is away and will not come again',
    detail: 'Its identity is not revoked by that: see the routes of identities.',
    access: WRITE,
    params: agentParams,
    answer: nothing,
    errors: {
      ...MISSING,
      'PICKET-C614': {
        status: 409,
        title: 'the agent is connected',
        page: [
          'Only an agent that is away is forgotten. Nothing was changed.',
          'Revoke its identity to end its connection: picket identities revoke',
        ],
      },
    },
  }),
} as const;
