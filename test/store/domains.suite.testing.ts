// Topic domains: ids are given once, settings are the last that was set.

import { expect } from 'vitest';
import { addDomain, allDomains, setSetting, setting, someDomains } from '#store';
import type { Suite } from './suite.testing.ts';

export const domainsSuite: Suite = {
  topic: 'domains',
  cases: {
    'an id is given once': async ({ db }) => {
      const plant = { id: 'plant.example', name: 'Plant', made_at: 1 };
      expect([await addDomain(db, plant), await addDomain(db, { ...plant, name: 'Other' })]).toEqual([true, false]);
      await addDomain(db, { id: 'Zoo', name: 'upper case before lower', made_at: 2 });
      return [await allDomains(db), await someDomains(db, ['plant.example', 'none']), await someDomains(db, [])];
    },
    'a setting is the last that was set': async ({ db }) => {
      expect(await setting(db, 'a')).toBeNull();
      await setSetting(db, 'a', '1');
      await setSetting(db, 'a', '{"b":"ü \u{1f600} \' \\" % _"}');
      return setting(db, 'a');
    },
    'a transaction is all or nothing': async (store) => {
      const failing = store.transaction(async (db) => {
        await addDomain(db, { id: 'half.example', name: 'Half', made_at: 1 });
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      return allDomains(store.db);
    },
    'large numbers come back as they were': async ({ db }) => {
      await addDomain(db, { id: 'late.example', name: 'Late', made_at: Number.MAX_SAFE_INTEGER });
      const [late] = await allDomains(db);
      expect(late?.made_at).toBe(Number.MAX_SAFE_INTEGER);
      return late;
    },
  },
};
