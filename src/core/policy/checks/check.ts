// All checks of a policy that was read, in the order of the document. Each finds one kind of mistake and goes on.

import type { Policy } from '#model';
import type { CheckContext } from './context.ts';
import { checkElements } from './elements.ts';
import { checkLimits } from './limits.ts';
import { checkMatching } from './matching.ts';
import { checkSelectors } from './selectors.ts';

export function checkPolicy(policy: Policy, context: CheckContext): void {
  checkElements(policy, context);
  checkSelectors(policy, context);
  checkLimits(policy, context);
  // Comparing rules makes sense only for a policy whose parts were all read.
  if (!context.report.hasErrors) checkMatching(policy, context);
}
