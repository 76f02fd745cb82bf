// iptables-save and ip6tables-save: the filter table's three chains and all they jump to. Other tables are named, not carried.

import type { Problem } from '#model';
import { filesOf, isTooLong, refusal, type Source, TOO_LARGE, tooLong, UNREADABLE } from '../draft/refusal.ts';
import type { Imported } from '../imported.ts';
import { type FirewallOptions, importRuleset } from './filter.ts';
import {
  type Aside,
  type Chain,
  type Clause,
  type Family,
  type Hook,
  type RawRule,
  RULES_MAX,
  type Table,
  type Verdict,
} from './ruleset.ts';

const HOOKS: ReadonlyMap<string, Hook> = new Map([
  ['INPUT', 'input'],
  ['FORWARD', 'forward'],
  ['OUTPUT', 'output'],
]);

interface Reading {
  readonly asides: Aside[];
  readonly chains: Map<string, Chain>;
  table: string | null;
  count: number;
}

/** All texts are of one firewall: usually one for each family of addresses. Hours of iptables are in UTC, whatever the options say. */
export function importIptables(sources: readonly Source[], options: FirewallOptions = {}): Imported | Problem {
  const tables: Table[] = [];
  const asides: Aside[] = [];
  for (const source of sources) {
    const table = readSave(source, asides);
    if ('severity' in table) return table;
    if (tables.some(({ family }) => family === table.family))
      return refusal(UNREADABLE, `two texts are of IPv${table.family}; give one text for each family`);
    tables.push(table);
  }
  return importRuleset(
    { tables, asides },
    { ...options, timezone: 'UTC' },
    { files: filesOf(sources), isLocalTime: false },
  );
}

function readSave({ text, file }: Source, asides: Aside[]): Table | Problem {
  if (isTooLong(text)) return tooLong();
  const reading: Reading = { asides, chains: new Map(), table: null, count: 0 };
  for (const [at, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const problem = readLine(raw.trim(), { line: at + 1, file, reading });
    if (problem !== null) return problem;
  }
  if (reading.chains.size === 0)
    return refusal(UNREADABLE, 'the text has no filter table; print it with "iptables-save" or "ip6tables-save"');
  return { name: 'filter', family: familyOf(text), chains: reading.chains, sets: new Map() };
}

/** The text does not say its family but for its first line and what is in it. */
function familyOf(text: string): Family {
  const isSix = /^#.*ip6tables/m.test(text) || /icmp6-|ipv6-icmp|icmpv6|-[sd] [0-9a-fA-F]*:[0-9a-fA-F:]*/.test(text);
  return isSix ? 6 : 4;
}

interface Where {
  readonly line: number;
  readonly file: string;
  readonly reading: Reading;
}

function readLine(line: string, { line: number, file, reading }: Where): Problem | null {
  if (line === '' || line.startsWith('#')) return null;
  const bad = (message: string): Problem => refusal(UNREADABLE, message, { file, line: number, column: 1 });
  if (line.startsWith('*')) {
    reading.table = line.slice(1);
    return null;
  }
  if (line === 'COMMIT') {
    reading.table = null;
    return null;
  }
  if (reading.table === null)
    return bad('a line stands outside of every table ("*filter" …), as iptables-save prints them');
  if (reading.table !== 'filter') {
    if (line.startsWith('-A')) reading.asides.push(asideOf(line, reading.table, number));
    return null;
  }
  if (++reading.count > RULES_MAX) return refusal(TOO_LARGE, `the text has more than ${RULES_MAX} rules`);
  const words = wordsOf(line);
  if (words === null) return bad('a quotation is not closed');
  const [first = ''] = words;
  if (first.startsWith(':')) return addChain(words, reading) ? null : bad('a chain is declared that cannot be read');
  const start = first.startsWith('[') ? 1 : 0;
  const chain = reading.chains.get(words[start + 1] ?? '');
  if (words[start] !== '-A' || chain === undefined) return bad('the line is neither a chain nor a rule of a chain');
  chain.rules.push(ruleOf(words.slice(start + 2), `line ${number}`));
  return null;
}

/** Words, with quoted ones whole; null where a quotation does not end. */
function wordsOf(line: string): readonly string[] | null {
  const words: readonly string[] = line.match(/"(?:[^"\\]|\\.)*"|[^\s"]+|"/g) ?? [];
  if (words.includes('"')) return null;
  return words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word));
}

function addChain(words: readonly string[], { chains }: Reading): boolean {
  const [first = '', policy = ''] = words;
  const name = first.slice(1);
  const hook = HOOKS.get(name) ?? null;
  if (name === '' || chains.has(name) || !/^(ACCEPT|DROP|REJECT|-)$/.test(policy)) return false;
  chains.set(name, { name, hook, priority: 0, isPolicyDrop: policy !== 'ACCEPT' && hook !== null, rules: [] });
  return true;
}

function asideOf(line: string, table: string, number: number): Aside {
  const isDenial = / -j (DROP|REJECT)/.test(line);
  const why =
    table === 'nat'
      ? 'Picket judges connections as they are seen on the wire and changes no address; a rule for translated ends must be written by hand, so the policy may permit less'
      : isDenial
        ? 'only the filter table is read; what this rule denies, the policy may permit, so it permits more'
        : 'only the filter table is read; the policy is the same without it';
  return { place: `line ${number}`, what: `a rule of the table ${table}`, why };
}

/** What the words of a rule come to. */
interface Ruling {
  readonly words: readonly string[];
  at: number;
  readonly clauses: Clause[];
  comment: string | null;
  verdict: Verdict | null;
  protocol: string;
}

function ruleOf(words: readonly string[], place: string): RawRule {
  const ruling: Ruling = { words, at: 0, clauses: [], comment: null, verdict: null, protocol: 'th' };
  while (ruling.at < words.length) readOption(ruling);
  return { place, comment: ruling.comment, clauses: ruling.clauses, verdict: ruling.verdict };
}

/** Options of a target that change nothing of who may talk to whom. */
const HARMLESS: ReadonlySet<string> = new Set([
  '--reject-with',
  '--log-prefix',
  '--log-level',
  '--nflog-group',
  '--nflog-prefix',
  '--nflog-threshold',
  '-c',
  '--set-counters',
]);

function next(ruling: Ruling): string {
  return ruling.words[ruling.at++] ?? '';
}

function readOption(ruling: Ruling): void {
  const isNegated = ruling.words[ruling.at] === '!';
  if (isNegated) ruling.at++;
  const option = next(ruling);
  const match = (keys: string, values: readonly string[]): void => {
    ruling.clauses.push({ kind: 'match', keys: [keys], isNegated, values: values.map((value) => [value]) });
  };
  switch (option) {
    case '-s':
    case '--source':
    case '-d':
    case '--destination': {
      const value = next(ruling);
      const end = option === '-s' || option === '--source' ? 'saddr' : 'daddr';
      match(`${value.includes(':') ? 'ip6' : 'ip'} ${end}`, value.split(','));
      return;
    }
    case '--src-range':
    case '--dst-range': {
      const value = next(ruling);
      match(`${value.includes(':') ? 'ip6' : 'ip'} ${option === '--src-range' ? 'saddr' : 'daddr'}`, [value]);
      return;
    }
    case '-i':
    case '-o':
      match(option === '-i' ? 'meta iifname' : 'meta oifname', [next(ruling)]);
      return;
    case '-p': {
      const value = next(ruling);
      ruling.protocol = !isNegated && /^(tcp|udp|sctp)$/.test(value) ? value : 'th';
      if (value !== 'all' && value !== '0') match('meta l4proto', [value]);
      return;
    }
    case '--dport':
    case '--dports':
      match(`${ruling.protocol} dport`, next(ruling).split(','));
      return;
    case '--ctstate':
    case '--state':
      match('ct state', next(ruling).toLowerCase().split(','));
      return;
    case '--syn':
      readFlags('FIN,SYN,RST,ACK SYN', isNegated, ruling);
      return;
    case '--tcp-flags':
      readFlags(`${next(ruling)} ${next(ruling)}`, isNegated, ruling);
      return;
    case '-m':
      readModule(next(ruling), ruling);
      return;
    case '--comment':
      ruling.comment = next(ruling);
      return;
    case '-j':
    case '-g':
      readTarget(option, next(ruling), ruling);
      return;
    default:
      readRest(option, ruling);
  }
}

/** What opens a TCP connection has SYN and not the others; any other condition on flags is not said. */
function readFlags(flags: string, isNegated: boolean, { clauses }: Ruling): void {
  if (flags !== 'FIN,SYN,RST,ACK SYN') clauses.push({ kind: 'unknown', text: `--tcp-flags ${flags}` });
  else clauses.push({ kind: 'match', keys: ['ct state'], isNegated, values: [['new']] });
}

/** Modules whose options are matches of their own. */
const PLAIN_MODULES: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'sctp',
  'icmp',
  'icmp6',
  'multiport',
  'iprange',
  'conntrack',
  'state',
  'comment',
  'addrtype',
]);
const AMOUNTS: ReadonlySet<string> = new Set([
  'limit',
  'hashlimit',
  'connlimit',
  'quota',
  'connbytes',
  'recent',
  'statistic',
  'rateest',
]);

function readModule(name: string, ruling: Ruling): void {
  if (PLAIN_MODULES.has(name)) return;
  if (name === 'time') {
    readTime(ruling);
    return;
  }
  const text = `-m ${name} ${takeOptions(ruling).join(' ')}`.trim();
  ruling.clauses.push(AMOUNTS.has(name) ? { kind: 'amount', text } : { kind: 'unknown', text });
}

/** The words up to the next module, target or comment. */
function takeOptions(ruling: Ruling): readonly string[] {
  const taken: string[] = [];
  while (ruling.at < ruling.words.length && !/^-[mjgpsdio]$/.test(ruling.words[ruling.at] ?? '')) {
    if (ruling.words[ruling.at] === '!' && /^-[psdio]$/.test(ruling.words[ruling.at + 1] ?? '')) break;
    taken.push(next(ruling));
  }
  return taken;
}

/** Hours are in UTC unless the rule says --kerneltz, whose zone the text does not tell. */
function readTime(ruling: Ruling): void {
  const words = takeOptions(ruling);
  const value = (name: string): string | undefined =>
    words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
  const known: readonly string[] = ['--timestart', '--timestop', '--weekdays', '--utc'];
  const [start, stop, days] = [value('--timestart'), value('--timestop'), value('--weekdays')];
  const isKnown = words.every((word) => known.includes(word) || word === start || word === stop || word === days);
  if (!isKnown || (start === undefined) !== (stop === undefined)) {
    ruling.clauses.push({ kind: 'unknown', text: `-m time ${words.join(' ')}` });
    return;
  }
  if (start !== undefined && stop !== undefined)
    ruling.clauses.push({ kind: 'match', keys: ['meta hour'], isNegated: false, values: [[`${start}-${stop}`]] });
  if (days !== undefined)
    ruling.clauses.push({
      kind: 'match',
      keys: ['meta day'],
      isNegated: false,
      values: days.split(',').map((day) => [day]),
    });
}

const WITHOUT_VERDICT: ReadonlySet<string> = new Set([
  'LOG',
  'NFLOG',
  'ULOG',
  'MARK',
  'CONNMARK',
  'TCPMSS',
  'CT',
  'SET',
  'DSCP',
  'TOS',
  'AUDIT',
  'TRACE',
  'CLASSIFY',
  'CHECKSUM',
]);

function readTarget(option: string, target: string, ruling: Ruling): void {
  if (option === '-g') ruling.verdict = { kind: 'goto', target };
  else if (target === 'ACCEPT') ruling.verdict = { kind: 'accept' };
  else if (target === 'DROP' || target === 'REJECT' || target === 'TARPIT') ruling.verdict = { kind: 'drop' };
  else if (target === 'RETURN') ruling.verdict = { kind: 'return' };
  else if (!WITHOUT_VERDICT.has(target)) ruling.verdict = { kind: 'jump', target };
  // Options of a target follow to the end of the rule.
  if (option === '-j' && (WITHOUT_VERDICT.has(target) || HARMLESS.has(ruling.words[ruling.at] ?? '')))
    ruling.at = ruling.words.length;
}

function readRest(option: string, ruling: Ruling): void {
  const words = [option];
  while (ruling.at < ruling.words.length && !/^(-|!)/.test(ruling.words[ruling.at] ?? '')) words.push(next(ruling));
  ruling.clauses.push({ kind: 'unknown', text: words.join(' ') });
}
