// What is said of an agent after a change: never that it has it while it has not, and never that it is waited for when it has spoken.

import { expect, it } from 'vitest';
import { deliveryOf } from './delivery.ts';
import type { AgentFacts } from './parts.ts';

const WELL: AgentFacts = {
  id: 'gateway/north',
  isConnected: true,
  revision: 5,
  spokeOf: 5,
  outcome: 'applied',
  problem: null,
  lastSeenMs: 1,
};

it.each<readonly [string, Partial<AgentFacts>, string]>([
  ['has it', {}, 'applied'],
  ['has it and is away', { isConnected: false }, 'applied'],
  ['has a later one', { revision: 6, spokeOf: 6 }, 'applied'],
  ['has it, and works on a later one', { revision: 5, spokeOf: 6, outcome: 'applying' }, 'waiting'],
  ['has the one before and says nothing', { revision: 4, spokeOf: 4 }, 'waiting'],
  ['has the one before and is away', { revision: 4, spokeOf: 4, isConnected: false }, 'away'],
  ['works on it', { revision: 4, spokeOf: 5, outcome: 'applying' }, 'waiting'],
  ['could not', { revision: 4, spokeOf: 5, outcome: 'failed' }, 'failed'],
  ['refused it', { revision: 4, spokeOf: 5, outcome: 'refused' }, 'failed'],
  ['took it back by itself', { revision: 4, spokeOf: 5, outcome: 'reverted' }, 'failed'],
  ['failed an older one', { revision: 3, spokeOf: 4, outcome: 'failed' }, 'waiting'],
  ['took an older one back', { revision: 3, spokeOf: 4, outcome: 'reverted' }, 'waiting'],
  ['never held any', { revision: null, spokeOf: null, outcome: null }, 'waiting'],
])('of an agent that %s', (_, more, state) => {
  const view = deliveryOf([{ ...WELL, ...more }], 5);
  expect(view.agents[0]?.state).toBe(state);
  expect(view.state).toBe(state === 'applied' ? 'applied' : 'partly');
});
