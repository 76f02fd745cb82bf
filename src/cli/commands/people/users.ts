// `picket users`: who has which role in a domain of a controller; invitations and links.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { MILLISECOND } from '#model';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { localTimeText, safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { pagesOf } from '../../remote/pages.ts';
import { JSON_FLAG, word } from '../parameters.ts';
import { fourEyesCommand } from './four-eyes.ts';

interface Flags extends RemoteFlags {
  readonly json?: boolean;
}

type RoleName = 'viewer' | 'operator' | 'approver' | 'owner';

const FLAGS = { ...REMOTE_FLAGS, json: JSON_FLAG } as const;
const ROLE = { kind: 'enum', values: ['viewer', 'operator', 'approver', 'owner'], brief: 'The role to give' } as const;
const USER = {
  kind: 'tuple',
  parameters: [{ parse: word, brief: 'id of a person, see picket users ls', placeholder: 'ID' }],
} as const;

interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly knownBy: string;
  readonly givenAt: string;
}

const COLUMNS: readonly Column<UserRow>[] = [
  { title: 'id', cell: ({ id }) => id, droppedAt: 0 },
  { title: 'name', cell: ({ name }) => name, droppedAt: 0 },
  { title: 'role', cell: ({ role }) => role, droppedAt: 0 },
  { title: 'known by', cell: ({ knownBy }) => knownBy, droppedAt: 1 },
  { title: 'since', cell: ({ givenAt }) => localTimeText(Date.parse(givenAt) * MILLISECOND), droppedAt: 2 },
];

const lsCommand = buildCommand<Flags, [], PicketContext>({
  func: command(ls),
  parameters: { flags: FLAGS },
  docs: {
    brief: 'List who has a role in the domain',
    fullDescription: description('Lists the people of a domain with their roles, and how they prove who they are.', [
      { line: 'picket users ls', what: 'everybody with a role' },
    ]),
  },
});

async function ls(desk: Desk, flags: Flags): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain() };
  const { items, isCut } = await pagesOf(desk, (query) => client.call(routes.users.list, { params, query }));
  if (flags.json === true)
    desk.paper.line(JSON.stringify({ schema: 'picket.users/v1', ...params, users: items, isCut }));
  else desk.paper.write(tableText(items, COLUMNS, tableWidth(desk.io)));
  if (isCut) desk.say('note: there are more than are listed');
  return EXIT.done;
}

interface AddFlags extends Flags {
  readonly role: RoleName;
  readonly id?: boolean;
}

const addCommand = buildCommand<AddFlags, [name: string], PicketContext>({
  func: command(add),
  parameters: {
    flags: {
      ...FLAGS,
      role: ROLE,
      id: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'The name is the id of somebody known in another domain',
      },
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'name of the person', placeholder: 'NAME' }],
    },
  },
  docs: {
    brief: 'Invite somebody by a one-time link',
    fullDescription: description(
      'Makes a person with a role in the domain, and prints a link with which they make their passkey within a day. Give it to them where nobody else reads it.',
      [{ line: 'picket users add Ben --role operator', what: 'print a link for Ben' }],
    ),
  },
});

async function add(desk: Desk, flags: AddFlags, name: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const { role } = flags;
  const body = flags.id === true ? { id: name, role } : { name, role };
  const { value } = await answeredBy(desk, client.call(routes.users.invite, { params: { domain: domain() }, body }));
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.invitation/v1', ...value }));
  else {
    const { user, link } = value;
    desk.paper.line(`${safeText(user.name)} is ${role} in ${safeText(domain())} (id ${user.id}).`);
    if (link !== null) printLink(desk, link);
    desk.paper.line(`Undo: picket users rm ${user.id}`);
  }
  return EXIT.done;
}

function printLink({ paper }: Desk, { page, endsAt }: { readonly page: string; readonly endsAt: string }): void {
  paper.line(`One-time link, until ${localTimeText(Date.parse(endsAt) * MILLISECOND)}, shown this once:`);
  paper.line(`   ${safeText(page)}`);
}

const roleCommand = buildCommand<Flags & { readonly role: RoleName }, [id: string], PicketContext>({
  func: command(setRole),
  parameters: { flags: { ...FLAGS, role: ROLE }, positional: USER },
  docs: {
    brief: 'Give somebody another role',
    fullDescription: description('Changes the role in the domain at once, for sessions and API tokens too.', [
      { line: 'picket users role k3v9x2m7 --role approver', what: 'make an approver' },
    ]),
  },
});

async function setRole(desk: Desk, flags: Flags & { readonly role: RoleName }, id: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain(), user: id };
  const { value: before } = await answeredBy(desk, client.call(routes.users.show, { params }));
  const { value } = await answeredBy(desk, client.call(routes.users.setRole, { params, body: { role: flags.role } }));
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.user/v1', user: value }));
  else
    desk.paper.line(
      `${safeText(value.name)} is ${value.role} now. Undo: picket users role ${id} --role ${before.role}`,
    );
  return EXIT.done;
}

const rmCommand = buildCommand<Flags, [id: string], PicketContext>({
  func: command(rm),
  parameters: { flags: FLAGS, positional: USER },
  docs: {
    brief: 'Take somebody out of the domain',
    fullDescription: description(
      'Takes the role away at once. Whoever has no role left anywhere is forgotten, with passkeys, sessions and API tokens. The last owner who can log on stays.',
      [{ line: 'picket users rm k3v9x2m7', what: 'take the role away' }],
    ),
  },
});

async function rm(desk: Desk, flags: Flags, id: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  await answeredBy(desk, client.call(routes.users.remove, { params: { domain: domain(), user: id } }));
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.user-removed/v1', id }));
  else desk.paper.line(`${safeText(id)} has no role in ${safeText(domain())} any more. Invite anew: picket users add`);
  return EXIT.done;
}

const linkCommand = buildCommand<Flags, [id: string], PicketContext>({
  func: command(newLink),
  parameters: { flags: FLAGS, positional: USER },
  docs: {
    brief: 'Make a new one-time link for somebody who lost their passkeys',
    fullDescription: description(
      'Whoever holds the link is that person: give it to nobody else. It is used once, within a day, and stands in the ledger.',
      [{ line: 'picket users link k3v9x2m7', what: 'print a new link' }],
    ),
  },
});

async function newLink(desk: Desk, flags: Flags, id: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const { value } = await answeredBy(desk, client.call(routes.users.link, { params: { domain: domain(), user: id } }));
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.link/v1', ...value }));
  else printLink(desk, value);
  return EXIT.done;
}

export const userRoutes = buildRouteMap({
  routes: {
    ls: lsCommand,
    add: addCommand,
    role: roleCommand,
    rm: rmCommand,
    link: linkCommand,
    fourEyes: fourEyesCommand,
  },
  docs: { brief: 'Say who has which role in a domain of the controller' },
});
