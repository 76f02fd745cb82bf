// `picket policy diff`: what changed between two policies, in meaning rather than in text.

import { buildCommand } from '@stricli/core';
import { diffPolicies } from '#policy';
import { changeText } from '../../ci/review.ts';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { readPolicy } from '../../policy-file.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags {
  readonly json?: boolean;
}

export const diffCommand = buildCommand<Flags, [oldPath: string, newPath: string], PicketContext>({
  func: command(diff),
  parameters: {
    flags: { json: JSON_FLAG },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: word, brief: 'policy as it was', placeholder: 'OLD' },
        { parse: word, brief: 'policy as it is to be', placeholder: 'NEW' },
      ],
    },
  },
  docs: {
    brief: 'Show what changed between two policies',
    fullDescription: description(
      'Compares elements, services, rules and guardrails by meaning; layout and comments do not count.',
      [{ line: 'picket policy diff policy.yaml new.yaml', what: '+ added, - removed, ~ changed, > moved' }],
    ),
  },
});

async function diff(desk: Desk, flags: Flags, oldPath: string, newPath: string): Promise<Exit> {
  const before = await readPolicy(desk, oldPath, { isQuiet: true });
  const after = await readPolicy(desk, newPath, { isQuiet: true });
  const changes = diffPolicies(before, after);
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.policy-diff/v1', changes }));
  else if (changes.length === 0) desk.paper.line('no difference in meaning');
  else for (const change of changes) desk.paper.line(changeText(change));
  return EXIT.done;
}
