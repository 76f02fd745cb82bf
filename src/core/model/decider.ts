// The port of everything that judges: the engine, the reference evaluator and, later, the kernel. One suite runs on all of them.

import type { AddressId } from './addresses.ts';
import type { Instant } from './instant.ts';
import type { Observation } from './observation.ts';
import type { Factor, Policy } from './policy.ts';
import type { Verdict } from './verdict.ts';

/** What happened without a packet, in the order of its instants. Indices are those of the policy in force, rules numbered as in `Verdict`. */
export type DeciderEvent =
  /** A session ended for a reason: hours over, lifetime over, logon over, rule gone. Idle sessions end without an event. */
  | {
      readonly kind: 'cut';
      readonly at: Instant;
      readonly rule: number;
      readonly source: AddressId;
      readonly destination: AddressId;
      readonly reason: string;
    }
  /** A volume floor was missed in the window that ended at `at`. `source` and `destination` are -1 for a budget of the whole rule. */
  | {
      readonly kind: 'under-volume';
      readonly at: Instant;
      readonly rule: number;
      readonly initiator: number;
      readonly responder: number;
      readonly observedBytes: number;
      readonly minBytes: number;
    };

/** Logon state of one element: when each factor last logged on, null to log off. */
export interface LogonChange {
  /** Element id. */
  readonly element: string;
  readonly factor: Factor;
  readonly at: Instant | null;
}

/** Deterministic: the same calls give the same verdicts and events. Time never runs backwards inside: an earlier instant is judged as the latest one seen. */
export interface Decider {
  /** Judges one packet or record at `observation.at`; first runs every timer due by then. */
  judge(observation: Observation, verdict: Verdict): void;
  /** Tells that `client` was given `server` for `name`. */
  bindName(binding: {
    readonly client: AddressId;
    readonly server: AddressId;
    readonly name: string;
    readonly at: Instant;
    readonly ttlSeconds: number;
  }): void;
  setLogon(change: LogonChange, now: Instant): void;
  /** Puts an element in or out of quarantine (everything denied but nothing forgotten). */
  setQuarantine(element: string, isQuarantined: boolean, now: Instant): void;
  /** Runs all timers due by `now`. */
  advance(now: Instant): void;
  /** Replaces the policy: live sessions are judged again at `now`; those still admitted keep their state. */
  apply(policy: Policy, now: Instant): void;
  /** Events since the last call, oldest first. */
  takeEvents(): readonly DeciderEvent[];
}
