// `picket policy apply`: a policy file is put in force on the running gateway, after a plan, until it is confirmed.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { readText } from '../../input/source.ts';
import { CHANGE_FLAGS, type ChangeFlags, changePolicy } from '../../live/change.ts';
import { agentOf } from '../../live/place.ts';
import { changedAt } from '../../remote/change.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { applyAt } from '../../remote/policy.ts';
import { word } from '../parameters.ts';

export const applyCommand = buildCommand<ChangeFlags & RemoteFlags, [file: string], PicketContext>({
  func: command(apply),
  parameters: {
    flags: { ...CHANGE_FLAGS, ...REMOTE_FLAGS },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'policy file; "-" is standard input', placeholder: 'POLICY' }],
    },
  },
  docs: {
    brief: 'Put a policy in force on this gateway, or in the domain of the context',
    fullDescription: description(
      'The agent checks and compiles the policy, judges the conversations it has seen by it, and looks whether your own connection stays. Then it is applied as a whole. It reverts by itself after 90 seconds unless you confirm it from a new session: whoever is locked out has to do nothing.',
      [
        { line: 'picket policy apply policy.yaml --dry-run', what: 'the plan alone' },
        { line: 'picket policy apply policy.yaml', what: 'then, in a new session: picket policy confirm' },
        { line: 'picket policy apply policy.yaml --yes --confirm none', what: 'at once and for good, from a script' },
      ],
    ),
  },
});

async function apply(desk: Desk, flags: ChangeFlags & RemoteFlags, file: string): Promise<Exit> {
  const text = await readText(desk.io, file);
  const controller = await changedAt(desk, flags);
  if (controller !== null) return applyAt(desk, flags, { controller, text, file });
  const agent = agentOf(desk, flags);
  return changePolicy(desk, flags, { text, ask: (how) => agent.ask('apply', { ...how, text, file }) });
}
