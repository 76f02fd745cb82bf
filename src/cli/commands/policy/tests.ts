// `picket policy test`: asks the engine every sentence under `tests:`.

import { buildCommand } from '@stricli/core';
import { runPolicyTests, type TestResult } from '#engine';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { counted, countText, safeText } from '../../output/text.ts';
import { readPolicy } from '../../policy-file.ts';
import { instantFlag } from '../../times.ts';
import { JSON_FLAG, word } from '../parameters.ts';
import { POLICY_FILES } from './check.ts';

interface Flags {
  readonly at?: string;
  readonly json?: boolean;
}

export const testCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(test),
  parameters: {
    flags: {
      at: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Stand at this instant instead of now (rules with "until" depend on it)',
        placeholder: 'T',
      },
      json: JSON_FLAG,
    },
    positional: POLICY_FILES,
  },
  docs: {
    brief: 'Run the tests written in a policy',
    fullDescription: description('Asks the engine every sentence under "tests:". Exit code 4 when one fails.', [
      { line: 'picket policy test policy.yaml', what: 'one line per test' },
    ]),
  },
});

async function test(desk: Desk, flags: Flags, ...paths: string[]): Promise<Exit> {
  const files: { readonly file: string; readonly results: readonly TestResult[] }[] = [];
  for (const path of paths) {
    const policy = await readPolicy(desk, path, { isQuiet: true });
    const now = flags.at === undefined ? desk.io.now() : instantFlag('at', flags.at, policy.timezone);
    files.push({ file: path, results: runPolicyTests(policy, { now }) });
  }
  if (flags.json === true) desk.paper.line(JSON.stringify(testsJson(files)));
  else for (const { file, results } of files) printResults(desk, file, results);
  const isAllPassed = files.every(({ results }) => results.every(({ isPassed }) => isPassed));
  return isAllPassed ? EXIT.done : EXIT.policyFailed;
}

function printResults(desk: Desk, file: string, results: readonly TestResult[]): void {
  for (const result of results) {
    const place = result.isPassed ? 'ok   ' : `FAIL  ${safeText(file)}:${result.test.line}:`;
    desk.paper.line(`${place} ${safeText(result.test.text)}: ${outcome(result)}`);
  }
  const passed = results.filter(({ isPassed }) => isPassed).length;
  const all = results.length === 0 ? 'no tests' : `${countText(passed)} of ${counted(results.length, 'test')} hold`;
  desk.paper.line(`${safeText(file)}: ${all}`);
}

/** `blocked, as you want (outside-hours)`, or what came instead. */
function outcome({ test: asked, isPassed, answer }: TestResult): string {
  const reasons = answer.reasons.map(({ reason }) => reason).join(', ');
  const came = answer.isPermitted ? `permitted (rule ${answer.rule ?? 'none'})` : `blocked (${reasons})`;
  if (isPassed) return came.replace(' (', ', as you want (');
  const wanted = asked.isExpectedToPermit
    ? 'permitted'
    : `blocked${asked.reason === null ? '' : ` because ${asked.reason}`}`;
  return `${came}, but you want it ${wanted}`;
}

function testsJson(files: readonly { readonly file: string; readonly results: readonly TestResult[] }[]): object {
  const tests = files.flatMap(({ file, results }) =>
    results.map(({ test: asked, isPassed, answer }) => ({
      file,
      line: asked.line,
      text: asked.text,
      passed: isPassed,
      verdict: answer.isPermitted ? 'permit' : 'deny',
      rule: answer.rule,
      reasons: answer.reasons.map(({ reason }) => reason),
    })),
  );
  return { schema: 'picket.policy-test/v1', passed: tests.filter(({ passed }) => passed).length, tests };
}
