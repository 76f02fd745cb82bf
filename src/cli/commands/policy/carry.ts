// `picket policy export` and `import`: the policy in force in a domain, signed, in a file that is carried to agents which no controller reaches.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { readText } from '../../input/source.ts';
import { ASK_FLAGS, type AskFlags, doDeed } from '../../live/change.ts';
import { agentOf } from '../../live/place.ts';
import { safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { passOn } from '../../remote/download.ts';
import { checkOutputs } from '../../write.ts';
import { OUTPUT_FLAG, word } from '../parameters.ts';

interface ExportFlags extends RemoteFlags {
  readonly output?: string;
}

export const exportPolicyCommand = buildCommand<ExportFlags, [], PicketContext>({
  func: command(exportPolicy),
  parameters: { flags: { output: OUTPUT_FLAG, ...REMOTE_FLAGS }, aliases: { o: 'output' } },
  docs: {
    brief: 'Write the policy of a domain, signed, to be carried to an agent',
    fullDescription: description(
      'Asks the controller for the confirmed policy with the signature that it sends to agents. The file is no secret and cannot be changed unseen. It is for agents that joined the domain once and that no controller reaches. A policy that waits for its confirmation is not given out.',
      [{ line: 'picket policy export -o plant.signed', what: 'at the agent: picket policy import plant.signed' }],
    ),
  },
});

export const importPolicyCommand = buildCommand<AskFlags, [file: string], PicketContext>({
  func: command(importPolicy),
  parameters: {
    flags: ASK_FLAGS,
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'file of "picket policy export"', placeholder: 'FILE' }],
    },
  },
  docs: {
    brief: 'Put a signed policy from a file in force on this machine',
    fullDescription: description(
      'The agent verifies it as if a controller had sent it: signed by the domain that this machine belongs to, whole, and not older than any policy that was taken before. Otherwise it is refused and nothing changes.',
      [{ line: 'picket policy import plant.signed --yes', what: 'without a controller' }],
    ),
  },
});

async function exportPolicy(desk: Desk, flags: ExportFlags): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  await checkOutputs(desk.io, [flags.output], []);
  const asked = client.call(routes.policies.signed, { params: { domain: domain() } });
  const { value } = await answeredBy(desk, asked);
  await passOn(desk, flags.output, value);
  if (flags.output !== undefined && flags.output !== '-')
    desk.say(`wrote ${safeText(flags.output)}. At the agent: picket policy import FILE`);
  return EXIT.done;
}

async function importPolicy(desk: Desk, flags: AskFlags, file: string): Promise<Exit> {
  const text = await readText(desk.io, file);
  return doDeed(desk, flags, {
    plan: 'the signed policy of the file is put in force here, if it is newer than what was taken',
    ask: () => agentOf(desk, flags).ask('takeSigned', { text }),
  });
}
