// How many messages the kernel could not deliver to a child's netlink sockets, as /proc tells it. Works across network namespaces,
// because a process's own files show its namespace. Not a reader of netlink.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** NETLINK_NETFILTER: conntrack events and NFLOG. */
const NETFILTER = '12';
/** Descriptors of a child that are looked at; tcpdump and conntrack have about ten. */
const DESCRIPTORS_MAX = 64;
/** Sockets in the table that are looked at. */
const LINES_MAX = 16_384;

export interface NetlinkState {
  /** Sockets of the child on the netfilter family, and of them those that listen to events. */
  readonly sockets: number;
  readonly listening: number;
  readonly drops: number;
}

/** The child's netfilter sockets; null where the system does not show them. */
export function netlinkState(pid: number): NetlinkState | null {
  try {
    const inodes = socketInodes(pid);
    return readNetlink(readFileSync(`/proc/${pid}/net/netlink`, 'utf8'), inodes);
  } catch {
    // The child is gone, belongs to another user, or this is no Linux: not known is an answer here.
    return null;
  }
}

function socketInodes(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const name of readdirSync(`/proc/${pid}/fd`).slice(0, DESCRIPTORS_MAX)) {
    const target = readlinkSync(`/proc/${pid}/fd/${name}`);
    if (target.startsWith('socket:[')) inodes.add(target.slice(8, -1));
  }
  return inodes;
}

/** Reads /proc/net/netlink: sk, family, port id, groups (hex), memory read and written, dump, locks, drops, inode. */
export function readNetlink(text: string, inodes: ReadonlySet<string>): NetlinkState {
  let sockets = 0;
  let listening = 0;
  let drops = 0;
  for (const line of text.split('\n', LINES_MAX)) {
    const cells = line.split(' ').filter((cell) => cell !== '');
    if (cells[1] !== NETFILTER || !inodes.has(cells[9] ?? '')) continue;
    sockets++;
    if (Number.parseInt(cells[3] ?? '', 16) > 0) listening++;
    drops += Number(cells[8]) || 0;
  }
  return { sockets, listening, drops };
}
