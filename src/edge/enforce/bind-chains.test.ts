// What leads to the mark of flows that nobody holds: the class of an end that enforces nothing, and nothing else.

import { describe, expect, it } from 'vitest';
import { BIND_CHAINS } from './bind-chains.ts';
import { CLASS_BIT, CUT_MARK, denial, ENFORCE_BIT, FREE_KEY, INSIDE_BIT, MARKS_FROM, STRICT_BIT } from './numbers.ts';

const conditions = BIND_CHAINS.flatMap(({ rules }) =>
  rules.flatMap(({ nft }) => {
    const found = /ct mark and (0x[0-9a-f]{8}) == (0x[0-9a-f]{8}) goto unruled/.exec(nft);
    return found === null ? [] : [{ mask: BigInt(found[1] ?? ''), word: BigInt(found[2] ?? '') }];
  }),
);

const isUnruled = (mark: number): readonly boolean[] =>
  conditions.map(({ mask, word }) => (BigInt(mark) & mask) === word);

describe('a flow that no rule governs', () => {
  it('is asked in every look-up', () => {
    expect(conditions.length).toBeGreaterThanOrEqual(4);
  });

  it.each([CLASS_BIT + 1, CLASS_BIT + INSIDE_BIT + 1, CLASS_BIT + STRICT_BIT + 7])(
    'is free where the responder is of class %i, which enforces nothing',
    (mark) => {
      expect(isUnruled(mark)).not.toContain(false);
    },
  );

  it.each([
    ['a class that enforces', CLASS_BIT + ENFORCE_BIT + 1],
    ['nothing, after a miss', 0],
    ['the key of free flows', FREE_KEY],
    ['the mark of a cut flow', CUT_MARK],
    ['a mark that may be live', MARKS_FROM],
    ['a denial', denial('no-rule', -1)],
    ['a denial by a rule', denial('not-held', 3)],
  ])('is not free where another packet of the flow left %s in its mark meanwhile', (_, mark) => {
    expect(isUnruled(mark)).not.toContain(true);
  });
});
