// Runs the tests written in a policy, each on a fresh engine. Not the reader of their sentences.

import type { Instant, Policy, PolicyTest } from '#model';
import { type Answer, ask } from './ask.ts';

export interface TestResult {
  readonly test: PolicyTest;
  readonly isPassed: boolean;
  readonly answer: Answer;
}

/** Answers in the order of the policy. A test passes when the verdict is as expected and, where it names a reason, that reason comes first. */
export function runPolicyTests(policy: Policy, options: { readonly now: Instant }): readonly TestResult[] {
  return policy.tests.map((test) => {
    const answer = ask(policy, test.question, options.now);
    const isReasonRight = test.reason === null || answer.reasons[0]?.reason === test.reason;
    return { test, isPassed: answer.isPermitted === test.isExpectedToPermit && isReasonRight, answer };
  });
}
