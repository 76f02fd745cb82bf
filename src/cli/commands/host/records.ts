// `picket verdicts` and `picket findings`: what the running gateway, or the agents of a domain, denied or found odd.

import { buildCommand } from '@stricli/core';
import type { FindingView } from '#agent';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { FILTER_FLAGS, type FilterFlags, liveVerdicts } from '../../live/flows.ts';
import { follow, followed, type LiveListing, listKept } from '../../live/listing.ts';
import { agentOf, type PlaceFlags, SOCKET_FLAG } from '../../live/place.ts';
import { clockText, whenText } from '../../live/words.ts';
import { changedAt } from '../../remote/change.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { PAST_FLAGS, type PastFlags } from '../../remote/past.ts';
import { findingsAt, verdictsAt } from '../../remote/records.ts';
import { FORMAT_FLAG, type FormatFlags } from '../parameters.ts';

export const FOLLOW_FLAG = {
  kind: 'boolean',
  optional: true,
  withNegated: false,
  brief: 'Live: go on with what happens from now',
} as const;

interface Flags extends FormatFlags, PlaceFlags, RemoteFlags {
  readonly follow?: boolean;
}

const FLAGS = { format: FORMAT_FLAG, follow: FOLLOW_FLAG, socket: SOCKET_FLAG, ...REMOTE_FLAGS } as const;

type VerdictFlags = Flags & FilterFlags & PastFlags;

export const verdictsCommand = buildCommand<VerdictFlags, [], PicketContext>({
  func: command(verdicts),
  parameters: { flags: { ...FLAGS, ...FILTER_FLAGS, ...PAST_FLAGS }, aliases: { f: 'follow' } },
  docs: {
    brief: 'List what the running gateway denied, or would have; or count it in a domain',
    fullDescription: description(
      'Denials of the running gateway with their reasons: those of the kernel (✕ held), and those that the engine judged from what it saw (~ only recorded). All of them are denials, so --denied changes nothing. With a context: how many there were in the domain, by reason and minute or hour.',
      [
        { line: 'picket verdicts -f --reason over-volume', what: 'as they happen' },
        { line: 'picket verdicts --on plant --since 1d --per hour', what: 'counted in the domain of a context' },
      ],
    ),
  },
});

export const findingsCommand = buildCommand<Flags, [], PicketContext>({
  func: command(findings),
  parameters: { flags: FLAGS, aliases: { f: 'follow' } },
  docs: {
    brief: 'List what looked odd to the running gateway or in a domain: scans, silence, spoofing',
    fullDescription: description(
      'Findings are statistics and never denials. Those of a domain, the latest first, are acknowledged and muted with picket alerts.',
      [{ line: 'picket findings', what: 'each with its evidence in one sentence' }],
    ),
  },
});

async function verdicts(desk: Desk, flags: VerdictFlags): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (controller !== null) return verdictsAt(desk, flags, controller);
  refusePast(flags);
  const agent = agentOf(desk, flags);
  const listing = liveVerdicts(flags);
  const { format } = flags;
  if (flags.follow === true) return follow(desk, { format, rows: followed(agent)('verdicts') }, listing);
  const ask = async () => {
    const { verdicts: rows, isCut } = await agent.ask('verdicts', {});
    return { rows, isCut };
  };
  return listKept(desk, { format, ask }, listing);
}

/** An agent keeps what fits in memory, whole. */
export function refusePast({ since, per }: PastFlags): void {
  if (since === undefined && per === undefined) return;
  throw wrongUsage(
    `--${since === undefined ? 'per' : 'since'} is for a controller: an agent shows all that it keeps`,
    'add --on NAME',
  );
}

async function findings(desk: Desk, flags: Flags): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (controller !== null) return findingsAt(desk, flags, { controller, listing: FINDINGS });
  const agent = agentOf(desk, flags);
  const { format } = flags;
  if (flags.follow === true) return follow(desk, { format, rows: followed(agent)('findings') }, FINDINGS);
  const ask = async () => {
    const { findings: rows, isCut } = await agent.ask('findings', {});
    return { rows, isCut };
  };
  return listKept(desk, { format, ask }, FINDINGS);
}

const FINDINGS: LiveListing<FindingView> = {
  name: 'findings',
  schema: 'picket.findings/v1',
  isWanted: () => true,
  line: ({ at, kind, severity, element, address, evidence, action }) =>
    `${clockText(at)} ${severity === 'alarm' ? '!' : ' '} ${kind.padEnd(9)} ${element ?? address}: ${evidence}${action === null ? '' : ` (${action})`}`,
  columns: [
    { title: 'at', cell: ({ at }) => whenText(at), droppedAt: 2 },
    { title: '', cell: ({ severity }) => (severity === 'alarm' ? '!' : ''), droppedAt: 3 },
    { title: 'finding', cell: ({ kind }) => kind, droppedAt: 0 },
    { title: 'of', cell: ({ element, address }) => element ?? address, droppedAt: 0 },
    { title: 'evidence', cell: ({ evidence }) => evidence, droppedAt: 0 },
    { title: 'then', cell: ({ action }) => action ?? '', droppedAt: 1 },
  ],
  cells: [
    ['at', ({ at }) => at],
    ['kind', ({ kind }) => kind],
    ['severity', ({ severity }) => severity],
    ['address', ({ address }) => address],
    ['element', ({ element }) => element ?? ''],
    ['subject', ({ subject }) => subject],
    ['evidence', ({ evidence }) => evidence],
    ['action', ({ action }) => action ?? ''],
  ],
};
