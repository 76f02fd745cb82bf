// What a learner hands back: a policy, the comments that explain it, and the evidence as data. Not the way it was found.

import type { Policy } from '#model';

export interface Proposal {
  readonly policy: Policy;
  /** Comment lines by path: '' is the top of the file, `elements.<id>` and `rules.<id>` stand above that entry. */
  readonly comments: ReadonlyMap<string, readonly string[]>;
  /** JSON-able; what each element and rule rests on. */
  readonly evidence: Evidence;
  /** What the reader must know of the whole: tables that were full, traffic that was left out. */
  readonly notes: readonly string[];
}

export interface Evidence {
  readonly from: string | null;
  readonly to: string | null;
  readonly elements: readonly ElementEvidence[];
  readonly rules: readonly RuleEvidence[];
}

export interface ElementEvidence {
  readonly id: string;
  readonly recognisedBy: 'mac' | 'address' | 'mac and address';
  readonly hostName: string | null;
  readonly addresses: readonly string[];
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly setupUntil: string | null;
  /** How it hides which names it asks, for instance `doh (dns.google)`; empty where it was not seen to. */
  readonly hidesNames: readonly string[];
}

export interface RuleEvidence {
  readonly id: string;
  readonly elements: readonly string[];
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly days: number;
  readonly conversations: number;
  readonly packets: number;
  readonly bytes: number;
  readonly sizeSent: readonly [number, number] | null;
  readonly sizeReceived: readonly [number, number] | null;
  readonly hourBytesMax: number;
  readonly hourBytesSecond: number;
  /** Hours with traffic, and the ceiling as a multiple of the largest; null where volume is not limited. */
  readonly hours: number;
  readonly volumeFactor: number | null;
  /** Good-Turing: keys seen once / conversations. An estimate of the share of later conversations that are new. */
  readonly unseenEstimate: number;
  /** Rule of three: at 95 % confidence, fewer new keys per day than this. */
  readonly newKeysPerDayMax: number;
  /** Share of conversations that the chosen key did not foresee, over the last days; null when there were too few. */
  readonly unseenMeasured: number | null;
  readonly periodSeconds: number | null;
  readonly keys: readonly string[];
  readonly isWeak: boolean;
  readonly remarks: readonly string[];
}
