// Which program holds a socket, by walking the descriptors of processes as far as the system lets this one look. Bounded, and it lets
// other work go on between two processes.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

export interface Program {
  /** As the kernel names the process; printable characters only. */
  readonly name: string;
  readonly pid: number;
}

/** Processes and descriptors that are looked at: a large host's, in about a second. What lies beyond stays unnamed. */
const PROCESSES_MAX = 16_384;
const DESCRIPTORS_MAX = 524_288;
const NAME_MAX = 32;

export interface Programs {
  readonly byInode: ReadonlyMap<string, Program>;
  readonly isCut: boolean;
}

/** The programs of those sockets whose inodes are `wanted`. The first process that holds one is named. */
export async function findPrograms(wanted: ReadonlySet<string>): Promise<Programs> {
  const byInode = new Map<string, Program>();
  const pids = namesIn('/proc').filter((name) => /^[1-9][0-9]*$/.test(name));
  let descriptors = 0;
  for (const pid of pids.slice(0, PROCESSES_MAX)) {
    if (byInode.size >= wanted.size || descriptors >= DESCRIPTORS_MAX) break;
    descriptors += look(pid, wanted, byInode);
    await setImmediate();
  }
  return { byInode, isCut: pids.length > PROCESSES_MAX || descriptors >= DESCRIPTORS_MAX };
}

/** Adds the wanted sockets of one process; answers how many descriptors it has. */
function look(pid: string, wanted: ReadonlySet<string>, byInode: Map<string, Program>): number {
  const names = namesIn(`/proc/${pid}/fd`);
  let program: Program | null = null;
  for (const name of names) {
    const inode = inodeOf(`/proc/${pid}/fd/${name}`);
    if (inode === '' || !wanted.has(inode) || byInode.has(inode)) continue;
    program ??= { name: nameOf(pid), pid: Number(pid) };
    byInode.set(inode, program);
  }
  return names.length;
}

/** Processes come and go, and those of other users do not show their descriptors: nothing found is an answer. */
function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function inodeOf(path: string): string {
  try {
    const target = readlinkSync(path);
    return target.startsWith('socket:[') ? target.slice(8, -1) : '';
  } catch {
    return '';
  }
}

function nameOf(pid: string): string {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'latin1').trimEnd();
    return name.slice(0, NAME_MAX).replace(/[^\x20-\x7e]/g, '?');
  } catch {
    return '';
  }
}
