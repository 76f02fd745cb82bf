// A selector as a word of the command line. The grammar is the policy room's; an element of a policy cannot be meant, as there is none yet.

import type { Selector } from '#model';
import { definePolicy } from '#policy';

/** The selector that the text says, for the far end of a rule. Throws with what is wrong, as flags' parsers do. */
export function selectorWord(text: string): Selector {
  const { policy, problems } = definePolicy({
    picket: 1,
    rules: { rule: { from: 'any', to: { on: text, protocol: 'tcp' } } },
  });
  const selector = policy?.rules[0]?.to[0]?.on;
  if (selector !== undefined) return selector;
  throw new Error(problems[0]?.message ?? 'it says nothing');
}
