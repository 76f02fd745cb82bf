// Who asks: user, login and session of a process as the kernel tells them, never as the process says. Not a permission: the socket's mode is that.

import { parseAddress } from '#model';
import type { CallerClaim } from './api.ts';
import { peek } from './files.ts';

/** One end of an SSH connection to this machine, as sshd tells it. */
export interface SshConnection {
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
}

export interface Caller {
  readonly uid: number;
  /** Who logged in, whatever user they became since; null where the kernel does not keep it. */
  readonly loginUid: number | null;
  /** Number of the login, null where not kept. */
  readonly login: number | null;
  /** Own session, and those of parents that have a terminal: `sudo` begins a session of its own on the same terminal. */
  readonly sessions: readonly number[];
  /** Connections by which the process or a parent came here, the nearest first. */
  readonly ssh: readonly SshConnection[];
  readonly name: string;
}

/** Parents looked at. A shell in a shell in a multiplexer in a login is eight. */
const PARENTS_MAX = 64;
/** Of an environment: SSH_CONNECTION stands near its beginning, set by sshd. */
const ENVIRON_BYTES_MAX = 256 * 1_024;
const SMALL_BYTES_MAX = 4_096;
const PASSWD_BYTES_MAX = 1_024 * 1_024;
/** What the kernel shows for a login that is not known. */
const UNSET = 4_294_967_295;

/** Null where no such process is there to be looked at. */
export function callerOf(claim: CallerClaim): Caller | null {
  const own = statOf(claim.pid);
  const uid = uidOf(claim.pid);
  if (own === null || uid === null) return null;
  const sessions = [own.session];
  const ssh = [...sshOf(claim.sshConnection)];
  let pid = claim.pid;
  for (let depth = 0; depth < PARENTS_MAX && pid > 1; depth++) {
    const stat = statOf(pid);
    if (stat === null) break;
    if (stat.hasTerminal && !sessions.includes(stat.session)) sessions.push(stat.session);
    for (const one of sshOf(sshVariable(pid))) if (!ssh.some((known) => isSame(known, one))) ssh.push(one);
    pid = stat.parent;
  }
  const loginUid = numberOf(claim.pid, 'loginuid');
  return { uid, loginUid, login: numberOf(claim.pid, 'sessionid'), sessions, ssh, name: nameOf(uid, loginUid) };
}

/**
 * `SSH_CONNECTION` of a process, or of its nearest parent that has it: `sudo` takes it away. For a client, which may look at its own parents
 * where an agent with few rights may not.
 */
export function sshConnectionOf(pid: number): string | null {
  let at = pid;
  for (let depth = 0; depth < PARENTS_MAX && at > 1; depth++) {
    const found = sshVariable(at);
    if (found !== null) return found;
    const stat = statOf(at);
    if (stat === null) return null;
    at = stat.parent;
  }
  return null;
}

/** The same person: the same user, and the same login where the kernel keeps it. */
export function isSameUser(one: Caller, other: Caller): boolean {
  return one.uid === other.uid && one.loginUid === other.loginUid;
}

/** A session begun anew: no session, login or connection in common. */
export function isNewSession(before: Caller, now: Caller): boolean {
  if (before.login !== null && before.login === now.login) return false;
  if (now.sessions.some((session) => before.sessions.includes(session))) return false;
  return !now.ssh.some((one) => before.ssh.some((known) => isSame(known, one)));
}

function isSame(one: SshConnection, other: SshConnection): boolean {
  return (
    one.from === other.from && one.fromPort === other.fromPort && one.to === other.to && one.toPort === other.toPort
  );
}

/** `SSH_CONNECTION`: client's address and port, server's address and port. Anything else is none. */
function sshOf(text: string | null): readonly SshConnection[] {
  const [from = '', fromPort = '', to = '', toPort = '', ...rest] = (text ?? '').split(' ');
  const ports = [fromPort, toPort].map((port) => (/^\d{1,5}$/.test(port) ? Number(port) : -1));
  const [first = -1, second = -1] = ports;
  if (rest.length > 0 || first < 0 || second < 0) return [];
  const ends = [withoutZone(from), withoutZone(to)];
  if (ends.some((end) => parseAddress(end) === null)) return [];
  return [{ from: ends[0] ?? '', fromPort: first, to: ends[1] ?? '', toPort: second }];
}

/** sshd writes `fe80::1%eth0`. */
function withoutZone(text: string): string {
  return text.replace(/%.*$/, '');
}

function sshVariable(pid: number): string | null {
  const found = (peek(`/proc/${pid}/environ`, ENVIRON_BYTES_MAX) ?? '')
    .split('\0')
    .find((line) => line.startsWith('SSH_CONNECTION='));
  return found?.slice('SSH_CONNECTION='.length) ?? null;
}

interface Stat {
  readonly parent: number;
  readonly session: number;
  readonly hasTerminal: boolean;
}

/** The program's name stands in parentheses and may hold anything, so fields are counted from the last one. */
function statOf(pid: number): Stat | null {
  const text = peek(`/proc/${pid}/stat`, SMALL_BYTES_MAX);
  const fields = text === null ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [, parent, , session, terminal] = fields.map(Number);
  if (parent === undefined || session === undefined || terminal === undefined) return null;
  return { parent, session, hasTerminal: terminal !== 0 };
}

function uidOf(pid: number): number | null {
  const found = /^Uid:\t(\d+)/m.exec(peek(`/proc/${pid}/status`, SMALL_BYTES_MAX) ?? '');
  return found === null ? null : Number(found[1]);
}

function numberOf(pid: number, file: 'loginuid' | 'sessionid'): number | null {
  const text = peek(`/proc/${pid}/${file}`, SMALL_BYTES_MAX)?.trim() ?? '';
  return /^\d+$/.test(text) && Number(text) !== UNSET ? Number(text) : null;
}

function nameOf(uid: number, loginUid: number | null): string {
  const own = userName(uid);
  return loginUid === null || loginUid === uid ? own : `${userName(loginUid)} as ${own}`;
}

function userName(uid: number): string {
  for (const line of (peek('/etc/passwd', PASSWD_BYTES_MAX) ?? '').split('\n')) {
    const [name = '', , number = ''] = line.split(':');
    if (number === String(uid) && /^[A-Za-z0-9_.@-]{1,64}$/.test(name)) return name;
  }
  return `user ${uid}`;
}
