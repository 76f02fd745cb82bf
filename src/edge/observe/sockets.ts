// Reads the socket tables and routes of /proc/net. Not the owners of sockets, and no netlink.

import { type AddressId, type AddressTable, NO_ADDRESS, PROTOCOL } from '#model';

export interface Socket {
  readonly protocol: number;
  readonly local: AddressId;
  readonly localPort: number;
  readonly remote: AddressId;
  readonly remotePort: number;
  readonly kind: 'listening' | 'connected';
  readonly user: number;
  readonly inode: string;
}

/** The table's name in /proc/net and the protocol that it is of. */
export const SOCKET_TABLES = [
  { name: 'tcp', protocol: PROTOCOL.tcp },
  { name: 'tcp6', protocol: PROTOCOL.tcp },
  { name: 'udp', protocol: PROTOCOL.udp },
  { name: 'udp6', protocol: PROTOCOL.udp },
] as const;

/** States of the kernel (net/tcp_states.h); a UDP socket without a peer has that of a closed one. */
const STATE = {
  established: '01',
  synSent: '02',
  synReceived: '03',
  closeWait: '08',
  closed: '07',
  listening: '0A',
} as const;
const CONNECTED = new Set<string>([STATE.established, STATE.synSent, STATE.synReceived, STATE.closeWait]);
/** Two groups of a line that are read: `sl: local remote state queues timer retransmits user timeout inode`. */
const CELL = { local: 1, remote: 2, state: 3, user: 7, inode: 9 } as const;

export interface ReadSockets {
  readonly addresses: AddressTable;
  readonly protocol: number;
  /** Byte order of the machine: addresses are printed as its words. */
  readonly isBig: boolean;
  readonly socketsMax: number;
}

/** The listening and connected sockets of one table. Lines that do not fit are left out; `isCut` when there were more than the bound. */
export function readSockets(text: string, options: ReadSockets): { sockets: readonly Socket[]; isCut: boolean } {
  const sockets: Socket[] = [];
  for (const line of text.split('\n').slice(1)) {
    if (sockets.length >= options.socketsMax) return { sockets, isCut: true };
    const socket = readSocket(cellsOf(line), options);
    if (socket !== null) sockets.push(socket);
  }
  return { sockets, isCut: false };
}

function readSocket(cells: readonly string[], { addresses, protocol, isBig }: ReadSockets): Socket | null {
  const [local, localPort] = endOf(cells[CELL.local] ?? '', addresses, isBig);
  const [remote, remotePort] = endOf(cells[CELL.remote] ?? '', addresses, isBig);
  const kind = kindOf(protocol, cells[CELL.state] ?? '', remotePort);
  if (local === NO_ADDRESS || remote === NO_ADDRESS || kind === null) return null;
  const user = Number(cells[CELL.user]);
  const inode = cells[CELL.inode] ?? '';
  return { protocol, local, localPort, remote, remotePort, kind, user: Number.isInteger(user) ? user : -1, inode };
}

function kindOf(protocol: number, state: string, remotePort: number): Socket['kind'] | null {
  if (protocol === PROTOCOL.udp && state === STATE.closed && remotePort === 0) return 'listening';
  if (protocol === PROTOCOL.tcp && state === STATE.listening) return 'listening';
  return CONNECTED.has(state) ? 'connected' : null;
}

/** `0100007F:0016` or 32 digits before the colon. */
function endOf(text: string, addresses: AddressTable, isBig: boolean): readonly [AddressId, number] {
  const [address = '', port = ''] = text.split(':');
  const bytes = hexBytes(address, isBig);
  const number = Number.parseInt(port, 16);
  if (bytes === null || !(number >= 0 && number <= 65_535)) return [NO_ADDRESS, -1];
  return [addresses.intern6(bytes, 0), number];
}

/** 16 bytes of an address that is printed in words of 32 bits in the machine's order; IPv4 is mapped. */
function hexBytes(text: string, isBig: boolean): Uint8Array | null {
  if ((text.length !== 8 && text.length !== 32) || !/^[0-9a-fA-F]+$/.test(text)) return null;
  const bytes = new Uint8Array(16);
  const from = text.length === 8 ? 12 : 0;
  if (from === 12) bytes.fill(0xff, 10, 12);
  for (let at = 0; at < text.length / 2; at++) {
    const place = isBig ? at : at - (at % 4) + 3 - (at % 4);
    bytes[from + place] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  }
  return bytes;
}

export interface Route {
  readonly gateway: AddressId;
  readonly interface: string;
}

/** Default routes listed at most; a host has one or two of each family. */
const ROUTES_MAX = 16;
const ROUTE = { up: 1, gateway: 2 } as const;

/** Default routes with a gateway, from /proc/net/route. */
export function readRoutes4(text: string, addresses: AddressTable, isBig: boolean): readonly Route[] {
  const found: Route[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [name = '', destination, gateway = '', flags = '', , , , mask] = cellsOf(line);
    if (destination !== '00000000' || mask !== '00000000' || !isGateway(flags)) continue;
    const bytes = hexBytes(gateway, isBig);
    if (bytes !== null && found.length < ROUTES_MAX)
      found.push({ gateway: addresses.intern6(bytes, 0), interface: name });
  }
  return found;
}

/** Default routes with a gateway, from /proc/net/ipv6_route; addresses are printed byte by byte there. */
export function readRoutes6(text: string, addresses: AddressTable): readonly Route[] {
  const found: Route[] = [];
  for (const line of text.split('\n')) {
    const [destination = '', length, , , gateway = '', , , , flags = '', name = ''] = cellsOf(line);
    if (!/^0{32}$/.test(destination) || length !== '00' || !isGateway(flags)) continue;
    const bytes = hexBytes(gateway, true);
    if (bytes !== null && found.length < ROUTES_MAX)
      found.push({ gateway: addresses.intern6(bytes, 0), interface: name });
  }
  return found;
}

function isGateway(flags: string): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & ROUTE.up) !== 0 && (bits & ROUTE.gateway) !== 0;
}

function cellsOf(line: string): readonly string[] {
  return line.split(/[ \t]/).filter((cell) => cell !== '');
}
