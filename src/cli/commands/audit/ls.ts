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
import type { Controller } from '../../remote/controller.ts';
import { pagesOf } from '../../remote/pages.ts';
import { JSON_FLAG } from '../parameters.ts';
import {
  LEDGER_DIRECTORY,
  LEDGER_PLACE,
  ledgerAt,
  RANGE_FLAGS,
  type RangeFlags,
  timesOf,
  wantedOf,
  withLedger,
} from './place.ts';

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
      'Reads the ledger of a controller, also while it runs; with a context, asks the controller for the acts of the domain. Whether it is as it was written is another question: picket audit verify.',
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

async function list(desk: Desk, flags: Flags, path?: string): Promise<Exit> {
  const controller = await ledgerAt(desk, flags, path);
  return controller === null ? listHere(desk, flags, path) : listThere(desk, flags, controller);
}

async function listHere(desk: Desk, flags: Flags, path = LEDGER_DIRECTORY): Promise<Exit> {
  const wanted = wantedOf(desk, flags);
  const { records, isCut } = await withLedger(({ latestRecords }) =>
    latestRecords(path, { ...wanted, count: flags.last }),
  );
  return print(desk, flags, { schema: 'picket.audit/v1', records, isCut });
}

/** The same of a domain, from the controller's list: it can be searched, and is no proof. */
async function listThere(desk: Desk, flags: Flags, { client, routes, domain }: Controller): Promise<Exit> {
  const { actor, action, last } = flags;
  const filter = {
    ...timesOf(desk, flags),
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
  };
  const params = { domain: domain() };
  const { items, isCut } = await pagesOf(
    desk,
    ({ limit, ...page }) =>
      client.call(routes.ledger.list, { params, query: { ...filter, ...page, limit: Math.min(limit, last) } }),
    last,
  );
  const records = items.slice(0, last).map(({ record, action, subject, detail, ...act }) => ({
    ...act,
    at: Date.parse(act.at),
    chain: record?.chain ?? null,
    sequence: record?.sequence ?? null,
    hash: record?.hash ?? null,
    act: { action, subject, domain: params.domain, detail },
  }));
  const told = {
    schema: 'picket.domain-audit/v1',
    records: records.toSorted(byTime),
    isCut: isCut || items.length > last,
  };
  return print(desk, flags, told);
}

type Row = Pick<LedgerRecord, 'at' | 'actor'> & {
  readonly act: Pick<LedgerRecord['act'], 'action' | 'subject' | 'domain'>;
  /** Null for the moment in which it is being written. */
  readonly sequence: number | null;
};

/** Acts of one millisecond in the order of the ledger; what is being written comes last. */
function byTime(one: Row, other: Row): number {
  const [before, after] = [one.sequence ?? Number.MAX_SAFE_INTEGER, other.sequence ?? Number.MAX_SAFE_INTEGER];
  return one.at - other.at || before - after;
}

interface Told {
  readonly schema: string;
  readonly records: readonly Row[];
  readonly isCut: boolean;
}

function print(desk: Desk, { json }: Flags, told: Told): Exit {
  const { records, isCut } = told;
  if (json === true) desk.paper.line(JSON.stringify(told));
  else if (records.length === 0) desk.paper.line('no records of that kind');
  else desk.paper.write(tableText(records, COLUMNS, tableWidth(desk.io)));
  if (isCut && json !== true) desk.say(`note: older records are not shown; ask for more with --last`);
  return EXIT.done;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'record', cell: ({ sequence }) => String(sequence ?? ''), droppedAt: 0, isRight: true },
  { title: 'at', cell: ({ at }) => localTimeText(at * MILLISECOND), droppedAt: 0 },
  { title: 'by', cell: ({ actor }) => actor.name, droppedAt: 0 },
  { title: 'action', cell: ({ act }) => act.action, droppedAt: 0 },
  { title: 'subject', cell: ({ act }) => act.subject, droppedAt: 0 },
  { title: 'domain', cell: ({ act }) => act.domain, droppedAt: 1 },
];
