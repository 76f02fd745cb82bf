// Messages between an agent and a controller: protocol version 1. Each has one kind, known fields only, and a bound on every text and list.
// History: docs/control/protocol.md. Not who may say what: the connection proves the agent, statements prove the policy.

import * as z from 'zod';
import {
  ENTRIES_MAX,
  ENTRY_CHARS_MAX,
  JWS_MAX,
  LIST_MAX,
  LIST_STATEMENT_MAX,
  NAME_MAX,
  PEM_MAX,
  PROPOSALS_MAX,
  REVOKED_MAX,
  ROWS_MAX,
  TEXT_MAX,
} from './bounds.ts';
import {
  ailmentRowSchema,
  elementRowSchema,
  findingRowSchema,
  flowRowSchema,
  lossRowSchema,
  newcomerRowSchema,
  proposalRowSchema,
  verdictRowSchema,
} from './rows.ts';
import { digestSchema, revisionSchema, timeSchema } from './statement.ts';

/** Versions that this program speaks, newest first. */
export const VERSIONS: readonly number[] = [1];

const sectionSchema = z.enum(['policy', 'elements', 'services', 'rules', 'never', 'require', 'tests']);
/** A sentence of `tests` is its own name, so names are as long as sentences. */
const idSchema = z.string().min(1).max(2_000);
const jsonSchema = z.string().max(ENTRY_CHARS_MAX);
const codeSchema = z.string().max(32);
const problemSchema = z.strictObject({ code: codeSchema, message: z.string().max(TEXT_MAX) });

const deltaSchema = z.strictObject({
  remove: z
    .array(z.tuple([sectionSchema, idSchema]).readonly())
    .max(ENTRIES_MAX)
    .readonly(),
  set: z
    .array(z.tuple([sectionSchema, idSchema, jsonSchema]).readonly())
    .max(ENTRIES_MAX)
    .readonly(),
  place: z
    .array(z.tuple([sectionSchema, idSchema, idSchema.nullable()]).readonly())
    .max(ENTRIES_MAX)
    .readonly(),
});

/** Characters of a key or a signature in base64. */
const KEY_MAX = 1_024;

const statementText = z.string().max(JWS_MAX);

// ---- agent → controller

/** First message of an agent. */
const hello = z.strictObject({
  kind: z.literal('hello'),
  versions: z.array(z.int().min(1).max(1_000)).min(1).max(16),
  /** Version of the program, for people. */
  program: z.string().max(64),
  /** Chosen anew whenever the agent begins: with a report's sequence it tells a report that is sent again from a new one, at any controller. */
  boot: z.string().min(1).max(64),
  /** What it has in force from a controller, or null before the first. */
  revision: revisionSchema.nullable(),
  digest: digestSchema.nullable(),
  /** The highest revision that it ever took: nothing below it is taken again. */
  highest: z.int().min(0),
  quarantineSequence: z.int().min(0),
  bundleSequence: z.int().min(0),
});

const applied = z.strictObject({
  kind: z.literal('applied'),
  revision: revisionSchema,
  /** reverted: no confirmation came in time, so it went back to `inForce` by itself. */
  outcome: z.enum(['applying', 'applied', 'failed', 'reverted', 'refused']),
  /** What is in force now. */
  inForce: z.int().min(0),
  problem: problemSchema.nullable(),
});

/** A delta did not fit, or none is held: send it whole. */
const wanted = z.strictObject({ kind: z.literal('wanted'), what: z.enum(['snapshot', 'bundle']), why: problemSchema });

const quarantined = z.strictObject({
  kind: z.literal('quarantined'),
  sequence: z.int().min(0),
  /** Elements of the list that are held here, and those that could not be. */
  held: z.array(z.string().max(NAME_MAX)).max(LIST_MAX),
  failed: z.array(z.string().max(NAME_MAX)).max(LIST_MAX),
});

const report = z.strictObject({
  kind: z.literal('report'),
  /** Grows by one while the agent lives, over connections; answered by `received`, so that rows are forgotten only then. */
  sequence: z.int().min(0),
  fromMs: timeSchema,
  toMs: timeSchema,
  revision: z.int().min(0),
  /** Of the bundle that it trusts. */
  bundleSequence: z.int().min(0),
  /** The agent runs a policy of its own, by `--local`: since when and by whom. */
  local: z
    .strictObject({ sinceMs: timeSchema, by: z.string().max(NAME_MAX), why: z.string().max(TEXT_MAX) })
    .nullable(),
  counters: z.strictObject({
    packets: z.int().min(0),
    bytes: z.int().min(0),
    flowsOpen: z.int().min(0),
    flowsSeen: z.int().min(0),
  }),
  flows: z.array(flowRowSchema).max(ROWS_MAX),
  verdicts: z.array(verdictRowSchema).max(ROWS_MAX),
  findings: z.array(findingRowSchema).max(ROWS_MAX),
  newcomers: z.array(newcomerRowSchema).max(ROWS_MAX),
  elements: z.array(elementRowSchema).max(ROWS_MAX),
  proposals: z.array(proposalRowSchema).max(PROPOSALS_MAX),
  losses: z.array(lossRowSchema).max(32),
  health: z.array(ailmentRowSchema).max(64),
});

/** Asks for a new leaf for a new key: the connection proves the old one, `proof` (of `renewText`) the new one. Base64. */
const renew = z.strictObject({
  kind: z.literal('renew'),
  spki: z.base64().max(KEY_MAX),
  proof: z.base64().max(KEY_MAX),
});

const ping = z.strictObject({ kind: z.literal('ping'), id: z.int().min(0) });

/** Last message of either side. */
const bye = z.strictObject({ kind: z.literal('bye'), code: codeSchema, message: z.string().max(TEXT_MAX) });

// ---- controller → agent

const welcome = z.strictObject({
  kind: z.literal('welcome'),
  version: z.int().min(1).max(1_000),
  /** Id of the controller, for people. */
  controller: z.string().max(NAME_MAX),
  /** The domain's current revision; the agent has it already, or gets it next. */
  revision: z.int().min(0),
  /** Seconds between reports, and between leases. */
  reportSeconds: z.int().min(1).max(3_600),
  leaseSeconds: z.int().min(1).max(3_600),
  /** Controllers that serve this domain, for when this one dies. */
  addresses: z.array(z.string().max(NAME_MAX)).max(16),
  nowMs: timeSchema,
});

const entrySchema = z.strictObject({ section: sectionSchema, id: idSchema, json: jsonSchema });

const snapshot = z.strictObject({
  kind: z.literal('snapshot'),
  statement: statementText,
  entries: z.array(entrySchema).max(ENTRIES_MAX).readonly(),
});

const delta = z.strictObject({
  kind: z.literal('delta'),
  statement: statementText,
  /** The revision that the delta changes. */
  from: revisionSchema,
  delta: deltaSchema,
});

/** The revision in force is stated anew: it was confirmed. */
const confirmed = z.strictObject({ kind: z.literal('confirmed'), statement: statementText });

const quarantine = z.strictObject({
  kind: z.literal('quarantine'),
  /** A `QuarantineStatement`, signed; longer than others because the list is inside. */
  statement: z.string().max(LIST_STATEMENT_MAX),
});

/** The controller's word that it lives and what it revoked, in one message for all leases of the agent. */
const lease = z.strictObject({
  kind: z.literal('lease'),
  /** For how long it holds. */
  seconds: z.int().min(1).max(3_600),
  nowMs: timeSchema,
  /** Where the revocation list stands; null: nothing changed since the last lease. */
  revocations: z
    .strictObject({
      sequence: z.int().min(0),
      entries: z
        .array(
          z.strictObject({
            kind: z.enum(['serial', 'identity', 'subtree', 'issuer']),
            value: z.string().max(512),
            /** Microseconds since 1970. */
            until: timeSchema,
          }),
        )
        .max(REVOKED_MAX)
        .readonly(),
    })
    .nullable(),
});

/** Controllers came or went since the welcome: who is connected already has to know where to go when this one dies. */
const controllers = z.strictObject({
  kind: z.literal('controllers'),
  addresses: z.array(z.string().max(NAME_MAX)).max(16),
});

const received = z.strictObject({ kind: z.literal('received'), sequence: z.int().min(0) });

const renewed = z.strictObject({
  kind: z.literal('renewed'),
  /** What is new, or null where it was refused. */
  leaf: z
    .strictObject({
      /** DER in base64, the leaf first, then its issuer. */
      chain: z.array(z.base64().max(PEM_MAX)).min(1).max(8).readonly(),
      /** For the gate, from now on. The key in base64. */
      gate: z.strictObject({ pseudonym: z.string().max(64), key: z.base64().max(KEY_MAX) }),
    })
    .nullable(),
  problem: problemSchema.nullable(),
});

const bundle = z.strictObject({
  kind: z.literal('bundle'),
  /** The trust bundle as JSON. The agent takes it only when the roots that it trusts vouch for new ones. */
  document: z.string().max(PEM_MAX),
});

const pong = z.strictObject({ kind: z.literal('pong'), id: z.int().min(0) });

export const upSchema = z.discriminatedUnion('kind', [hello, applied, wanted, quarantined, report, renew, ping, bye]);
export type Up = z.infer<typeof upSchema>;

export const downSchema = z.discriminatedUnion('kind', [
  welcome,
  snapshot,
  delta,
  confirmed,
  quarantine,
  lease,
  controllers,
  received,
  renewed,
  bundle,
  pong,
  bye,
]);
export type Down = z.infer<typeof downSchema>;

export type Hello = z.infer<typeof hello>;
export type Applied = z.infer<typeof applied>;
export type Quarantined = z.infer<typeof quarantined>;
export type Report = z.infer<typeof report>;
export type Welcome = z.infer<typeof welcome>;
export type Lease = z.infer<typeof lease>;
export type Renewed = z.infer<typeof renewed>;
