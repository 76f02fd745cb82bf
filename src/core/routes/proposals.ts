// Routes of proposals: entries of a policy that agents learned, with evidence, waiting for somebody to accept or reject them.

import * as z from 'zod';
import { changeAnswer, changeErrors, changeExample, changeHow, domainParams } from './changes.ts';
import type { ErrorKinds } from './error-kinds.ts';
import { json, nothing, route } from './route.ts';
import { domainId, madeId, pageOf, pageQuery, time } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'proposals:read' } as const;
const WRITE = { kind: 'role', role: 'approver', scope: 'proposals:write' } as const;
/** A screen of them; each is one edit of the text. */
const IDS_MAX = 200;

const proposalView = z
  .object({
    id: z.string(),
    agent: z.string().meta({ description: 'the agent that told it first' }),
    agents: z.int().min(0).meta({ description: 'how many agents tell it' }),
    section: z.enum(['elements', 'services', 'rules']),
    entry: z.string(),
    json: z.string().meta({ description: 'the entry as it would stand in the policy, as JSON' }),
    evidence: z.string(),
    firstSeen: time,
    lastSeen: time,
    state: z.enum(['open', 'accepted', 'rejected']),
    decidedBy: z.string().nullable(),
  })
  .meta({ id: 'Proposal' });

const PROPOSAL: z.input<typeof proposalView> = {
  id: 'p5t8w2q1',
  agent: 'gateway-1',
  agents: 1,
  section: 'rules',
  entry: 'cam-lobby-rtsp',
  json: '{"from":"cam-lobby","to":"rtsp"}',
  evidence: '214 times on 7 days',
  firstSeen: '2026-11-18T08:00:00.000Z',
  lastSeen: '2026-11-25T08:00:00.000Z',
  state: 'open',
  decidedBy: null,
};

const proposalDetail = proposalView
  .extend({
    told: z
      .array(z.object({ agent: z.string(), evidence: z.string(), firstSeen: time, lastSeen: time }))
      .meta({ description: 'what each agent says of it' }),
  })
  .meta({ id: 'ProposalDetail' });

const { agent, evidence, firstSeen, lastSeen } = PROPOSAL;
const DETAIL: z.input<typeof proposalDetail> = { ...PROPOSAL, told: [{ agent, evidence, firstSeen, lastSeen }] };

const ids = z.array(madeId).min(1).max(IDS_MAX);

const decidedErrors = {
  'PICKET-C732': {
    status: 409,
    title: 'the proposal was decided already',
    page: ['Somebody accepted or rejected it before. Nothing was changed.'],
  },
} as const satisfies ErrorKinds;

export const proposalRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/proposals',
    summary: 'Lists proposals',
    access: READ,
    params: domainParams,
    query: pageQuery({ state: z.enum(['open', 'accepted', 'rejected']).default('open') }),
    answer: json(pageOf(proposalView), { items: [PROPOSAL], next: null }),
  }),
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/proposals/{proposal}',
    summary: 'Shows one proposal',
    access: READ,
    params: z.strictObject({ domain: domainId, proposal: madeId }),
    answer: json(proposalDetail, DETAIL),
  }),
  accept: route({
    method: 'POST',
    path: '/v1/domains/{domain}/proposals/accept',
    summary: 'Takes proposals into the policy, all of them or none',
    access: WRITE,
    params: domainParams,
    body: z.strictObject({ ids, ...changeHow }),
    bodyExample: { ids: ['p5t8w2q1'] },
    answer: json(changeAnswer, changeExample),
    errors: { ...changeErrors, ...decidedErrors },
  }),
  reject: route({
    method: 'POST',
    path: '/v1/domains/{domain}/proposals/reject',
    summary: 'Rejects proposals; they do not come again',
    access: WRITE,
    params: domainParams,
    body: z.strictObject({ ids }),
    bodyExample: { ids: ['p5t8w2q1'] },
    answer: nothing,
    errors: decidedErrors,
  }),
} as const;
