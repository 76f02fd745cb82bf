// `picket policy check`: every problem of every file, at once.

import { buildCommand } from '@stricli/core';
import { frameProblems, parsePolicy } from '#policy';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { readText } from '../../input/source.ts';
import { counted, safeText } from '../../output/text.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags {
  readonly json?: boolean;
}

export const POLICY_FILES = {
  kind: 'array',
  minimum: 1,
  parameter: { parse: word, brief: 'policy file; "-" is standard input', placeholder: 'POLICY' },
} as const;

export const checkCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(check),
  parameters: { flags: { json: JSON_FLAG }, positional: POLICY_FILES },
  docs: {
    brief: 'Find everything wrong with a policy',
    fullDescription: description(
      'Checks policies and shows every error and warning with its place. Exit code 4 when there is an error.',
      [{ line: 'picket policy check policy.yaml', what: 'errors and warnings, with line and help' }],
    ),
  },
});

async function check(desk: Desk, flags: Flags, ...paths: string[]): Promise<Exit> {
  const results = [];
  for (const path of paths) {
    const text = await readText(desk.io, path);
    const { policy, problems } = parsePolicy(text, path);
    results.push({ file: path, isValid: policy !== null, problems });
    if (flags.json === true) continue;
    if (problems.length > 0) desk.say(frameProblems(problems, text));
    if (policy === null) continue;
    const sizes = [
      counted(policy.elements.length, 'element'),
      counted(policy.services.length, 'service'),
      counted(policy.rules.length, 'rule'),
      counted(policy.never.length + policy.require.length, 'guardrail'),
      counted(policy.tests.length, 'test'),
    ];
    desk.paper.line(`${safeText(path)}: valid (${sizes.join(', ')})`);
  }
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.policy-check/v1', files: results }));
  return results.every(({ isValid }) => isValid) ? EXIT.done : EXIT.policyFailed;
}
