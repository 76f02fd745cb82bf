// `picket flows`: one row per conversation over the whole file, exact as in the file; without a file, those of the running gateway or of a domain.

import { buildCommand } from '@stricli/core';
import { FlowTable, flowCsvHeader, flowCsvLine, TunnelFlows, tunnelCsvHeader } from '#capture';
import { type AddressTable, SECOND } from '#model';
import { command, type Desk, type PicketContext } from '../context.ts';
import type { Exit } from '../exits.ts';
import { wrongUsage } from '../failure.ts';
import { description } from '../help.ts';
import { LogFlows } from '../input/log-flows.ts';
import { FILTER_FLAGS, type FilterFlags, liveFlows } from '../live/flows.ts';
import { follow, followed, listKept } from '../live/listing.ts';
import { agentOf, type PlaceFlags, SOCKET_FLAG } from '../live/place.ts';
import { type Cells, plain } from '../output/rows.ts';
import type { Column } from '../output/table.ts';
import { bytesText, endText, localTimeText, protocolText } from '../output/text.ts';
import { changedAt } from '../remote/change.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../remote/controller.ts';
import { PAST_FLAGS, type PastFlags } from '../remote/past.ts';
import { flowsAt } from '../remote/records.ts';
import { FOLLOW_FLAG, refusePast } from './host/records.ts';
import { type Facts, type Listing, list } from './listing.ts';
import { FILES, FORMAT_FLAG, type FormatFlags } from './parameters.ts';

interface FlowsFlags extends FormatFlags, FilterFlags, PlaceFlags, RemoteFlags, PastFlags {
  readonly tunnels?: boolean;
  readonly follow?: boolean;
}

export const flowsCommand = buildCommand<FlowsFlags, string[], PicketContext>({
  func: command(flows),
  parameters: {
    flags: {
      format: FORMAT_FLAG,
      tunnels: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'List the conversations inside tunnels instead',
      },
      follow: FOLLOW_FLAG,
      ...FILTER_FLAGS,
      ...PAST_FLAGS,
      socket: SOCKET_FLAG,
      ...REMOTE_FLAGS,
    },
    aliases: { f: 'follow' },
    positional: { ...FILES, minimum: 0 },
  },
  docs: {
    brief: 'List the conversations in captures and logs, of the running gateway, or of a domain',
    fullDescription: description(
      'A flow is a pair of (address, port) with the protocol, both directions together, over the whole file and without a timeout. "a" sent the first packet. The outermost header counts; --tunnels lists what lies inside GRE, VXLAN, Geneve, GTP, Teredo, L2TP and IP in IP, with the tunnel and its ends. Without a file the running gateway is asked: each flow with its verdict (✓ permitted, ✕ denied, ~ would be denied where an end enforced it). With a context the controller is asked instead: what the agents of the domain told, summed per minute or hour.',
      [
        { line: 'picket flows site.pcap', what: 'a table to read' },
        { line: 'picket flows --format csv day1.pcap.gz day2.pcap.gz', what: 'all columns, and the file first' },
        { line: 'picket flows --tunnels spine.pcap', what: 'the conversations that tunnels carry' },
        { line: 'picket flows -f --denied', what: 'what the running gateway denies, as it happens' },
        { line: 'picket flows --on plant --since 2d --per hour --to nvr', what: 'who used an element of a domain' },
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

const SHOWN_INSIDE: readonly Column<Row>[] = [
  ...SHOWN,
  plain('tunnel →', 'tunnel_ab', 0),
  plain('tunnel ←', 'tunnel_ba', 3),
  { title: 'carried by', cell: (row) => `${cell(row, 'outer_a')} - ${cell(row, 'outer_b')}`, droppedAt: 1 },
];

/** The columns of an ordinary listing stay as they are, since people and programs compare them; what lies inside tunnels is a listing of its own. */
function flows(desk: Desk, flags: FlowsFlags, ...files: string[]): Promise<Exit> {
  const { format, tunnels } = flags;
  const live = LIVE_FLAGS.filter((name) => flags[name] !== undefined);
  if (files.length === 0) return flowsNow(desk, flags);
  if (live.length > 0)
    throw wrongUsage(`--${live[0]} is for the running gateway or a controller, and a file was named`);
  const isInside = tunnels === true;
  const columns = (isInside ? tunnelCsvHeader() : flowCsvHeader()).split(',');
  const listing: Omit<Listing, 'newFacts'> = {
    format,
    schema: isInside ? 'picket.flows-in-tunnels/v1' : 'picket.flows/v1',
    name: 'flows',
    columns,
    numbers: NUMBERS,
    shown: isInside ? SHOWN_INSIDE : SHOWN,
    isInspecting: false,
    lists: 'flows',
  };
  return list(desk, files, {
    ...listing,
    newFacts: (addresses) => (isInside ? factsInside(addresses) : factsOf(addresses, columns)),
  });
}

const LIVE_FLAGS = [
  'follow',
  'from',
  'to',
  'rule',
  'reason',
  'denied',
  'since',
  'per',
  'socket',
  'on',
  'domain',
] as const;

async function flowsNow(desk: Desk, flags: FlowsFlags): Promise<Exit> {
  if (flags.tunnels === true) throw wrongUsage('--tunnels needs a capture', 'name a file');
  const controller = await changedAt(desk, flags);
  if (controller !== null) return flowsAt(desk, flags, controller);
  refusePast(flags);
  const { format } = flags;
  const agent = agentOf(desk, flags);
  if (flags.follow === true) return follow(desk, { format, rows: followed(agent)('flows') }, liveFlows(flags));
  const ask = async () => {
    const { flows: rows, isCut } = await agent.ask('flows', {});
    return { rows, isCut };
  };
  return listKept(desk, { format, ask }, liveFlows(flags));
}

function factsOf(addresses: AddressTable, columns: readonly string[]): Facts {
  const table = new FlowTable(addresses);
  const log = new LogFlows(addresses, columns);
  return {
    taker: { frame: (frame) => table.add(frame), record: (observation, { ends }) => log.add(observation, ends) },
    omitted: () => table.uncounted + log.uncounted,
    rows: () => (log.size > 0 ? log.rows() : rowsOf(table)),
  };
}

/** Records of logs show no tunnels. */
function factsInside(addresses: AddressTable): Facts {
  const table = new TunnelFlows(addresses);
  return {
    taker: { tunnel: (inside, outer) => table.add(inside, outer) },
    omitted: () => table.uncounted,
    rows: () => insideRowsOf(table),
  };
}

function* rowsOf(table: FlowTable): Generator<Cells> {
  for (const row of table.rows()) yield flowCsvLine(row).split(',');
}

function* insideRowsOf(table: TunnelFlows): Generator<Cells> {
  for (const line of table.lines()) yield line.split(',');
}
