// `picket audit export`: records of the ledger as they stand, line by line, or as CSV. What is exported whole can be verified by itself.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { counted } from '../../output/text.ts';
import { LEDGER_DIRECTORY, LEDGER_PLACE, RANGE_FLAGS, type RangeFlags, wantedOf, withLedger } from './place.ts';

interface Flags extends RangeFlags {
  readonly format: 'json' | 'csv';
}

export const exportCommand = buildCommand<Flags, [path?: string], PicketContext>({
  func: command(exportRecords),
  parameters: {
    flags: {
      ...RANGE_FLAGS,
      format: {
        kind: 'enum',
        values: ['json', 'csv'],
        default: 'json',
        brief: 'JSON lines as in the ledger, or CSV for a spreadsheet',
      },
    },
    positional: LEDGER_PLACE,
  },
  docs: {
    brief: 'Print records, to be kept or looked at elsewhere',
    fullDescription: description(
      'JSON lines are the ledger\'s own form: a range without gaps can be verified by itself, with "picket audit verify FILE". Records are printed as they are read; nothing is held in memory.',
      [
        { line: 'picket audit export --from 2026-03-01 > march.jsonl', what: 'then: picket audit verify march.jsonl' },
        { line: 'picket audit export --format csv --action policy', what: 'changes of policies, for a spreadsheet' },
      ],
    ),
  },
});

async function exportRecords(desk: Desk, flags: Flags, path = LEDGER_DIRECTORY): Promise<Exit> {
  const { paper } = desk;
  const wanted = wantedOf(desk, flags);
  const count = await withLedger(async ({ csvHead, csvLine, readRecords, recordLine }) => {
    let printed = 0;
    for await (const record of readRecords(path, wanted)) {
      if (!wanted.isWanted(record)) continue;
      if (printed === 0 && flags.format === 'csv') paper.exact(csvHead());
      paper.exact(flags.format === 'csv' ? csvLine(record) : recordLine(record));
      printed++;
    }
    if (printed === 0 && flags.format === 'csv') paper.exact(csvHead());
    return printed;
  });
  desk.say(counted(count, 'record'));
  return EXIT.done;
}
