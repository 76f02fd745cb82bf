// One live change gives the verdicts and events of applying the whole changed policy. PICKET_CASES sets the number of stories.

import { expect, it } from 'vitest';
import { Reference } from '#engine';
import { changing, withSingleChanges } from './changing.ts';
import { differenceIn } from './differing.ts';
import { storyOf } from './stories.ts';
import type { DeciderFactory } from './telling.ts';

const STORIES = Number(process.env.PICKET_STORIES ?? 300);
const LIMIT_MS = 600_000;
const reference: DeciderFactory = (options) => new Reference(options);

it(
  `Engine.change() answers ${STORIES} random stories as Reference does that applies whole policies`,
  () => {
    for (let seed = 1; seed <= STORIES; seed++) {
      const found = differenceIn(withSingleChanges(storyOf(seed), seed), reference, changing);
      expect(found, `seed ${seed}`).toBeNull();
    }
  },
  LIMIT_MS,
);
