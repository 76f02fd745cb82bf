// A policy text becomes a policy that passes its check and its own tests, or a refusal with every problem in its place. Puts nothing in force.

import { runPolicyTests } from '#engine';
import type { Instant, Policy, Problem } from '#model';
import { type EditRefusal, isRefused, parsePolicy } from '#policy';
import { DETAILS_MAX, type ProblemDetail, Refusal } from '#routes';

/** Characters of a reason kept in the history. */
export const WHY_CHARS_MAX = 500;

export interface CheckedPolicy {
  readonly policy: Policy;
  /** Warnings. */
  readonly problems: readonly Problem[];
}

/** Throws a `Refusal` where the text is no policy, or a test sentence in it does not hold. */
export function checkedPolicy(
  text: string,
  { file, now }: { readonly file: string; readonly now: Instant },
): CheckedPolicy {
  const { policy, problems } = parsePolicy(text, file);
  if (policy === null)
    throw new Refusal({
      code: 'PICKET-C701',
      message: 'the policy has errors; nothing was changed',
      help: 'correct them, check with: picket policy check FILE',
      details: problems.map(detailOf).slice(0, DETAILS_MAX),
    });
  const failed = testResults(policy, now).filter(({ isPassed }) => !isPassed);
  const [first] = failed;
  if (first !== undefined)
    throw new Refusal({
      code: 'PICKET-C702',
      message: `${failed.length} of the policy's own tests fail, the first is "${first.sentence}"; nothing was changed`,
      help: 'correct the rule or the sentence, check with: picket policy check FILE',
      details: failed.map(({ sentence, line }) => ({
        code: 'PICKET-C702',
        message: `"${sentence}" does not hold`,
        where: `${file}:${line}`,
        help: null,
      })),
    });
  return { policy, problems };
}

export interface TestView {
  readonly sentence: string;
  readonly line: number;
  readonly isPassed: boolean;
}

export function testResults(policy: Policy, now: Instant): readonly TestView[] {
  return runPolicyTests(policy, { now }).map(({ test, isPassed }) => ({
    sentence: test.text,
    line: test.line,
    isPassed,
  }));
}

export function detailOf({ code, message, place, help }: Problem): ProblemDetail {
  const where = place === null ? null : `${place.file}:${place.line}:${place.column}`;
  return { code, message, where, help };
}

const EDIT_CODES: Readonly<Record<EditRefusal['refusal'], string>> = {
  unknown: 'PICKET-C703',
  taken: 'PICKET-C704',
  'not-in-place': 'PICKET-C705',
};

/** The value, where the policy room did not refuse. */
export function unlessRefused<Value extends object>(value: Value | EditRefusal): Value {
  if (!isRefused(value)) return value;
  throw new Refusal({ code: EDIT_CODES[value.refusal], message: value.message, help: value.help });
}
