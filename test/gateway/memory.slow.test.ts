// A compiler that remembers says what one says that forgets everything, over random edits of random policies; only the choice of numbers is its own.
// And its numbers stay where nothing changed, change where something did, and what it tells of a change is the change.

import { expect, it } from 'vitest';
import {
  type Compiled,
  type CompileOptions,
  type Content,
  compileTable,
  Memory,
  numberBook,
  type SetElement,
} from '#enforce';
import { type Element, HOUR, type Hours, type Instant, MINUTE, type Policy, type Rule } from '#model';
import { type Random, randomOf } from '../conformance/random.ts';
import { canonical } from './canonical.testing.ts';
import { ELEMENTS, kernelPolicy, NEIGHBOURS } from './random.testing.ts';

const SEED = Number(process.env.PICKET_SEED ?? Date.now() % 1_000_000_000);
const STORIES = 8;
const EDITS = 10;
const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;
const OFFICE: Hours = { zone: 'Europe/Berlin', spans: [{ days: 31, fromMinute: 480, toMinute: 780 }] };

type Made = Extract<Compiled, { kind: 'compiled' }>;
type Facts = Omit<CompileOptions, 'book' | 'memory'> & { readonly policy: Policy };

/** Rules to choose from. Those of the base stay, so that most edits ask nothing new of ends. */
interface Pool {
  readonly base: readonly Rule[];
  readonly others: readonly Rule[];
}

function poolOf(random: Random, first: Policy): Pool {
  const services = first.services;
  const more = kernelPolicy(random).rules;
  const own = (rule: Rule): Rule => ({
    ...rule,
    // Services that are named are those of the policy.
    to: rule.to.map((one) => services.find(({ id }) => id === one.id) ?? one),
    limits: random.chance(0.3) ? { ...rule.limits, hours: OFFICE, drain: random.pick([0, HOUR]) } : rule.limits,
    until: random.chance(0.1) ? NOON + random.whole(-5, 60) * HOUR : null,
  });
  const base = [...first.rules, ...more].map((rule, at) => ({ ...own(rule), id: `base${at}` }));
  return { base, others: base.map((rule, at) => ({ ...own(rule), id: `other${at}` })) };
}

function edited(facts: Facts, pool: Pool, random: Random): Facts {
  const { policy, now } = facts;
  const other = kernelPolicy(random);
  const withRules = (rules: readonly Rule[]): Facts => ({ ...facts, policy: { ...policy, rules } });
  const { rules } = policy;
  const at = random.whole(0, Math.max(rules.length - 1, 0));
  const rule = rules[at];
  const fresh = pool.others[random.whole(0, pool.others.length - 1)];
  if (rule === undefined || fresh === undefined) return facts;
  const without = rules.filter(({ id }) => id !== fresh.id);
  switch (random.whole(0, 22)) {
    case 0:
      return { ...facts, policy: { ...policy, elements: other.elements } };
    case 16:
      return { ...facts, neighbours: random.chance(0.5) ? NEIGHBOURS : new Map([...NEIGHBOURS].slice(1)) };
    case 17:
      // Selectors that nobody asked before, and some that nobody asks any more.
      return withRules([
        ...rules.slice(0, at),
        { ...rule, from: other.rules[0]?.from ?? rule.from },
        ...rules.slice(at + 1),
      ]);
    case 18:
    case 19:
    case 20:
    case 21:
    case 22:
      return { ...facts, policy: { ...policy, elements: editedElements(policy.elements, other.elements, random) } };
    case 1:
      return { ...facts, policy: { ...policy, never: other.never, require: other.require } };
    case 2:
      return withRules([...rules.slice(0, at), ...rules.slice(at + 1)]);
    case 3:
      return withRules([...rules.slice(0, at), { ...rule, isAudit: !rule.isAudit }, ...rules.slice(at + 1)]);
    case 4:
      return withRules([rule, ...rules.slice(0, at), ...rules.slice(at + 1)]);
    case 5:
      return withRules([...rules].reverse());
    case 6:
    case 7:
      return { ...facts, now: now + random.pick([MINUTE, 4 * MINUTE, HOUR, 5 * HOUR, 26 * HOUR, -HOUR]) };
    case 8:
      return { ...facts, logons: logonsOf(random, now) };
    case 9:
      return { ...facts, tickets: ticketsOf(random, facts) };
    case 10:
      return { ...facts, quarantined: new Set(random.chance(0.5) ? ['e0'] : []) };
    case 11: {
      const mode = random.pick(['observe', 'protect', 'enforce'] as const);
      const id = `e${random.whole(0, ELEMENTS - 1)}`;
      const elements = policy.elements.map((one) => (one.id === id ? { ...one, mode } : one));
      return { ...facts, policy: { ...policy, elements } };
    }
    default:
      return withRules([...without.slice(0, at), fresh, ...without.slice(at)]);
  }
}

/** One element renamed, relabelled, of another kind or place, gone, come, or elsewhere in the order. */
function editedElements(elements: readonly Element[], others: readonly Element[], random: Random): readonly Element[] {
  const at = random.whole(0, Math.max(elements.length - 1, 0));
  const [one, other] = [elements[at], random.pick([others[0], others[1]])];
  if (one === undefined || other === undefined) return others;
  const replaced = (...instead: readonly Element[]) => [
    ...elements.slice(0, at),
    ...instead,
    ...elements.slice(at + 1),
  ];
  switch (random.whole(0, 7)) {
    case 0:
      return replaced({ ...one, addresses: other.addresses, macs: other.macs });
    case 1:
      return replaced({ ...one, labels: other.labels });
    case 2:
      return replaced({ ...one, kind: other.kind });
    case 3:
      return replaced({ ...one, mode: other.mode, protect: other.protect });
    case 4:
      return replaced({ ...one, id: one.id === 'renamed' ? `e${at}` : 'renamed' });
    case 5:
      return replaced();
    case 6:
      return replaced(one, { ...other, id: `more${at}` });
    default:
      return [...replaced(), one];
  }
}

function logonsOf(random: Random, now: Instant): NonNullable<Facts['logons']> {
  const one = () => ({
    at: random.chance(0.7) ? now - random.whole(0, 90) * MINUTE : null,
    until: now + random.whole(1, 300) * MINUTE,
    off: random.chance(0.3) ? now - MINUTE : null,
  });
  return new Map(
    [0, 1, 2].map((at) => [
      `e${at}`,
      new Map([
        ['person', one()],
        ['device', one()],
      ] as const),
    ]),
  );
}

function ticketsOf(random: Random, { policy, now }: Facts): NonNullable<Facts['tickets']> {
  const ids = [...policy.rules.map(({ id }) => id), 's0', 's1'];
  return random
    .some(3, () => 0)
    .map((_, at) => ({
      id: at + 1,
      from: `e${random.whole(0, ELEMENTS - 1)}`,
      service: ids[random.whole(0, ids.length - 1)] ?? '',
      opensUntil: now + MINUTE,
      until: now + HOUR,
      isSpent: random.chance(0.2),
    }));
}

type Sets = ReadonlyMap<string, ReadonlyMap<string, SetElement>>;

/** Content as it is now, whatever is changed in place later. */
function kept({ sets, objects }: Content): { readonly sets: Sets; readonly objects: ReadonlyMap<string, unknown> } {
  return { sets: new Map([...sets].map(([name, set]) => [name, new Map(set)])), objects: new Map(objects) };
}

const MORE = ['audit', 'gates', 'rails', 'fresh'];

/** What leads to each mark: its rule, what openings need, and the entries that give it. */
function leadingTo(sets: Sets, ruleOfMark: ReadonlyMap<number, string>): ReadonlyMap<string, string> {
  const found = new Map<string, string[]>();
  for (const name of ['exact', 'ranges', 'anyport', 'anyproto'])
    for (const [key, { value }] of sets.get(name) ?? []) {
      const list = found.get(value?.nft ?? '') ?? [];
      found.set(value?.nft ?? '', [...list, `${name} ${key}`]);
    }
  return new Map(
    [...found].flatMap(([mark, keys]) => {
      const rule = ruleOfMark.get(Number(mark));
      const more = MORE.map((name) => sets.get(name)?.get(mark)?.value?.nft ?? sets.get(name)?.has(mark));
      return rule === undefined ? [] : [[mark, `${rule}: ${more.join()} ${keys.sort().join()}`]];
    }),
  );
}

function expectSame(made: Made, anew: Made, now: Instant): void {
  const [one, other] = [canonical(made.content, now), canonical(anew.content, now)];
  expect(one.elements).toEqual(other.elements);
  // What is made again in time may end sooner than what is made now, and never later.
  for (const [at, end] of one.ends.entries()) {
    const fresh = other.ends[at] ?? null;
    if (end === fresh) continue;
    expect(end).not.toBeNull();
    expect(fresh ?? 0).toBeGreaterThan(end ?? 0);
    expect(end).toBeGreaterThanOrEqual(made.content.nextChange);
  }
  expect(made.content.nextChange).toBeGreaterThan(now);
  expect(made.content.nextChange).toBeLessThanOrEqual(anew.content.nextChange);
  expect(made.notHeld).toEqual(anew.notHeld);
  expect(made.redeemable).toEqual(anew.redeemable);
  expect(made.content.lifetimes).toEqual(anew.content.lifetimes);
  expect([...made.ruleOfMark.values()].sort()).toEqual([...anew.ruleOfMark.values()].sort());
}

/** A mark that stays has what it had, and what has what it had keeps its mark. */
function expectSteady(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  isSameGround: boolean,
): void {
  const marks = new Map([...after].map(([mark, text]) => [text, mark]));
  for (const [mark, text] of before) {
    if (after.has(mark)) expect(after.get(mark)).toBe(text);
    // On another ground the same class may be another element, with budgets of its own.
    if (isSameGround && marks.has(text)) expect(marks.get(text)).toBe(mark);
  }
}

function isSameGround(one: Facts, other: Facts): boolean {
  return (
    one.policy.elements === other.policy.elements &&
    one.quarantined === other.quarantined &&
    one.neighbours === other.neighbours
  );
}

/** What a change tells turns the one content into the other. */
function expectTold(before: ReturnType<typeof kept>, { content, change }: Made): void {
  for (const [name, set] of content.sets) {
    const built = new Map(before.sets.get(name));
    const told = change?.sets.get(name);
    for (const [key, element] of told?.before ?? []) {
      expect(built.get(key)).toEqual(element);
      built.delete(key);
    }
    for (const [key, element] of told?.after ?? []) built.set(key, element);
    expect(sorted(built)).toEqual(sorted(set));
  }
}

function sorted(map: ReadonlyMap<string, unknown>): readonly unknown[] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1));
}

it(`says the same as one that forgets (seed ${SEED})`, () => {
  const counts = { changes: 0, anew: 0, differing: 0 };
  for (let story = 0; story < STORIES; story++) {
    const random = randomOf(SEED + story);
    const first = kernelPolicy(random);
    const pool = poolOf(random, first);
    const names = { sets: random.chance(0.2) ? [['x.org']] : [], epoch: 1 };
    let facts: Facts = {
      policy: { ...first, rules: pool.base },
      now: NOON,
      names,
      ...(random.chance(0.5) ? { neighbours: NEIGHBOURS } : {}),
    };
    const [book, memory] = [numberBook(), new Memory()];
    let content: Content | null = null;
    let lastFacts = facts;
    let last: (ReturnType<typeof kept> & { readonly leading: ReadonlyMap<string, string> }) | null = null;
    for (let edit = 0; edit < EDITS; edit++) {
      const before = content === null ? null : kept(content);
      const made = compileTable(facts.policy, { ...facts, book, memory });
      const anew = compileTable(facts.policy, { ...facts, book: numberBook() });
      expect(made.kind).toBe(anew.kind);
      if (made.kind === 'compiled' && anew.kind === 'compiled') {
        expectSame(made, anew, facts.now);
        // What was in force is told from what is now: where all was made anew, nobody may have touched it.
        if (made.change === null && before !== null && content !== null)
          expect(sortedSets(kept(content).sets)).toEqual(sortedSets(before.sets));
        content = made.content;
        const leading = leadingTo(made.content.sets, made.ruleOfMark);
        if (last !== null) {
          expectSteady(last.leading, leading, made.change !== null && isSameGround(facts, lastFacts));
          if (made.change !== null) expectTold(last, made);
        }
        counts[made.change === null ? 'anew' : 'changes']++;
        if (made.change !== null && made.change.sets.size > 0) counts.differing++;
        if (last !== null && random.chance(0.1)) {
          memory.undo();
          if (made.change !== null) expect(sortedSets(kept(made.content).sets)).toEqual(sortedSets(last.sets));
          last = null;
        } else last = { ...kept(made.content), leading };
      }
      lastFacts = facts;
      facts = edited(facts, pool, random);
    }
  }
  expect(counts.changes).toBeGreaterThan(counts.anew);
  expect(counts.differing).toBeGreaterThan(STORIES * 2);
}, 120_000);

function sortedSets(sets: Sets): readonly unknown[] {
  return [...sets].map(([name, set]) => [name, sorted(set)]);
}
