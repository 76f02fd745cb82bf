// `picket alerts ls`, `ack`, `mute`, `unmute`: findings that agents told the controller. A finding is never a denial.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { MILLISECOND } from '#model';
import type { ReceivedOf, Routes } from '#routes';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { whenText } from '../../live/words.ts';
import { type Column, tableText } from '../../output/table.ts';
import { countText, safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { durationFlag } from '../../times.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags extends RemoteFlags {
  readonly json?: boolean;
}

interface ListFlags extends Flags {
  readonly all?: boolean;
}

interface MuteFlags extends Flags {
  readonly for: string;
  readonly why: string;
}

type FindingRow = ReceivedOf<Routes['findings']['list']['answer']>['items'][number];

const FLAGS = { ...REMOTE_FLAGS, json: JSON_FLAG } as const;
const SWITCH = { kind: 'boolean', optional: true, withNegated: false } as const;
const ONE = {
  kind: 'tuple',
  parameters: [{ parse: word, brief: 'id of the finding', placeholder: 'ID' }],
} as const;

const lsCommand = buildCommand<ListFlags, [], PicketContext>({
  func: command(ls),
  parameters: { flags: { ...FLAGS, all: { ...SWITCH, brief: 'Also acknowledged and muted ones' } } },
  docs: {
    brief: 'List findings, those told last first',
    fullDescription: description('Lists what agents found odd, and nobody has looked at yet.', [
      { line: 'picket alerts ls', what: 'then: picket alerts ack ID' },
    ]),
  },
});

const ackCommand = buildCommand<Flags, [id: string], PicketContext>({
  func: command(ack),
  parameters: { flags: FLAGS, positional: ONE },
  docs: {
    brief: 'Note that you have looked at a finding',
    fullDescription: description('It stays in the list of all; its count says whether it goes on.', [
      { line: 'picket alerts ack k3v9x2m7', what: 'recorded in the ledger' },
    ]),
  },
});

const muteCommand = buildCommand<MuteFlags, [id: string], PicketContext>({
  func: command(mute),
  parameters: {
    flags: {
      ...FLAGS,
      for: { kind: 'parsed', parse: word, brief: 'How long, at most a year', placeholder: 'TIME' },
      why: { kind: 'parsed', parse: word, brief: 'Reason', placeholder: 'TEXT' },
    },
    positional: ONE,
  },
  docs: {
    brief: 'Mute exactly this kind, address and subject for a time',
    fullDescription: description('Nothing else is muted with it, and it comes back by itself.', [
      { line: 'picket alerts mute k3v9x2m7 --for 30d --why "the inventory tool"', what: 'until then it is not listed' },
    ]),
  },
});

const unmuteCommand = buildCommand<Flags, [id: string], PicketContext>({
  func: command(unmute),
  parameters: { flags: FLAGS, positional: ONE },
  docs: {
    brief: 'End a mute',
    fullDescription: description('The finding is listed again.', [
      { line: 'picket alerts unmute k3v9x2m7', what: 'at once' },
    ]),
  },
});

export const alertsRoutes = buildRouteMap({
  routes: { ls: lsCommand, ack: ackCommand, mute: muteCommand, unmute: unmuteCommand },
  docs: { brief: 'See, acknowledge and mute findings of the controller' },
});

/** Rows of one listing; what is older is asked for with the API. */
const ROWS_MAX = 1_000;

const COLUMNS: readonly Column<FindingRow>[] = [
  { title: 'id', cell: ({ id }) => id, droppedAt: 0 },
  { title: 'finding', cell: ({ kind }) => kind, droppedAt: 0 },
  { title: 'who', cell: ({ element, address }) => element ?? address, droppedAt: 0 },
  { title: 'about', cell: ({ subject }) => subject, droppedAt: 2 },
  { title: 'times', cell: ({ count }) => countText(count), droppedAt: 3, isRight: true },
  { title: 'last', cell: ({ lastSeen }) => whenText(lastSeen), droppedAt: 1 },
  { title: 'state', cell: ({ state }) => state, droppedAt: 4 },
];

async function ls(desk: Desk, flags: ListFlags): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const query = flags.all === true ? { limit: ROWS_MAX, muted: true } : { limit: ROWS_MAX, state: 'open' as const };
  const { value } = await answeredBy(desk, client.call(routes.findings.list, { params: { domain: domain() }, query }));
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.alerts/v1', findings: value.items }));
  else if (value.items.length === 0) desk.paper.line('no findings');
  else desk.paper.write(tableText(value.items, COLUMNS, tableWidth(desk.io)));
  return EXIT.done;
}

async function ack(desk: Desk, flags: Flags, id: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain(), finding: id };
  const { value } = await answeredBy(desk, client.call(routes.findings.acknowledge, { params }));
  return told(desk, flags, {
    message: `${value.kind} of ${value.element ?? value.address} is acknowledged`,
    undo: null,
  });
}

async function mute(desk: Desk, flags: MuteFlags, id: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const untilMs = Math.floor((desk.io.now() + durationFlag('for', flags.for)) / MILLISECOND);
  const until = new Date(untilMs).toISOString();
  const body = { until, why: flags.why };
  const params = { domain: domain(), finding: id };
  const { value } = await answeredBy(desk, client.call(routes.findings.mute, { params, body }));
  const message = `${value.kind} of ${value.address} about ${value.subject} is muted until ${whenText(until)}`;
  return told(desk, flags, { message, undo: `picket alerts unmute ${id}` });
}

async function unmute(desk: Desk, flags: Flags, id: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain(), finding: id };
  await answeredBy(desk, client.call(routes.findings.unmute, { params }));
  return told(desk, flags, { message: 'it is listed again', undo: null });
}

function told(
  { paper }: Desk,
  { json }: Flags,
  done: { readonly message: string; readonly undo: string | null },
): Exit {
  if (json === true) paper.line(JSON.stringify({ schema: 'picket.done/v1', ...done }));
  else paper.line(`${safeText(done.message)}${done.undo === null ? '' : `\nUndo: ${safeText(done.undo)}`}`);
  return EXIT.done;
}
