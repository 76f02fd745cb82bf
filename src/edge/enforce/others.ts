// Who else on this machine uses the marks of connections or packets. Picket's table owns both, so it is not installed beside others.

import { CLASS_BIT } from './numbers.ts';

/** A foreign table, or the machine's routing rules, and the line that shows it. */
export interface MarkUser {
  readonly where: string;
  readonly line: string;
  /** The program that is known to write such names, or null. */
  readonly owner: string | null;
}

/** Names of chains and tables by which programs are known. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/\bKUBE-|\bkube-/, 'Kubernetes'],
  [/\bcali-|\bcali:/, 'Calico'],
  [/\bCILIUM|\bcilium/, 'Cilium'],
  [/\bDOCKER/, 'Docker'],
  [/\bts-|\btailscale/, 'Tailscale'],
  [/\bwg-quick|\bwg\d/, 'wg-quick'],
  [/\blibvirt|\bLIBVIRT/, 'libvirt'],
  [/\bfirewalld/, 'firewalld'],
  [/\bmwan3/, 'mwan3'],
  [/\bfw4\b/, 'OpenWrt'],
];

/** Picket's tables: the policy's own and those beside it, such as the bridge's. */
const OWN_TABLE = /^\S+ picket(_[a-z]+)?$/;

const USERS_MAX = 5;
const LINE_CHARS_MAX = 120;

/** Users of marks in the text of `nft list ruleset`, `ip rule` and `iptables-legacy-save`, Picket's own tables left out. */
export function markUsers(ruleset: string, routing: string, legacy = ''): readonly MarkUser[] {
  const users: MarkUser[] = [];
  let where = '';
  let chain = '';
  for (const line of ruleset.split('\n')) {
    const table = /^table (\S+ \S+) \{/.exec(line);
    chain = /^\s*chain (\S+) \{/.exec(line)?.[1] ?? chain;
    if (table !== null) where = table[1] ?? '';
    else if (!OWN_TABLE.test(where) && usesMark(line))
      users.push({ where: `table ${where}`, line: cut(line), owner: ownerOf(`${where} ${chain} ${line}`) });
  }
  for (const line of routing.split('\n'))
    if (/\bfwmark\b/.test(line)) users.push({ where: 'ip rule', line: cut(line), owner: ownerOf(line) });
  return [...users, ...legacyUsers(legacy)].slice(0, USERS_MAX);
}

/** Lines as iptables-save prints them: `*mangle` begins a table, `-A` a rule. */
function legacyUsers(saved: string): readonly MarkUser[] {
  const users: MarkUser[] = [];
  let table = '';
  for (const line of saved.split('\n')) {
    table = /^\*(\S+)/.exec(line)?.[1] ?? table;
    if (line.startsWith('-A ') && /-j (CONN)?MARK\b|-m (conn)?mark\b/.test(line.replace(QUOTED, '')))
      users.push({ where: `iptables-legacy ${table}`, line: cut(line), owner: ownerOf(line) });
  }
  return users;
}

/** A comment or a prefix of a log line says nothing of marks. */
const QUOTED = /"[^"]*"/g;

function ownerOf(text: string): string | null {
  return OWNERS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** nft statements, and those of iptables as nft shows them. */
function usesMark(line: string): boolean {
  return /\b(ct|meta) mark\b|\b(xt_)?(conn)?mark\b.*\b(set|save|restore)|xt (target|match) "?(CONNMARK|MARK|connmark|mark)"?/i.test(
    line,
  );
}

/** The highest mark that a tracked connection carries, 0 for none; what is no mark of a flow does not count. */
export function highestMark(connections: string): number {
  let highest = 0;
  for (const [, digits] of connections.matchAll(/ mark=(\d+) /g)) {
    const value = Number(digits);
    if (value < CLASS_BIT) highest = Math.max(highest, value);
  }
  return highest;
}

function cut(line: string): string {
  return line.trim().slice(0, LINE_CHARS_MAX);
}
