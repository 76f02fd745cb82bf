// Topic acts: the outbox gives what waits in order, marks what is recorded, and the list is searched by domain.

import { expect } from 'vitest';
import {
  type ActRow,
  acts,
  addActs,
  adoptActs,
  markRecorded,
  newestRecordedAct,
  nextActPosition,
  pendingActs,
  sweepActs,
} from '#store';
import type { Suite } from './suite.testing.ts';

const ADOPTION = { chain: 'chain', living: ['chain'], before: 5_000, reserve: () => 2 };
const ALL = { limit: 100, after: null, from: null, to: null, actor: null, action: null, subject: null };

function row(number: number, more: Partial<ActRow> = {}): ActRow {
  return {
    id: `act-${String(number).padStart(4, '0')}`,
    chain: 'chain',
    position: number,
    at: 1_000 + number,
    domain: 'plant.example',
    action: 'policy.apply',
    subject: `revision ${number}`,
    actor_kind: 'person',
    actor_id: 'u1',
    actor_name: 'Ada \'; DROP TABLE acts; -- "ü \u{1f600}',
    detail: number % 2 === 0 ? '{"why":"%_\\\\"}' : null,
    sequence: null,
    hash: null,
    ...more,
  };
}

const many = (count: number): readonly ActRow[] => Array.from({ length: count }, (_, number) => row(number));

export const actsSuite: Suite = {
  topic: 'acts',
  cases: {
    'the outbox gives what waits, in order, a page at a time': async ({ db }) => {
      await addActs(db, many(1_200).toReversed());
      const first = await pendingActs(db, { chain: 'chain', after: -1, limit: 500 });
      const second = await pendingActs(db, { chain: 'chain', after: first.at(-1)?.position ?? 0, limit: 1_000 });
      expect([...first, ...second].map(({ position }) => position)).toEqual(
        many(1_200).map(({ position }) => position),
      );
      return [first.slice(0, 3), await nextActPosition(db, 'chain'), await nextActPosition(db, 'other')];
    },
    'what is marked waits no more, and the newest of a chain is known': async ({ db }) => {
      await addActs(db, many(4));
      expect(await newestRecordedAct(db, 'chain')).toBeUndefined();
      await markRecorded(db, [
        { id: 'act-0000', chain: 'chain', sequence: 7, hash: 'a' },
        { id: 'act-0002', chain: 'chain', sequence: 9, hash: 'c' },
      ]);
      return [await pendingActs(db, { chain: 'chain', after: -1, limit: 9 }), await newestRecordedAct(db, 'chain')];
    },
    'acts of a controller that is gone are taken over behind the own ones, recorded ones are not': async ({ db }) => {
      await addActs(db, [
        row(1),
        row(2, { chain: 'gone', position: 1 }),
        row(3, { chain: 'gone', position: 2, sequence: 5, hash: 'x' }),
        row(4, { chain: 'gone', position: 3, at: 9_999 }),
      ]);
      expect(await adoptActs(db, { ...ADOPTION, living: ['gone'] })).toBe(0);
      expect(await adoptActs(db, ADOPTION)).toBe(1);
      expect(await adoptActs(db, { ...ADOPTION, chain: 'late' })).toBe(0);
      return pendingActs(db, { chain: 'chain', after: -1, limit: 9 });
    },
    'the list is of one domain, newest first, and paged': async ({ db }) => {
      await addActs(db, [...many(7), row(8, { domain: 'other.example' }), row(9, { at: 1_006 })]);
      const page = await acts(db, 'plant.example', { ...ALL, limit: 3 });
      const last = page.at(-1);
      const next = await acts(db, 'plant.example', { ...ALL, after: { at: last?.at ?? 0, id: last?.id ?? '' } });
      expect([...page, ...next]).toHaveLength(8);
      return [page, next, await acts(db, 'none.example', ALL)];
    },
    'the list is searched by time, who, what and on what': async ({ db }) => {
      await addActs(db, [
        ...many(4),
        row(5, { action: 'policy' }),
        row(6, { action: 'policyx.apply', actor_id: 'u2' }),
      ]);
      const find = async (more: Partial<typeof ALL> | object): Promise<readonly string[]> =>
        (await acts(db, 'plant.example', { ...ALL, ...more })).map(({ id }) => id);
      const found = {
        time: await find({ from: 1_001, to: 1_003 }),
        actor: await find({ actor: 'u2' }),
        name: await find({ actor: row(0).actor_name }),
        action: await find({ action: 'policy' }),
        one: await find({ action: 'policy.apply' }),
        pattern: await find({ action: '%' }),
        subject: await find({ subject: 'revision 2' }),
      };
      expect(found.action).toHaveLength(5);
      expect(found.pattern).toEqual([]);
      return found;
    },
    'old acts are forgotten when they are recorded': async ({ db }) => {
      await addActs(db, many(4));
      await markRecorded(db, [{ id: 'act-0000', chain: 'chain', sequence: 1, hash: 'a' }]);
      expect(await sweepActs(db, 1_002)).toBe(1);
      return acts(db, 'plant.example', ALL);
    },
  },
};
