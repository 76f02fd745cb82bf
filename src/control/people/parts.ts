// What the files of this room share: the options, the keys, and how an act of a person is recorded.

import type { Note } from '#ledger';
import type { Actor } from '#routes';
import type { Db, UserRow } from '#store';
import type { PeopleOptions } from './options.ts';
import type { Keyring } from './secrets.ts';

export interface Parts extends PeopleOptions {
  readonly keyring: Keyring;
}

/** Acts about people themselves belong to no domain. */
export const NO_DOMAIN = '*';

/** Runs work in one transaction and resolves when its acts are in the ledger. `who` is the person, who may have no session yet. */
export function performAs<T>(
  { recorder }: Parts,
  who: Pick<UserRow, 'id' | 'name'>,
  work: (db: Db, note: Note) => Promise<T>,
): Promise<T> {
  return recorder.perform({ kind: 'person', id: who.id, name: who.name }, work);
}

/** The id of a person who asks; only people have accounts. */
export function personOf(actor: Actor): string {
  if (actor.kind !== 'person') throw new TypeError('only a person has an account');
  return actor.id;
}
