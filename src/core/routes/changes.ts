// What every change of a policy takes and answers, whether the whole text is sent or one entry is changed; and what it may be refused for. Not a route.

import * as z from 'zod';
import { apiErrors, type ErrorKinds } from './error-kinds.ts';
import { problemDetail } from './problem.ts';
import { domainId, freeText, time } from './values.ts';

/** Longest wait for a confirmation: a day. */
const CONFIRM_SECONDS_MAX = 86_400;
/** Days of recorded traffic that a plan may be tried on. */
const DAYS_MAX = 30;
const DAYS = 7;
/** Longest that an answer waits for agents: below the half minute that proxies allow. */
const WAIT_SECONDS_MAX = 25;
const WAIT_SECONDS = 5;
const WHY_CHARS_MAX = 500;
/** A policy of 20,000 rules. The language reads no longer text. */
export const POLICY_CHARS_MAX = 4 * 1_024 * 1_024;

export const domainParams = z.strictObject({ domain: domainId });

/** One line: a name, a selector, a label. */
export const lineText = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => !/\p{Cc}/u.test(text), 'no control characters');

/** Id of an entry of a policy. */
export const entryId = lineText.meta({ description: 'id of an entry of the policy', examples: ['cam-lobby'] });

/** How a change is put in force. */
export const changeHow = {
  isPlanOnly: z.boolean().default(false).meta({ description: 'only say what would happen' }),
  confirmSeconds: z
    .int()
    .min(0)
    .max(CONFIRM_SECONDS_MAX)
    .nullable()
    .default(null)
    .meta({ description: 'seconds until it reverts by itself unless confirmed; 0: kept at once; null: as usual' }),
  mayLoseSession: z
    .boolean()
    .default(false)
    .meta({ description: 'go on although the connection of whoever asks would be denied' }),
  why: freeText(WHY_CHARS_MAX).nullable().default(null).meta({ description: 'reason, kept in the history' }),
  days: z
    .int()
    .min(1)
    .max(DAYS_MAX)
    .default(DAYS)
    .meta({ description: 'days of recorded traffic that the plan is tried on' }),
  waitSeconds: z
    .int()
    .min(0)
    .max(WAIT_SECONDS_MAX)
    .default(WAIT_SECONDS)
    .meta({ description: 'seconds that the answer waits for the agents' }),
};

export const policyChange = z.object({
  section: z.enum(['policy', 'elements', 'services', 'rules', 'never', 'require', 'tests']),
  id: z.string(),
  kind: z.enum(['added', 'removed', 'changed', 'moved']),
  fields: z.array(z.string()),
  from: z.int().nullable(),
  to: z.int().nullable(),
});

export const pendingChange = z
  .object({
    revision: z.int(),
    by: z.string(),
    at: time,
    deadline: time,
    revertsTo: z.int(),
    needsSecond: z.boolean().meta({ description: 'somebody else than its author has to confirm it' }),
  })
  .meta({ id: 'PendingChange' });

const changedConversation = z.object({
  from: z.string(),
  to: z.string(),
  protocol: z.string(),
  port: z.int().nullable(),
  reason: z.string(),
  rule: z.string().nullable(),
  openings: z.int(),
  lastSeen: time,
});

const exceedingConversation = z.object({
  from: z.string(),
  to: z.string(),
  protocol: z.string(),
  port: z.int().nullable(),
  rule: z.string(),
  kind: z.enum(['volume', 'rate']),
  hourBytesMax: z.number().meta({ description: 'bytes that the ceiling leaves to one hour' }),
  hourBytes: z.number().meta({ description: 'bytes of the busiest recorded hour' }),
});

const rehearsal = z
  .object({
    since: time,
    isCut: z.boolean(),
    conversations: z.int(),
    openings: z.int(),
    deniedConversations: z.int(),
    deniedOpenings: z.int(),
    denied: z.array(changedConversation),
    permittedConversations: z.int(),
    permittedOpenings: z.int(),
    permitted: z.array(changedConversation),
    exceedingConversations: z.int(),
    exceeding: z
      .array(exceedingConversation)
      .meta({ description: 'whose busiest recorded hour a ceiling of the new policy stops' }),
    unjudged: z.array(z.string()).meta({ description: 'what recorded traffic cannot tell of the new limits' }),
  })
  .meta({ id: 'Rehearsal', description: 'what the change makes of recorded conversations' });

const agentDelivery = z.object({
  agent: z.string(),
  state: z.enum(['applied', 'waiting', 'failed', 'away']),
  revision: z.int().nullable(),
  problem: z.string().nullable(),
});

export const delivery = z
  .object({
    state: z
      .enum(['applied', 'partly', 'none'])
      .meta({ description: 'applied: every agent has it. none: there is no agent' }),
    agents: z.array(agentDelivery),
    counts: z.object({ applied: z.int(), waiting: z.int(), failed: z.int(), away: z.int() }),
  })
  .meta({ id: 'Delivery', description: 'what became of a revision at each agent' });

export const changeAnswer = z
  .object({
    isApplied: z.boolean(),
    revision: z.int().nullable(),
    after: z.int(),
    changes: z.array(policyChange),
    plan: rehearsal,
    ownConnection: z
      .object({
        from: z.string(),
        to: z.string(),
        port: z.int(),
        isPermitted: z.boolean(),
        reasons: z.array(z.string()),
      })
      .nullable(),
    pending: pendingChange.nullable(),
    problems: z.array(problemDetail),
    delivery: delivery.nullable(),
    text: z.string(),
  })
  .meta({ id: 'PolicyChanged' });

const NO_CHANGE_IN_PLAN = {
  since: '2026-11-18T08:00:00.000Z',
  isCut: false,
  conversations: 120,
  openings: 4_096,
  deniedConversations: 0,
  deniedOpenings: 0,
  denied: [],
  permittedConversations: 0,
  permittedOpenings: 0,
  permitted: [],
  exceedingConversations: 0,
  exceeding: [],
  unjudged: ['floors of volume: not judged (1 rule)'],
};

export const pendingExample = {
  revision: 8,
  by: 'Ada',
  at: '2026-11-25T08:00:00.000Z',
  deadline: '2026-11-25T08:01:30.000Z',
  revertsTo: 7,
  needsSecond: false,
};

export const deliveryExample: z.input<typeof delivery> = {
  state: 'applied',
  agents: [{ agent: 'gateway-1', state: 'applied', revision: 8, problem: null }],
  counts: { applied: 1, waiting: 0, failed: 0, away: 0 },
};

export const changeExample: z.input<typeof changeAnswer> = {
  isApplied: true,
  revision: 8,
  after: 7,
  changes: [{ section: 'rules', id: 'cameras-stream', kind: 'changed', fields: ['limits'], from: null, to: null }],
  plan: NO_CHANGE_IN_PLAN,
  ownConnection: null,
  pending: pendingExample,
  problems: [],
  delivery: deliveryExample,
  text: 'picket: 1\n',
};

/** What a change of a policy may be refused with. */
export const changeErrors = {
  // Two changes at once: one of them wins, whether or not a revision was named.
  'PICKET-C412': apiErrors['PICKET-C412'],
  'PICKET-C701': {
    status: 422,
    title: 'the policy has errors',
    page: [
      'Each error is listed with its place in the text. Nothing was changed.',
      'Check it before you send it: picket policy check FILE',
    ],
  },
  'PICKET-C702': {
    status: 422,
    title: 'a test of the policy fails',
    page: [
      'The sentences below "tests" say what must hold. One does not, so the policy was not put in force.',
      'picket policy check FILE shows each of them.',
    ],
  },
  'PICKET-C703': {
    status: 404,
    title: 'the policy has nothing of this name',
    page: [
      'The element, service or newcomer that is named is not there. Nothing was changed.',
      'picket elements ls lists them.',
    ],
  },
  'PICKET-C704': {
    status: 409,
    title: 'the name is taken',
    page: ['The policy has an entry of this name already. Nothing was changed.', 'Choose another name.'],
  },
  'PICKET-C705': {
    status: 409,
    title: 'the policy text cannot be changed in place',
    page: [
      'Single entries are changed in the text itself, so that its comments stay. This text is JSON with comments, or something that no program should rewrite. Nothing was changed.',
      'Change it yourself and apply it whole: picket policy apply FILE',
    ],
  },
  'PICKET-C706': {
    status: 409,
    title: 'the text is in force already',
    page: ['The text is, letter for letter, the one in force. Nothing was changed, and no revision was made.'],
  },
  'PICKET-C708': {
    status: 500,
    title: 'a stored revision is no policy any more',
    page: [
      'A revision that was checked when it was applied does not pass the check of this version. It was written by another version of Picket.',
      'Run that version, correct the policy there, and update again.',
    ],
  },
  'PICKET-C710': {
    status: 409,
    title: 'another change waits to be confirmed',
    page: [
      'One change waits at a time, so that it is clear what goes back. Nothing was changed.',
      'Confirm it from a new session, take it back (picket policy rollback), or wait until it goes back by itself.',
    ],
  },
  'PICKET-C711': {
    status: 409,
    title: 'you would lock yourself out',
    page: [
      'The policy would deny the connection from where you are to this controller. Nothing was changed.',
      'Add a rule for it, or say that you may lose the session: --lose-session. The change reverts by itself unless it is confirmed.',
    ],
  },
  'PICKET-C712': {
    status: 409,
    title: 'a second person has to consent',
    page: [
      'An owner of the domain asked for four eyes on what this change touches. It cannot be kept at once by whoever makes it. Nothing was changed.',
      'Apply it with a time to confirm in. Another approver confirms it: picket policy confirm',
    ],
  },
  'PICKET-C713': {
    status: 403,
    title: 'an API token cannot confirm',
    page: [
      'A confirmation shows that a person can still reach the controller under the new policy. A program shows nothing of the kind.',
      'Confirm as a person, or apply with 0 seconds to confirm in, which keeps the change at once.',
    ],
  },
} as const satisfies ErrorKinds;
