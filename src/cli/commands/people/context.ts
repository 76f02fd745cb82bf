// `picket context`: which controllers you are logged on to, and which one commands use. Nothing is asked of them.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { MILLISECOND } from '#model';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { localTimeText, safeText } from '../../output/text.ts';
import { type Context, contextNamed, readContexts, writeContexts } from '../../remote/contexts.ts';
import { LOCAL, REMOTE_FLAGS } from '../../remote/controller.ts';
import { JSON_FLAG, word } from '../parameters.ts';

const NAME = {
  kind: 'tuple',
  parameters: [{ parse: word, brief: 'name of a context', placeholder: 'NAME' }],
} as const;

interface Row {
  readonly name: string;
  readonly isCurrent: boolean;
  readonly context: Context;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: '', cell: ({ isCurrent }) => (isCurrent ? '*' : ' '), droppedAt: 0 },
  { title: 'context', cell: ({ name }) => name, droppedAt: 0 },
  { title: 'controller', cell: ({ context }) => context.url, droppedAt: 0 },
  { title: 'domain', cell: ({ context }) => context.domain ?? '', droppedAt: 1 },
  { title: 'as', cell: ({ context }) => (context.secret === null ? 'logged out' : context.who), droppedAt: 2 },
  { title: 'until', cell: ({ context }) => untilText(context.endsAt), droppedAt: 3 },
];

function untilText(time: string | null): string {
  return time === null ? '' : localTimeText(Date.parse(time) * MILLISECOND);
}

async function ls(desk: Desk, flags: { readonly json?: boolean }): Promise<Exit> {
  const { current, all } = await readContexts(desk);
  const rows = [...all].map(([name, context]) => ({ name, context, isCurrent: name === current }));
  if (flags.json === true) {
    const contexts = rows.map(({ name, context: { url, domain, who, endsAt, secret } }) => ({
      name,
      url,
      domain,
      who,
      endsAt,
      isLoggedOn: secret !== null,
    }));
    desk.paper.line(JSON.stringify({ schema: 'picket.contexts-list/v1', current, contexts }));
  } else if (rows.length === 0) desk.paper.line('No context yet. Log on to a controller with: picket login URL');
  else desk.paper.write(tableText(rows, COLUMNS, tableWidth(desk.io)));
  return EXIT.done;
}

const lsCommand = buildCommand<{ readonly json?: boolean }, [], PicketContext>({
  func: command(ls),
  parameters: { flags: { json: JSON_FLAG } },
  docs: {
    brief: 'List the controllers that you logged on to',
    fullDescription: description('Reads your own file of contexts; no controller is asked, and no secret is shown.', [
      { line: 'picket context ls', what: 'where commands go; "*" is the current one' },
    ]),
  },
});

async function use(desk: Desk, flags: { readonly domain?: string }, name: string): Promise<Exit> {
  const contexts = await readContexts(desk);
  if (name === LOCAL) {
    await writeContexts(desk, { ...contexts, current: null });
    desk.say('Commands now ask the agent of this machine. Undo: picket context use NAME');
    return EXIT.done;
  }
  const context = contextNamed(contexts, name);
  const changed = flags.domain === undefined ? context : { ...context, domain: flags.domain };
  await writeContexts(desk, { current: name, all: new Map([...contexts.all, [name, changed]]) });
  const back = contexts.current ?? LOCAL;
  desk.say(`Commands now ask ${safeText(context.url)}. Undo: picket context use ${safeText(back)}`);
  return EXIT.done;
}

const useCommand = buildCommand<{ readonly domain?: string }, [name: string], PicketContext>({
  func: command(use),
  parameters: { flags: { domain: REMOTE_FLAGS.domain }, positional: NAME },
  docs: {
    brief: 'Choose which controller commands ask; "local" is the agent of this machine',
    fullDescription: description('Sets the current context, and with --domain the domain that its commands mean.', [
      { line: 'picket context use plant', what: 'commands go to that controller' },
      { line: 'picket context use local', what: 'commands go to the agent of this machine again' },
    ]),
  },
});

async function rm(desk: Desk, _flags: object, name: string): Promise<Exit> {
  const { current, all } = await readContexts(desk);
  const context = contextNamed({ current, all }, name);
  const rest = new Map([...all].filter(([one]) => one !== name));
  await writeContexts(desk, { current: current === name ? null : current, all: rest });
  const isOpen = context.secret !== null;
  desk.say(
    `The context "${safeText(name)}" is forgotten.${isOpen ? ' Its session goes on at the controller until it ends: picket sessions ls' : ''}`,
  );
  return EXIT.done;
}

const rmCommand = buildCommand<Record<never, never>, [name: string], PicketContext>({
  func: command(rm),
  parameters: { positional: NAME },
  docs: {
    brief: 'Forget a context; the controller is not asked',
    fullDescription: description(
      'Removes the context with its secret from your file. To end the session as well, use picket logout instead.',
      [{ line: 'picket context rm plant', what: 'forget that controller' }],
    ),
  },
});

export const contextRoutes = buildRouteMap({
  routes: { ls: lsCommand, use: useCommand, rm: rmCommand },
  docs: { brief: 'Choose which controller commands ask' },
});
