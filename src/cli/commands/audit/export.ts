// `picket audit export`: records of the ledger as they stand, line by line, or as CSV. What is exported whole can be verified by itself.

import { buildCommand } from '@stricli/core';
import type { LedgerRecord } from '#ledger';
import type { ReceivedFile } from '#routes';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { type Failure, wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { counted } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import type { Controller } from '../../remote/controller.ts';
import { piecesOf } from '../../remote/download.ts';
import {
  LEDGER_DIRECTORY,
  LEDGER_PLACE,
  ledgerAt,
  RANGE_FLAGS,
  type RangeFlags,
  type Wanted,
  wantedOf,
  withLedger,
} from './place.ts';

interface Flags extends RangeFlags {
  readonly format: 'json' | 'csv';
  readonly all?: boolean;
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
      all: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'At a controller: its whole chain, with the acts of all domains; for its owner',
      },
    },
    positional: LEDGER_PLACE,
  },
  docs: {
    brief: 'Print records, to be kept or looked at elsewhere',
    fullDescription: description(
      'JSON lines are the ledger\'s own form: a range without gaps can be verified by itself, with "picket audit verify FILE". Records are printed as they are read; nothing is held in memory. With a context the controller sends those of the domain, and each is held against its hash here; --all sends the whole chain, which can be verified by itself.',
      [
        { line: 'picket audit export --from 2026-03-01 > march.jsonl', what: 'then: picket audit verify march.jsonl' },
        { line: 'picket audit export --format csv --action policy', what: 'changes of policies, for a spreadsheet' },
        { line: 'picket audit export --on plant --all > chain.jsonl', what: 'from a controller, whole' },
      ],
    ),
  },
});

async function exportRecords(desk: Desk, flags: Flags, path?: string): Promise<Exit> {
  const wanted = wantedOf(desk, flags);
  const controller = await ledgerAt(desk, flags, path);
  const count = await withLedger(async (ledger) => {
    if (flags.all === true && flags.domain !== undefined) throw allOfOne();
    if (controller === null)
      return print(desk, flags, { ledger, wanted, records: ledger.readRecords(path ?? LEDGER_DIRECTORY, wanted) });
    const file = await recordsAt(desk, flags, controller);
    const records = ledger.recordsIn(piecesOf(file, { lines: 0 }), controller.context.url);
    return print(desk, flags, { ledger, wanted, records });
  });
  desk.say(counted(count, 'record'));
  return EXIT.done;
}

/** Records in the ledger's own form: of one domain, or the whole chain. */
async function recordsAt(desk: Desk, { all }: Flags, controller: Controller): Promise<ReceivedFile> {
  const { client, routes, domain } = controller;
  if (all === true) return (await answeredBy(desk, client.call(routes.ledger.chain, {}))).value;
  const asked = client.call(routes.ledger.export, { params: { domain: domain() }, query: { format: 'json' } });
  return (await answeredBy(desk, asked)).value;
}

interface Printing {
  readonly ledger: typeof import('#ledger');
  readonly wanted: Wanted;
  readonly records: AsyncIterable<LedgerRecord>;
}

async function print({ paper }: Desk, { format }: Flags, { ledger, wanted, records }: Printing): Promise<number> {
  const isCsv = format === 'csv';
  let printed = 0;
  for await (const record of records) {
    const { sequence } = record;
    if (sequence < wanted.from || sequence > wanted.to || !wanted.isWanted(record)) continue;
    if (isCsv && printed === 0) paper.exact(ledger.csvHead());
    paper.exact(isCsv ? ledger.csvLine(record) : ledger.recordLine(record));
    printed++;
  }
  if (isCsv && printed === 0) paper.exact(ledger.csvHead());
  return printed;
}

function allOfOne(): Failure {
  return wrongUsage('--all is every domain, and one was named', 'leave one of them out');
}
