// Who else on this machine uses the marks of connections or packets. Picket's table owns both, so it is not installed beside others.

import { CLASS_BIT } from './numbers.ts';

/** A foreign table, or the machine's routing rules, and the line that shows it. */
export interface MarkUser {
  readonly where: string;
  readonly line: string;
}

/** Picket's tables: the policy's own and those beside it, such as the bridge's. */
const OWN_TABLE = /^\S+ picket(_[a-z]+)?$/;

const USERS_MAX = 5;
const LINE_CHARS_MAX = 120;

/** Users of marks in the text of `nft list ruleset` and of `ip rule`, Picket's own tables left out. */
export function markUsers(ruleset: string, routing: string): readonly MarkUser[] {
  const users: MarkUser[] = [];
  let where = '';
  for (const line of ruleset.split('\n')) {
    const table = /^table (\S+ \S+) \{/.exec(line);
    if (table !== null) where = table[1] ?? '';
    else if (!OWN_TABLE.test(where) && usesMark(line)) users.push({ where: `table ${where}`, line: cut(line) });
  }
  for (const line of routing.split('\n'))
    if (/\bfwmark\b/.test(line)) users.push({ where: 'ip rule', line: cut(line) });
  return users.slice(0, USERS_MAX);
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
