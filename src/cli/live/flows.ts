// Flows and verdicts of a running gateway as rows: what a row says, and which rows are wanted.

import type { EndView, FlowView, VerdictView } from '#agent';
import { REASONS } from '#model';
import { word } from '../commands/parameters.ts';
import type { Column } from '../output/table.ts';
import { bytesText } from '../output/text.ts';
import type { LiveListing } from './listing.ts';
import { clockText, namedEnd, whenText } from './words.ts';

export interface FilterFlags {
  readonly from?: string;
  readonly to?: string;
  readonly rule?: string;
  readonly reason?: (typeof REASONS)[number];
  readonly denied?: boolean;
}

const OPTIONAL = { kind: 'parsed', parse: word, optional: true } as const;

export const FILTER_FLAGS = {
  from: { ...OPTIONAL, brief: 'Live: only from this element or address', placeholder: 'END' },
  to: { ...OPTIONAL, brief: 'Live: only to this element or address', placeholder: 'END' },
  rule: { ...OPTIONAL, brief: 'Live: only of this rule', placeholder: 'RULE' },
  reason: { kind: 'enum', values: REASONS, optional: true, brief: 'Live: only denied for this reason' },
  denied: { kind: 'boolean', optional: true, withNegated: false, brief: 'Live: only what is or would be denied' },
} as const;

interface Judged {
  readonly from: EndView;
  readonly to: EndView;
  readonly reasons: readonly string[];
  readonly rule: string | null;
}

function isWanted(flags: FilterFlags): (row: Judged) => boolean {
  return ({ from, to, reasons, rule }) =>
    isEnd(from, flags.from) &&
    isEnd(to, flags.to) &&
    (flags.rule === undefined || rule === flags.rule) &&
    (flags.reason === undefined || reasons.includes(flags.reason)) &&
    (flags.denied !== true || reasons.length > 0);
}

function isEnd({ address, element, name }: EndView, wanted: string | undefined): boolean {
  return wanted === undefined || [address, element, name].includes(wanted);
}

/** ✓ permitted, ✕ denied and held, ~ would be denied where an end enforced it. */
function markOf(reasons: readonly string[], isEnforced: boolean): string {
  const [first] = reasons;
  return first === undefined ? '✓ permit' : `${isEnforced ? '✕' : '~'} ${first}`;
}

const MARK_WIDTH = 12;

export function liveFlows(flags: FilterFlags): LiveListing<FlowView> {
  return {
    name: 'flows',
    schema: 'picket.live-flows/v1',
    isWanted: isWanted(flags),
    cells: FLOW_CELLS,
    columns: FLOW_COLUMNS,
    line: (flow) => {
      const { at, reasons, isEnforced, protocol, application, from, to } = flow;
      const what = application ?? protocol;
      const volume = flow.bytesSent + flow.bytesReceived === 0 ? '' : `  ${volumeText(flow)}`;
      return `${clockText(at)} ${markOf(reasons, isEnforced).padEnd(MARK_WIDTH)} ${what.padEnd(4)} ${namedEnd(from)} → ${namedEnd(to)}${volume}`;
    },
  };
}

function volumeText({ bytesSent, bytesReceived }: FlowView): string {
  return `${bytesText(bytesSent)} out, ${bytesText(bytesReceived)} back`;
}

const FLOW_COLUMNS: readonly Column<FlowView>[] = [
  { title: 'begun', cell: ({ at }) => whenText(at), droppedAt: 3 },
  { title: 'verdict', cell: ({ reasons, isEnforced }) => markOf(reasons, isEnforced), droppedAt: 0 },
  { title: 'proto', cell: ({ protocol, application }) => application ?? protocol, droppedAt: 2 },
  { title: 'from', cell: ({ from }) => namedEnd(from), droppedAt: 0 },
  { title: 'to', cell: ({ to }) => namedEnd(to), droppedAt: 0 },
  { title: 'sent', cell: ({ bytesSent }) => bytesText(bytesSent), droppedAt: 1, isRight: true },
  { title: 'received', cell: ({ bytesReceived }) => bytesText(bytesReceived), droppedAt: 1, isRight: true },
  { title: 'rule', cell: ({ rule }) => rule ?? '', droppedAt: 4 },
];

const FLOW_CELLS: LiveListing<FlowView>['cells'] = [
  ['at', ({ at }) => at],
  ['end', ({ end }) => end ?? ''],
  ['verdict', ({ verdict }) => verdict],
  ['enforced', ({ isEnforced }) => String(isEnforced)],
  ['reasons', ({ reasons }) => reasons.join(' ')],
  ['rule', ({ rule }) => rule ?? ''],
  ['protocol', ({ protocol }) => protocol],
  ['application', ({ application }) => application ?? ''],
  ['from', ({ from }) => from.address],
  ['from_port', ({ from }) => portCell(from)],
  ['from_element', ({ from }) => from.element ?? ''],
  ['to', ({ to }) => to.address],
  ['to_port', ({ to }) => portCell(to)],
  ['to_element', ({ to }) => to.element ?? ''],
  ['name', ({ name }) => name ?? ''],
  ['packets_sent', ({ packetsSent }) => packetsSent],
  ['packets_received', ({ packetsReceived }) => packetsReceived],
  ['bytes_sent', ({ bytesSent }) => bytesSent],
  ['bytes_received', ({ bytesReceived }) => bytesReceived],
];

function portCell({ port }: EndView): string | number {
  return port < 0 ? '' : port;
}

export function liveVerdicts(flags: FilterFlags): LiveListing<VerdictView> {
  return {
    name: 'verdicts',
    schema: 'picket.verdicts/v1',
    isWanted: isWanted(flags),
    cells: VERDICT_CELLS,
    columns: VERDICT_COLUMNS,
    line: ({ at, reasons, isEnforced, protocol, from, to, rule, guardrail, action }) => {
      const by = guardrail ?? rule;
      const rest = `${by === null ? '' : `  ${by}`}${action === null ? '' : `  (${action})`}`;
      return `${clockText(at)} ${markOf(reasons, isEnforced).padEnd(MARK_WIDTH)} ${protocol.padEnd(4)} ${namedEnd(from)} → ${namedEnd(to)}${rest}`;
    },
  };
}

const VERDICT_COLUMNS: readonly Column<VerdictView>[] = [
  { title: 'at', cell: ({ at }) => whenText(at), droppedAt: 2 },
  { title: 'verdict', cell: ({ reasons, isEnforced }) => markOf(reasons, isEnforced), droppedAt: 0 },
  { title: 'by', cell: ({ by }) => by, droppedAt: 3 },
  { title: 'proto', cell: ({ protocol }) => protocol, droppedAt: 3 },
  { title: 'from', cell: ({ from }) => namedEnd(from), droppedAt: 0 },
  { title: 'to', cell: ({ to }) => namedEnd(to), droppedAt: 0 },
  { title: 'rule', cell: ({ rule, guardrail }) => guardrail ?? rule ?? '', droppedAt: 1 },
  { title: 'then', cell: ({ action }) => action ?? '', droppedAt: 4 },
];

const VERDICT_CELLS: LiveListing<VerdictView>['cells'] = [
  ['at', ({ at }) => at],
  ['by', ({ by }) => by],
  ['reasons', ({ reasons }) => reasons.join(' ')],
  ['enforced', ({ isEnforced }) => String(isEnforced)],
  ['rule', ({ rule }) => rule ?? ''],
  ['guardrail', ({ guardrail }) => guardrail ?? ''],
  ['protocol', ({ protocol }) => protocol],
  ['from', ({ from }) => from.address],
  ['from_port', ({ from }) => portCell(from)],
  ['from_element', ({ from }) => from.element ?? ''],
  ['to', ({ to }) => to.address],
  ['to_port', ({ to }) => portCell(to)],
  ['to_element', ({ to }) => to.element ?? ''],
  ['action', ({ action }) => action ?? ''],
];
