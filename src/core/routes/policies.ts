// Routes of a domain's policy: read, check, plan, apply, confirm, take back. Single entries are changed by the areas of elements and services.

import * as z from 'zod';
import {
  changeAnswer,
  changeErrors,
  changeExample,
  changeHow,
  delivery,
  deliveryExample,
  domainParams,
  POLICY_CHARS_MAX,
  pendingChange,
  policyChange,
} from './changes.ts';
import type { ErrorKinds } from './error-kinds.ts';
import { file, json, route } from './route.ts';
import { domainId, freeText, pageOf, pageQuery, time, whole } from './values.ts';

const REVISION_MAX = 999_999_999_999;
/** Escaped in JSON, and its fields around it. */
const POLICY_BODY_BYTES_MAX = 6 * 1_024 * 1_024;
const FILE_CHARS_MAX = 256;

const READ = { kind: 'role', role: 'viewer', scope: 'policies:read' } as const;
const WRITE = { kind: 'role', role: 'approver', scope: 'policies:write' } as const;

const revisionNumber = whole({ min: 1, max: REVISION_MAX, example: 7 }).meta({ description: 'revision' });
const revisionParams = z.strictObject({ domain: domainId, revision: revisionNumber });
/** Line breaks and tabs are of the language; what else is no text the checker tells, with its place. */
const policyText = z.string().max(POLICY_CHARS_MAX).meta({ description: 'policy as YAML or JSON' });
const fileName = freeText(FILE_CHARS_MAX).default('policy').meta({ description: 'name of the text in problems' });

const revisionView = z
  .object({
    revision: z.int(),
    state: z.enum(['pending', 'confirmed', 'reverted', 'superseded']),
    by: z.string(),
    at: time,
    why: z.string(),
    restores: z.int().nullable().meta({ description: 'the revision whose text it has again' }),
    needsSecond: z.boolean(),
    endedBy: z.string().nullable(),
    endedAt: time.nullable(),
  })
  .meta({ id: 'Revision' });

const policyView = z
  .object({
    revision: revisionView,
    confirmed: z.int().meta({ description: 'the last revision that was confirmed' }),
    pending: pendingChange.nullable(),
    mode: z.enum(['observe', 'protect', 'enforce']),
    elements: z.object({ observe: z.int(), protect: z.int(), enforce: z.int() }),
    services: z.int(),
    rules: z.int(),
    text: z.string(),
  })
  .meta({ id: 'Policy' });

const REVISION: z.input<typeof revisionView> = {
  revision: 7,
  state: 'confirmed',
  by: 'Ada',
  at: '2026-11-25T08:00:00.000Z',
  why: 'cameras only by day',
  restores: null,
  needsSecond: false,
  endedBy: 'ada',
  endedAt: '2026-11-25T08:01:00.000Z',
};

const POLICY: z.input<typeof policyView> = {
  revision: REVISION,
  confirmed: 7,
  pending: null,
  mode: 'observe',
  elements: { observe: 12, protect: 2, enforce: 1 },
  services: 3,
  rules: 9,
  text: 'picket: 1\n',
};

const checkAnswer = z.object({
  tests: z.array(z.object({ sentence: z.string(), line: z.int(), isPassed: z.boolean() })),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), where: z.string().nullable() })),
});

const endingAnswer = z.object({ revision: z.int(), delivery });
const endingBody = z.strictObject({
  revision: z
    .int()
    .min(1)
    .max(REVISION_MAX)
    .nullable()
    .default(null)
    .meta({ description: 'the revision that is meant; null: whichever waits' }),
  waitSeconds: changeHow.waitSeconds,
});

const endingErrors = {
  'PICKET-C412': changeErrors['PICKET-C412'],
  'PICKET-C713': changeErrors['PICKET-C713'],
  'PICKET-C714': {
    status: 409,
    title: 'no change waits',
    page: [
      'Nothing waits to be confirmed or taken back. Nothing was changed.',
      'picket policy history lists what was.',
    ],
  },
  'PICKET-C715': {
    status: 409,
    title: 'the time to confirm is over',
    page: ['The change is being taken back, because nobody confirmed it in time. Apply it again.'],
  },
  'PICKET-C716': {
    status: 403,
    title: 'the session is older than the change',
    page: [
      'A confirmation shows that somebody can still get in under the new policy. A session that was opened before the change shows nothing of the kind. The change still waits.',
      'Log on again from where you work, and confirm there: picket login, picket policy confirm',
    ],
  },
  'PICKET-C717': {
    status: 403,
    title: 'somebody else applied the change',
    page: [
      'Whoever applied a change confirms it, because it is their way in that has to be shown. The change still waits.',
      'Anybody who may apply can take it back: picket policy rollback',
    ],
  },
  'PICKET-C718': {
    status: 403,
    title: 'a second person has to confirm',
    page: [
      'The change touches what needs four eyes, and its author cannot be the second pair. The change still waits.',
      'Another approver confirms it: picket policy confirm',
    ],
  },
} as const satisfies ErrorKinds;

export const policyRoutes = {
  show: route({
    method: 'GET',
    path: '/v1/domains/{domain}/policy',
    summary: 'Shows the policy in force, with its text',
    detail: 'The ETag names the revision, for the If-Match of an apply.',
    access: READ,
    params: domainParams,
    answer: json(policyView, POLICY),
  }),
  revisions: route({
    method: 'GET',
    path: '/v1/domains/{domain}/policy/revisions',
    summary: 'Lists the revisions of the policy, newest first',
    access: READ,
    params: domainParams,
    query: pageQuery({}),
    answer: json(pageOf(revisionView), { items: [REVISION], next: null }),
  }),
  revision: route({
    method: 'GET',
    path: '/v1/domains/{domain}/policy/revisions/{revision}',
    summary: 'Shows one revision, with its text',
    access: READ,
    params: revisionParams,
    answer: json(policyView, POLICY),
  }),
  signed: route({
    method: 'GET',
    path: '/v1/domains/{domain}/policy/signed',
    summary: 'Gives the policy in force with its signature, as agents get it',
    detail:
      'To be carried to agents of the domain that no controller reaches. It is one snapshot of the protocol of agents; a policy that waits for its confirmation is not given out.',
    access: READ,
    params: domainParams,
    answer: file('application/json'),
    errors: {
      'PICKET-C719': {
        status: 409,
        title: 'the policy is not confirmed',
        page: [
          'A change waits for its confirmation and may be taken back, which an agent that no controller reaches would never hear of.',
          'Confirm it or take it back first: picket policy confirm, picket policy rollback',
        ],
      },
    },
  }),
  diff: route({
    method: 'GET',
    path: '/v1/domains/{domain}/policy/diff',
    summary: 'Says what changed from one revision to another',
    access: READ,
    params: domainParams,
    query: z.strictObject({ from: revisionNumber, to: revisionNumber }),
    answer: json(z.object({ from: z.int(), to: z.int(), changes: z.array(policyChange) }), {
      from: 7,
      to: 8,
      changes: [{ section: 'rules', id: 'cameras-stream', kind: 'changed', fields: ['limits'], from: null, to: null }],
    }),
  }),
  check: route({
    method: 'POST',
    path: '/v1/domains/{domain}/policy/check',
    summary: 'Checks a policy and its tests, and changes nothing',
    access: READ,
    params: domainParams,
    body: z.strictObject({ text: policyText, file: fileName }),
    bodyExample: { text: 'picket: 1\n' },
    bodyBytesMax: POLICY_BODY_BYTES_MAX,
    answer: json(checkAnswer, { tests: [], warnings: [] }),
    errors: changeErrors,
  }),
  plan: route({
    method: 'POST',
    path: '/v1/domains/{domain}/policy/plan',
    summary: 'Says what a policy would change, and what it would make of recorded traffic',
    access: READ,
    params: domainParams,
    body: z.strictObject({ text: policyText, file: fileName, days: changeHow.days }),
    bodyExample: { text: 'picket: 1\n' },
    bodyBytesMax: POLICY_BODY_BYTES_MAX,
    answer: json(changeAnswer, { ...changeExample, isApplied: false, revision: null, pending: null, delivery: null }),
    errors: changeErrors,
  }),
  apply: route({
    method: 'POST',
    path: '/v1/domains/{domain}/policy/apply',
    summary: 'Puts a policy in force, until it is confirmed',
    detail:
      'If-Match names the revision on top of which it is made. The answer says per agent what became of it. Unless confirmed from a new session within the time, the revision before comes back by itself.',
    access: WRITE,
    params: domainParams,
    body: z.strictObject({ text: policyText, file: fileName, ...changeHow }),
    bodyExample: { text: 'picket: 1\n', why: 'cameras only by day' },
    bodyBytesMax: POLICY_BODY_BYTES_MAX,
    answer: json(changeAnswer, changeExample),
    ifMatch: 'needed',
    errors: changeErrors,
  }),
  confirm: route({
    method: 'POST',
    path: '/v1/domains/{domain}/policy/confirm',
    summary: 'Keeps the change that waits; from a new session',
    access: WRITE,
    params: domainParams,
    body: endingBody,
    bodyExample: { revision: 8 },
    answer: json(endingAnswer, { revision: 8, delivery: deliveryExample }),
    errors: endingErrors,
  }),
  rollback: route({
    method: 'POST',
    path: '/v1/domains/{domain}/policy/rollback',
    summary: 'Takes back the change that waits',
    access: WRITE,
    params: domainParams,
    body: endingBody,
    bodyExample: {},
    answer: json(endingAnswer, { revision: 9, delivery: deliveryExample }),
    errors: endingErrors,
  }),
} as const;
