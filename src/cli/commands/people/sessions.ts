// `picket sessions`: your sessions at the controller, or with --all-people those of a domain's people; ended at once.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { MILLISECOND } from '#model';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { counted, localTimeText, safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { type Controller, controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { pagesOf } from '../../remote/pages.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags extends RemoteFlags {
  readonly people?: boolean;
  readonly json?: boolean;
}

const SWITCH = { kind: 'boolean', optional: true, withNegated: false } as const;
const FLAGS = {
  ...REMOTE_FLAGS,
  people: { ...SWITCH, brief: "Sessions of the domain's people, for its owners" },
  json: JSON_FLAG,
} as const;

interface Row {
  readonly id: string;
  readonly name?: string;
  readonly means: string;
  readonly program: string;
  readonly address: string;
  readonly madeAt: string;
  readonly seenAt: string;
  readonly endsAt: string;
  readonly authenticatedAt: string | null;
  readonly isThis: boolean;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: '', cell: ({ isThis }) => (isThis ? '*' : ' '), droppedAt: 0 },
  { title: 'session', cell: ({ id }) => id, droppedAt: 0 },
  { title: 'of', cell: ({ name }) => name ?? 'you', droppedAt: 1 },
  { title: 'by', cell: ({ means }) => means, droppedAt: 3 },
  { title: 'from', cell: ({ address }) => address, droppedAt: 0 },
  { title: 'last used', cell: ({ seenAt }) => timeText(seenAt), droppedAt: 1 },
  { title: 'program', cell: ({ program }) => program, droppedAt: 2 },
];

function timeText(time: string | null): string {
  return time === null ? 'not known' : localTimeText(Date.parse(time) * MILLISECOND);
}

async function rowsOf(desk: Desk, { client, routes, domain }: Controller, flags: Flags): Promise<readonly Row[]> {
  if (flags.people !== true) return (await answeredBy(desk, client.call(routes.account.sessions, {}))).value.items;
  const params = { domain: domain() };
  const { items, isCut } = await pagesOf(desk, (query) => client.call(routes.users.sessions, { params, query }));
  if (isCut) desk.say('note: there are more than are listed');
  return items;
}

async function ls(desk: Desk, flags: Flags): Promise<Exit> {
  const rows = await rowsOf(desk, await controllerOf(desk, flags), flags);
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.sessions/v1', sessions: rows }));
  else if (rows.length === 0) desk.paper.line('no sessions');
  else desk.paper.write(tableText(rows, COLUMNS, tableWidth(desk.io)));
  return EXIT.done;
}

const lsCommand = buildCommand<Flags, [], PicketContext>({
  func: command(ls),
  parameters: { flags: FLAGS },
  docs: {
    brief: 'List sessions; "*" is the one that asks',
    fullDescription: description('Lists who is logged on to the controller, from where, and when it was last used.', [
      { line: 'picket sessions ls', what: 'your own' },
      { line: 'picket sessions ls --people', what: 'of everybody with a role in the domain, for its owners' },
    ]),
  },
});

const SESSION = {
  kind: 'tuple',
  parameters: [{ parse: word, brief: 'id of a session', placeholder: 'ID' }],
} as const;

async function show(desk: Desk, flags: Flags, id: string): Promise<Exit> {
  const row = (await rowsOf(desk, await controllerOf(desk, flags), flags)).find((one) => one.id === id);
  if (row === undefined)
    throw new Failure({ code: 'PICKET-C420', exit: EXIT.notFound, message: `there is no session "${safeText(id)}"` });
  const { paper } = desk;
  if (flags.json === true) {
    paper.line(JSON.stringify({ schema: 'picket.session/v1', session: row }));
    return EXIT.done;
  }
  paper.line(`session ${row.id}${row.isThis ? ' (the one that asks)' : ''}`);
  paper.line(`   of       ${safeText(row.name ?? 'you')}, by ${row.means}`);
  paper.line(`   from     ${safeText(row.address)}, ${safeText(row.program)}`);
  paper.line(`   began    ${timeText(row.madeAt)}`);
  paper.line(`   proved   ${timeText(row.authenticatedAt)}`);
  paper.line(`   used     ${timeText(row.seenAt)}`);
  paper.line(`   ends     ${timeText(row.endsAt)}, or an hour after its last use`);
  return EXIT.done;
}

const showCommand = buildCommand<Flags, [id: string], PicketContext>({
  func: command(show),
  parameters: { flags: FLAGS, positional: SESSION },
  docs: {
    brief: 'Show one session',
    fullDescription: description('Says whose it is, from where, when it began, and when it ends.', [
      { line: 'picket sessions show s8d2f6h1', what: 'one of yours' },
    ]),
  },
});

async function end(desk: Desk, flags: Flags & { readonly all?: boolean }, id?: string): Promise<Exit> {
  if ((id === undefined) !== (flags.all === true)) throw wrongUsage('state one session, or --all of yours');
  const { client, routes, domain } = await controllerOf(desk, flags);
  if (id === undefined) {
    const { value } = await answeredBy(desk, client.call(routes.account.endSessions, {}));
    desk.paper.line(`${counted(value.count, 'session')} ended, this one too. Log on again with: picket login URL`);
    return EXIT.done;
  }
  if (flags.people === true)
    await answeredBy(desk, client.call(routes.users.endSession, { params: { domain: domain(), session: id } }));
  else await answeredBy(desk, client.call(routes.account.endSession, { params: { session: id } }));
  desk.paper.line(`The session ${safeText(id)} is over. Its holder has to log on again.`);
  return EXIT.done;
}

const endCommand = buildCommand<Flags & { readonly all?: boolean }, [id?: string], PicketContext>({
  func: command(end),
  parameters: {
    flags: { ...FLAGS, all: { ...SWITCH, brief: 'All of yours, this one too' } },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'id of a session', placeholder: 'ID', optional: true }],
    },
  },
  docs: {
    brief: 'End a session at once',
    fullDescription: description('Ends it on every controller at once; streams that it follows end within seconds.', [
      { line: 'picket sessions end s8d2f6h1', what: 'end one of yours' },
      { line: 'picket sessions end s8d2f6h1 --people', what: 'end somebody else’s, as an owner' },
    ]),
  },
});

export const sessionRoutes = buildRouteMap({
  routes: { ls: lsCommand, show: showCommand, end: endCommand },
  docs: { brief: 'List and end sessions of people at the controller' },
});
