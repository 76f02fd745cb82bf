// Services of a domain at its controller: what the policy names, where it is held, and who used it.

import type { ReceivedOf, Routes } from '#routes';
import { type Desk, tableWidth } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { fact } from '../live/status-print.ts';
import { listText } from '../live/words.ts';
import { type Column, tableText } from '../output/table.ts';
import { countText, safeText } from '../output/text.ts';
import { answeredBy } from './asking.ts';
import type { Controller } from './controller.ts';
import { pagesOf } from './pages.ts';

type Service = ReceivedOf<Routes['services']['show']['answer']>;

interface Flags {
  readonly json?: boolean;
}

const PEERS_SHOWN = 2;
const LISTED = 8;

export async function servicesAt(desk: Desk, { json }: Flags, { client, routes, domain }: Controller): Promise<Exit> {
  const params = { domain: domain() };
  const { items, isCut } = await pagesOf(desk, (query) => client.call(routes.services.list, { params, query }));
  if (json === true)
    desk.paper.line(JSON.stringify({ schema: 'picket.domain-services/v1', ...params, services: items, isCut }));
  else if (items.length === 0) desk.paper.line('The policy names no service.');
  else desk.paper.write(tableText(items, SERVICES, tableWidth(desk.io)));
  if (isCut) desk.say('note: there are more than are listed');
  return EXIT.done;
}

export async function serviceAt(
  desk: Desk,
  { json, service }: Flags & { readonly service: string },
  { client, routes, domain }: Controller,
): Promise<Exit> {
  const params = { domain: domain(), service };
  const { value } = await answeredBy(desk, client.call(routes.services.show, { params }));
  if (json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.domain-service/v1', domain: domain(), ...value }));
    return EXIT.done;
  }
  desk.paper.line(safeText(value.text));
  fact(desk, 'held on', value.enforcedOn.length === 0 ? 'nothing: it is watched' : listText(value.enforcedOn, LISTED));
  fact(desk, 'rules', value.rules.length === 0 ? 'none' : listText(value.rules, LISTED));
  fact(desk, 'used', `${countText(value.openings)} times in seven days`);
  for (const { from, openings } of value.peers) fact(desk, 'by', `${from} ${countText(openings)}×`);
  return EXIT.done;
}

const SERVICES: readonly Column<Service>[] = [
  { title: 'service', cell: ({ id }) => id, droppedAt: 0 },
  {
    title: 'what',
    cell: ({ id, text }) => (text.startsWith(`${id} `) ? text.slice(id.length + 1) : text),
    droppedAt: 1,
  },
  { title: 'held on', cell: ({ enforcedOn }) => listText(enforcedOn, PEERS_SHOWN), droppedAt: 2 },
  { title: 'rules', cell: ({ rules }) => countText(rules.length), droppedAt: 4, isRight: true },
  { title: 'used', cell: ({ openings }) => countText(openings), droppedAt: 0, isRight: true },
  {
    title: 'peers',
    cell: ({ peers }) =>
      listText(
        peers.map(({ from, openings }) => `${from} ${countText(openings)}×`),
        PEERS_SHOWN,
      ),
    droppedAt: 3,
  },
];
