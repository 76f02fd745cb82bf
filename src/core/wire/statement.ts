// What a domain's policy key signs: which content is revision n of which domain. The content itself travels beside it and is held by its digest.
// Not the signature: JWS is made by the authority and verified where a statement arrives.

import * as z from 'zod';
import { LIST_MAX, NAME_MAX, TEXT_MAX } from './bounds.ts';

/** `typ` of the two statements, so that neither can stand for the other or for anything else that the key signs. */
export const POLICY_TYP = 'picket-policy+jwt';
export const QUARANTINE_TYP = 'picket-quarantine+jwt';

export const domainSchema = z.string().min(1).max(253);
export const revisionSchema = z.int().min(1);
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);
/** Epoch milliseconds. */
export const timeSchema = z.int().min(0);

export const policyStatementSchema = z.strictObject({
  domain: domainSchema,
  revision: revisionSchema,
  /** The revision before it; 0 before the first. */
  before: z.int().min(0),
  /** Of the whole content: `EntryTable.digest`. */
  digest: digestSchema,
  issuedMs: timeSchema,
  by: z.string().max(NAME_MAX),
  why: z.string().max(TEXT_MAX),
  /** When an agent that has not heard a confirmation goes back by itself; null once confirmed. */
  pendingUntilMs: timeSchema.nullable(),
});
/** The same revision is stated twice: when it is applied, and again when it is confirmed. */
export type PolicyStatement = z.infer<typeof policyStatementSchema>;

export const quarantineStatementSchema = z.strictObject({
  domain: domainSchema,
  /** Grows with every change of the list and never goes back. */
  sequence: z.int().min(0),
  issuedMs: timeSchema,
  /** The whole list: an element that is no longer in it is released, if the controller had quarantined it. */
  elements: z
    .array(
      z.strictObject({
        element: z.string().min(1).max(NAME_MAX),
        untilMs: timeSchema.nullable(),
        reason: z.string().max(TEXT_MAX),
        by: z.string().max(NAME_MAX),
      }),
    )
    .max(LIST_MAX),
});
export type QuarantineStatement = z.infer<typeof quarantineStatementSchema>;

/** The statement of a payload that was verified, or null where it is of another shape. Never throws. */
export function policyStatementOf(payload: unknown): PolicyStatement | null {
  return policyStatementSchema.safeParse(payload).data ?? null;
}

export function quarantineStatementOf(payload: unknown): QuarantineStatement | null {
  return quarantineStatementSchema.safeParse(payload).data ?? null;
}
