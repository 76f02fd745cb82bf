// Routes of findings: oddities that agents told of, acknowledged or muted by people. A finding is never a denial.

import * as z from 'zod';
import { domainParams } from './changes.ts';
import type { ErrorKinds } from './error-kinds.ts';
import { json, nothing, route } from './route.ts';
import { domainId, flag, freeText, madeId, pageOf, pageQuery, time } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'findings:read' } as const;
const WRITE = { kind: 'role', role: 'operator', scope: 'findings:write' } as const;
const WHY_CHARS_MAX = 500;
const MUTES_MAX = 1_000;

const findingView = z
  .object({
    id: z.string(),
    kind: z.string(),
    address: z.string(),
    element: z.string().nullable(),
    subject: z.string(),
    evidence: z.string(),
    severity: z.enum(['note', 'alarm']),
    action: z.string().nullable(),
    agent: z.string(),
    count: z.int(),
    firstSeen: time,
    lastSeen: time,
    state: z.enum(['open', 'acknowledged']),
    acknowledgedBy: z.string().nullable(),
    acknowledgedAt: time.nullable(),
  })
  .meta({ id: 'Finding' });

const muteView = z
  .object({
    finding: z.string(),
    kind: z.string(),
    address: z.string(),
    subject: z.string(),
    until: time,
    why: z.string(),
    by: z.string(),
  })
  .meta({ id: 'Mute' });

const FINDING: z.input<typeof findingView> = {
  id: 'k3v9x2m7',
  kind: 'scan',
  address: '10.0.3.20',
  element: 'cam-lobby',
  subject: '10.0.4.0/24',
  evidence: '64 addresses in 10 s',
  severity: 'alarm',
  action: null,
  agent: 'gateway-1',
  count: 3,
  firstSeen: '2026-11-25T07:00:00.000Z',
  lastSeen: '2026-11-25T08:00:00.000Z',
  state: 'open',
  acknowledgedBy: null,
  acknowledgedAt: null,
};

const MUTE = {
  finding: 'k3v9x2m7',
  kind: 'scan',
  address: '10.0.3.20',
  subject: '10.0.4.0/24',
  until: '2026-12-25T08:00:00.000Z',
  why: 'the inventory tool',
  by: 'Ada',
};

const findingParams = z.strictObject({ domain: domainId, finding: madeId });

const muteErrors = {
  'PICKET-C730': {
    status: 422,
    title: 'the mute ends at no useful time',
    page: [
      'A mute ends on a date to come, within a year: what is odd for longer is made a rule, or the detector is set otherwise. Nothing was changed.',
    ],
  },
  'PICKET-C731': {
    status: 409,
    title: 'too many mutes',
    page: ['A domain has at most 1,000 mutes at a time. Nothing was changed.', 'End some: picket alerts ls --muted'],
  },
} as const satisfies ErrorKinds;

export const findingRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/findings',
    summary: 'Lists findings, those told last first',
    access: READ,
    params: domainParams,
    query: pageQuery({ state: z.enum(['open', 'acknowledged']).optional(), muted: flag.default(false) }),
    answer: json(pageOf(findingView), { items: [FINDING], next: null }),
  }),
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/findings/{finding}',
    summary: 'Shows one finding',
    access: READ,
    params: findingParams,
    answer: json(findingView, FINDING),
  }),
  acknowledge: route({
    method: 'POST',
    path: '/v1/domains/{domain}/findings/{finding}/acknowledge',
    summary: 'Notes that somebody has looked at a finding',
    access: WRITE,
    params: findingParams,
    answer: json(findingView, {
      ...FINDING,
      state: 'acknowledged',
      acknowledgedBy: 'Ada',
      acknowledgedAt: '2026-11-25T08:05:00.000Z',
    }),
  }),
  mute: route({
    method: 'PUT',
    path: '/v1/domains/{domain}/findings/{finding}/mute',
    summary: 'Mutes exactly this kind, address and subject until a date',
    access: WRITE,
    params: findingParams,
    body: z.strictObject({ until: time, why: freeText(WHY_CHARS_MAX).min(1) }),
    bodyExample: { until: '2026-12-25T08:00:00.000Z', why: 'the inventory tool' },
    answer: json(muteView, MUTE),
    errors: muteErrors,
  }),
  unmute: route({
    method: 'DELETE',
    path: '/v1/domains/{domain}/findings/{finding}/mute',
    summary: 'Ends a mute',
    access: WRITE,
    params: findingParams,
    answer: nothing,
  }),
  mutes: route({
    method: 'GET',
    path: '/v1/domains/{domain}/mutes',
    summary: 'Lists what is muted',
    access: READ,
    params: domainParams,
    answer: json(z.object({ items: z.array(muteView).max(MUTES_MAX) }), { items: [MUTE] }),
  }),
} as const;
