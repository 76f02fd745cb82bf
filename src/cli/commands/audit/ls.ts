// `picket audit ls`: who changed what, newest last, as people read it. Not a verification.

import { buildCommand } from '@stricli/core';
import type { LedgerRecord } from '#ledger';
import { MILLISECOND } from '#model';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { localTimeText } from '../../output/text.ts';
import { JSON_FLAG } from '../parameters.ts';
import { LEDGER_DIRECTORY, LEDGER_PLACE, RANGE_FLAGS, type RangeFlags, wantedOf, withLedger } from './place.ts';

interface Flags extends RangeFlags {
  readonly last: number;
  readonly json?: boolean;
}

/** Rows that are held at once; whoever wants more exports. */
const LAST_MAX = 10_000;

export const listCommand = buildCommand<Flags, [path?: string], PicketContext>({
  func: command(list),
  parameters: {
    flags: {
      ...RANGE_FLAGS,
      last: { kind: 'parsed', parse: countOf, default: '50', brief: 'How many, the newest ones', placeholder: 'N' },
      json: JSON_FLAG,
    },
    positional: LEDGER_PLACE,
  },
  docs: {
    brief: 'List who changed what, newest last',
    fullDescription: description(
      'Reads the ledger of a controller, also while it runs. Whether it is as it was written is another question: picket audit verify.',
      [
        { line: 'picket audit ls --action policy --last 20', what: 'the latest changes of policies' },
        { line: 'picket audit ls --actor ada --from 2026-03-01', what: 'what one person did since then' },
      ],
    ),
  },
});

function countOf(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number.parseInt(text, 10) : 0;
  if (count < 1 || count > LAST_MAX) throw wrongUsage(`cannot read "${text}" as a count from 1 to ${LAST_MAX}`);
  return count;
}

async function list(desk: Desk, flags: Flags, path = LEDGER_DIRECTORY): Promise<Exit> {
  const wanted = wantedOf(desk, flags);
  const { records, isCut } = await withLedger(({ latestRecords }) =>
    latestRecords(path, { ...wanted, count: flags.last }),
  );
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.audit/v1', records, isCut }));
  else if (records.length === 0) desk.paper.line('no records of that kind');
  else desk.paper.write(tableText(records, COLUMNS, tableWidth(desk.io)));
  if (isCut && flags.json !== true) desk.say(`note: older records are not shown; ask for more with --last`);
  return EXIT.done;
}

const COLUMNS: readonly Column<LedgerRecord>[] = [
  { title: 'record', cell: ({ sequence }) => String(sequence), droppedAt: 0, isRight: true },
  { title: 'at', cell: ({ at }) => localTimeText(at * MILLISECOND), droppedAt: 0 },
  { title: 'by', cell: ({ actor }) => actor.name, droppedAt: 0 },
  { title: 'action', cell: ({ act }) => act.action, droppedAt: 0 },
  { title: 'subject', cell: ({ act }) => act.subject, droppedAt: 0 },
  { title: 'domain', cell: ({ act }) => act.domain, droppedAt: 1 },
];
