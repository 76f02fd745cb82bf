// `picket proposals ls`, `show`, `accept`, `reject`: what agents learned and would add to the policy of a domain. Accepting is an ordinary change of it.

import { buildCommand, buildRouteMap } from '@stricli/core';
import type { ReceivedOf, Routes } from '#routes';
import { command, type Desk, type PicketContext, tableWidth } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { description } from '../help.ts';
import { CHANGE_FLAGS, type ChangeFlags } from '../live/change.ts';
import { whenText } from '../live/words.ts';
import { type Column, tableText } from '../output/table.ts';
import { countText, safeText } from '../output/text.ts';
import { answeredBy } from '../remote/asking.ts';
import { changeAt, placeOf } from '../remote/change.ts';
import { controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../remote/controller.ts';
import { pagesOf } from '../remote/pages.ts';
import { JSON_FLAG, word } from './parameters.ts';

interface Flags extends RemoteFlags {
  readonly json?: boolean;
}

/** Of a change, without what concerns the agent of this machine. */
type AcceptFlags = Pick<ChangeFlags, 'yes' | 'dryRun' | 'json' | 'confirm' | 'why'> & RemoteFlags;

interface ListFlags extends Flags {
  readonly state?: State;
}

type Proposal = ReceivedOf<Routes['proposals']['list']['answer']>['items'][number];
type State = Proposal['state'];

const STATES: readonly State[] = ['open', 'accepted', 'rejected'];
const FLAGS = { ...REMOTE_FLAGS, json: JSON_FLAG } as const;
const { yes, dryRun, json, confirm, why } = CHANGE_FLAGS;
const SEVERAL = {
  kind: 'array',
  parameter: { parse: word, brief: 'ids of proposals', placeholder: 'ID' },
  minimum: 1,
} as const;

const lsCommand = buildCommand<ListFlags, [], PicketContext>({
  func: command(ls),
  parameters: {
    flags: { ...FLAGS, state: { kind: 'enum', values: STATES, optional: true, brief: 'Which ones [open]' } },
  },
  docs: {
    brief: 'List what waits for a decision',
    fullDescription: description(
      'Lists entries that agents learned and the policy in force lacks. The same from two agents is one.',
      [{ line: 'picket proposals ls', what: 'then: picket proposals show ID, accept ID, reject ID' }],
    ),
  },
});

const showCommand = buildCommand<Flags, [id: string], PicketContext>({
  func: command(show),
  parameters: {
    flags: FLAGS,
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'id of the proposal', placeholder: 'ID' }],
    },
  },
  docs: {
    brief: 'Show one with the evidence of each agent',
    fullDescription: description('Prints the entry as it would stand in the policy, and what each agent says of it.', [
      { line: 'picket proposals show p5t8w2q1', what: 'before you accept it' },
    ]),
  },
});

const acceptCommand = buildCommand<AcceptFlags, string[], PicketContext>({
  func: command(accept),
  parameters: { flags: { ...REMOTE_FLAGS, yes, dryRun, json, confirm, why }, positional: SEVERAL },
  docs: {
    brief: 'Take proposals into the policy, all of them or none',
    fullDescription: description(
      'An ordinary change of the policy: planned against recorded conversations, and taken back unless it is confirmed.',
      [{ line: 'picket proposals accept p5t8w2q1 p5t8w2q2', what: 'rules and the elements that they name' }],
    ),
  },
});

const rejectCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(reject),
  parameters: { flags: FLAGS, positional: SEVERAL },
  docs: {
    brief: 'Reject proposals: they do not come again',
    fullDescription: description('Nothing changes in the policy, and the same proposal of any agent stays rejected.', [
      { line: 'picket proposals reject p5t8w2q1', what: 'recorded in the ledger' },
    ]),
  },
});

export const proposalsRoutes = buildRouteMap({
  routes: { ls: lsCommand, show: showCommand, accept: acceptCommand, reject: rejectCommand },
  docs: { brief: 'Decide what of the learned goes into the policy of a domain' },
});

const COLUMNS: readonly Column<Proposal>[] = [
  { title: 'id', cell: ({ id }) => id, droppedAt: 0 },
  { title: 'below', cell: ({ section }) => section, droppedAt: 1 },
  { title: 'entry', cell: ({ entry }) => entry, droppedAt: 0 },
  { title: 'evidence', cell: ({ evidence }) => evidence, droppedAt: 2 },
  { title: 'agents', cell: ({ agents }) => countText(agents), droppedAt: 3, isRight: true },
  { title: 'last', cell: ({ lastSeen }) => whenText(lastSeen), droppedAt: 4 },
];

async function ls(desk: Desk, flags: ListFlags): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain() };
  const { state = 'open' } = flags;
  const { items, isCut } = await pagesOf(desk, (query) =>
    client.call(routes.proposals.list, { params, query: { ...query, state } }),
  );
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.proposals/v1', proposals: items, isCut }));
  else if (items.length === 0) desk.paper.line('no proposals');
  else desk.paper.write(tableText(items, COLUMNS, tableWidth(desk.io)));
  if (isCut) desk.say(`the first ${countText(items.length)} only: decide these, then list again`);
  return EXIT.done;
}

async function show(desk: Desk, flags: Flags, id: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain(), proposal: id };
  const { value } = await answeredBy(desk, client.call(routes.proposals.show, { params }));
  if (flags.json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.proposal/v1', proposal: value }));
    return EXIT.done;
  }
  const by = value.decidedBy === null ? '' : ` by ${value.decidedBy}`;
  desk.paper.line(safeText(`${value.id}  ${value.state}${by}`));
  desk.paper.line(`${value.section}:`);
  desk.paper.line(`  ${safeText(value.entry)}: ${safeText(value.json)}`);
  for (const { agent, evidence, firstSeen, lastSeen } of value.told)
    desk.paper.line(safeText(`${agent}: ${evidence}, from ${whenText(firstSeen)} to ${whenText(lastSeen)}`));
  return EXIT.done;
}

async function accept(desk: Desk, flags: AcceptFlags, ...ids: string[]): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain() };
  return changeAt(desk, flags, (how) => client.call(routes.proposals.accept, { params, body: { ...how, ids } }));
}

async function reject(desk: Desk, flags: Flags, ...ids: string[]): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  await answeredBy(desk, client.call(routes.proposals.reject, { params: { domain: domain() }, body: { ids } }));
  const message = `rejected: ${ids.join(', ')}`;
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.done/v1', message, undo: null }));
  else desk.paper.line(safeText(`${message}. See them with: picket proposals ls --state rejected${placeOf(flags)}`));
  return EXIT.done;
}
