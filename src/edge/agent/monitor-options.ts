// What the live monitor is given: the policy, and whom it tells of what it may not do itself. Not the monitor.

import type { DetectorsMemory } from '#detect';
import type { NameAnswer } from '#enforce';
import type { AddressTable, Instant, Mac, Micros, Observation, Policy } from '#model';
import type { MarkReading } from './marks.ts';

export interface MonitorOptions {
  readonly policy: Policy;
  readonly addresses: AddressTable;
  readonly start: Instant;
  readonly timezone: string;
  readonly elapsed: () => Micros;
  /** Rule and holding of a flow's mark in the kernel's table. */
  readonly ofMark: (mark: number) => MarkReading | null;
  /** Told of a session that the kernel may still pass and the policy does not; returns what is done about it, in words, or null. */
  /** Told of every answer of DNS that binds. */
  readonly onName: (answer: NameAnswer) => void;
  readonly onWrongOperation: (packet: Observation) => string | null;
  /** This host's own MACs: they answer for others by right. */
  readonly ownMacs: ReadonlySet<Mac>;
  readonly memory?: DetectorsMemory;
}
