// Ids are found while rules come and go in thousands, whatever numbers they are given.

import { expect, it } from 'vitest';
import { RuleIds } from './rule-ids.ts';

it('finds the rules that are there and no others', () => {
  const names: string[] = [];
  const ids = new RuleIds((number) => names[number] ?? '');
  for (let number = 0; number < 20_000; number++) {
    names[number] = `rule ${number}`;
    ids.add(`rule ${number}`, number);
    if (number >= 5_000) ids.remove(`rule ${number - 5_000}`, number - 5_000);
    if (number % 501 === 0)
      expect([ids.get(`rule ${number}`), ids.get(`rule ${number - 4_999}`), ids.get(`rule ${number - 5_000}`)]).toEqual(
        [number, number >= 4_999 ? number - 4_999 : null, null],
      );
  }
});

it.each(['', 'a', 'Ä', '__proto__', 'x'.repeat(10_000)])('finds the id %j', (id) => {
  const ids = new RuleIds(() => id);
  expect([ids.get(id), ids.add(id, 3), ids.get(id), ids.get(`${id} `)]).toEqual([null, true, 3, null]);
  ids.remove(id, 3);
  expect(ids.get(id)).toBeNull();
});
