// Records of a running gateway or a controller as rows: what is kept, or row by row as it happens. Fields of the answers go out whole as JSON and CSV.

import type { AgentClient, FollowName } from '#agent';
import { type Desk, tableWidth } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { csvLine } from '../output/paper.ts';
import type { Format } from '../output/rows.ts';
import { type Column, TablePrinter } from '../output/table.ts';
import { safeText } from '../output/text.ts';
import { answered } from './asking.ts';

export interface LiveListing<Row> {
  /** What the rows are called: `flows`. */
  readonly name: FollowName;
  /** Schema of the kept rows; a followed row carries it with `-row`. */
  readonly schema: string;
  /** Columns of CSV, with their cells. */
  readonly cells: readonly (readonly [title: string, cell: (row: Row) => string | number])[];
  readonly columns: readonly Column<Row>[];
  /** One line of a followed record; cut to the terminal where there is one. */
  readonly line: (row: Row) => string;
  readonly isWanted: (row: Row) => boolean;
}

/** Rows that are laid out together; the next ones go below with the same columns. */
const PART_ROWS = 1_000;

export async function listKept<Row>(
  desk: Desk,
  {
    format,
    ask,
    cut,
  }: {
    readonly format: Format;
    /** Said where there is more than was given. */
    readonly cut?: string;
    readonly ask: () => Promise<{ readonly rows: readonly Row[]; readonly isCut: boolean }>;
  },
  listing: LiveListing<Row>,
): Promise<Exit> {
  const { paper, io, say } = desk;
  const { rows: all, isCut } = await answered(desk, ask);
  const rows = all.filter(listing.isWanted);
  if (format === 'json') paper.line(JSON.stringify({ schema: listing.schema, [listing.name]: rows, isCut }));
  else if (format === 'csv') for (const line of csvLines(listing, rows)) paper.exact(line);
  else if (rows.length === 0) paper.line(`no ${listing.name} ${all.length === 0 ? 'yet' : 'of that kind'}`);
  else {
    const table = new TablePrinter(listing.columns, tableWidth(io));
    for (let at = 0; at < rows.length; at += PART_ROWS) paper.write(table.text(rows.slice(at, at + PART_ROWS)));
  }
  if (isCut) say(cut ?? `note: older ${listing.name} were forgotten; follow them with -f`);
  return EXIT.done;
}

function* csvLines<Row>({ cells }: LiveListing<Row>, rows: readonly Row[]): Generator<string> {
  yield `${csvLine(cells.map(([title]) => title))}\n`;
  for (const row of rows) yield `${csvLine(cells.map(([, cell]) => cell(row)))}\n`;
}

/** Ends when the agent or the controller does; the person ends it with a signal. */
export async function follow<Row>(
  desk: Desk,
  {
    format,
    rows,
    ended = 'the agent ended',
  }: { readonly format: Format; readonly rows: AsyncIterable<Row>; readonly ended?: string },
  listing: LiveListing<Row>,
): Promise<Exit> {
  const { paper, io, say } = desk;
  const width = io.stdout.columns;
  if (format === 'csv') paper.exact(`${csvLine(listing.cells.map(([title]) => title))}\n`);
  if (format === 'table') say(`following ${listing.name}; end with Ctrl-C`);
  paper.flush();
  await answered(desk, async () => {
    for await (const row of rows) {
      if (!listing.isWanted(row)) continue;
      if (format === 'json') paper.line(JSON.stringify({ schema: rowSchema(listing.schema), ...row }));
      else if (format === 'csv') paper.exact(`${csvLine(listing.cells.map(([, cell]) => cell(row)))}\n`);
      else paper.line(cut(safeText(listing.line(row)), width));
      paper.flush();
    }
  });
  say(ended);
  return EXIT.unreachable;
}

function rowSchema(schema: string): string {
  return schema.replace('/', '-row/');
}

function cut(text: string, width: number | null): string {
  const characters = [...text];
  return width === null || characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

/** Followed rows; the stream is closed with the process. */
export function followed(
  agent: AgentClient,
): <Name extends FollowName>(name: Name) => ReturnType<typeof agent.follow<Name>> {
  return (name) => agent.follow(name, new AbortController().signal);
}
