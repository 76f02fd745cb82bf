// Routes of rules: the rules and guardrails of the policy in words, and how often each was used. They are changed in the policy's text.

import * as z from 'zod';
import { domainParams, entryId } from './changes.ts';
import type { ErrorKinds } from './error-kinds.ts';
import { json, route } from './route.ts';
import { domainId, pageOf, pageQuery, time } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'policies:read' } as const;

const ruleView = z
  .object({
    id: z.string(),
    kind: z
      .enum(['never', 'require', 'rule'])
      .meta({ description: 'never and require are guardrails: judged first, and no rule overrides them' }),
    sentence: z.string(),
    from: z.string(),
    to: z.array(z.string()),
    limits: z.string().nullable(),
    isAudit: z.boolean().meta({ description: 'judged and recorded, not held' }),
    owner: z.string().nullable(),
    why: z.string().nullable(),
    until: z.string().nullable().meta({ description: 'first instant at which it no longer exists' }),
    openings: z.int().meta({ description: 'conversations of the last seven days that it permitted' }),
    denials: z.int().meta({ description: 'conversations of the last seven days that its limits denied' }),
    lastUsed: time.nullable(),
  })
  .meta({ id: 'Rule' });

const RULE: z.input<typeof ruleView> = {
  id: 'cameras-stream',
  kind: 'rule',
  sentence: 'role=camera may use rtsp (tcp/554) on role=recorder, with hours Mon-Fri 06:00-22:00',
  from: 'role=camera',
  to: ['rtsp (tcp/554) on role=recorder'],
  limits: 'hours Mon-Fri 06:00-22:00',
  isAudit: false,
  owner: 'facilities',
  why: 'video retention',
  until: null,
  openings: 4_096,
  denials: 3,
  lastUsed: '2026-11-25T08:00:00.000Z',
};

const MISSING = {
  'PICKET-C733': {
    status: 404,
    title: 'the policy has no rule of this name',
    page: ['Neither a rule nor a guardrail has this id. Nothing was changed.', 'picket rules lists them.'],
  },
} as const satisfies ErrorKinds;

export const ruleRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/rules',
    summary: 'Lists guardrails and rules in the order in which they are judged, and how often each was used',
    access: READ,
    params: domainParams,
    query: pageQuery({}),
    answer: json(pageOf(ruleView), { items: [RULE], next: null }),
  }),
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/rules/{rule}',
    summary: 'Shows one rule or guardrail',
    access: READ,
    params: z.strictObject({ domain: domainId, rule: entryId.meta({ examples: ['cameras-stream'] }) }),
    answer: json(ruleView, RULE),
    errors: MISSING,
  }),
} as const;
