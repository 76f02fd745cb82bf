// 100,000 random cases on engine and reference: one difference in one field fails, with the smallest story that shows it.
// PICKET_SEED sets the first seed, PICKET_CASES the number of judged observations.

import { expect, it } from 'vitest';
import { Engine } from '#engine';
import { Reference } from '../../src/core/engine/reference/index.ts';
import { Coverage } from './coverage.ts';
import { differenceOf, smallest, tellSafely } from './differing.ts';
import { storyOf } from './stories.ts';
import { type DeciderFactory, tellStory } from './telling.ts';

const CASES = Number(process.env.PICKET_CASES ?? 100_000);
const SEED = Number(process.env.PICKET_SEED ?? Date.now() % 1_000_000_000);
/** Two milliseconds a case on a busy machine. */
const LIMIT_MS = Math.max(180_000, CASES * 2);

const engine: DeciderFactory = (options) => new Engine(options);
const reference: DeciderFactory = (options) => new Reference(options);

it(
  `engine and reference answer ${CASES} random cases alike`,
  () => {
    const coverage = new Coverage();
    console.log(`seed ${SEED}`);
    for (let seed = SEED; coverage.cases < CASES; seed++) {
      const story = storyOf(seed);
      const told = tellStory(story, reference);
      coverage.add(told);
      const found = differenceOf(story, told, tellSafely(story, engine));
      if (found === null) continue;
      const { story: least, one, other } = smallest(found, reference, engine);
      expect.fail(`PICKET_SEED=${seed}\n${JSON.stringify(least, null, 1)}\nreference: ${one}\nengine:    ${other}`);
    }
    console.log(`${coverage.cases} cases\n${coverage.text()}`);
    expect(coverage.missing()).toEqual([]);
  },
  LIMIT_MS,
);
