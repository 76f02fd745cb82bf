// The store itself: transactions, what is refused, and that a mistake is told instead of hanging.

import { expect } from 'vitest';
import { addDomain, allDomains, setSetting, setting, someDomains } from '#store';
import type { Suite } from './suite.testing.ts';

export const storeSuite: Suite = {
  topic: 'store',
  cases: {
    'transactions at once all take place': async (store) => {
      const ids = Array.from({ length: 40 }, (_, number) => `d${number}.example`);
      const add = (id: string) =>
        store.transaction(async (db) => {
          const before = await setting(db, id);
          return before === null && (await addDomain(db, { id, name: id, made_at: 0 }));
        });
      expect((await Promise.all(ids.map(add))).every(Boolean)).toBe(true);
      return someDomains(store.db, ids);
    },
    'of those that add the same at once, one wins': async (store) => {
      const add = () => store.transaction((db) => addDomain(db, { id: 'same.example', name: '', made_at: 0 }));
      const won = await Promise.all([add(), add(), add(), add()]);
      return won.filter(Boolean).length;
    },
    'a query beside its transaction is told as a bug and does not hang': async (store) => {
      const inside = store.transaction(async (db) => {
        await setSetting(db, 'beside', '1');
        return setting(store.db, 'beside');
      });
      await expect(inside).rejects.toThrow('beside the transaction');
      const nested = store.transaction(() => store.transaction(async () => 1));
      await expect(nested).rejects.toThrow('beside the transaction');
      return setting(store.db, 'beside');
    },
    'what began in a transaction may ask when that is over': async (store) => {
      let later: Promise<string | null> = Promise.resolve(null);
      let begin = () => {};
      await store.transaction(async (db) => {
        await setSetting(db, 'later', 'kept');
        later = new Promise<void>((resolve) => {
          begin = resolve;
        }).then(() => setting(store.db, 'later'));
      });
      begin();
      return later;
    },
    'a value of another kind is refused as a bug, and the store goes on': async (store) => {
      // A truth value would end the process inside libsql.
      for (const value of [true, Number.POSITIVE_INFINITY, Number.NaN, Buffer.from('x'), { a: 1 }, 1n]) {
        // @ts-expect-error the types refuse it as well
        const wrong = store.db.insertInto('domains').values({ id: 'wrong.example', name: 'x', made_at: value });
        await expect(wrong.execute()).rejects.toThrow(TypeError);
      }
      return someDomains(store.db, ['wrong.example']);
    },
    'texts of every kind come back as they went': async ({ db }) => {
      const name = `\t"'\\ ${'ü'.repeat(5_000)} 🙂 \u{10FFFF}`;
      await addDomain(db, { id: "x'; DROP TABLE domains; --", name, made_at: 0 });
      expect(await someDomains(db, ["x' OR '1'='1"])).toEqual([]);
      const rows = await allDomains(db);
      expect(rows[0]?.name).toBe(name);
      return rows;
    },
    'texts are in the order of their bytes': async ({ db }) => {
      for (const id of ['b', 'B', 'a', 'ä', 'z', '-a', 'a-b', 'ab', '_'])
        await addDomain(db, { id, name: '', made_at: 0 });
      const ids = (await allDomains(db)).map(({ id }) => id);
      expect(ids).toEqual(['-a', 'B', '_', 'a', 'a-b', 'ab', 'b', 'z', 'ä']);
      return ids;
    },
    'an error in a statement stays what it is': async ({ db }) => {
      const row = { id: 'twice.example', name: '', made_at: 0 };
      const twice = db.insertInto('domains').values([row, row]).execute();
      await expect(twice).rejects.not.toHaveProperty('code', expect.stringMatching(/^PICKET/));
      return allDomains(db);
    },
  },
};
