// `picket tokens api`: API tokens of your own, for programs. The secret is shown once, when a token is made.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { MILLISECOND } from '#model';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { localTimeText, safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags extends Pick<RemoteFlags, 'on'> {
  readonly json?: boolean;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly roles: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly usedAt: string | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'token', cell: ({ id }) => id, droppedAt: 0 },
  { title: 'name', cell: ({ name }) => name, droppedAt: 0 },
  { title: 'ends', cell: ({ endsAt }) => timeText(endsAt), droppedAt: 0 },
  { title: 'used', cell: ({ usedAt }) => timeText(usedAt), droppedAt: 1 },
  { title: 'roles', cell: ({ roles }) => rolesText(roles), droppedAt: 2 },
  { title: 'scopes', cell: ({ scopes }) => scopes.join(', '), droppedAt: 3 },
];

function timeText(time: string | null): string {
  return time === null ? 'never' : localTimeText(Date.parse(time) * MILLISECOND);
}

function rolesText(roles: Readonly<Record<string, string>>): string {
  return Object.entries(roles)
    .map(([domain, role]) => `${role} in ${domain === '*' ? 'the controller' : domain}`)
    .join(', ');
}

async function ls(desk: Desk, flags: Flags): Promise<Exit> {
  const { client, routes } = await controllerOf(desk, flags);
  const { value } = await answeredBy(desk, client.call(routes.account.tokens, {}));
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.api-tokens/v1', tokens: value.items }));
  else if (value.items.length === 0)
    desk.paper.line('You have no API token. Make one with: picket tokens api make NAME');
  else desk.paper.write(tableText(value.items, COLUMNS, tableWidth(desk.io)));
  return EXIT.done;
}

const lsCommand = buildCommand<Flags, [], PicketContext>({
  func: command(ls),
  parameters: { flags: { on: REMOTE_FLAGS.on, json: JSON_FLAG } },
  docs: {
    brief: 'List your API tokens',
    fullDescription: description('Lists them with what they may do and until when. Their secrets are kept nowhere.', [
      { line: 'picket tokens api ls', what: 'yours' },
    ]),
  },
});

interface MakeFlags extends RemoteFlags {
  readonly scope: readonly string[];
  readonly role: 'viewer' | 'operator' | 'approver' | 'owner';
  readonly days: number;
  readonly json?: boolean;
}

const DAYS_MAX = 365;

function daysOf(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= DAYS_MAX) return days;
  throw wrongUsage(`cannot read "${safeText(text)}" as days from 1 to ${DAYS_MAX}`);
}

const makeCommand = buildCommand<MakeFlags, [name: string], PicketContext>({
  func: command(make),
  parameters: {
    flags: {
      ...REMOTE_FLAGS,
      scope: {
        kind: 'parsed',
        parse: word,
        variadic: ',',
        brief: 'What it may do, such as policies:read,elements:read',
        placeholder: 'SCOPES',
      },
      role: {
        kind: 'enum',
        values: ['viewer', 'operator', 'approver', 'owner'],
        default: 'viewer',
        brief: 'The most that it may be in the domain',
      },
      days: { kind: 'parsed', parse: daysOf, default: '90', brief: 'How long it holds, at most 365', placeholder: 'N' },
      json: JSON_FLAG,
    },
    positional: { kind: 'tuple', parameters: [{ parse: word, brief: 'what it is for', placeholder: 'NAME' }] },
  },
  docs: {
    brief: 'Make an API token; its secret is shown this once',
    fullDescription: description(
      'Makes a token for a program, for one domain. It never does more than you may, and ends with your own roles.',
      [
        {
          line: 'picket tokens api make backup --scope policies:read,ledger:read --days 365',
          what: 'reads policies and the ledger for a year',
        },
      ],
    ),
  },
});

async function make(desk: Desk, flags: MakeFlags, name: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const { SCOPES } = await import('#routes');
  const scopes = flags.scope.map((text) => {
    const scope = SCOPES.find((one) => one === text.trim());
    if (scope !== undefined) return scope;
    throw wrongUsage(`there is no scope "${safeText(text)}"`, `scopes are ${SCOPES.join(', ')}`);
  });
  const body = { name, scopes, roles: { [domain()]: flags.role }, days: flags.days };
  const { value } = await answeredBy(desk, client.call(routes.account.makeToken, { body }));
  if (flags.json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.api-token/v1', ...value }));
    return EXIT.done;
  }
  desk.say(`API token ${value.token.id}, until ${timeText(value.token.endsAt)}. It is shown this once:`);
  desk.paper.line(value.secret);
  desk.say(`Undo: picket tokens api rm ${value.token.id}`);
  return EXIT.done;
}

async function rm(desk: Desk, flags: Flags, id: string): Promise<Exit> {
  const { client, routes } = await controllerOf(desk, flags);
  await answeredBy(desk, client.call(routes.account.removeToken, { params: { token: id } }));
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.api-token-removed/v1', id }));
  else desk.paper.line(`The API token ${safeText(id)} holds no more. Make another one with: picket tokens api make`);
  return EXIT.done;
}

const rmCommand = buildCommand<Flags, [id: string], PicketContext>({
  func: command(rm),
  parameters: {
    flags: { on: REMOTE_FLAGS.on, json: JSON_FLAG },
    positional: { kind: 'tuple', parameters: [{ parse: word, brief: 'id of a token', placeholder: 'ID' }] },
  },
  docs: {
    brief: 'Remove an API token at once',
    fullDescription: description('Programs that use it are refused from the next request on.', [
      { line: 'picket tokens api rm k3v9x2m7', what: 'remove one' },
    ]),
  },
});

export const apiTokenRoutes = buildRouteMap({
  routes: { ls: lsCommand, make: makeCommand, rm: rmCommand },
  docs: { brief: 'API tokens of your own, for programs' },
});
