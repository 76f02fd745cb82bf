// The random stories are worth telling only while they meet every reason, and every limit exactly; this keeps the generator from going blind.

import { expect, it } from 'vitest';
import { Reference } from '../../src/core/engine/reference/index.ts';
import { Coverage } from './coverage.ts';
import { storyOf } from './stories.ts';
import { type DeciderFactory, tellStory } from './telling.ts';
import { TIGHTENINGS, tightened } from './tightening.ts';

const STORIES = 300;
/** Limits met exactly in one story can be met; the rarest takes some thousand stories. */
const ENOUGH = 1;
const STORIES_MAX = 10_000;
const reference: DeciderFactory = (options) => new Reference(options);

it('random stories meet every reason a packet can be denied for', () => {
  const coverage = new Coverage();
  for (let seed = 1; seed <= STORIES; seed++) coverage.add(tellStory(storyOf(seed), reference));
  console.log(coverage.text());
  expect(coverage.missing()).toEqual([]);
});

it.each(Object.entries(TIGHTENINGS))('random stories meet a limit of %s exactly', (kind, tightening) => {
  let met = 0;
  let seed = 0;
  while (met < ENOUGH && seed < STORIES_MAX) {
    seed++;
    const story = storyOf(seed);
    const tighter = tightened(story, tightening);
    if (JSON.stringify(tighter) === JSON.stringify(story)) continue;
    const tight = tellStory(tighter, reference);
    const isMet = tellStory(story, reference).some(
      ({ answer }, at) =>
        answer?.reasons.includes(tightening.reason) === false &&
        tight[at]?.answer?.reasons.includes(tightening.reason) === true,
    );
    if (isMet) met++;
  }
  console.log(`${kind}: just met in ${met} of ${seed} stories`);
  expect(met).toBeGreaterThan(0);
});
