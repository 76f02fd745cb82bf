// A selector as a word of the command line. The grammar is the policy room's; an element of a policy cannot be meant, as there is none yet.

import type { Selector } from '#model';
import { definePolicy } from '#policy';
import { wrongUsage } from './failure.ts';

/** The selector that the text says, for the far end of a rule; a failure of usage where it says none. */
export function selectorWord(text: string, flag: string): Selector {
  const { policy, problems } = definePolicy({
    picket: 1,
    rules: { rule: { from: 'any', to: { on: text, protocol: 'tcp' } } },
  });
  const selector = policy?.rules[0]?.to[0]?.on;
  if (selector !== undefined) return selector;
  const [first] = problems;
  throw wrongUsage(
    `cannot read the selector of ${flag}: ${first?.message ?? 'it says nothing'}`,
    first?.help ?? 'write a label (role=gateway), an address, a network, a MAC or a DNS name',
  );
}
