// `picket whoami`: who the controller takes you for, with your roles by domain.

import { buildCommand } from '@stricli/core';
import { MILLISECOND } from '#model';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { localTimeText, safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { JSON_FLAG } from '../parameters.ts';

interface Flags extends Pick<RemoteFlags, 'on'> {
  readonly json?: boolean;
}

export const whoamiCommand = buildCommand<Flags, [], PicketContext>({
  func: command(whoami),
  parameters: { flags: { on: REMOTE_FLAGS.on, json: JSON_FLAG } },
  docs: {
    brief: 'Say who the controller takes you for, and what your roles are',
    fullDescription: description('Asks the controller of the current context who you are, in which domains, as what.', [
      { line: 'picket whoami', what: 'your name and roles' },
      { line: 'picket whoami --on plant', what: 'the same, of another context' },
    ]),
  },
});

interface RoleRow {
  readonly domain: string;
  readonly role: string;
}

const COLUMNS: readonly Column<RoleRow>[] = [
  { title: 'domain', cell: ({ domain }) => (domain === '*' ? 'the controller itself' : domain), droppedAt: 0 },
  { title: 'role', cell: ({ role }) => role, droppedAt: 0 },
];

async function whoami(desk: Desk, flags: Flags): Promise<Exit> {
  const { client, routes, name, context } = await controllerOf(desk, flags);
  const { value } = await answeredBy(desk, client.call(routes.me.show, {}));
  if (flags.json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.whoami/v1', context: name, url: context.url, ...value }));
    return EXIT.done;
  }
  const { paper } = desk;
  paper.line(`${safeText(value.name)} (${value.kind}, id ${safeText(value.id)}) at ${safeText(context.url)}`);
  if (value.scopes !== null) paper.line(`scopes: ${value.scopes.join(', ')}`);
  if (value.authenticatedAt !== null)
    paper.line(`proved to be there at ${localTimeText(Date.parse(value.authenticatedAt) * MILLISECOND)}`);
  const rows = Object.entries(value.roles).map(([domain, role]) => ({ domain, role }));
  if (rows.length === 0) paper.line('no role in any domain');
  else paper.write(`\n${tableText(rows, COLUMNS, tableWidth(desk.io))}`);
  return EXIT.done;
}
