// `picket agents ls` and `show`: what each agent of a domain has in force, and what keeps it from the current revision.

import { buildCommand } from '@stricli/core';
import { MILLISECOND } from '#model';
import type { agentRoutes, ValueOf } from '#routes';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { countText, localTimeText, safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { type Controller, controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { heldText } from '../../remote/status.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags extends RemoteFlags {
  readonly json?: boolean;
}

type AgentView = ValueOf<(typeof agentRoutes)['show']['answer']>;

const FLAGS = { ...REMOTE_FLAGS, json: JSON_FLAG } as const;

export const listCommand = buildCommand<Flags, [], PicketContext>({
  func: command(list),
  parameters: { flags: FLAGS },
  docs: {
    brief: 'List the agents of a domain',
    fullDescription: description(
      'Asks the controller which agents belong to the domain, which revision of the policy each has in force, and what is wrong with those that are behind. Exit code 8 where at least one is not at the current revision.',
      [
        { line: 'picket agents ls', what: 'of the current context' },
        { line: 'picket agents ls --json', what: 'everything, for programs' },
      ],
    ),
  },
});

export const showCommand = buildCommand<Flags, [agent: string], PicketContext>({
  func: command(show),
  parameters: {
    flags: FLAGS,
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'kind and path, such as gateway/north', placeholder: 'AGENT' }],
    },
  },
  docs: {
    brief: 'Show one agent',
    fullDescription: description(
      'Prints what the controller knows of an agent: revision, connection, losses, health.',
      [{ line: 'picket agents show gateway/north', what: 'one agent' }],
    ),
  },
});

/** Pages of one list; beyond, the list says that it is cut. */
const PAGES_MAX = 20;
const PAGE_ROWS = 500;

const COLUMNS: readonly Column<AgentView>[] = [
  { title: 'agent', cell: ({ agent }) => agent, droppedAt: 0 },
  { title: 'state', cell: ({ state }) => state, droppedAt: 0 },
  { title: 'revision', cell: ({ inForce }) => String(inForce), isRight: true, droppedAt: 1 },
  { title: 'seen', cell: ({ seenAt }) => timeText(seenAt), droppedAt: 2 },
  { title: 'controller', cell: ({ controller }) => controller ?? '', droppedAt: 4 },
  {
    title: 'problem',
    cell: ({ problem }) => (problem === null ? '' : `${problem.code} ${problem.message}`),
    droppedAt: 3,
  },
];

async function list(desk: Desk, flags: Flags): Promise<Exit> {
  const controller = await controllerOf(desk, flags);
  const { agents, isCut } = await allAgents(desk, controller);
  if (flags.json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.agents/v1', domain: controller.domain(), agents, isCut }));
    return exitOf(agents);
  }
  if (agents.length === 0)
    desk.paper.line('No agent has joined this domain: picket tokens enrol makes a link for one.');
  else desk.paper.write(tableText(agents, COLUMNS, tableWidth(desk.io)));
  const behind = agents.filter(({ state }) => state !== 'applied').length;
  if (agents.length > 0)
    desk.paper.line(`${countText(agents.length - behind)} of ${countText(agents.length)} have the current revision.`);
  if (isCut) desk.say('note: there are more agents than are listed here');
  return exitOf(agents);
}

async function allAgents(
  desk: Desk,
  { client, routes, domain }: Controller,
): Promise<{ readonly agents: readonly AgentView[]; readonly isCut: boolean }> {
  const agents: AgentView[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query: { limit: number; cursor?: string } = { limit: PAGE_ROWS, ...(cursor === null ? {} : { cursor }) };
    const { value } = await answeredBy(desk, client.call(routes.agents.list, { params: { domain: domain() }, query }));
    agents.push(...value.items);
    cursor = value.next;
    if (cursor === null) return { agents, isCut: false };
  }
  return { agents, isCut: true };
}

function exitOf(agents: readonly AgentView[]): Exit {
  return agents.every(({ state }) => state === 'applied') ? EXIT.done : EXIT.partlyDone;
}

async function show(desk: Desk, flags: Flags, name: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const agent = Buffer.from(name, 'utf8').toString('base64url');
  const { value } = await answeredBy(desk, client.call(routes.agents.show, { params: { domain: domain(), agent } }));
  if (flags.json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.agent/v1', domain: domain(), ...value }));
    return EXIT.done;
  }
  for (const [fact, text] of factsOf(value)) desk.paper.line(`${fact.padEnd(FACT_WIDTH)}${safeText(text)}`);
  return EXIT.done;
}

const FACT_WIDTH = 12;

function factsOf(agent: AgentView): readonly (readonly [string, string])[] {
  const { problem, local, staleSince, losses, health, counters } = agent;
  return [
    ['agent', `${agent.agent}: ${agent.state}`],
    [
      'revision',
      `${heldText(String(agent.inForce), agent)}${staleSince === null ? '' : `, behind since ${timeText(staleSince)}`}`,
    ],
    [
      'connection',
      agent.controller === null
        ? `none, seen ${timeText(agent.seenAt)}`
        : `to ${agent.controller} since ${timeText(agent.connectedAt)}`,
    ],
    ...(problem === null ? [] : [['problem', `${problem.message} [${problem.code}]`] as const]),
    ...(local === null
      ? []
      : [['LOCAL', `a policy of its own since ${timeText(local.since)} by ${local.by}: ${local.why}`] as const]),
    ['traffic', `${countText(counters.flowsSeen)} flows, ${countText(counters.packets)} packets`],
    ['lost', losses.map(({ what, count }) => `${countText(count)} ${what}`).join(', ')],
    ...health.map(({ code, message }) => ['attention', `${message} [${code}]`] as const),
    ['program', agent.program],
  ];
}

function timeText(iso: string): string {
  return localTimeText(Date.parse(iso) * MILLISECOND);
}
