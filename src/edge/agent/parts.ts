// What a running agent is made of, for those of its files that answer and keep time. Not its life: that is agent.ts.

import type { Finding } from '#detect';
import type { Carried, LinkView } from '#link';
import type { AddressTable, Factor, Instant, LogonChange } from '#model';
import type { HealthView } from './api.ts';
import type { Caller } from './caller.ts';
import type { Desk } from './desk.ts';
import type { Host } from './host.ts';
import type { Monitor } from './monitor.ts';
import type { Observing } from './observing.ts';
import type { Settled } from './options.ts';
import type { Ports } from './ports.ts';
import type { Quarantines } from './quarantines.ts';
import type { Ring } from './ring.ts';
import type { Standing } from './standing.ts';
import type { Store } from './store.ts';
import type { Table } from './table.ts';

export interface FindingRow extends Finding {
  /** What the agent did about it, or null. */
  readonly action: string | null;
}

export interface Parts {
  readonly settled: Settled;
  readonly started: Instant;
  readonly addresses: AddressTable;
  readonly store: Store;
  readonly desk: Desk;
  readonly table: Table;
  readonly ports: Ports;
  readonly quarantines: Quarantines;
  readonly monitor: Monitor;
  readonly host: Host;
  readonly observing: Observing;
  readonly findings: Ring<FindingRow>;
  readonly logons: Logons;
  readonly health: () => readonly HealthView[];
  readonly membership: Membership;
}

/** The domain that this machine belongs to, if any; changes when it joins or leaves. */
export interface Membership {
  joined: DomainLink | null;
}

/** What the rest of the agent asks of the link. */
export interface DomainLink {
  readonly view: LinkView & Standing;
  brokeGlass(caller: Caller | null, why: string): void;
  wentBack(domainRevision: number): void;
  /** Throws an `AgentError` where it is refused; then nothing was changed. */
  takeSigned(text: string): Promise<Carried>;
  close(): Promise<void>;
}

/** Who is logged on now. Kept in memory alone: a restart logs everybody off. */
export class Logons {
  readonly #on = new Map<string, LogonChange>();

  set(element: string, factor: Factor, at: Instant | null): LogonChange {
    const change = { element, factor, at };
    if (at === null) this.#on.delete(`${element}|${factor}`);
    else this.#on.set(`${element}|${factor}`, change);
    return change;
  }

  get all(): readonly LogonChange[] {
    return [...this.#on.values()];
  }
}
