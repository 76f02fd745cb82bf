// Rows of an agent's report: what it saw and judged, rolled up. Bounded texts and numbers only; the reader escapes them where it shows them.

import * as z from 'zod';
import { ENTRY_CHARS_MAX, NAME_MAX, TEXT_MAX } from './bounds.ts';
import { timeSchema } from './statement.ts';

const name = z.string().max(NAME_MAX);
const count = z.int().min(0);
const portNumber = z.int().min(0).max(65_535);

/** Conversations between the same ends on the same service in one minute. */
export const flowRowSchema = z.strictObject({
  /** The minute's begin. */
  minuteMs: timeSchema,
  /** Id of the element, or null where the address is none. */
  fromElement: name.nullable(),
  fromAddress: name,
  toElement: name.nullable(),
  toAddress: name,
  /** `tcp`, `udp`, … or an IANA number. */
  protocol: z.string().max(16),
  /** Null where the protocol has none. */
  port: portNumber.nullable(),
  /** First reason of a denial, or null where it was permitted. */
  reason: z.string().max(64).nullable(),
  isEnforced: z.boolean(),
  rule: name.nullable(),
  openings: count,
  packetsSent: count,
  packetsReceived: count,
  bytesSent: count,
  bytesReceived: count,
  firstMs: timeSchema,
  lastMs: timeSchema,
});
export type FlowRow = z.infer<typeof flowRowSchema>;

export const verdictRowSchema = z.strictObject({
  by: z.enum(['kernel', 'engine']),
  reason: z.string().max(64),
  isEnforced: z.boolean(),
  /** Since the last report. */
  count,
});
export type VerdictRow = z.infer<typeof verdictRowSchema>;

export const findingRowSchema = z.strictObject({
  atMs: timeSchema,
  kind: z.string().max(64),
  address: name,
  element: name.nullable(),
  subject: z.string().max(TEXT_MAX),
  evidence: z.string().max(TEXT_MAX),
  severity: z.enum(['note', 'alarm']),
  action: z.string().max(TEXT_MAX).nullable(),
});
export type FindingRow = z.infer<typeof findingRowSchema>;

/** Somebody seen who is no element. Names are claims. */
export const newcomerRowSchema = z.strictObject({
  id: name,
  mac: z.string().max(17).nullable(),
  addresses: z.array(name).max(16),
  names: z.array(name).max(16),
  interface: name.nullable(),
  proposedName: name,
  firstMs: timeSchema,
  lastMs: timeSchema,
});
export type NewcomerRow = z.infer<typeof newcomerRowSchema>;

/** An entry that the agent would add to the policy, as it learned it. */
export const proposalRowSchema = z.strictObject({
  section: z.enum(['elements', 'services', 'rules']),
  entry: name,
  json: z.string().max(ENTRY_CHARS_MAX),
  evidence: z.string().max(TEXT_MAX),
  firstMs: timeSchema,
  lastMs: timeSchema,
});
export type ProposalRow = z.infer<typeof proposalRowSchema>;

export const elementRowSchema = z.strictObject({
  element: name,
  mode: z.enum(['observe', 'protect', 'enforce']),
  lastMs: timeSchema.nullable(),
  isQuarantined: z.boolean(),
});
export type ElementRow = z.infer<typeof elementRowSchema>;

/** What was not seen or not kept, since the agent began. */
export const lossRowSchema = z.strictObject({ what: z.string().max(64), count });
export type LossRow = z.infer<typeof lossRowSchema>;

export const ailmentRowSchema = z.strictObject({ code: z.string().max(32), message: z.string().max(TEXT_MAX) });
/** What is not as it should be on the agent, with a code of `picket explain`. */
export type AilmentRow = z.infer<typeof ailmentRowSchema>;
