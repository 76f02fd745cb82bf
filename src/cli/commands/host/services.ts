// `picket services`: what this host offers and uses right now, from /proc; or at a controller the services of a domain. The host needs no agent and no rights; with root it names every program.

import { buildCommand } from '@stricli/core';
import { AddressTable, NO_ADDRESS } from '#model';
import { type HostConnection, type HostFacts, type HostListener, hostFacts } from '#observe';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { counted, countText, endText, protocolText } from '../../output/text.ts';
import { REMOTE_FLAGS, type RemoteFlags, remoteOf } from '../../remote/controller.ts';
import { serviceAt, servicesAt } from '../../remote/services.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags extends RemoteFlags {
  readonly json?: boolean;
}

export const servicesCommand = buildCommand<Flags, [service?: string], PicketContext>({
  func: command(services),
  parameters: {
    flags: { ...REMOTE_FLAGS, json: JSON_FLAG },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: word,
          brief: 'at a controller: one service of the policy; all if not stated',
          placeholder: 'SERVICE',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'Show what this host offers, to whom, and what it uses; or the services of a domain',
    fullDescription: description(
      'One look at the sockets of this host: services with their programs, how far each can be reached, who is connected, and where this host itself connects to. Needs no rights and changes nothing; only with root are the programs of other users named. With a context it lists the services that the policy of the domain names, where they are held, and who used them in the last seven days.',
      [
        { line: 'picket services', what: 'who could knock at which door' },
        { line: 'picket services rtsp --on plant', what: 'who uses one service of the domain' },
        { line: 'picket services --on local', what: 'this host, although a context is chosen' },
      ],
    ),
  },
});

interface ServiceRow {
  readonly program: string;
  readonly protocol: string;
  readonly port: number;
  /** Addresses it is bound to. */
  readonly at: readonly string[];
  readonly peers: readonly PeerRow[];
}

interface PeerRow {
  readonly address: string;
  readonly connections: number;
}

interface UseRow {
  readonly program: string;
  readonly protocol: string;
  readonly to: string;
  readonly port: number;
  readonly connections: number;
}

/** Rows shown to people; --json has all. */
const ROWS_SHOWN = 30;
const PEERS_SHOWN = 3;

async function services(desk: Desk, flags: Flags, service?: string): Promise<Exit> {
  const controller = await remoteOf(desk, flags);
  if (controller !== null)
    return service === undefined
      ? servicesAt(desk, flags, controller)
      : serviceAt(desk, { ...flags, service }, controller);
  if (service !== undefined)
    throw wrongUsage(
      'the services of this host are shown together',
      'ask a controller for one of its policy: --on NAME',
    );
  const addresses = new AddressTable();
  const facts = await hostFacts({ addresses });
  const offers = offersOf(facts, addresses);
  const uses = usesOf(facts, addresses);
  const { unnamedPrograms, isCut } = facts;
  if (flags.json === true)
    desk.paper.line(JSON.stringify({ schema: 'picket.services/v1', services: offers, uses, unnamedPrograms, isCut }));
  else print(desk, { offers, uses, facts });
  return EXIT.done;
}

/** One row for a program's port, on however many addresses. A client's own UDP port is no service. */
function offersOf({ listeners, connections }: HostFacts, addresses: AddressTable): readonly ServiceRow[] {
  const rows = new Map<string, HostListener[]>();
  for (const listener of listeners) {
    if (listener.mayBeClient) continue;
    const key = `${listener.protocol} ${listener.port} ${listener.program}`;
    rows.set(key, [...(rows.get(key) ?? []), listener]);
  }
  return [...rows.values()]
    .flatMap((same) => {
      const [first] = same;
      if (first === undefined) return [];
      const { program, protocol, port } = first;
      const inbound = connections.filter((one) => one.isInbound && one.protocol === protocol && one.localPort === port);
      const at = [...new Set(same.map(({ address }) => textOf(addresses, address)))];
      return [{ program, protocol: protocolText(protocol), port, at, peers: peersOf(inbound, addresses) }];
    })
    .sort((one, other) => other.peers.length - one.peers.length || one.port - other.port);
}

function peersOf(inbound: readonly HostConnection[], addresses: AddressTable): readonly PeerRow[] {
  const counts = new Map<string, number>();
  for (const { remote } of inbound) {
    const address = textOf(addresses, remote);
    counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return [...counts]
    .map(([address, connections]) => ({ address, connections }))
    .sort((one, other) => other.connections - one.connections);
}

function usesOf({ connections }: HostFacts, addresses: AddressTable): readonly UseRow[] {
  const rows = new Map<string, UseRow>();
  for (const one of connections) {
    if (one.isInbound) continue;
    const { program, remotePort: port } = one;
    const to = textOf(addresses, one.remote);
    const protocol = protocolText(one.protocol);
    const key = `${program} ${protocol} ${to} ${port}`;
    rows.set(key, { program, protocol, to, port, connections: (rows.get(key)?.connections ?? 0) + 1 });
  }
  return [...rows.values()].sort((one, other) => other.connections - one.connections);
}

function textOf(addresses: AddressTable, id: number): string {
  return id === NO_ADDRESS ? '?' : addresses.text(id);
}

interface Seen {
  readonly offers: readonly ServiceRow[];
  readonly uses: readonly UseRow[];
  readonly facts: HostFacts;
}

function print({ io, paper, say }: Desk, { offers, uses, facts }: Seen): void {
  const width = tableWidth(io);
  const peers = new Set(offers.flatMap((offer) => offer.peers.map(({ address }) => address))).size;
  paper.line(`${counted(offers.length, 'service')} of this host, ${counted(peers, 'peer')} connected now.`);
  if (offers.length > 0) paper.write(`\n${tableText(offers.slice(0, ROWS_SHOWN), OFFERS, width)}`);
  if (offers.length > ROWS_SHOWN)
    paper.line(`and ${countText(offers.length - ROWS_SHOWN)} more; --json lists them all`);
  if (uses.length > 0)
    paper.write(`\nConnections of this host to others:\n\n${tableText(uses.slice(0, ROWS_SHOWN), USES, width)}`);
  if (uses.length > ROWS_SHOWN) paper.line(`and ${countText(uses.length - ROWS_SHOWN)} more; --json lists them all`);
  if (facts.unnamedPrograms > 0 && io.machine.uid !== 0)
    say(`note: ${counted(facts.unnamedPrograms, 'socket')} of programs that only root may see`);
  if (facts.isCut) say('note: there are more sockets than are looked at');
}

const OFFERS: readonly Column<ServiceRow>[] = [
  { title: 'service', cell: ({ program }) => program || '?', droppedAt: 0 },
  { title: 'port', cell: ({ port, protocol }) => `${port}/${protocol}`, droppedAt: 0 },
  { title: 'can be reached', cell: ({ at }) => reachText(at), droppedAt: 1 },
  { title: 'connected now', cell: ({ peers }) => peersText(peers), droppedAt: 2 },
];

const USES: readonly Column<UseRow>[] = [
  { title: 'program', cell: ({ program }) => program || '?', droppedAt: 0 },
  { title: 'to', cell: ({ to, port }) => endText(to, port), droppedAt: 0 },
  { title: 'proto', cell: ({ protocol }) => protocol, droppedAt: 2 },
  { title: 'connections', cell: ({ connections }) => countText(connections), droppedAt: 1, isRight: true },
];

const LOOPBACK = /^(127\.|::1$)/;

function reachText(at: readonly string[]): string {
  if (at.every((address) => LOOPBACK.test(address))) return 'from this host only';
  if (at.includes('0.0.0.0') || at.includes('::')) return 'from every network';
  return `at ${at.filter((address) => !LOOPBACK.test(address)).join(', ')}`;
}

function peersText(peers: readonly PeerRow[]): string {
  const named = peers.slice(0, PEERS_SHOWN).map(({ address, connections }) => `${address} ${connections}×`);
  const rest = peers.length - named.length;
  return rest > 0 ? `${named.join(', ')} +${countText(rest)}` : named.join(', ');
}
