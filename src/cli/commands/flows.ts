// `picket flows`: one row per conversation over the whole file, exact as in the file.

import { buildCommand } from '@stricli/core';
import { FlowTable, flowCsvHeader, flowCsvLine } from '#capture';
import { SECOND } from '#model';
import { command, type Desk, type PicketContext } from '../context.ts';
import type { Exit } from '../exits.ts';
import { description } from '../help.ts';
import { LogFlows } from '../input/log-flows.ts';
import { type Cells, plain } from '../output/rows.ts';
import type { Column } from '../output/table.ts';
import { bytesText, endText, localTimeText, protocolText } from '../output/text.ts';
import { list } from './listing.ts';
import { FILES, FORMAT_FLAG, type FormatFlags } from './parameters.ts';

export const flowsCommand = buildCommand<FormatFlags, string[], PicketContext>({
  func: command(flows),
  parameters: { flags: { format: FORMAT_FLAG }, positional: FILES },
  docs: {
    brief: 'List the conversations in captures and logs',
    fullDescription: description(
      'A flow is a pair of (address, port) with the protocol, both directions together, over the whole file and without a timeout. "a" sent the first packet.',
      [
        { line: 'picket flows site.pcap', what: 'a table to read' },
        { line: 'picket flows --format csv day1.pcap.gz day2.pcap.gz', what: 'all columns, and the file first' },
        { line: 'tcpdump -w - -c 100 | picket flows -', what: 'from standard input' },
      ],
    ),
  },
});

type Row = ReadonlyMap<string, string>;

const cell = (row: Row, name: string): string => row.get(name) ?? '';
const number = (row: Row, name: string): number => Number(cell(row, name) || Number.NaN);
const portOf = (text: string): number => (text === '' ? -1 : Number(text));

/** Seconds may have nine digits; the table shows local time to the second. */
const timeOf = (text: string): string => localTimeText(Math.floor(Number(text)) * SECOND);

const SHOWN: readonly Column<Row>[] = [
  { title: 'first', cell: (row) => timeOf(cell(row, 'first_ts')), droppedAt: 3 },
  { title: 'proto', cell: (row) => protocolText(number(row, 'proto')), droppedAt: 0 },
  { title: 'a', cell: (row) => endText(cell(row, 'addr_a'), portOf(cell(row, 'port_a'))), droppedAt: 0 },
  { title: 'b', cell: (row) => endText(cell(row, 'addr_b'), portOf(cell(row, 'port_b'))), droppedAt: 0 },
  plain('pkts →', 'packets_ab', 1, true),
  plain('pkts ←', 'packets_ba', 1, true),
  { title: 'volume →', cell: (row) => bytesText(number(row, 'ip_bytes_ab')), droppedAt: 2, isRight: true },
  { title: 'volume ←', cell: (row) => bytesText(number(row, 'ip_bytes_ba')), droppedAt: 2, isRight: true },
];

const NUMBERS = new Set([
  'flow',
  'ip_version',
  'proto',
  'port_a',
  'port_b',
  'later_fragments',
  'packets_ab',
  'packets_ba',
  'ip_bytes_ab',
  'ip_bytes_ba',
  'frame_bytes_ab',
  'frame_bytes_ba',
  'min_frame',
  'max_frame',
]);

function flows(desk: Desk, { format }: FormatFlags, ...files: string[]): Promise<Exit> {
  const columns = flowCsvHeader().split(',');
  return list(desk, files, {
    format,
    schema: 'picket.flows/v1',
    name: 'flows',
    columns,
    numbers: NUMBERS,
    shown: SHOWN,
    isInspecting: false,
    lists: 'flows',
    newFacts: (addresses) => {
      const table = new FlowTable(addresses);
      const log = new LogFlows(addresses, columns);
      return {
        taker: { frame: (frame) => table.add(frame), record: (observation, { ends }) => log.add(observation, ends) },
        omitted: () => table.uncounted + log.uncounted,
        rows: () => (log.size > 0 ? log.rows() : rowsOf(table)),
      };
    },
  });
}

function* rowsOf(table: FlowTable): Generator<Cells> {
  for (const row of table.rows()) yield flowCsvLine(row).split(',');
}
