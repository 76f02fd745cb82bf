// The random stories are worth telling only while they meet every reason; this keeps the generator from going blind.

import { expect, it } from 'vitest';
import { Reference } from '../../src/core/engine/reference/index.ts';
import { Coverage } from './coverage.ts';
import { storyOf } from './stories.ts';
import { tellStory } from './telling.ts';

it('random stories meet every reason a packet can be denied for', () => {
  const coverage = new Coverage();
  for (let seed = 1; seed <= 300; seed++) coverage.add(tellStory(storyOf(seed), (options) => new Reference(options)));
  expect(coverage.missing()).toEqual([]);
});
