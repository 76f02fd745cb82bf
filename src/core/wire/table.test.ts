// Entries, deltas and digests: whatever two policies are, the delta makes the one of the other, and the digest tells them apart.

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyEntry } from '#policy';
import { type Delta, deltaOf } from './delta.ts';
import { digestOf, EntryTable } from './table.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

function applied(from: readonly PolicyEntry[], delta: Delta): EntryTable {
  const table = new EntryTable(from, hash);
  const result = table.apply(delta);
  if ('trouble' in result) throw new Error(result.trouble);
  return table;
}

/** Entries of one section by single letters, so that orders of every kind come up. */
const letters = fc
  .uniqueArray(fc.constantFrom(...'abcdefghijkl'), { maxLength: 12 })
  .chain((ids) => fc.tuple(...ids.map((id) => fc.constantFrom('{}', '{"a":1}').map((json) => ({ id, json })))))
  .map((all) => all.map(({ id, json }): PolicyEntry => ({ section: 'rules', id, json })));

describe('deltaOf()', () => {
  it('makes any order of any other, with as few moves as can be', () => {
    const property = fc.property(letters, letters, (from, to) => {
      const delta = deltaOf(from, to);
      const table = applied(from, delta);
      expect(table.entries).toEqual(to);
      expect(table.digest).toBe(digestOf(to, hash));
      expect(delta.place.length).toBeLessThanOrEqual(to.length);
    });
    void fc.assert(property, { numRuns: 600 });
  });

  const base: readonly PolicyEntry[] = [...'abcdef'].map((id) => ({ section: 'rules', id, json: '{}' }));
  const ids = (order: string): readonly PolicyEntry[] => [...order].map((id) => ({ section: 'rules', id, json: '{}' }));
  it.each<[string, string, Delta]>([
    ['nothing', 'abcdef', { remove: [], set: [], place: [] }],
    ['a rule at the end', 'abcdefg', { remove: [], set: [['rules', 'g', '{}']], place: [] }],
    ['a rule at the beginning', 'gabcdef', { remove: [], set: [['rules', 'g', '{}']], place: [['rules', 'g', null]] }],
    ['a removed rule', 'abdef', { remove: [['rules', 'c']], set: [], place: [] }],
    ['the last rule first', 'fabcde', { remove: [], set: [], place: [['rules', 'f', null]] }],
    ['two rules swapped', 'bacdef', { remove: [], set: [], place: [['rules', 'b', null]] }],
  ])('tells %s in few words', (_, order, delta) => {
    expect(deltaOf(base, ids(order)).remove).toEqual(delta.remove);
    expect(deltaOf(base, ids(order)).set).toEqual(delta.set);
    expect(deltaOf(base, ids(order)).place).toHaveLength(delta.place.length);
    expect(applied(base, deltaOf(base, ids(order))).entries).toEqual(ids(order));
  });
});

describe('EntryTable', () => {
  it('takes a delta back, and changes nothing where one does not fit', () => {
    const bad: readonly Delta[] = [
      { remove: [['rules', 'missing']], set: [], place: [] },
      { remove: [], set: [], place: [['rules', 'missing', null]] },
    ];
    const property = fc.property(letters, letters, fc.constantFrom(...bad), (from, to, broken) => {
      const table = new EntryTable(from, hash);
      const { digest } = table;
      const good = deltaOf(from, to);
      const result = table.apply(good);
      if ('undo' in result) result.undo();
      expect([table.entries, table.digest]).toEqual([from, digest]);
      const mixed = { ...good, remove: [...good.remove, ...broken.remove], place: [...good.place, ...broken.place] };
      expect(table.apply(mixed)).toHaveProperty('trouble');
      expect([table.entries, table.digest]).toEqual([from, digest]);
    });
    void fc.assert(property, { numRuns: 200 });
  });

  it('has another digest for any other content, name or order', () => {
    const property = fc.property(letters, letters, (a, b) => {
      expect(digestOf(a, hash) === digestOf(b, hash)).toBe(JSON.stringify(a) === JSON.stringify(b));
    });
    void fc.assert(property, { numRuns: 200 });
  });

  it('refuses an entry behind itself', () => {
    const table = new EntryTable([{ section: 'rules', id: 'a', json: '{}' }], hash);
    expect(table.apply({ remove: [], set: [], place: [['rules', 'a', 'a']] })).toHaveProperty('trouble');
  });
});
