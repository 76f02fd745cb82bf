// The random stories are worth telling only while they meet every reason, and every limit exactly; this keeps the generator from going blind.

import { expect, it } from 'vitest';
import { Reference } from '../../src/core/engine/reference/index.ts';
import { Coverage } from './coverage.ts';
import { storyOf } from './stories.ts';
import { type DeciderFactory, tellStory } from './telling.ts';
import { TIGHTENINGS, tightened } from './tightening.ts';

const STORIES = 300;
const reference: DeciderFactory = (options) => new Reference(options);

it('random stories meet every reason a packet can be denied for', () => {
  const coverage = new Coverage();
  for (let seed = 1; seed <= STORIES; seed++) coverage.add(tellStory(storyOf(seed), reference));
  console.log(coverage.text());
  expect(coverage.missing()).toEqual([]);
});

it.each(Object.entries(TIGHTENINGS))('random stories meet a limit of %s exactly', (kind, tightening) => {
  let met = 0;
  for (let seed = 1; seed <= STORIES; seed++) {
    const story = storyOf(seed);
    const usual = tellStory(story, reference);
    const tight = tellStory(tightened(story, tightening), reference);
    const isMet = usual.some(
      ({ answer }, at) =>
        answer?.reasons.includes(tightening.reason) === false &&
        tight[at]?.answer?.reasons.includes(tightening.reason) === true,
    );
    if (isMet) met++;
  }
  console.log(`${kind}: just met in ${met} of ${STORIES} stories`);
  expect(met).toBeGreaterThan(0);
});
