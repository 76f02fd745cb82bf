// Reads the word by which the kernel tells of a denial: the reason, and what was denied. Not the table: who holds it knows the flows' marks.

import { KERNEL_REASONS } from '#enforce';
import type { Policy, Reason } from '#model';

/** What a flow's mark stands for. */
export interface MarkReading {
  readonly rule: string | null;
  /** Whether its denials are held, or only recorded. */
  readonly isHeld: boolean;
}

export interface KernelWord extends MarkReading {
  readonly reason: Reason;
}

/** The reason stands in the four highest bits; below it a flow's mark, or, with this bit, the rule's place in the policy from 1. */
const REASON_SHIFT = 28;
const LOW_BITS = 0x0fff_ffff;
const PLACE_BIT = 0x0800_0000;

const REASONS_BY_NUMBER: ReadonlyMap<number, Reason> = new Map(
  Object.entries(KERNEL_REASONS).map(([name, number]) => [number, plainReason(name)]),
);

export function readMark(mark: number, policy: Policy, ofMark: (mark: number) => MarkReading | null): KernelWord {
  const reason = REASONS_BY_NUMBER.get(mark >>> REASON_SHIFT) ?? 'no-rule';
  const low = mark & LOW_BITS;
  if ((low & PLACE_BIT) !== 0) {
    const place = (low & ~PLACE_BIT) - 1;
    return { reason, rule: policy.rules[place]?.id ?? null, isHeld: true };
  }
  return { reason, ...(ofMark(low) ?? { rule: null, isHeld: true }) };
}

/** What the policy says and the kernel cannot hold has no reason of its own: nothing governs there. */
export function plainReason(name: string): Reason {
  switch (name) {
    case 'outside-hours':
    case 'packet-size':
    case 'over-volume':
    case 'too-many-connections':
    case 'over-rate':
    case 'wrong-application':
    case 'guardrail':
    case 'bad-state':
    case 'not-logged-on':
    case 'session-expired':
    case 'quarantined':
      return name;
    default:
      return 'no-rule';
  }
}
