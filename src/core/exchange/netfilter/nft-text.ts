// The text of `nft list ruleset`: tables, chains, sets. Rules are read in nft-rule.ts.

import type { Problem } from '#model';
import { refusal, TOO_LARGE, UNREADABLE } from '../draft/refusal.ts';
import { mapEntries, nftRule } from './nft-rule.ts';
import { Cursor, elementsOf, parted, type Word, wordsOf } from './nft-words.ts';
import {
  type Aside,
  type Chain,
  type Family,
  type Hook,
  type NamedSet,
  RULES_MAX,
  type Ruleset,
  type Table,
} from './ruleset.ts';

export const FAMILIES: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['ip', 4],
  ['ip6', 6],
  ['inet', 'both'],
]);

export function asideOf(family: string, name: string): Aside {
  return {
    place: `table ${family} ${name}`,
    what: `a table of the family ${family}`,
    why: 'it judges frames, not connections; what it denies, the policy may permit, so it permits more',
  };
}

interface Reading {
  readonly file: string;
  readonly tables: Table[];
  readonly asides: Aside[];
  count: number;
}

export function readNftText(text: string, file: string): Ruleset | Problem {
  const words = wordsOf(text);
  if (words === null) return refusal(UNREADABLE, 'the text cannot be taken apart into words of nft');
  const cursor = new Cursor(words);
  const reading: Reading = { file, tables: [], asides: [], count: 0 };
  for (cursor.skipBreaks(); !cursor.isAtEnd; cursor.skipBreaks()) {
    const { line } = cursor;
    const problem = cursor.take('table')
      ? readTable(cursor, reading)
      : bad(reading, line, 'a table is expected here, as "nft list ruleset" prints it');
    if (problem !== null) return problem;
  }
  return reading.tables.length + reading.asides.length === 0 ? bad(reading, 1, 'the text has no table') : reading;
}

function bad({ file }: Reading, line: number, message: string): Problem {
  return refusal(UNREADABLE, message, { file, line, column: 1 });
}

function readTable(cursor: Cursor, reading: Reading): Problem | null {
  const { line } = cursor;
  const stated = cursor.next();
  const family = FAMILIES.get(stated);
  const name = cursor.next();
  const block = cursor.block();
  if (block === null) return bad(reading, line, 'a table is not closed');
  if (family === undefined) {
    if (!/^(arp|bridge|netdev)$/.test(stated)) return bad(reading, line, `"${stated}" is no family of tables`);
    reading.asides.push(asideOf(stated, name));
    return null;
  }
  const table: Table = { name, family, chains: new Map(), sets: new Map() };
  reading.tables.push(table);
  const inside = new Cursor(block);
  for (inside.skipBreaks(); !inside.isAtEnd; inside.skipBreaks()) {
    const problem = readPart(inside, table, reading);
    if (problem !== null) return problem;
  }
  return null;
}

function readPart(cursor: Cursor, table: Table, reading: Reading): Problem | null {
  const { line } = cursor;
  const kind = cursor.next();
  if (kind === 'comment' || kind === 'flags') {
    cursor.statement();
    return null;
  }
  const name = cursor.next();
  // "ct helper name {", "secmark name {": whatever stands before the braces belongs to the name.
  while (!cursor.isAtEnd && cursor.peek() !== '{' && cursor.peek() !== '\n') cursor.next();
  const block = cursor.block();
  if (block === null) return bad(reading, line, `"${kind}" is not followed by what it holds`);
  if (kind === 'chain') return readChain(block, { name, table, reading });
  if (kind === 'set' || kind === 'map') table.sets.set(name, setOf(block));
  return null;
}

interface Inside {
  readonly name: string;
  readonly table: Table;
  readonly reading: Reading;
}

function readChain(block: readonly Word[], { name, table, reading }: Inside): Problem | null {
  const cursor = new Cursor(block);
  let chain: Chain = { name, hook: null, priority: 0, isPolicyDrop: false, rules: [] };
  for (cursor.skipBreaks(); !cursor.isAtEnd; cursor.skipBreaks()) {
    const words = cursor.statement();
    const [first, second] = words;
    // A brace that closes nothing would stand still here.
    if (first === undefined) return bad(reading, cursor.line, 'a brace closes nothing');
    if (first.text === 'type') chain = { ...chain, ...baseOf(words, { name, table, reading }) };
    else if (first.text === 'policy') chain = { ...chain, isPolicyDrop: second?.text !== 'accept' };
    else if (first.text !== 'comment' && first.text !== 'devices' && first.text !== 'flags') {
      if (++reading.count > RULES_MAX) return refusal(TOO_LARGE, `the text has more than ${RULES_MAX} rules`);
      chain.rules.push(nftRule(words));
    }
  }
  if (table.chains.has(name)) return bad(reading, cursor.line, `the chain "${name}" stands twice`);
  table.chains.set(name, chain);
  return null;
}

const PRIORITIES: ReadonlyMap<string, number> = new Map([
  ['raw', -300],
  ['mangle', -150],
  ['dstnat', -100],
  ['filter', 0],
  ['security', 50],
  ['srcnat', 100],
]);

/** `type filter hook input priority filter + 10`. */
function baseOf(words: readonly Word[], { name, table, reading }: Inside): Partial<Chain> {
  const texts = words.map(({ text }) => text);
  const after = (word: string): string => texts[texts.indexOf(word) + 1] ?? '';
  const [, base = '', sign = '', more = '0'] =
    /^(-?\w+)\s*([+-]?)\s*([0-9]*)$/.exec(texts.slice(texts.indexOf('priority') + 1).join('')) ?? [];
  const start = PRIORITIES.get(base) ?? (Number(base) || 0);
  const priority = start + (sign === '-' ? -1 : 1) * Number(more);
  const hook = hookOf(after('hook'));
  if (hook !== null && after('type') !== 'nat') return { hook, priority };
  reading.asides.push(chainAside(`table ${table.name} chain ${name}`, after('type')));
  return {};
}

export function hookOf(text: string): Hook | null {
  return text === 'input' || text === 'forward' || text === 'output' ? text : null;
}

export function chainAside(place: string, type: string): Aside {
  const why =
    type === 'nat'
      ? 'Picket judges connections as they are seen on the wire and changes no address; a rule for translated ends must be written by hand, so the policy may permit less'
      : 'only input, forward and output are read; what this chain denies, the policy may permit, so it permits more';
  return { place, what: type === 'nat' ? 'a chain that translates addresses' : 'a chain on another hook', why };
}

function setOf(block: readonly Word[]): NamedSet {
  const cursor = new Cursor(block);
  let flags: readonly string[] = [];
  let elements: ReturnType<typeof elementsOf> = [];
  for (cursor.skipBreaks(); !cursor.isAtEnd; cursor.skipBreaks()) {
    const [first, ...rest] = cursor.statement();
    if (first === undefined) return { values: null, entries: [], isDynamic: true };
    if (first.text === 'flags') flags = parted(rest).map(([flag]) => flag?.text ?? '');
    if (first.text === 'elements')
      elements = elementsOf(rest.filter(({ text, isString }) => isString || !['=', '{', '}'].includes(text)));
  }
  const isDynamic =
    flags.includes('dynamic') || flags.includes('timeout') || elements.some(({ hasTimeout }) => hasTimeout);
  return { values: elements.map(({ value }) => value), entries: mapEntries(elements) ?? [], isDynamic };
}
