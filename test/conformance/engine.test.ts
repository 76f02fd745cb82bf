// The engine passes the suite of every decider, and answers a few hundred random stories as the reference does.

import { expect, it } from 'vitest';
import { Engine } from '#engine';
import { Reference } from '../../src/core/engine/reference/index.ts';
import { conformance } from './conformance.ts';
import { differenceIn, smallest } from './differing.ts';
import { storyOf } from './stories.ts';
import type { DeciderFactory } from './telling.ts';

const engine: DeciderFactory = (options) => new Engine(options);
const reference: DeciderFactory = (options) => new Reference(options);

conformance('Engine', engine);

it('Engine answers 300 random stories as Reference does', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const found = differenceIn(storyOf(seed), reference, engine);
    expect(found === null ? null : smallest(found, reference, engine), `seed ${seed}`).toBeNull();
  }
});
