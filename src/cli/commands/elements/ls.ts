// `picket elements ls`: the elements of the policy in force, or with --new those who were seen and are none.

import { buildCommand } from '@stricli/core';
import type { ElementsAnswer, ElementView, NewcomerView } from '#agent';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { agentOf, type PlaceFlags, SOCKET_FLAG } from '../../live/place.ts';
import { whenText } from '../../live/words.ts';
import { type Column, TablePrinter } from '../../output/table.ts';
import { counted } from '../../output/text.ts';
import { changedAt } from '../../remote/change.ts';
import { type Controller, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { elementsAt, elementView } from '../../remote/elements.ts';
import { JSON_FLAG } from '../parameters.ts';

interface Flags extends PlaceFlags, RemoteFlags {
  readonly new?: boolean;
  readonly json?: boolean;
}

export const lsCommand = buildCommand<Flags, [], PicketContext>({
  func: command(ls),
  parameters: {
    flags: {
      new: { kind: 'boolean', optional: true, withNegated: false, brief: 'Those seen who are no element: the inbox' },
      socket: SOCKET_FLAG,
      ...REMOTE_FLAGS,
      json: JSON_FLAG,
    },
  },
  docs: {
    brief: 'List the elements, or with --new who else was seen',
    fullDescription: description(
      'Lists the elements of the policy in force with their modes and when they were seen. With --new it lists neighbours and hosts that are no element yet; the names they gave are claims, not proofs.',
      [
        { line: 'picket elements ls', what: 'who is guarded, and how' },
        { line: 'picket elements ls --new', what: 'who else is there; take one in with: picket elements approve' },
      ],
    ),
  },
});

type Listed = Omit<ElementsAnswer, 'schema'>;

async function ls(desk: Desk, flags: Flags): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (controller !== null) return lsAt(desk, flags, controller);
  const answer = await answered(desk, () => agentOf(desk, flags).ask('elements', {}));
  if (flags.json === true) desk.paper.line(JSON.stringify(answer));
  else if (flags.new === true) printInbox(desk, answer);
  else printElements(desk, answer);
  return EXIT.done;
}

async function lsAt(desk: Desk, flags: Flags, controller: Controller): Promise<Exit> {
  const { elements, inbox, isCut } = await elementsAt(desk, controller);
  const domain = controller.domain();
  if (flags.json === true)
    desk.paper.line(JSON.stringify({ schema: 'picket.domain-elements/v1', domain, elements, inbox, isCut }));
  else if (flags.new === true) printInbox(desk, { inbox });
  else printElements(desk, { elements: elements.map(elementView), inbox });
  if (isCut) desk.say('note: there are more than are listed');
  return EXIT.done;
}

function printElements({ io, paper, say }: Desk, { elements, inbox }: Listed): void {
  if (elements.length === 0) paper.line('The policy has no element.');
  else paper.write(new TablePrinter(ELEMENTS, tableWidth(io)).text(elements));
  if (inbox.length > 0) say(`${counted(inbox.length, 'new one')} besides: picket elements ls --new`);
}

function printInbox({ io, paper, say }: Desk, { inbox }: Pick<Listed, 'inbox'>): void {
  if (inbox.length === 0) {
    paper.line('Nobody was seen who is no element.');
    return;
  }
  paper.write(new TablePrinter(NEWCOMERS, tableWidth(io)).text(inbox));
  say(`take one in: picket elements approve ${inbox[0]?.id ?? 'ID'}`);
}

const ELEMENTS: readonly Column<ElementView>[] = [
  { title: 'element', cell: ({ id }) => id, droppedAt: 0 },
  { title: 'kind', cell: ({ kind }) => kind, droppedAt: 2 },
  { title: 'mode', cell: (element) => modeText(element), droppedAt: 0 },
  { title: 'address', cell: ({ addresses, macs }) => firstOf([...addresses, ...macs]), droppedAt: 0 },
  { title: 'labels', cell: ({ labels }) => labelsText(labels), droppedAt: 3 },
  { title: 'last seen', cell: ({ lastSeen }) => whenText(lastSeen), droppedAt: 1 },
];

const NEWCOMERS: readonly Column<NewcomerView>[] = [
  { title: 'id', cell: ({ id }) => id, droppedAt: 0 },
  { title: 'address', cell: ({ addresses }) => firstOf(addresses), droppedAt: 0 },
  { title: 'mac', cell: ({ mac }) => mac ?? '', droppedAt: 2 },
  { title: 'calls itself', cell: ({ names }) => firstOf(names), droppedAt: 1 },
  { title: 'on', cell: (newcomer) => newcomer.interface ?? '', droppedAt: 4 },
  { title: 'first seen', cell: ({ firstSeen }) => whenText(firstSeen), droppedAt: 5 },
  { title: 'last seen', cell: ({ lastSeen }) => whenText(lastSeen), droppedAt: 3 },
];

export function modeText({ mode, isQuarantined, isHere }: ElementView): string {
  const words = [mode, isQuarantined ? 'QUARANTINED' : '', isHere ? 'this host' : ''];
  return words.filter((word) => word !== '').join(', ');
}

export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

function firstOf(words: readonly string[]): string {
  const [first = ''] = words;
  return words.length > 1 ? `${first} +${words.length - 1}` : first;
}
