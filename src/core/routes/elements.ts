// Routes of elements: those of the policy, newcomers that are none yet, and changes of single ones. Quarantines have an area of their own.

import * as z from 'zod';
import { changeAnswer, changeErrors, changeExample, changeHow, domainParams, entryId, lineText } from './changes.ts';
import { json, route } from './route.ts';
import { domainId, pageOf, pageQuery, time } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'elements:read' } as const;
const WRITE = { kind: 'role', role: 'approver', scope: 'elements:write' } as const;

const LABELS_MAX = 64;

const kind = z.enum(['device', 'service', 'server', 'instance', 'agent', 'model', 'human']);
const mode = z.enum(['observe', 'protect', 'enforce']);
const elementParams = z.strictObject({ domain: domainId, element: entryId });

function labels<Value extends z.ZodType>(value: Value) {
  return z
    .record(lineText, value)
    .refine((all) => Object.keys(all).length <= LABELS_MAX, `at most ${LABELS_MAX} labels`)
    .meta({ maxProperties: LABELS_MAX });
}

export const quarantineView = z
  .object({ element: z.string(), since: time, until: time.nullable(), reason: z.string(), by: z.string() })
  .meta({ id: 'Quarantine' });

const elementView = z
  .object({
    id: z.string(),
    kind,
    mode,
    addresses: z.array(z.string()),
    macs: z.array(z.string()),
    login: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    data: z.array(z.string()),
    protect: z.array(z.string()).meta({ description: 'services enforced in mode protect; none named: every one' }),
    isSafetyCritical: z.boolean(),
    owner: z.string().nullable(),
    firstSeen: time.nullable(),
    lastSeen: time.nullable(),
    quarantine: quarantineView.nullable(),
  })
  .meta({ id: 'Element' });

const ELEMENT: z.input<typeof elementView> = {
  id: 'cam-lobby',
  kind: 'device',
  mode: 'enforce',
  addresses: [],
  macs: ['02:42:ac:11:00:05'],
  login: null,
  labels: { role: 'camera' },
  data: [],
  protect: [],
  isSafetyCritical: false,
  owner: 'facilities',
  firstSeen: '2026-11-01T08:00:00.000Z',
  lastSeen: '2026-11-25T08:00:00.000Z',
  quarantine: null,
};

const newcomerView = z
  .object({
    id: z.string(),
    mac: z.string().nullable(),
    addresses: z.array(z.string()),
    names: z.array(z.string()).meta({ description: 'what it says of itself: claims, not proofs' }),
    agent: z.string().meta({ description: 'who saw it' }),
    interface: z.string().nullable(),
    proposedName: z.string(),
    firstSeen: time,
    lastSeen: time,
  })
  .meta({ id: 'Newcomer' });

const newcomerId = lineText.meta({ description: 'id or MAC of a newcomer', examples: ['02:00:00:00:00:09'] });

export const elementRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/elements',
    summary: 'Lists the elements of the policy',
    access: READ,
    params: domainParams,
    query: pageQuery({
      kind: kind.optional(),
      mode: mode.optional(),
      label: lineText.optional().meta({ description: 'key=value' }),
    }),
    answer: json(pageOf(elementView), { items: [ELEMENT], next: null }),
  }),
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/elements/{element}',
    summary: 'Shows one element',
    access: READ,
    params: elementParams,
    answer: json(elementView, ELEMENT),
    errors: { 'PICKET-C703': changeErrors['PICKET-C703'] },
  }),
  label: route({
    method: 'POST',
    path: '/v1/domains/{domain}/elements/{element}/label',
    summary: 'Sets labels of an element, or takes them away',
    access: WRITE,
    params: elementParams,
    body: z.strictObject({
      labels: labels(lineText.nullable()).meta({ description: 'a value of null takes the label away' }),
      ...changeHow,
    }),
    bodyExample: { labels: { site: 'north' } },
    answer: json(changeAnswer, changeExample),
    errors: changeErrors,
  }),
  remove: route({
    method: 'POST',
    path: '/v1/domains/{domain}/elements/{element}/remove',
    summary: 'Takes an element out of the policy',
    access: WRITE,
    params: elementParams,
    body: z.strictObject(changeHow),
    bodyExample: {},
    answer: json(changeAnswer, changeExample),
    errors: changeErrors,
  }),
  mode: route({
    method: 'POST',
    path: '/v1/domains/{domain}/modes',
    summary: 'Sets the mode of one or more elements',
    access: WRITE,
    params: domainParams,
    body: z.strictObject({
      selector: lineText.meta({ description: 'an element, key=value, kind=…, or all' }),
      mode,
      ...changeHow,
    }),
    bodyExample: { selector: 'role=camera', mode: 'enforce' },
    answer: json(changeAnswer, changeExample),
    errors: changeErrors,
  }),
  newcomers: route({
    method: 'GET',
    path: '/v1/domains/{domain}/newcomers',
    summary: 'Lists who was seen and is no element',
    access: READ,
    params: domainParams,
    query: pageQuery({}),
    answer: json(pageOf(newcomerView), {
      items: [
        {
          id: '02:00:00:00:00:09',
          mac: '02:00:00:00:00:09',
          addresses: ['10.0.3.20'],
          names: ['cam-9'],
          agent: 'gateway-1',
          interface: 'eth1',
          proposedName: 'cam-9',
          firstSeen: '2026-11-25T07:00:00.000Z',
          lastSeen: '2026-11-25T08:00:00.000Z',
        },
      ],
      next: null,
    }),
  }),
  approve: route({
    method: 'POST',
    path: '/v1/domains/{domain}/newcomers/{newcomer}/approve',
    summary: 'Takes a newcomer into the policy',
    access: WRITE,
    params: z.strictObject({ domain: domainId, newcomer: newcomerId }),
    body: z.strictObject({
      name: entryId.nullable().default(null),
      kind: kind.nullable().default(null),
      labels: labels(lineText).default({}),
      ...changeHow,
    }),
    bodyExample: { name: 'cam-9', kind: 'device', labels: { role: 'camera' } },
    answer: json(changeAnswer, changeExample),
    errors: changeErrors,
  }),
} as const;
