// Recorded traffic and findings of a domain at its controller as rows: conversations, denials over time, findings. What a row of the local agent says is not here.

import type { FindingView } from '#agent';
import type { ReceivedOf, Routes } from '#routes';
import type { Desk } from '../context.ts';
import type { Exit } from '../exits.ts';
import { wrongUsage } from '../failure.ts';
import type { FilterFlags } from '../live/flows.ts';
import { follow, type LiveListing, listKept } from '../live/listing.ts';
import { clockText, whenText } from '../live/words.ts';
import type { Format } from '../output/rows.ts';
import { bytesText, countText, endText } from '../output/text.ts';
import { answeredBy } from './asking.ts';
import type { Controller } from './controller.ts';
import { pagesOf } from './pages.ts';
import { type PastFlags, pastOf } from './past.ts';

type Flow = ReceivedOf<Routes['flows']['list']['answer']>['items'][number];
type VerdictCount = ReceivedOf<Routes['flows']['verdicts']['answer']>['items'][number];
type Finding = ReceivedOf<Routes['findings']['list']['answer']>['items'][number];

export interface RecordFlags extends FilterFlags, PastFlags {
  readonly format: Format;
  readonly follow?: boolean;
}

/** Rows of one listing; more are exported: picket export flows. */
const ROWS_MAX = 10_000;
const CUT = 'note: there is more; narrow it with --from, --to, --since, or take all of it: picket export flows';

export async function flowsAt(desk: Desk, flags: RecordFlags, controller: Controller): Promise<Exit> {
  const { client, routes, domain } = controller;
  const { format } = flags;
  const params = { domain: domain() };
  const listing = domainFlows(flags);
  if (flags.follow === true) {
    const denied = flags.denied === true ? { denied: true } : {};
    const asked = client.call(routes.flows.live, { params, query: denied });
    const { value } = await answeredBy(desk, asked);
    return follow(desk, { format, rows: itemsOf(value), ended: 'the controller ended the stream' }, listing);
  }
  const filter = { ...filterOf(flags), ...pastOf(desk, flags) };
  const ask = async () => {
    const call = (query: object) => client.call(routes.flows.list, { params, query: { ...filter, ...query } });
    const { items, isCut } = await pagesOf(desk, call, ROWS_MAX);
    return { rows: items, isCut };
  };
  return listKept(desk, { format, ask, cut: CUT }, listing);
}

/** What a controller looks for itself; followed rows are looked at here. */
export function filterOf({ from, to, rule, reason, denied }: FilterFlags) {
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(rule === undefined ? {} : { rule }),
    ...(reason === undefined ? {} : { reason }),
    ...(denied === undefined ? {} : { denied }),
  };
}

async function* itemsOf<Row>(batches: AsyncIterable<{ readonly items: readonly Row[] }>): AsyncGenerator<Row> {
  for await (const { items } of batches) yield* items;
}

function domainFlows(flags: FilterFlags): LiveListing<Flow> {
  return {
    name: 'flows',
    schema: 'picket.domain-flows/v1',
    isWanted: ({ from, fromAddress, to, toAddress, rule, reason }) =>
      (flags.from === undefined || flags.from === from || flags.from === fromAddress) &&
      (flags.to === undefined || flags.to === to || flags.to === toAddress) &&
      (flags.rule === undefined || flags.rule === rule) &&
      (flags.reason === undefined || flags.reason === reason) &&
      (flags.denied !== true || reason !== null),
    cells: FLOW_CELLS,
    columns: FLOW_COLUMNS,
    line: (flow) =>
      `${clockText(flow.lastSeen)} ${markOf(flow).padEnd(12)} ${flow.protocol.padEnd(4)} ${flow.from} → ${endText(flow.to, flow.port ?? -1)}  ${volumeText(flow)}`,
  };
}

function markOf({ reason, isEnforced }: Pick<Flow, 'reason' | 'isEnforced'>): string {
  return reason === null ? '✓ permit' : `${isEnforced ? '✕' : '~'} ${reason}`;
}

function volumeText({ bytesSent, bytesReceived }: Flow): string {
  return `${bytesText(bytesSent)} out, ${bytesText(bytesReceived)} back`;
}

const FLOW_COLUMNS: LiveListing<Flow>['columns'] = [
  { title: 'at', cell: ({ minuteOrHour }) => whenText(minuteOrHour), droppedAt: 2 },
  { title: 'verdict', cell: markOf, droppedAt: 0 },
  { title: 'proto', cell: ({ protocol }) => protocol, droppedAt: 4 },
  { title: 'from', cell: ({ from }) => from, droppedAt: 0 },
  { title: 'to', cell: ({ to, port }) => endText(to, port ?? -1), droppedAt: 0 },
  { title: 'rule', cell: ({ rule }) => rule ?? '', droppedAt: 3 },
  { title: 'times', cell: ({ openings }) => countText(openings), droppedAt: 1, isRight: true },
  { title: 'volume', cell: volumeText, droppedAt: 5 },
  { title: 'agent', cell: ({ agent }) => agent, droppedAt: 6 },
];

const FLOW_CELLS: LiveListing<Flow>['cells'] = [
  ['at', ({ minuteOrHour }) => minuteOrHour],
  ['span', ({ span }) => span],
  ['agent', ({ agent }) => agent],
  ['from', ({ from }) => from],
  ['from_address', ({ fromAddress }) => fromAddress],
  ['to', ({ to }) => to],
  ['to_address', ({ toAddress }) => toAddress],
  ['protocol', ({ protocol }) => protocol],
  ['port', ({ port }) => port ?? ''],
  ['reason', ({ reason }) => reason ?? ''],
  ['enforced', ({ isEnforced }) => String(isEnforced)],
  ['rule', ({ rule }) => rule ?? ''],
  ['openings', ({ openings }) => openings],
  ['packets_sent', ({ packetsSent }) => packetsSent],
  ['packets_received', ({ packetsReceived }) => packetsReceived],
  ['bytes_sent', ({ bytesSent }) => bytesSent],
  ['bytes_received', ({ bytesReceived }) => bytesReceived],
];

/** A controller keeps denials as counts; single ones are conversations. */
export async function verdictsAt(
  desk: Desk,
  flags: RecordFlags,
  { client, routes, domain }: Controller,
): Promise<Exit> {
  const { format, from, to, rule, reason } = flags;
  if (flags.follow === true || from !== undefined || to !== undefined || rule !== undefined)
    throw wrongUsage(
      'a controller counts denials over time, and not by their ends',
      'ask for the conversations: picket flows --denied, and -f to follow them',
    );
  const ask = async () => {
    const query = pastOf(desk, flags);
    const { value } = await answeredBy(
      desk,
      client.call(routes.flows.verdicts, { params: { domain: domain() }, query }),
    );
    return { rows: value.items, isCut: false };
  };
  return listKept(
    desk,
    { format, ask },
    { ...VERDICTS, isWanted: (row) => reason === undefined || row.reason === reason },
  );
}

const VERDICTS: LiveListing<VerdictCount> = {
  name: 'verdicts',
  schema: 'picket.domain-verdicts/v1',
  isWanted: () => true,
  line: ({ minuteOrHour, reason, count }) => `${clockText(minuteOrHour)} ${reason} ${countText(count)}`,
  columns: [
    { title: 'at', cell: ({ minuteOrHour }) => whenText(minuteOrHour), droppedAt: 0 },
    { title: 'verdict', cell: markOf, droppedAt: 0 },
    { title: 'by', cell: ({ by }) => by, droppedAt: 1 },
    { title: 'times', cell: ({ count }) => countText(count), droppedAt: 0, isRight: true },
  ],
  cells: [
    ['at', ({ minuteOrHour }) => minuteOrHour],
    ['by', ({ by }) => by],
    ['reason', ({ reason }) => reason],
    ['enforced', ({ isEnforced }) => String(isEnforced)],
    ['count', ({ count }) => count],
  ],
};

/** A finding of a controller, with the fields that one of an agent has. */
export type DomainFinding = FindingView & Finding;

export async function findingsAt(
  desk: Desk,
  { format, follow: isFollowed }: Pick<RecordFlags, 'format' | 'follow'>,
  { controller, listing }: { readonly controller: Controller; readonly listing: LiveListing<FindingView> },
): Promise<Exit> {
  if (isFollowed === true)
    throw wrongUsage(
      'a controller does not stream findings',
      'have it tell you by webhook or syslog: docs/control/events.md',
    );
  const { client, routes, domain } = controller;
  const params = { domain: domain() };
  const ask = async () => {
    const call = (query: object) => client.call(routes.findings.list, { params, query });
    const { items, isCut } = await pagesOf(desk, call, ROWS_MAX);
    return { rows: items.map((finding): DomainFinding => ({ ...finding, at: finding.lastSeen })), isCut };
  };
  const cut = 'note: older findings are not listed';
  return listKept(desk, { format, ask, cut }, { ...listing, schema: 'picket.domain-findings/v1' });
}
