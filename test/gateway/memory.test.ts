// A compiler that remembers gives what one gives that forgets everything: over random edits of random policies, number for number.

import { expect, it } from 'vitest';
import { type Compiled, compileTable, Memory, numberBook } from '#enforce';
import { END_OF_TIME, type Policy, type Rule } from '#model';
import { type Random, randomOf } from '../conformance/random.ts';
import { kernelPolicy } from './random.testing.ts';

const SEED = Number(process.env.PICKET_SEED ?? Date.now() % 1_000_000_000);
const STORIES = 40;
const EDITS = 8;
const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;

/** One edit, with everything that it leaves alone the same objects as before. */
function edited(policy: Policy, random: Random): Policy {
  const other = kernelPolicy(random);
  const { rules } = policy;
  const at = random.whole(0, Math.max(rules.length - 1, 0));
  const id = `new${random.whole(0, 5)}`;
  const fresh: readonly Rule[] = other.rules.slice(0, 1).map((rule) => ({ ...rule, id }));
  const without = rules.filter((rule, index) => index !== at && rule.id !== id);
  switch (random.whole(0, 9)) {
    case 0:
      return { ...policy, elements: other.elements };
    case 1:
      return { ...policy, never: other.never, require: other.require };
    case 2:
      return { ...policy, mode: other.mode };
    case 3:
      return policy;
    case 4:
      return { ...policy, rules: without };
    case 5:
      return { ...policy, rules: [...fresh, ...without] };
    default:
      return { ...policy, rules: [...without.slice(0, at), ...fresh, ...without.slice(at)] };
  }
}

function shown(made: Compiled): unknown {
  if (made.kind === 'refused') return made;
  return { ...made, content: { ...made.content, sets: [...made.content.sets].map(([name, set]) => [name, [...set]]) } };
}

it(`remembers nothing that is no longer so (seed ${SEED})`, () => {
  let changed = 0;
  for (let story = 0; story < STORIES; story++) {
    const random = randomOf(SEED + story);
    const [kept, forgotten] = [numberBook(), numberBook()];
    const memory = new Memory();
    let policy = kernelPolicy(random);
    let now = NOON;
    let before = '';
    for (let edit = 0; edit < EDITS; edit++) {
      const quarantined = new Set(random.chance(0.2) ? ['e0'] : []);
      const remembering = shown(compileTable(policy, { book: kept, now, quarantined, memory }));
      const forgetting = shown(compileTable(policy, { book: forgotten, now, quarantined }));
      expect(remembering).toEqual(forgetting);
      const text = JSON.stringify(remembering);
      if (text !== before) changed++;
      before = text;
      policy = edited(policy, random);
      now = random.chance(0.3) ? Math.min(now + 3_600_000_000 * random.whole(1, 30), END_OF_TIME) : now;
    }
  }
  expect(changed).toBeGreaterThan(STORIES * 2);
}, 120_000);
