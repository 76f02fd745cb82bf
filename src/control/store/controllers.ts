// Topic controllers: who of them lives, so that agents are told where to go and the acts of a dead one are recorded by another. Not what they do.

import type { Db } from './db.ts';
import type { ControllerRow } from './rows/controllers.ts';

/** Controllers of one database that are read: each has ten connections, and PostgreSQL has a hundred unless told otherwise. */
const CONTROLLERS_MAX = 64;

/** A controller says every few seconds that it lives; one that said so within this time does, and what it left unrecorded is its own. */
export const LIVING_MS = 30_000;

/** Says that a controller lives. */
export async function noteController(db: Db, row: ControllerRow): Promise<void> {
  const { name: _, ...rest } = row;
  await db
    .insertInto('controllers')
    .values(row)
    .onConflict((on) => on.column('name').doUpdateSet(rest))
    .execute();
}

/** Those that said so since, in the order of their names. */
export function livingControllers(db: Db, since: number): Promise<readonly ControllerRow[]> {
  return db
    .selectFrom('controllers')
    .selectAll()
    .where('seen_at', '>=', since)
    .orderBy('name')
    .limit(CONTROLLERS_MAX)
    .execute();
}

/** It ends, and says so. */
export async function forgetController(db: Db, name: string): Promise<void> {
  await db.deleteFrom('controllers').where('name', '=', name).execute();
}

/** Those that did not say so since are not looked for any more. */
export async function forgetControllers(db: Db, before: number): Promise<void> {
  await db.deleteFrom('controllers').where('seen_at', '<', before).execute();
}
