// Domains of this controller: the one of a first start, and those that owners make. Each begins with a policy that observes and blocks nothing.

import type { DomainBook, DomainRecord } from '#api';
import { firstPolicy } from '#policy';
import type { Actor } from '#routes';
import type { Recording } from '#service';
import { SYSTEM } from '#service';
import {
  addDomain,
  allDomains,
  beginPolicy,
  type Db,
  DOMAINS_MAX,
  type DomainRow,
  type Store,
  someDomains,
} from '#store';
import { ControllerError } from './trouble.ts';

export interface DomainParts {
  readonly store: Store;
  readonly recorder: Recording;
  readonly now: () => number;
  readonly timezone: string;
  /** What else a new domain needs in the same transaction: its owner. */
  readonly onMake: (db: Db, domain: string, actor: Actor) => Promise<void>;
  /** What it needs after that, and can be made up for at the next start: its authority. */
  readonly afterMake: (domain: string, actor: Actor) => Promise<void>;
}

/** Makes the domain of a first start where the controller has none, and makes up for what a crash left undone. Answers with all. */
export async function firstDomain(parts: DomainParts, id: string): Promise<readonly string[]> {
  const known = await allDomains(parts.store.db);
  if (known.length === 0) await makeDomain(parts, SYSTEM, { id, name: id });
  const all = await allDomains(parts.store.db);
  for (const domain of all) await parts.afterMake(domain.id, SYSTEM);
  return all.map((domain) => domain.id);
}

export function domainBook(parts: DomainParts): DomainBook {
  return {
    some: async (ids) => (await someDomains(parts.store.db, ids)).map(recordOf),
    make: (actor, domain) => makeDomain(parts, actor, domain),
  };
}

/** Null where there is one of that id. */
async function makeDomain(
  parts: DomainParts,
  actor: Actor,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<DomainRecord | null> {
  const row: DomainRow = { id, name, made_at: parts.now() };
  const isMade = await parts.recorder.perform(actor, async (db, note) => {
    if ((await allDomains(db)).length >= DOMAINS_MAX) throw tooMany();
    if (!(await addDomain(db, row))) return false;
    await beginPolicy(db, id, {
      text: firstPolicy({ name, addresses: [], timezone: parts.timezone }),
      authorId: actor.id,
      authorName: actor.name,
      why: 'first policy: observes, blocks nothing',
      at: row.made_at,
    });
    await parts.onMake(db, id, actor);
    note({ action: 'domain.make', subject: id, domain: id, detail: { name } });
    return true;
  });
  if (!isMade) return null;
  await parts.afterMake(id, actor);
  return recordOf(row);
}

function recordOf({ id, name, made_at }: DomainRow): DomainRecord {
  return { id, name, madeAtMs: made_at };
}

function tooMany(): ControllerError {
  return new ControllerError({
    code: 'PICKET-C807',
    message: `the controller has ${DOMAINS_MAX} domains, as many as it may; nothing was changed`,
    help: 'run another controller, with a database of its own',
  });
}
