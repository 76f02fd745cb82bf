// `picket audit checkpoint`: the newest signed statement about the ledger, to be kept where the controller cannot write.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { safeText, shellWord } from '../../output/text.ts';
import { checkOutputs, writeOut } from '../../write.ts';
import { OUTPUT_FLAG } from '../parameters.ts';
import { LEDGER_DIRECTORY, LEDGER_PLACE, withLedger } from './place.ts';

interface Flags {
  readonly output?: string;
}

export const checkpointCommand = buildCommand<Flags, [path?: string], PicketContext>({
  func: command(checkpoint),
  parameters: { flags: { output: OUTPUT_FLAG }, aliases: { o: 'output' }, positional: LEDGER_PLACE },
  docs: {
    brief: 'Print the newest checkpoint, to be kept elsewhere',
    fullDescription: description(
      'A checkpoint says with a signature which hash the ledger had at which record. Kept on another machine it proves later that nothing before it was changed and that the end was not cut off.',
      [
        {
          line: 'picket audit checkpoint -o monday.json',
          what: 'later: picket audit verify --checkpoint monday.json',
        },
      ],
    ),
  },
});

async function checkpoint(desk: Desk, flags: Flags, path = LEDGER_DIRECTORY): Promise<Exit> {
  await checkOutputs(desk.io, [flags.output], []);
  const { text, sequence } = await withLedger(async ({ checkpointText, newestCheckpoint }) => {
    const newest = await newestCheckpoint(path);
    return { text: `${checkpointText(newest)}\n`, sequence: newest.sequence };
  });
  await writeOut(desk, flags.output ?? '-', text);
  if (flags.output !== undefined)
    desk.say(
      `wrote ${safeText(flags.output)} (record ${sequence}). Later: picket audit verify --checkpoint ${shellWord(flags.output)}`,
    );
  return EXIT.done;
}
