// What an agent is given, and what it takes where nothing is said. Not read from anywhere: the program's main chooses.

import type { BridgeLayout } from '#bridge';
import type { Instant, Micros } from '#model';
import type { WhyOpinion } from './api-records.ts';

export interface AgentOptions {
  /** Where the policy and its history stay over a restart. */
  readonly stateDirectory: string;
  /** Where the socket is. */
  readonly runDirectory: string;
  readonly version: string;
  readonly now: () => Instant;
  /** From 0 to 1; scatters what many agents would do at once. */
  readonly random?: () => number;
  /** Time that no setting of the clock moves: deadlines hold whatever the clock says. */
  readonly elapsed: () => Micros;
  /** IANA zone for the first policy and the learner. */
  readonly timezone: string;
  /** Words before each command, such as `['ip', 'netns', 'exec', 'x']`. */
  readonly prefix?: readonly string[];
  /** Seconds in which a change has to be confirmed. */
  readonly confirmSeconds?: number;
  /** Ports of a bridge that are kept apart while the agent runs, or null. */
  readonly bridge?: BridgeLayout | null;
  /** Quarantine by findings that are worth it: for how long, or null (off). */
  readonly quarantineSeconds?: number | null;
  /** Different addresses that are kept; beyond it records begin anew. */
  readonly addressesMax?: number;
  /** The kernel's opinion of `why --live`; not given: the kernel is asked by a probe. */
  readonly askKernel?: (question: KernelQuestion) => Promise<WhyOpinion | null>;
  /** Facts for the log, one line each. */
  readonly log?: (line: string) => void;
  /** Told at each step of what is journaled; tests end the process there. */
  readonly onStep?: (step: string) => void;
}

export interface KernelQuestion {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  /** -1 where the protocol has none. */
  readonly port: number;
}

export type Settled = Required<AgentOptions>;

/** A minute and a half: half a minute proved too short for a person on other routers and firewalls. */
export const CONFIRM_SECONDS = 90;
/** Longest time a change may wait. */
export const CONFIRM_SECONDS_MAX = 86_400;

/** Addresses are numbered and never forgotten while one table of them lives: about 200 bytes each. Whoever forges sources must not fill the memory. */
export const ADDRESSES_MAX = 500_000;
