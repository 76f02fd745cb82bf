// The JSON of `nft -j list ruleset` (libnftables-json(5)) as tables, chains, sets and rules.

import type { Problem } from '#model';
import { refusal, TOO_LARGE, UNREADABLE } from '../draft/refusal.ts';
import { at, isMap, keysOf, listAt, numberAt, textAt } from '../draft/values.ts';
import { asideOf, chainAside, FAMILIES, hookOf } from './nft-text.ts';
import {
  type Aside,
  type Clause,
  type MapEntry,
  type NamedSet,
  type RawRule,
  RULES_MAX,
  type Ruleset,
  type Table,
  type Tuple,
  type Verdict,
} from './ruleset.ts';

export function readNftJson(value: unknown): Ruleset | Problem {
  const items = listAt(value, 'nftables');
  if (items.length === 0) return refusal(UNREADABLE, 'the text is not the JSON of "nft -j list ruleset"');
  const tables = new Map<string, Table>();
  const asides: Aside[] = [];
  let count = 0;
  for (const item of items) {
    if (++count > RULES_MAX) return refusal(TOO_LARGE, `the text has more than ${RULES_MAX} objects`);
    addTable(at(item, 'table'), tables, asides);
    addChain(at(item, 'chain'), tables, asides);
    addSet(at(item, 'set') ?? at(item, 'map'), tables);
    const problem = addRule(at(item, 'rule'), tables, count);
    if (problem !== null) return problem;
  }
  return { tables: [...tables.values()], asides };
}

function keyOf(item: unknown, name: string): string {
  return `${textAt(item, 'family') ?? ''} ${textAt(item, name) ?? ''}`;
}

function addTable(item: unknown, tables: Map<string, Table>, asides: Aside[]): void {
  const name = textAt(item, 'name');
  if (name === null) return;
  const stated = textAt(item, 'family') ?? '';
  const family = FAMILIES.get(stated);
  if (family === undefined) asides.push(asideOf(stated, name));
  else tables.set(keyOf(item, 'name'), { name, family, chains: new Map(), sets: new Map() });
}

function addChain(item: unknown, tables: Map<string, Table>, asides: Aside[]): void {
  const table = tables.get(keyOf(item, 'table'));
  const name = textAt(item, 'name');
  if (table === undefined || name === null) return;
  const type = textAt(item, 'type');
  const stated = type === null || type === 'nat' ? null : hookOf(textAt(item, 'hook') ?? '');
  if (type !== null && stated === null) asides.push(chainAside(`table ${table.name} chain ${name}`, type));
  const isPolicyDrop = stated !== null && (textAt(item, 'policy') ?? 'accept') !== 'accept';
  table.chains.set(name, { name, hook: stated, priority: numberAt(item, 'prio') ?? 0, isPolicyDrop, rules: [] });
}

function addSet(item: unknown, tables: Map<string, Table>): void {
  const table = tables.get(keyOf(item, 'table'));
  const name = textAt(item, 'name');
  if (table !== undefined && name !== null) table.sets.set(name, setOf(item));
}

function setOf(item: unknown): NamedSet {
  const flags = at(item, 'flags');
  const elements = listAt(item, 'elem');
  const isDynamic =
    [flags].flat().some((flag) => flag === 'dynamic' || flag === 'timeout') || elements.some(hasTimeout);
  const isMapping = at(item, 'map') !== undefined;
  const entries = isMapping ? mapEntries(elements) : [];
  return {
    values: isMapping ? null : tuplesOf(elements),
    entries: entries ?? [],
    isDynamic: isDynamic || entries === null,
  };
}

function hasTimeout(element: unknown): boolean {
  const inner = at(element, 'elem');
  return at(inner, 'timeout') !== undefined || at(inner, 'expires') !== undefined;
}

function addRule(item: unknown, tables: Map<string, Table>, count: number): Problem | null {
  const table = tables.get(keyOf(item, 'table'));
  if (!isMap(item)) return null;
  if (table === undefined)
    return FAMILIES.has(textAt(item, 'family') ?? '')
      ? refusal(UNREADABLE, `object ${count} is a rule of a table that was not declared before`)
      : null;
  if (!Array.isArray(at(item, 'expr')))
    return refusal(UNREADABLE, `object ${count} is a rule without a list of statements`);
  const chain = table.chains.get(textAt(item, 'chain') ?? '');
  if (chain === undefined)
    return refusal(UNREADABLE, `object ${count} is a rule of a chain that was not declared before`);
  chain.rules.push(ruleOf(item, `rule ${numberAt(item, 'handle') ?? count}`));
  return null;
}

function ruleOf(item: unknown, place: string): RawRule {
  const clauses: Clause[] = [];
  let verdict: Verdict | null = null;
  for (const statement of listAt(item, 'expr')) {
    const found = verdictOf(statement);
    if (found !== null) verdict = found;
    else clauses.push(...clauseOf(statement));
  }
  return { place, comment: textAt(item, 'comment'), clauses, verdict };
}

function verdictOf(statement: unknown): Verdict | null {
  const [key = ''] = keysOf(statement);
  switch (key) {
    case 'accept':
    case 'drop':
    case 'return':
      return { kind: key };
    case 'reject':
      return { kind: 'drop' };
    case 'jump':
    case 'goto':
      return { kind: key, target: textAt(at(statement, key), 'target') ?? '' };
    default:
      return null;
  }
}

const SILENT: ReadonlySet<string> = new Set(['counter', 'log', 'comment', 'continue', 'mangle']);
const AMOUNTS: ReadonlySet<string> = new Set(['limit', 'quota', 'ct count']);

function clauseOf(statement: unknown): readonly Clause[] {
  const [key = ''] = keysOf(statement);
  if (SILENT.has(key)) return [];
  if (AMOUNTS.has(key)) return [{ kind: 'amount', text: `${key} ${JSON.stringify(at(statement, key))}` }];
  const inner = at(statement, key);
  if (key === 'match') return [matchOf(inner)];
  if (key === 'vmap') {
    const keys = keysAt(at(inner, 'key'));
    const data = at(inner, 'data');
    if (typeof data === 'string' && keys !== null) return [{ kind: 'map', keys, entries: data.replace(/^@/, '') }];
    const entries = mapEntries(listAt(data, 'set'));
    return [{ kind: 'map', keys: keys ?? ['unknown'], entries: keys === null || entries === null ? '' : entries }];
  }
  return [{ kind: 'unknown', text: key }];
}

function matchOf(match: unknown): Clause {
  const keys = keysAt(at(match, 'left'));
  const operator = textAt(match, 'op') ?? '';
  const right = at(match, 'right');
  const unknown: Clause = { kind: 'unknown', text: JSON.stringify(match) };
  if (keys === null || !['==', '!=', 'in'].includes(operator)) return unknown;
  const isNegated = operator === '!=';
  if (typeof right === 'string' && right.startsWith('@'))
    return { kind: 'match', keys, isNegated, values: right.slice(1) };
  const set = at(right, 'set');
  const values = tuplesOf(set !== undefined ? [set].flat() : Array.isArray(right) ? right : [right]);
  return values === null ? unknown : { kind: 'match', keys, isNegated, values };
}

function keysAt(left: unknown): readonly string[] | null {
  const parts = at(left, 'concat') === undefined ? [left] : listAt(left, 'concat');
  const keys = parts.map(oneKey);
  const known = keys.filter((key) => key !== null);
  return known.length === keys.length && keys.length > 0 ? known : null;
}

function oneKey(part: unknown): string | null {
  const payload = at(part, 'payload');
  if (payload !== undefined) return `${textAt(payload, 'protocol') ?? ''} ${textAt(payload, 'field') ?? ''}`;
  const meta = textAt(at(part, 'meta'), 'key');
  if (meta !== null) return META.get(meta) ?? `meta ${meta}`;
  const ct = at(part, 'ct');
  return textAt(ct, 'key') === null || at(ct, 'dir') !== undefined ? null : `ct ${textAt(ct, 'key')}`;
}

const META: ReadonlyMap<string, string> = new Map([
  ['iif', 'meta iifname'],
  ['oif', 'meta oifname'],
]);

/** Null where an element cannot be read. */
function tuplesOf(elements: readonly unknown[]): readonly Tuple[] | null {
  const tuples = elements.map(tupleOf);
  const known = tuples.filter((tuple) => tuple !== null);
  return known.length === tuples.length ? known : null;
}

function tupleOf(element: unknown): Tuple | null {
  const inner = at(element, 'elem');
  if (inner !== undefined) return tupleOf(isMap(inner) && at(inner, 'val') !== undefined ? at(inner, 'val') : null);
  const parts = at(element, 'concat') === undefined ? [element] : listAt(element, 'concat');
  const texts = parts.map(textOf);
  const known = texts.filter((text) => text !== null);
  return known.length === texts.length ? known : null;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  const prefix = at(value, 'prefix');
  if (prefix !== undefined) return `${textAt(prefix, 'addr') ?? ''}/${numberAt(prefix, 'len') ?? ''}`;
  const range = listAt(value, 'range');
  return range.length === 2 ? `${String(range[0])}-${String(range[1])}` : null;
}

function mapEntries(elements: readonly unknown[]): readonly MapEntry[] | null {
  const entries: MapEntry[] = [];
  for (const element of elements) {
    const [key, mapped] = Array.isArray(element) ? element : [null, null];
    const value = tupleOf(key);
    const verdict = verdictOf(mapped);
    if (value === null || verdict === null) return null;
    entries.push({ value, verdict });
  }
  return entries;
}
