// What the policy says for one pair of classes, protocol and port, as far as the kernel can hold it. Mirrors docs/semantics.md 11 to 17
// and 24 without anything that happens later. INVARIANT: where it is not certain, nothing is permitted that could be denied.

import type { Hours, Logon, Mode, Policy, Rule, Service } from '#model';
import type { Class, ClassChange } from './class.ts';
import type { ClassTable } from './classes.ts';
import type { Certainty } from './ends.ts';
import { lifetimeSeconds, logonOf, unholdable } from './holdable.ts';
import type { KernelReason } from './numbers.ts';
import type { Placed } from './placed.ts';

export type Outcome =
  /** No rule governs, and neither end minds. */
  | { readonly kind: 'free' }
  | { readonly kind: 'deny'; readonly reason: KernelReason; readonly rule: Placed | null }
  | {
      readonly kind: 'admit';
      readonly rule: Placed;
      readonly service: Service;
      /** Whether the rule's limits are held; else they are recorded only. */
      readonly isHeld: boolean;
      /** Hours that guardrails require of an opening. */
      readonly gates: readonly Hours[];
      /** Logons that guardrails require of an opening. */
      readonly rails: readonly Logon[];
      /** The logon that sessions live by, or null. */
      readonly logon: Logon | null;
      /** Whose logons these are: an element's id, '' where there are none. */
      readonly who: string;
    };

/** Port of what has none. */
export const NO_PORT = -1;
export const TCP = 6;
/** Stands for every protocol that a pair does not name. */
export const OTHER_PROTOCOLS = -1;

export interface Usage {
  readonly protocol: number;
  readonly port: number;
}

interface Candidate {
  readonly rule: Placed;
  readonly service: Service;
  readonly certainty: Certainty;
}

export interface Pair {
  readonly key: number;
  readonly from: Class;
  readonly to: Class;
  /** In the order in which they may govern. */
  readonly candidates: Candidate[];
  /** Rules that would govern here, were it certain that none before them does: filled by `outcome`. */
  shadowed: Set<Placed> | null;
  /** Whether there is something to say of it without a rule. */
  isKept: boolean;
}

/** Pairs of classes with something of their own to say. More are refused: they would not fit the kernel's memory in reason. */
export const PAIRS_MAX = 1_000_000;

export interface Judge {
  /** By their keys, as long as there is something to say of them. */
  readonly pairs: ReadonlyMap<number, Pair>;
  readonly isTooLarge: boolean;
  outcome(pair: Pair, usage: Usage): Outcome;
  /** Services and guardrails that may matter between two classes: their protocols and ports are where outcomes change. */
  services(pair: Pair): readonly Service[];
  addRule(placed: Placed): void;
  removeRule(placed: Placed): void;
  /** Pairs that are said something of without a rule; once, behind the first rules. */
  addProtected(): void;
  /**
   * Another table takes the place of the one before. Pairs of classes that are gone go; of `rules`, those that may hold for a class that has
   * come, the pairs with such a class are added, and pairs that are said something of without a rule.
   */
  replaceTable(table: ClassTable, change: ClassChange, rules: Iterable<Placed>): void;
  /** Pairs whose candidates changed since the last call; one of them may have none left and be no pair any more. */
  takeTouched(): ReadonlySet<Pair>;
}

/** What never changes for one judge but the table: with another ground another is made. */
export interface JudgeOptions {
  readonly policy: Pick<Policy, 'services' | 'never' | 'require'>;
  readonly table: ClassTable;
  /** Lifetimes that the table tells apart; a rule with another permits nothing. */
  readonly lifetimes: readonly number[];
}

/** A judge that knows no rule yet. */
export function judge(options: JudgeOptions): Judge {
  return new PolicyJudge(options);
}

interface Guard {
  readonly from: ReadonlySet<number>;
  readonly services: readonly { readonly service: Service; readonly to: ReadonlySet<number> }[];
  /** Null for `never`. */
  readonly require: Policy['require'][number] | null;
}

class PolicyJudge implements Judge {
  readonly pairs = new Map<number, Pair>();
  isTooLarge = false;
  readonly #policy: JudgeOptions['policy'];
  readonly #lifetimes: readonly number[];
  #table: ClassTable;
  #guards: readonly Guard[] = [];
  /** Named services that hold for a responder, by the index of its class. */
  #named: ReadonlyMap<number, readonly Service[]> = new Map();
  #touched = new Set<Pair>();

  constructor({ policy, table, lifetimes }: JudgeOptions) {
    this.#policy = policy;
    this.#table = table;
    this.#lifetimes = lifetimes;
    this.#look();
  }

  replaceTable(table: ClassTable, { gone, come }: ClassChange, rules: Iterable<Placed>): void {
    for (const one of gone)
      for (const other of this.#table.classes)
        for (const key of [keyOf(one, other), keyOf(other, one)]) this.#forget(key);
    this.#table = table;
    this.#look();
    const among = new Set(come.map(({ index }) => index));
    for (const placed of rules) this.#add(placed, among);
    this.#addProtected(come);
  }

  /** What guardrails and services say of the classes. */
  #look(): void {
    const { never, require, services } = this.#policy;
    this.#guards = [...never.map((one) => this.#guard(one, null)), ...require.map((one) => this.#guard(one, one))];
    const named = new Map<number, Service[]>();
    for (const service of services)
      for (const { class: one } of this.#table.fits(service.on, 'to')) {
        const list = named.get(one.index);
        if (list === undefined) named.set(one.index, [service]);
        else list.push(service);
      }
    this.#named = named;
  }

  takeTouched(): ReadonlySet<Pair> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  outcome(pair: Pair, usage: Usage): Outcome {
    for (const candidate of pair.candidates) {
      const { rule, service, certainty } = candidate;
      if (!serviceFits(service, usage)) continue;
      const isHeld = holds(pair.from, service.id) || holds(pair.to, service.id);
      if (certainty === 'yes') return this.#governed(pair, usage, { ...candidate, isHeld });
      if (!isHeld) continue;
      const next = pair.candidates.find((one) => one.certainty === 'yes' && serviceFits(one.service, usage));
      if (next !== undefined && next.rule !== rule) {
        pair.shadowed ??= new Set();
        pair.shadowed.add(next.rule);
      }
      return { kind: 'deny', reason: 'not-held', rule };
    }
    return this.#isHeldWithoutRule(pair, usage) ? { kind: 'deny', reason: 'no-rule', rule: null } : { kind: 'free' };
  }

  services(pair: Pair): readonly Service[] {
    const guards = this.#guards.filter(({ from }) => from.has(pair.from.index));
    return [
      ...pair.candidates.map(({ service }) => service),
      ...guards.flatMap(({ services }) =>
        services.filter(({ to }) => to.has(pair.to.index)).map(({ service }) => service),
      ),
      ...(isProtecting(pair.from) || isProtecting(pair.to) ? (this.#named.get(pair.to.index) ?? []) : []),
    ];
  }

  #governed(pair: Pair, usage: Usage, found: Candidate & { readonly isHeld: boolean }): Outcome {
    const { rule: placed, service, isHeld } = found;
    const { rule } = placed;
    if (!isHeld) return { kind: 'admit', rule: placed, service, isHeld, gates: [], rails: [], logon: null, who: '' };
    if (pair.from.isQuarantined || pair.to.isQuarantined) return { kind: 'deny', reason: 'quarantined', rule: placed };
    const guards = this.#guards.filter((guard) => guardFits(guard, pair, usage));
    const element = pair.from.who;
    const rails = guards.flatMap(({ require }) => require?.logon ?? []);
    if (guards.some(({ require }) => require === null) || (rails.length > 0 && element === ''))
      return { kind: 'deny', reason: 'guardrail', rule: placed };
    const gates = guards.flatMap(({ require }) => require?.hours ?? []);
    const asked = logonOf(rule, service);
    const logon = rule.isAudit ? null : asked;
    const who = logon !== null || rails.length > 0 ? element : '';
    const admit = { kind: 'admit', rule: placed, service, isHeld: !rule.isAudit, gates, rails, logon, who } as const;
    if (rule.isAudit) return admit;
    if (logon !== null && element === '') return { kind: 'deny', reason: 'not-logged-on', rule: placed };
    const reason = this.#isLifetimeHeld(rule) ? unholdable(rule, service, usage.protocol) : 'not-held';
    return reason === null ? admit : { kind: 'deny', reason, rule: placed };
  }

  #isLifetimeHeld({ limits: { lifetime, drain } }: Rule): boolean {
    return lifetime === null || this.#lifetimes.includes(lifetimeSeconds(lifetime, drain));
  }

  #isHeldWithoutRule(pair: Pair, usage: Usage): boolean {
    if (pair.from.mode.mode === 'enforce' || pair.to.mode.mode === 'enforce') return true;
    const named = this.#named.get(pair.to.index) ?? [];
    return named.some((one) => serviceFits(one, usage) && (holds(pair.from, one.id) || holds(pair.to, one.id)));
  }

  #guard(one: Policy['never'][number], require: Guard['require']): Guard {
    return {
      from: new Set(this.#table.fits(one.from, 'from').map((fit) => fit.class.index)),
      services: one.to.map((service) => ({
        service,
        to: new Set(this.#table.fits(service.on, 'to').map((fit) => fit.class.index)),
      })),
      require,
    };
  }

  addRule(placed: Placed): void {
    this.#add(placed, null);
  }

  /** `among`: only pairs with one of these classes. */
  #add(placed: Placed, among: ReadonlySet<number> | null): void {
    const { rule } = placed;
    const from = this.#table.fits(rule.from, 'from');
    for (const service of rule.to) {
      const to = this.#table.fits(service.on, 'to');
      const toAmong = among === null ? to : to.filter((fit) => among.has(fit.class.index));
      for (const one of from)
        for (const other of among?.has(one.class.index) === true ? to : toAmong) {
          const certainty = one.certainty === 'yes' ? other.certainty : 'maybe';
          const pair = this.#pair(one.class, other.class);
          if (pair === null) return;
          insert(pair.candidates, { rule: placed, service, certainty });
          this.#touched.add(pair);
        }
    }
  }

  removeRule(placed: Placed): void {
    const { from, to } = placed.rule;
    for (const one of this.#table.fits(from, 'from'))
      for (const { on } of to)
        for (const other of this.#table.fits(on, 'to')) this.#removeFrom(keyOf(one.class, other.class), placed);
  }

  #forget(key: number): void {
    const pair = this.pairs.get(key);
    if (pair === undefined) return;
    this.#touched.add(pair);
    this.pairs.delete(key);
  }

  #removeFrom(key: number, placed: Placed): void {
    const pair = this.pairs.get(key);
    if (pair === undefined) return;
    this.#touched.add(pair);
    for (let at = pair.candidates.length - 1; at >= 0; at--)
      if (pair.candidates[at]?.rule === placed) pair.candidates.splice(at, 1);
    if (pair.candidates.length === 0 && !pair.isKept) this.pairs.delete(key);
  }

  /** Pairs of these classes that no rule names, but where an end in mode `protect` may hold a named service. */
  addProtected(): void {
    this.#addProtected(this.#table.classes);
  }

  #addProtected(come: readonly Class[]): void {
    const among = new Set(come);
    for (const one of this.#table.classes) {
      if (!isProtecting(one)) continue;
      const isAsked = (this.#named.get(one.index) ?? []).some(({ id }) => holds(one, id));
      for (const other of among.has(one) ? this.#table.classes : come) {
        if (isAsked) this.#keep(other, one);
        if ((this.#named.get(other.index) ?? []).some(({ id }) => holds(one, id))) this.#keep(one, other);
      }
    }
  }

  #keep(from: Class, to: Class): void {
    const pair = this.#pair(from, to);
    if (pair === null) return;
    pair.isKept = true;
    this.#touched.add(pair);
  }

  #pair(from: Class, to: Class): Pair | null {
    const key = keyOf(from, to);
    const known = this.pairs.get(key);
    if (known !== undefined) return known;
    this.isTooLarge ||= this.pairs.size >= PAIRS_MAX;
    if (this.isTooLarge) return null;
    const pair = { key, from, to, candidates: [], shadowed: null, isKept: false };
    this.pairs.set(key, pair);
    return pair;
  }
}

/** Indexes of classes end here: two of them make a key that a number holds. Further ones need another judge. */
export const CLASSES_MAX = 2 ** 26;

function keyOf(from: Class, to: Class): number {
  return from.index * CLASSES_MAX + to.index;
}

/** Behind every candidate of a rule that stands before, or of the same. */
function insert(candidates: Candidate[], one: Candidate): void {
  let at = candidates.length;
  while (at > 0 && (candidates[at - 1]?.rule.place ?? 0) > one.rule.place) at--;
  candidates.splice(at, 0, one);
}

function isProtecting({ mode }: Class): boolean {
  return mode.mode === 'protect' && mode.protect !== null;
}

function holds(
  { mode }: { readonly mode: { readonly mode: Mode; readonly protect: readonly string[] | null } },
  service: string,
): boolean {
  if (mode.mode !== 'protect') return mode.mode === 'enforce';
  if (mode.protect === null || service === '') return false;
  return mode.protect.length === 0 || mode.protect.includes(service);
}

function guardFits({ from, services }: Guard, pair: Pair, usage: Usage): boolean {
  if (!from.has(pair.from.index)) return false;
  return services.some(({ service, to }) => to.has(pair.to.index) && serviceFits(service, usage));
}

function serviceFits(service: Service, { protocol, port }: Usage): boolean {
  if (service.protocol !== null && service.protocol !== protocol) return false;
  return service.ports.length === 0 || service.ports.some(({ from, to }) => port >= from && port <= to);
}
