// The secret from which this controller's keys for logons are made: in the store, so that all controllers on it share them.

import { type Db, type Store, setting } from '#store';
import { Keyring, type Random, textOf } from './secrets.ts';

const SETTING = 'people.secret';
const BYTES = 32;

export async function keyringOf(store: Store, random: Random): Promise<Keyring> {
  const secret = await store.transaction((db) => secretOf(db, random));
  return new Keyring(Buffer.from(secret, 'base64url'));
}

/** Of two controllers that start at once, both get the one that was first. */
async function secretOf(db: Db, random: Random): Promise<string> {
  await db
    .insertInto('settings')
    .values({ key: SETTING, value: textOf(random(BYTES)) })
    .onConflict((on) => on.column('key').doNothing())
    .execute();
  const secret = await setting(db, SETTING);
  if (secret === null) throw new Error('the secret of logons was not kept');
  return secret;
}
