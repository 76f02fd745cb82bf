// One rule of nft's text as clauses and a verdict. What is not known here becomes a clause that says so.

import { Cursor, type Element, elementsOf, type Word } from './nft-words.ts';
import type { Clause, MapEntry, RawRule, Tuple, Verdict } from './ruleset.ts';

interface Ruling {
  readonly clauses: Clause[];
  comment: string | null;
  verdict: Verdict | null;
}

export function nftRule(words: readonly Word[]): RawRule {
  const cursor = new Cursor(words);
  const place = `line ${cursor.line}`;
  const ruling: Ruling = { clauses: [], comment: null, verdict: null };
  // Every round takes at least one word.
  while (!cursor.isAtEnd) readStatement(cursor, ruling);
  return { place, ...ruling };
}

/** Statements that change nothing of who may talk to whom, with the words that may follow them. */
const SILENT: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['counter', new Set(['packets', 'bytes', 'name'])],
  ['log', new Set(['prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags'])],
]);

function readStatement(cursor: Cursor, ruling: Ruling): void {
  const word = cursor.next();
  const silent = SILENT.get(word);
  if (silent !== undefined) {
    while (silent.has(cursor.peek())) {
      cursor.next();
      cursor.next();
    }
    return;
  }
  const verdict = verdictAt(word, cursor);
  if (verdict !== null) {
    ruling.verdict = verdict;
    if (word === 'reject') while (!cursor.isAtEnd && cursor.peek() !== 'comment') cursor.next();
    return;
  }
  switch (word) {
    case 'comment':
      ruling.comment = cursor.next();
      return;
    case 'continue':
      return;
    case 'limit':
    case 'quota':
      ruling.clauses.push({ kind: 'amount', text: amountText(word, cursor) });
      return;
    default:
      readMatch(word, cursor, ruling);
  }
}

function verdictAt(word: string, cursor: Cursor): Verdict | null {
  switch (word) {
    case 'accept':
    case 'drop':
    case 'return':
      return { kind: word };
    case 'reject':
      return { kind: 'drop' };
    case 'jump':
    case 'goto':
      return { kind: word, target: cursor.next() };
    default:
      return null;
  }
}

const OF_AMOUNTS = /^(rate|over|until|burst|packets|bytes|kbytes|mbytes|used|[0-9]+|[0-9]+\/\w+|\/\w*)$/;

function amountText(word: string, cursor: Cursor): string {
  const words = [word];
  while (OF_AMOUNTS.test(cursor.peek()) || (words.at(-1) === 'name' && !cursor.isAtEnd)) words.push(cursor.next());
  return words.join(' ');
}

/** Keys that stand alone, without the "meta" before them. */
const BARE: ReadonlyMap<string, string> = new Map([
  ['iif', 'meta iifname'],
  ['iifname', 'meta iifname'],
  ['oif', 'meta oifname'],
  ['oifname', 'meta oifname'],
  ['l4proto', 'meta l4proto'],
  ['nfproto', 'meta nfproto'],
  ['pkttype', 'meta pkttype'],
  ['mark', 'meta mark'],
  ['hour', 'meta hour'],
  ['day', 'meta day'],
]);
/** Words that begin a key of two words. */
const HEADS: ReadonlySet<string> = new Set([
  'ip',
  'ip6',
  'tcp',
  'udp',
  'sctp',
  'th',
  'icmp',
  'icmpv6',
  'ct',
  'meta',
  'ether',
  'arp',
  'vlan',
  'esp',
  'ah',
  'udplite',
  'dccp',
]);

function keyAt(word: string, cursor: Cursor): string | null {
  const bare = BARE.get(word);
  if (bare !== undefined) return bare;
  if (!HEADS.has(word)) return null;
  const field = cursor.next();
  if (word === 'meta') return BARE.get(field) ?? `meta ${field}`;
  // "ct original ip saddr" and the like are longer; they are read as unknown with whatever follows.
  return `${word} ${field}`;
}

/** Keys that are followed by one value, a list or a set, and nothing else. */
const PLAIN_KEY =
  /^(ip6? (saddr|daddr)|ip protocol|ip6 nexthdr|(tcp|udp|sctp|th) (sport|dport)|(icmp|icmpv6) (type|code)|meta (iifname|oifname|l4proto|nfproto|pkttype|hour|day|mark|protocol)|ct (state|direction|mark)|ether (saddr|daddr))$/;

function readMatch(word: string, cursor: Cursor, ruling: Ruling): void {
  const keys: string[] = [];
  let head = word;
  do {
    const key = keyAt(head, cursor);
    if (key === null || !PLAIN_KEY.test(key)) {
      readUnknown([...keys, key ?? head].join(' '), cursor, ruling);
      return;
    }
    keys.push(key);
    head = cursor.peek() === '.' ? cursor.peek(1) : '';
    if (head !== '') {
      cursor.next();
      cursor.next();
    }
  } while (head !== '');
  if (cursor.take('vmap')) ruling.clauses.push(mapAt(keys, cursor));
  else if (cursor.peek() === 'set' || cursor.peek() === '&' || /^[<>]=?$/.test(cursor.peek()))
    readUnknown(keys.join(' . '), cursor, ruling);
  else ruling.clauses.push(matchAt(keys, cursor));
}

function matchAt(keys: readonly string[], cursor: Cursor): Clause {
  const isNegated = cursor.take('!=');
  if (!isNegated) cursor.take('==');
  if (cursor.peek().startsWith('@')) return { kind: 'match', keys, isNegated, values: cursor.next().slice(1) };
  const set = cursor.block();
  if (set !== null) return { kind: 'match', keys, isNegated, values: elementsOf(set).map(({ value }) => value) };
  return { kind: 'match', keys, isNegated, values: listAt(keys, cursor) };
}

/** `established,related`, `"08:00"-"18:00"`, or values joined by dots. */
function listAt(keys: readonly string[], cursor: Cursor): readonly Tuple[] {
  if (keys.length > 1) {
    const tuple = [cursor.next()];
    while (cursor.take('.')) tuple.push(cursor.next());
    return [tuple];
  }
  const values: Tuple[] = [];
  do {
    let value = cursor.next();
    if (cursor.take('-')) value = `${value}-${cursor.next()}`;
    values.push([value]);
  } while (cursor.take(','));
  return values;
}

function mapAt(keys: readonly string[], cursor: Cursor): Clause {
  if (cursor.peek().startsWith('@')) return { kind: 'map', keys, entries: cursor.next().slice(1) };
  const set = cursor.block();
  const entries = set === null ? null : mapEntries(elementsOf(set));
  return entries === null ? { kind: 'map', keys, entries: '' } : { kind: 'map', keys, entries };
}

/** Null where an element has no verdict. */
export function mapEntries(elements: readonly Element[]): readonly MapEntry[] | null {
  const entries: MapEntry[] = [];
  for (const { value, mapped } of elements) {
    const cursor = new Cursor(mapped ?? []);
    const verdict = verdictAt(cursor.next(), cursor);
    if (verdict === null && mapped?.[0]?.text !== 'continue') return null;
    if (verdict !== null) entries.push({ value, verdict });
  }
  return entries;
}

/** What changes packets or counts in sets: it does not decide, so it is told and the rule goes on. */
const CHANGING: ReadonlySet<string> = new Set([
  'masquerade',
  'snat',
  'dnat',
  'redirect',
  'notrack',
  'queue',
  'tproxy',
  'dup',
  'fwd',
  'synproxy',
]);

/** Takes words up to the verdict, as one clause that nobody here understands. */
function readUnknown(begun: string, cursor: Cursor, ruling: Ruling): void {
  const words = [begun];
  while (!cursor.isAtEnd && !/^(accept|drop|reject|return|jump|goto|counter|log|comment)$/.test(cursor.peek()))
    words.push(cursor.next());
  const text = words.join(' ');
  // A connection count denies above a number, as a limit does.
  if (/^ct count /.test(text)) ruling.clauses.push({ kind: 'amount', text });
  else if (!/^(meta|ct) \S+ set /.test(text) && !CHANGING.has(begun))
    ruling.clauses.push({ kind: 'match', keys: [begun], isNegated: false, values: [[words.slice(1).join(' ')]] });
}
