// The tables of all topics as one database, and the store that holds it. A topic that is added stands in this list and in migrations.ts.

import type { Kysely } from 'kysely';
import type { ActTables } from './rows/acts.ts';
import type { AgentTables } from './rows/agents.ts';
import type { AuthorityTables } from './rows/authority.ts';
import type { ControllerTables } from './rows/controllers.ts';
import type { DomainTables } from './rows/domains.ts';
import type { ElementTables } from './rows/elements.ts';
import type { FindingTables } from './rows/findings.ts';
import type { FlowTables } from './rows/flows.ts';
import type { PeopleTables } from './rows/people.ts';
import type { PolicyTables } from './rows/policies.ts';

export interface Tables
  extends DomainTables,
    PolicyTables,
    ElementTables,
    FindingTables,
    PeopleTables,
    ActTables,
    AgentTables,
    ControllerTables,
    AuthorityTables,
    FlowTables {}

/** The database, or a transaction of it: functions of topics take either. */
export type Db = Kysely<Tables>;

export interface Store {
  readonly kind: 'sqlite' | 'postgres';
  readonly db: Db;
  /** All of `work` or none of it. */
  transaction<T>(work: (db: Db) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One step by which the tables came to be. */
export interface Migration {
  /** Number and topic. */
  readonly name: string;
  readonly up: (db: Db, kind: Store['kind']) => Promise<void>;
}
