// Rules with several clauses, sets and maps, as rules with one meaning and one verdict each. The order of the verdicts is kept.

import { NO_LIMITS } from '#model';
import type { Draft } from '../draft/draft.ts';
import { allOf } from '../draft/selectors.ts';
import { bothTraffic } from '../draft/traffic.ts';
import { bothHours, column, type Meaning, meaningOf, type Part, type Surroundings, UNSAID, WHOLE } from './clauses.ts';
import type { Clause, RawRule, Table, Tuple, Verdict } from './ruleset.ts';

export interface Ruled {
  readonly meaning: Meaning;
  readonly verdict: Verdict;
  /** What in it cannot be said. */
  readonly unsaid: readonly string[];
  /** It holds only by how many packets or connections there were. */
  readonly amount: string | null;
  /** It accepts packets of connections that exist. */
  readonly isForEstablished: boolean;
  /** It is about an interface that nobody placed. */
  readonly interfaces: readonly string[];
}

/** Rules that one rule with joined keys may become. */
const SPREAD_MAX = 4_000;

export interface Reading {
  readonly draft: Draft;
  readonly table: Table;
  readonly around: Surroundings;
}

export function ruledOf(rule: RawRule, reading: Reading): readonly Ruled[] {
  let spread: readonly Ruled[] = [{ ...BLANK, verdict: rule.verdict ?? { kind: 'return' } }];
  let hasMap = false;
  for (const clause of rule.clauses) {
    hasMap ||= clause.kind === 'map';
    const options = optionsOf(clause, rule, reading);
    if (spread.length * options.length > SPREAD_MAX)
      spread = spread.map((one) =>
        joined(one, { ...BLANK, verdict: null, meaning: UNSAID, unsaid: ['too many combinations'] }),
      );
    else spread = spread.flatMap((one) => options.map((option) => joined(one, option)));
  }
  return rule.verdict === null && !hasMap ? [] : spread;
}

const BLANK = {
  meaning: { narrow: WHOLE, wide: WHOLE },
  unsaid: [],
  amount: null,
  isForEstablished: false,
  interfaces: [],
} satisfies Omit<Ruled, 'verdict'>;

type Option = Omit<Ruled, 'verdict'> & { readonly verdict: Verdict | null };

function joined(a: Ruled, b: Option): Ruled {
  return {
    meaning: {
      narrow: bothParts(a.meaning.narrow, b.meaning.narrow),
      wide: bothParts(a.meaning.wide, b.meaning.wide) ?? WHOLE,
    },
    verdict: b.verdict ?? a.verdict,
    unsaid: [...a.unsaid, ...b.unsaid],
    amount: a.amount ?? b.amount,
    isForEstablished: a.isForEstablished || b.isForEstablished,
    interfaces: [...a.interfaces, ...b.interfaces],
  };
}

function bothParts(a: Part | null, b: Part | null): Part | null {
  if (a === null || b === null) return null;
  const ends = { from: allOf([a.from, b.from]), to: allOf([a.to, b.to]), traffic: bothTraffic(a.traffic, b.traffic) };
  if (a.limits === null || b.limits === null) return { ...ends, limits: a.limits ?? b.limits };
  if (a.limits.hours === null || b.limits.hours === null) return null;
  const hours = bothHours(a.limits.hours, b.limits.hours);
  return hours === null ? null : { ...ends, limits: { ...NO_LIMITS, hours } };
}

function optionsOf(clause: Clause, rule: RawRule, reading: Reading): readonly Option[] {
  switch (clause.kind) {
    case 'unknown':
      return [unsaid(clause.text)];
    case 'amount':
      return [{ ...BLANK, verdict: null, amount: clause.text, meaning: UNSAID }];
    case 'match':
      return matchOptions(clause, rule, reading);
    case 'map':
      return mapOptions(clause, reading);
  }
}

function unsaid(text: string): Option {
  return { ...BLANK, verdict: null, meaning: UNSAID, unsaid: [text] };
}

function matchOptions(
  clause: Clause & { kind: 'match' },
  rule: RawRule,
  { draft, table, around }: Reading,
): readonly Option[] {
  const { keys, isNegated } = clause;
  const set = typeof clause.values === 'string' ? table.sets.get(clause.values) : undefined;
  const values = typeof clause.values === 'string' ? (set?.values ?? null) : clause.values;
  const name = `${keys.join(' . ')} ${typeof clause.values === 'string' ? `@${clause.values}` : ''}`.trim();
  if (values === null) return [unsaid(name)];
  if (values.length > VALUES_MAX) return [unsaid(`${name} with ${values.length} elements`)];
  if (set?.isDynamic === true) {
    // What a permission rests on must not be gone by tomorrow; what a denial rests on is said as far as it is known today.
    if (rule.verdict?.kind !== 'drop' || isNegated) return [unsaid(`${name}, whose elements come and go`)];
    draft.drop(
      rule.place,
      `the set of ${name}`,
      'its elements come and go; those of today are carried, so the policy permits more once there are others',
    );
  }
  const [first] = keys;
  if (keys.length === 1 && first !== undefined) return [said(first, { isNegated, values: column(values, 0) }, around)];
  if (isNegated) return [unsaid(name)];
  return values.map((tuple) => saidAll(keys, tuple, around));
}

function said(key: string, what: { isNegated: boolean; values: readonly string[] }, around: Surroundings): Option {
  const { isNegated, values } = what;
  // No element: an empty set matches nothing, its opposite everything.
  if (values.length === 0) return { ...BLANK, verdict: null, meaning: isNegated ? BLANK.meaning : EMPTY };
  const meaning = meaningOf({ key, isNegated, values }, around);
  // What is said in part is named too; hours are whole for a permission.
  const isUnsaid = meaning.narrow === null || (meaning.narrow !== meaning.wide && meaning.narrow.limits === null);
  const isInterface = key === 'meta iifname' || key === 'meta oifname';
  return {
    ...BLANK,
    verdict: null,
    meaning,
    unsaid: isUnsaid ? [`${key}${isNegated ? ' !=' : ''} ${values.slice(0, SHOWN).join(',')}`] : [],
    isForEstablished: key === 'ct state' && values.includes('established') !== isNegated,
    interfaces: isInterface ? values.filter((value) => value !== 'lo' && !around.interfaces.has(value)) : [],
  };
}

/** Elements of one set. A longer list of addresses is no policy that people read; lists are compared with each other, too. */
const VALUES_MAX = 4_000;
/** Values shown of a list. */
const SHOWN = 5;
const EMPTY: Meaning = { narrow: { ...WHOLE, traffic: [] }, wide: { ...WHOLE, traffic: [] } };

function saidAll(keys: readonly string[], tuple: Tuple, around: Surroundings): Option {
  let all: Ruled = { ...BLANK, verdict: { kind: 'return' } };
  for (const [at, key] of keys.entries())
    all = joined(all, said(key, { isNegated: false, values: [tuple[at] ?? ''] }, around));
  return { ...all, verdict: null };
}

function mapOptions(clause: Clause & { kind: 'map' }, { table, around }: Reading): readonly Option[] {
  const set = typeof clause.entries === 'string' ? table.sets.get(clause.entries) : undefined;
  const entries =
    typeof clause.entries === 'string' ? (set === undefined || set.isDynamic ? null : set.entries) : clause.entries;
  // A map that is not known may deny anything it looks at.
  if (entries === null) return [{ ...unsaid(`the map of ${clause.keys.join(' . ')}`), verdict: { kind: 'drop' } }];
  return entries.map(({ value, verdict }) => ({ ...saidAll(clause.keys, value, around), verdict }));
}
