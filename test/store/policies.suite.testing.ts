// Topic policies: revisions only go forward, one of two at once wins, and what waits ends once.

import { expect } from 'vitest';
import {
  applyRevision,
  beginPolicy,
  confirmRevision,
  type Db,
  newestRevisionAt,
  overduePolicies,
  policyHead,
  policyRevision,
  policyRevisions,
  REVISIONS_MAX,
  revertRevision,
  waitingPolicies,
} from '#store';
import type { Suite } from './suite.testing.ts';

const DOMAIN = 'plant.example';
const by = { authorId: 'ada', authorName: 'Ada', why: 'because', at: 1_000 };
const next = { ...by, deadline: 2_000, session: 's1', sessionAt: 500, needsSecond: false };

const begin = (db: Db, domain = DOMAIN): Promise<boolean> => beginPolicy(db, domain, { ...by, text: 'one' });
const apply = (db: Db, after: number, deadline: number | null = 2_000): Promise<number | null> =>
  applyRevision(db, DOMAIN, { ...next, text: `after ${after}`, after, deadline });
const history = (db: Db) => policyRevisions(db, DOMAIN, { before: null, limit: 100 });

export const policiesSuite: Suite = {
  topic: 'policies',
  cases: {
    'a domain begins once, with a confirmed revision': async ({ db }) => {
      expect([await begin(db), await begin(db)]).toEqual([true, false]);
      return [await policyHead(db, DOMAIN), await policyRevision(db, DOMAIN, 1)];
    },
    'a change waits, and is kept once and in time': async ({ db }) => {
      await begin(db);
      expect(await apply(db, 1)).toBe(2);
      expect(await waitingPolicies(db)).toBe(1);
      expect(await confirmRevision(db, DOMAIN, { revision: 1, by: 'x', at: 1_500 })).toBe(false);
      expect(await confirmRevision(db, DOMAIN, { revision: 2, by: 'x', at: 2_000 })).toBe(false);
      expect(await confirmRevision(db, DOMAIN, { revision: 2, by: 'x', at: 1_999 })).toBe(true);
      expect(await confirmRevision(db, DOMAIN, { revision: 2, by: 'x', at: 1_999 })).toBe(false);
      expect((await history(db)).map(({ state }) => state)).toEqual(['confirmed', 'superseded']);
      return policyHead(db, DOMAIN);
    },
    'what nobody confirmed comes back as a later revision, once': async ({ db }) => {
      await begin(db);
      await apply(db, 1);
      expect(await overduePolicies(db, 1_999)).toEqual([]);
      expect(await overduePolicies(db, 2_000)).toHaveLength(1);
      const late = { revision: 2, by: 'system', authorName: 'picket', at: 2_000, why: 'late' };
      expect([await revertRevision(db, DOMAIN, late), await revertRevision(db, DOMAIN, late)]).toEqual([3, null]);
      expect(await policyRevision(db, DOMAIN, 3)).toMatchObject({ text: 'one', restores: 1, state: 'confirmed' });
      expect(await confirmRevision(db, DOMAIN, { revision: 2, by: 'x', at: 1_000 })).toBe(false);
      return history(db);
    },
    'a change on top of another revision than the one in force is refused, and so is one while another waits': async ({
      db,
    }) => {
      await begin(db);
      expect([await apply(db, 0), await apply(db, 2)]).toEqual([null, null]);
      expect(await apply(db, 1, null)).toBe(2);
      expect(await apply(db, 2)).toBe(3);
      expect(await apply(db, 3)).toBeNull();
      return policyHead(db, DOMAIN);
    },
    'of several at once on one revision exactly one wins': async (store) => {
      await begin(store.db);
      const all = await Promise.all(Array.from({ length: 5 }, () => store.transaction((db) => apply(db, 1, null))));
      expect(all.filter((one) => one !== null)).toEqual([2]);
      return (await history(store.db)).map(({ revision }) => revision);
    },
    'domains know nothing of each other': async ({ db }) => {
      await begin(db);
      await begin(db, 'zoo.example');
      await apply(db, 1);
      expect(await newestRevisionAt(db)).toBe(1_000);
      return policyHead(db, 'zoo.example');
    },
    'history is paged, newest first': async ({ db }) => {
      await begin(db);
      for (let after = 1; after < 6; after++) await apply(db, after, null);
      const page = await policyRevisions(db, DOMAIN, { before: 5, limit: 2 });
      expect(page.map(({ revision }) => revision)).toEqual([4, 3]);
      expect(page[0]).not.toHaveProperty('text');
      return page;
    },
    'the oldest revisions go, those in force stay': async (store) => {
      await begin(store.db);
      await store.transaction(async (db) => {
        for (let after = 1; after <= REVISIONS_MAX + 1; after++) await apply(db, after, null);
      });
      expect([await policyRevision(store.db, DOMAIN, 1), await policyRevision(store.db, DOMAIN, 2)]).toEqual([
        undefined,
        undefined,
      ]);
      return (await policyRevision(store.db, DOMAIN, 3))?.revision;
    },
  },
};
