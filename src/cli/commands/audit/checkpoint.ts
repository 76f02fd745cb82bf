// `picket audit checkpoint`: the newest signed statement about the ledger, to be kept where the controller cannot write.

import { buildCommand } from '@stricli/core';
import type { Checkpoint } from '#ledger';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { safeText, shellWord } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import type { Controller } from '../../remote/controller.ts';
import { checkOutputs, writeOut } from '../../write.ts';
import { OUTPUT_FLAG } from '../parameters.ts';
import { LEDGER_DIRECTORY, LEDGER_PLACE, ledgerAt, ON_FLAG, withLedger } from './place.ts';

interface Flags {
  readonly on?: string;
  readonly output?: string;
}

export const checkpointCommand = buildCommand<Flags, [path?: string], PicketContext>({
  func: command(checkpoint),
  parameters: { flags: { output: OUTPUT_FLAG, on: ON_FLAG }, aliases: { o: 'output' }, positional: LEDGER_PLACE },
  docs: {
    brief: 'Print the newest checkpoint, to be kept elsewhere',
    fullDescription: description(
      'A checkpoint says with a signature which hash the ledger had at which record. Kept on another machine it proves later that nothing before it was changed and that the end was not cut off. With a context the controller gives it, to its owner.',
      [
        {
          line: 'picket audit checkpoint -o monday.json',
          what: 'later: picket audit verify --checkpoint monday.json',
        },
      ],
    ),
  },
});

async function checkpoint(desk: Desk, flags: Flags, path?: string): Promise<Exit> {
  await checkOutputs(desk.io, [flags.output], []);
  const controller = await ledgerAt(desk, flags, path);
  const { text, sequence } = await withLedger(async ({ checkpointText, newestCheckpoint, parseCheckpoint }) => {
    const newest =
      controller === null ? await newestCheckpoint(path ?? LEDGER_DIRECTORY) : await checkpointAt(desk, controller);
    // Read again as it will be read later: what a controller sends may be anything.
    parseCheckpoint(checkpointText(newest));
    return { text: `${checkpointText(newest)}\n`, sequence: newest.sequence };
  });
  await writeOut(desk, flags.output ?? '-', text);
  if (flags.output !== undefined)
    desk.say(
      `wrote ${safeText(flags.output)} (record ${sequence}). Later: picket audit verify --checkpoint ${shellWord(flags.output)}`,
    );
  return EXIT.done;
}

async function checkpointAt(desk: Desk, { client, routes }: Controller): Promise<Checkpoint> {
  return (await answeredBy(desk, client.call(routes.ledger.checkpoint, {}))).value;
}
