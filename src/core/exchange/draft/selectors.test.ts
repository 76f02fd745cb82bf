// The careful questions about selectors, against every end of a small world: an answer that is sure must be true.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAddress, parsePrefix, prefixHas, type Selector } from '#model';
import { ANYONE, allOf, butNot, eitherOf, isWithin, labelled, mayMeet, notOf, prefixed } from './selectors.ts';

const SEED = 20_262;
const PREFIXES = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '0.0.0.0/0', '::/0', '192.0.2.0/24'].flatMap(
  (text) => parsePrefix(text) ?? [],
);
const ADDRESSES = ['10.0.0.1', '10.1.0.1', '10.1.2.3', '192.0.2.1', '8.8.8.8', '2001:db8::1'].flatMap(
  (text) => parseAddress(text) ?? [],
);
/** Values of the two labels; '' for none. */
const LABELS = ['', 'a', 'b'].flatMap((role) => ['', 'a'].map((tier) => ({ role, tier })));
const WORLD = ADDRESSES.flatMap((address) => LABELS.map((labels) => ({ address, labels })));

type End = (typeof WORLD)[number];

function holds(selector: Selector, end: End): boolean {
  switch (selector.kind) {
    case 'any':
      return true;
    case 'label':
      return (selector.key === 'role' ? end.labels.role : end.labels.tier) === selector.value;
    case 'prefix':
      return prefixHas(selector.prefix, end.address);
    case 'not':
      return !holds(selector.of, end);
    case 'all':
      return selector.of.every((part) => holds(part, end));
    case 'either':
      return selector.of.some((part) => holds(part, end));
    default:
      return false;
  }
}

const { selector } = fc.letrec<{ selector: Selector; leaf: Selector }>((tie) => ({
  leaf: fc.constantFrom(
    ANYONE,
    ...PREFIXES.map(prefixed),
    labelled('role', 'a'),
    labelled('role', 'b'),
    labelled('tier', 'a'),
  ),
  selector: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    tie('selector').map(notOf),
    fc.array(tie('selector'), { minLength: 1, maxLength: 3 }).map(allOf),
    fc.array(tie('selector'), { minLength: 1, maxLength: 3 }).map(eitherOf),
    fc.tuple(tie('selector'), tie('selector')).map(([a, b]) => butNot(a, b)),
  ),
}));

it('mayMeet() is false and isWithin() is true only where they are', () => {
  fc.assert(
    fc.property(selector, selector, (a, b) => {
      if (!mayMeet(a, b)) expect(WORLD.some((end) => holds(a, end) && holds(b, end))).toBe(false);
      if (isWithin(a, b)) expect(WORLD.every((end) => !holds(a, end) || holds(b, end))).toBe(true);
    }),
    { seed: SEED, numRuns: 3_000 },
  );
});

it('allOf(), eitherOf() and butNot() hold for what their names say', () => {
  fc.assert(
    fc.property(selector, selector, (a, b) => {
      for (const end of WORLD) {
        expect(holds(allOf([a, b]), end)).toBe(holds(a, end) && holds(b, end));
        expect(holds(eitherOf([a, b]), end)).toBe(holds(a, end) || holds(b, end));
        expect(holds(butNot(a, b), end)).toBe(holds(a, end) && !holds(b, end));
      }
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});
