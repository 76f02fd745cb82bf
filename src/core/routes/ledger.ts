// Routes of the ledger: who did what, the proof that nobody rewrote it, and its records to keep elsewhere. Nothing here writes to it.

import * as z from 'zod';
import { domainParams, lineText } from './changes.ts';
import type { ErrorKinds } from './error-kinds.ts';
import { file, json, route } from './route.ts';
import { pageOf, pageQuery, time } from './values.ts';

const READ = { kind: 'role', role: 'viewer', scope: 'ledger:read' } as const;
/** The chain holds acts of all domains: only who owns the controller sees it whole. */
const OWN = { kind: 'role', role: 'owner', scope: 'ledger:read' } as const;

/** The longest is a public key: some 130 characters. */
const FIELD_CHARS_MAX = 512;

const actView = z
  .object({
    id: z.string(),
    at: time,
    actor: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
    action: z.string(),
    subject: z.string(),
    detail: z.unknown().meta({ description: 'facts of the act as JSON, or null' }),
    record: z
      .object({ chain: z.string(), sequence: z.int(), hash: z.string() })
      .nullable()
      .meta({ description: 'its record in the ledger; null for the moment in which it is being written' }),
  })
  .meta({ id: 'Act' });

const ACT: z.input<typeof actView> = {
  id: '3f0c9a52-6d0e-4a7e-9a53-0f6f2f4a1c55',
  at: '2026-11-25T08:00:00.000Z',
  actor: { kind: 'person', id: 'u-ada', name: 'Ada' },
  action: 'policy.apply',
  subject: 'revision 8',
  detail: { why: 'cameras only by day' },
  record: { chain: '5a1f6a0e-1c7b-4b0f-8f55-6f4f0c1f2a77', sequence: 412, hash: 'ab'.repeat(32) },
};

const checkpointView = z
  .object({
    chain: z.string().max(FIELD_CHARS_MAX),
    sequence: z.int(),
    hash: z.string().max(FIELD_CHARS_MAX),
    at: z.int().meta({ description: 'epoch milliseconds, as they were signed' }),
    algorithm: z.enum(['ES256', 'EdDSA']),
    key: z.string().max(FIELD_CHARS_MAX),
    previous: z.string().max(FIELD_CHARS_MAX),
    signature: z.string().max(FIELD_CHARS_MAX),
  })
  .meta({ id: 'LedgerCheckpoint', description: 'keep it where the controller cannot write' });

const CHECKPOINT: z.input<typeof checkpointView> = {
  chain: '5a1f6a0e-1c7b-4b0f-8f55-6f4f0c1f2a77',
  sequence: 412,
  hash: 'ab'.repeat(32),
  at: 1_795_593_600_000,
  algorithm: 'ES256',
  key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE',
  previous: 'cd'.repeat(32),
  signature: 'MEUCIQDx',
};

const verification = z
  .object({
    isSound: z.boolean(),
    wrong: z
      .object({ file: z.string(), line: z.int().nullable(), sequence: z.int().nullable(), why: z.string() })
      .nullable()
      .meta({ description: 'the first thing that is wrong' }),
    chain: z.string().nullable(),
    records: z.int(),
    last: z.int(),
    checkpoints: z.int(),
    unsigned: z.int().meta({ description: 'records behind the newest signed checkpoint' }),
    keys: z.array(z.string()),
  })
  .meta({ id: 'LedgerVerification' });

const asked = {
  from: time.optional(),
  to: time.optional(),
  actor: lineText.optional().meta({ description: 'id or name' }),
  action: lineText.optional().meta({ description: '"policy" stands for all actions that begin with "policy."' }),
  subject: lineText.optional(),
};

const ledgerErrors = {
  'PICKET-C215': {
    status: 404,
    title: 'there is no checkpoint yet',
    page: ['Nothing was signed so far. The first checkpoint is written within seconds of the first record.'],
  },
} as const satisfies ErrorKinds;

export const ledgerRoutes = {
  list: route({
    method: 'GET',
    path: '/v1/domains/{domain}/ledger',
    summary: 'Lists what was done in a domain and by whom, newest first',
    access: READ,
    params: domainParams,
    query: pageQuery(asked),
    answer: json(pageOf(actView), { items: [ACT], next: null }),
  }),
  export: route({
    method: 'GET',
    path: '/v1/domains/{domain}/ledger/export',
    summary: "Gives a domain's records, oldest first",
    detail:
      'JSON lines are as they stand in the ledger, so that each can be held against its hash. They are those of the chain of the controller that answers.',
    access: READ,
    params: domainParams,
    query: z.strictObject({ format: z.enum(['json', 'csv']).default('json'), from: asked.from, to: asked.to }),
    answer: file('application/x-ndjson', 'text/csv'),
  }),
  controllerList: route({
    method: 'GET',
    path: '/v1/ledger',
    summary: 'Lists what was done to the controller itself, newest first',
    access: OWN,
    query: pageQuery(asked),
    answer: json(pageOf(actView), { items: [{ ...ACT, action: 'users.invite', subject: 'u-ben' }], next: null }),
  }),
  chain: route({
    method: 'GET',
    path: '/v1/ledger/export',
    summary: 'Gives the whole chain of the controller that answers, oldest first',
    detail:
      'The bytes of its files as they stand, acts of all domains, unchecked: whoever asks verifies them, with a checkpoint that was asked for before. A last line without an end is being written.',
    access: OWN,
    answer: file('application/x-ndjson'),
  }),
  verify: route({
    method: 'POST',
    path: '/v1/ledger/verify',
    summary: 'Reads the whole chain of the controller that answers and says the first thing that is wrong',
    access: OWN,
    body: z.strictObject({
      checkpoint: checkpointView.nullable().default(null).meta({ description: 'one that was kept elsewhere' }),
    }),
    bodyExample: {},
    answer: json(verification, {
      isSound: true,
      wrong: null,
      chain: CHECKPOINT.chain,
      records: 412,
      last: 412,
      checkpoints: 9,
      unsigned: 0,
      keys: [`sha256:${'ef'.repeat(32)}`],
    }),
  }),
  checkpoint: route({
    method: 'GET',
    path: '/v1/ledger/checkpoint',
    summary: 'Gives the newest signed checkpoint, to be kept elsewhere',
    access: OWN,
    answer: json(checkpointView, CHECKPOINT),
    errors: ledgerErrors,
  }),
} as const;
