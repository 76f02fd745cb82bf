// Routes of recorded traffic: conversations and denials as agents told them, summed per minute and per hour. What is not recorded is not shown as nothing.

import * as z from 'zod';
import { domainParams } from './changes.ts';
import { events, file, json, route } from './route.ts';
import { flag, pageOf, pageQuery, time, whole } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'flows:read' } as const;
const WORD_CHARS_MAX = 256;
const PORT_MAX = 65_535;
/** More than any chart draws. */
const COUNTS_MAX = 100_000;
/** Rows that a follower is shown at a time. */
const LIVE_ROWS_MAX = 500;

const word = z.string().min(1).max(WORD_CHARS_MAX);

const flowView = z
  .object({
    minuteOrHour: time.meta({ description: 'when the minute or hour begins' }),
    span: z.enum(['minute', 'hour']),
    agent: z.string(),
    id: z.string().meta({ description: 'the same for the same conversation at any time' }),
    from: z.string().meta({ description: 'element, or address where none is known; "(others)" beyond the bound' }),
    fromAddress: z.string(),
    isFromKnown: z.boolean(),
    to: z.string(),
    toAddress: z.string(),
    isToKnown: z.boolean(),
    protocol: z.string(),
    port: z.int().nullable(),
    reason: z.string().nullable().meta({ description: 'first reason of the denial; null: permitted' }),
    isEnforced: z.boolean(),
    rule: z.string().nullable(),
    openings: z.int(),
    packetsSent: z.int(),
    packetsReceived: z.int(),
    bytesSent: z.int(),
    bytesReceived: z.int(),
    firstSeen: time,
    lastSeen: time,
    folded: z
      .int()
      .meta({ description: 'conversations summed here because the bound of the minute or hour was reached' }),
  })
  .meta({ id: 'Flow' });

const FLOW: z.input<typeof flowView> = {
  minuteOrHour: '2026-11-25T08:00:00.000Z',
  span: 'minute',
  agent: 'gateway-1',
  id: 'Zm9vYmFyYmF6cXV4MTIzNA',
  from: 'cam-lobby',
  fromAddress: '10.0.3.20',
  isFromKnown: true,
  to: 'nvr',
  toAddress: '10.0.3.10',
  isToKnown: true,
  protocol: 'tcp',
  port: 554,
  reason: null,
  isEnforced: true,
  rule: 'cameras-stream',
  openings: 1,
  packetsSent: 1_200,
  packetsReceived: 600,
  bytesSent: 1_500_000,
  bytesReceived: 40_000,
  firstSeen: '2026-11-25T08:00:01.000Z',
  lastSeen: '2026-11-25T08:00:59.000Z',
  folded: 0,
};

const verdictView = z
  .object({
    minuteOrHour: time,
    by: z.enum(['kernel', 'engine']),
    reason: z.string(),
    isEnforced: z.boolean(),
    count: z.int(),
  })
  .meta({ id: 'VerdictCount' });

const range = {
  span: z.enum(['minute', 'hour']).default('minute'),
  since: time.optional().meta({ description: 'an hour before the end if not stated, a day for hours' }),
  until: time.optional().meta({ description: 'now if not stated' }),
  agent: word.optional(),
};

const filter = {
  ...range,
  end: word.optional().meta({ description: 'element or address at either end' }),
  from: word.optional(),
  to: word.optional(),
  rule: word.optional(),
  reason: word.optional(),
  protocol: word.optional(),
  port: whole({ min: 0, max: PORT_MAX }).optional(),
  denied: flag.optional().meta({ description: 'true: only what was denied; false: only what was permitted' }),
};

export const flowRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/flows',
    summary: 'Lists conversations, newest first',
    detail:
      'Summed per minute (kept for a week) or per hour (kept for a year). A page may have fewer rows than asked for although more follow: go on with "next" until it is null.',
    access: READ,
    params: domainParams,
    query: pageQuery(filter),
    answer: json(pageOf(flowView), { items: [FLOW], next: null }),
  }),
  export: route({
    method: 'GET',
    path: '/v1/domains/{domain}/flows/export',
    summary: 'Exports conversations as CSV or as lines of JSON',
    detail: 'Newest first, at most a million rows.',
    access: READ,
    params: domainParams,
    query: z.strictObject({ ...filter, format: z.enum(['csv', 'json']).default('csv') }),
    answer: file('text/csv', 'application/x-ndjson'),
  }),
  live: route({
    method: 'GET',
    path: '/v1/domains/{domain}/flows/live',
    summary: 'Follows conversations as agents tell of them',
    detail: `Rows of the last two minutes that are new or grew, the newest ${LIVE_ROWS_MAX} at a time; a row replaces the one of the same agent, minute and id.`,
    access: READ,
    params: domainParams,
    query: z.strictObject({ agent: word.optional(), end: word.optional(), denied: flag.optional() }),
    answer: events(flowView, FLOW),
  }),
  verdicts: route({
    method: 'GET',
    path: '/v1/domains/{domain}/verdicts',
    summary: 'Counts denials over time, by reason',
    detail: 'Of all agents together, or of one. Hours where minutes would be more than a chart has points.',
    access: READ,
    params: domainParams,
    query: z.strictObject(range),
    answer: json(z.object({ items: z.array(verdictView).max(COUNTS_MAX) }), {
      items: [
        { minuteOrHour: '2026-11-25T08:00:00.000Z', by: 'kernel', reason: 'no-rule', isEnforced: true, count: 17 },
      ],
    }),
  }),
} as const;
