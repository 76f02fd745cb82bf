// What this host is: its interfaces, who listens, who is connected, as far as the system tells without special rights. It changes nothing
// and watches nothing: one look.

import { endianness, networkInterfaces } from 'node:os';
import { type AddressId, type AddressTable, NO_ADDRESS, NO_MAC, PROTOCOL, parseMac } from '#model';
import { cappedText } from './capped-file.ts';
import { type Interface, listInterfaces } from './interfaces.ts';
import { findPrograms, type Program } from './programs.ts';
import { type Route, readRoutes4, readRoutes6, readSockets, SOCKET_TABLES, type Socket } from './sockets.ts';

/** A program as the system names it; '' and -1 where this process may not see it. */
export interface HostProgram {
  readonly program: string;
  readonly pid: number;
  /** Number of the user that owns the socket, or -1. */
  readonly user: number;
}

export interface HostListener extends HostProgram {
  readonly protocol: number;
  /** The address it is bound to; `0.0.0.0` or `::` for all. */
  readonly address: AddressId;
  readonly port: number;
  /** A UDP socket on a port of the range that clients are given: as likely a client as a service. */
  readonly mayBeClient: boolean;
}

export interface HostConnection extends HostProgram {
  readonly protocol: number;
  readonly local: AddressId;
  readonly localPort: number;
  readonly remote: AddressId;
  readonly remotePort: number;
  /** Whether the other end began it: somebody listens on the local port. */
  readonly isInbound: boolean;
}

export interface HostFacts {
  readonly interfaces: readonly Interface[];
  readonly defaultRoutes: readonly Route[];
  readonly listeners: readonly HostListener[];
  readonly connections: readonly HostConnection[];
  /** Sockets whose program could not be told, mostly because another user's process holds them. */
  readonly unnamedPrograms: number;
  /** Whether something was left out because there was too much of it. */
  readonly isCut: boolean;
}

export interface HostFactsOptions {
  readonly addresses: AddressTable;
  /** Words before `ip`, as for the observer. */
  readonly prefix?: readonly string[];
  /** The process whose network namespace is looked at; this one by default. */
  readonly pid?: number;
}

/** Sockets of one table that are told: a busy server's. */
const SOCKETS_MAX = 16_384;
/** A line has 150 bytes, 180 for IPv6. */
const TABLE_BYTES_MAX = 8 * 1024 * 1024;
const SMALL_BYTES_MAX = 65_536;
/** Linux's own range of ports for clients, where /proc does not tell it. */
const CLIENT_PORTS = { from: 32_768, to: 60_999 } as const;

export async function hostFacts({ addresses, prefix = [], pid }: HostFactsOptions): Promise<HostFacts> {
  const net = `/proc/${pid ?? 'self'}/net`;
  const { sockets, isCut } = await allSockets(net, addresses);
  const programs = await findPrograms(new Set(sockets.map(({ inode }) => inode).filter((inode) => inode !== '0')));
  const clientPorts = await clientPortRange();
  const listening = sockets.filter(({ kind }) => kind === 'listening');
  const connected = sockets.filter(({ kind }) => kind === 'connected');
  const served = new Set(listening.map(({ protocol, localPort }) => `${protocol} ${localPort}`));
  return {
    interfaces: await interfacesOf(prefix, addresses),
    defaultRoutes: await defaultRoutes(net, addresses),
    listeners: listening.map((socket) => ({
      ...programOf(socket, programs.byInode),
      protocol: socket.protocol,
      address: socket.local,
      port: socket.localPort,
      mayBeClient: socket.protocol === PROTOCOL.udp && isWithin(socket.localPort, clientPorts),
    })),
    connections: connected.map((socket) => ({
      ...programOf(socket, programs.byInode),
      protocol: socket.protocol,
      local: socket.local,
      localPort: socket.localPort,
      remote: socket.remote,
      remotePort: socket.remotePort,
      isInbound: served.has(`${socket.protocol} ${socket.localPort}`),
    })),
    unnamedPrograms: sockets.filter(({ inode }) => !programs.byInode.has(inode)).length,
    isCut: isCut || programs.isCut,
  };
}

async function allSockets(
  net: string,
  addresses: AddressTable,
): Promise<{ sockets: readonly Socket[]; isCut: boolean }> {
  const isBig = endianness() === 'BE';
  const all: Socket[] = [];
  let isCut = false;
  for (const { name, protocol } of SOCKET_TABLES) {
    const table = await cappedText(`${net}/${name}`, TABLE_BYTES_MAX);
    const read = readSockets(table.text, { addresses, protocol, isBig, socketsMax: SOCKETS_MAX });
    all.push(...read.sockets);
    isCut ||= table.isCut || read.isCut;
  }
  return { sockets: all, isCut };
}

function programOf({ inode, user }: Socket, byInode: ReadonlyMap<string, Program>): HostProgram {
  const program = byInode.get(inode);
  return { program: program?.name ?? '', pid: program?.pid ?? -1, user };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

async function clientPortRange(): Promise<Range> {
  const { text } = await cappedText('/proc/sys/net/ipv4/ip_local_port_range', SMALL_BYTES_MAX);
  const [from, to] = text.trim().split(/\s/).map(Number);
  return from !== undefined && to !== undefined && from > 0 && to >= from ? { from, to } : CLIENT_PORTS;
}

function isWithin(port: number, { from, to }: Range): boolean {
  return port >= from && port <= to;
}

async function defaultRoutes(net: string, addresses: AddressTable): Promise<readonly Route[]> {
  const four = await cappedText(`${net}/route`, TABLE_BYTES_MAX);
  const six = await cappedText(`${net}/ipv6_route`, TABLE_BYTES_MAX);
  return [...readRoutes4(four.text, addresses, endianness() === 'BE'), ...readRoutes6(six.text, addresses)];
}

/** As `ip` lists them; where it is missing, what the system tells every program: then sizes and kinds are not known. */
async function interfacesOf(prefix: readonly string[], addresses: AddressTable): Promise<readonly Interface[]> {
  try {
    return await listInterfaces(prefix, addresses);
  } catch {
    return prefix.length === 0 ? plainInterfaces(addresses) : [];
  }
}

function plainInterfaces(addresses: AddressTable): readonly Interface[] {
  return Object.entries(networkInterfaces()).map(([name, entries = []]) => ({
    name,
    index: 0,
    mac: macOf(entries[0]?.mac),
    mtu: 0,
    isUp: true,
    isLoopback: entries.some(({ internal }) => internal),
    kind: '',
    master: '',
    addresses: entries
      .map(({ address, cidr }) => ({
        address: addresses.intern(address),
        prefixLength: Number(cidr?.split('/')[1] ?? -1),
      }))
      .filter(({ address }) => address !== NO_ADDRESS),
  }));
}

/** Loopback and tunnels are given a MAC of zeros. */
function macOf(text: string | undefined): number {
  const mac = text === undefined ? null : parseMac(text);
  return mac === null || mac === 0 ? NO_MAC : mac;
}
