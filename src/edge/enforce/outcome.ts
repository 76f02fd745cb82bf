// What the policy says for one pair of classes, protocol and port, as far as the kernel can hold it. Mirrors docs/semantics.md 11 to 17
// and 24 without anything that happens later. INVARIANT: where it is not certain, nothing is permitted that could be denied.

import type { Hours, Logon, Mode, Policy, Rule, Service } from '#model';
import type { Class, ClassTable } from './classes.ts';
import type { Certainty } from './ends.ts';
import { lifetimeSeconds, logonOf, unholdable } from './holdable.ts';
import type { KernelReason } from './numbers.ts';

export type Outcome =
  /** No rule governs, and neither end minds. */
  | { readonly kind: 'free' }
  | { readonly kind: 'deny'; readonly reason: KernelReason; readonly rule: number }
  | {
      readonly kind: 'admit';
      readonly rule: number;
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
  readonly rule: number;
  readonly service: Service;
  readonly certainty: Certainty;
}

export interface Pair {
  readonly from: Class;
  readonly to: Class;
  /** In the order in which they may govern. */
  readonly candidates: Candidate[];
}

/** Pairs of classes with something of their own to say. More are refused: they would not fit the kernel's memory in reason. */
export const PAIRS_MAX = 1_000_000;

export interface Judge {
  readonly pairs: ReadonlyMap<number, Pair>;
  readonly isTooLarge: boolean;
  /** Rules that would govern somewhere, were it certain that no rule before them does. */
  readonly shadowed: ReadonlySet<number>;
  outcome(pair: Pair, usage: Usage): Outcome;
  /** Services and guardrails that may matter between two classes: their protocols and ports are where outcomes change. */
  services(pair: Pair): readonly Service[];
}

export interface JudgeOptions {
  readonly policy: Policy;
  readonly table: ClassTable;
  readonly now: number;
  /** Lifetimes that the table tells apart; a rule with another permits nothing. */
  readonly lifetimes: readonly number[];
}

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
  readonly shadowed = new Set<number>();
  readonly #policy: Policy;
  readonly #table: ClassTable;
  readonly #lifetimes: readonly number[];
  readonly #guards: readonly Guard[];
  /** Named services that hold for a responder. */
  readonly #named: readonly (readonly Service[])[];

  constructor({ policy, table, now, lifetimes }: JudgeOptions) {
    this.#policy = policy;
    this.#table = table;
    this.#lifetimes = lifetimes;
    this.#guards = [
      ...policy.never.map((one) => this.#guard(one, null)),
      ...policy.require.map((one) => this.#guard(one, one)),
    ];
    const named: Service[][] = table.classes.map(() => []);
    for (const service of policy.services)
      for (const fit of table.fits(service.on, 'to')) named[fit.class.index]?.push(service);
    this.#named = named;
    for (const [at, rule] of policy.rules.entries())
      if (rule.until === null || now < rule.until) this.#addRule(rule, at);
    this.#addProtected();
  }

  outcome(pair: Pair, usage: Usage): Outcome {
    for (const candidate of pair.candidates) {
      const { rule, service, certainty } = candidate;
      if (!serviceFits(service, usage)) continue;
      const isHeld = holds(pair.from, service.id) || holds(pair.to, service.id);
      if (certainty === 'yes') return this.#governed(pair, usage, { ...candidate, isHeld });
      if (!isHeld) continue;
      const next = pair.candidates.find((one) => one.certainty === 'yes' && serviceFits(one.service, usage));
      if (next !== undefined && next.rule !== rule) this.shadowed.add(next.rule);
      return { kind: 'deny', reason: 'not-held', rule };
    }
    return this.#isHeldWithoutRule(pair, usage) ? { kind: 'deny', reason: 'no-rule', rule: -1 } : { kind: 'free' };
  }

  services(pair: Pair): readonly Service[] {
    const guards = this.#guards.filter(({ from }) => from.has(pair.from.index));
    return [
      ...pair.candidates.map(({ service }) => service),
      ...guards.flatMap(({ services }) =>
        services.filter(({ to }) => to.has(pair.to.index)).map(({ service }) => service),
      ),
      ...(isProtecting(pair.from) || isProtecting(pair.to) ? (this.#named[pair.to.index] ?? []) : []),
    ];
  }

  #governed(pair: Pair, usage: Usage, found: Candidate & { readonly isHeld: boolean }): Outcome {
    const { rule: index, service, isHeld } = found;
    const rule = this.#policy.rules[index];
    if (rule === undefined) return { kind: 'deny', reason: 'no-rule', rule: -1 };
    if (!isHeld) return { kind: 'admit', rule: index, service, isHeld, gates: [], rails: [], logon: null, who: '' };
    if (pair.from.isQuarantined || pair.to.isQuarantined) return { kind: 'deny', reason: 'quarantined', rule: index };
    const guards = this.#guards.filter((guard) => guardFits(guard, pair, usage));
    const element = this.#policy.elements[pair.from.end.element]?.id ?? '';
    const rails = guards.flatMap(({ require }) => require?.logon ?? []);
    if (guards.some(({ require }) => require === null) || (rails.length > 0 && element === ''))
      return { kind: 'deny', reason: 'guardrail', rule: index };
    const gates = guards.flatMap(({ require }) => require?.hours ?? []);
    const asked = logonOf(rule, service);
    const logon = rule.isAudit ? null : asked;
    const who = logon !== null || rails.length > 0 ? element : '';
    const admit = { kind: 'admit', rule: index, service, isHeld: !rule.isAudit, gates, rails, logon, who } as const;
    if (rule.isAudit) return admit;
    if (logon !== null && element === '') return { kind: 'deny', reason: 'not-logged-on', rule: index };
    const reason = this.#isLifetimeHeld(rule) ? unholdable(rule, service, usage.protocol) : 'not-held';
    return reason === null ? admit : { kind: 'deny', reason, rule: index };
  }

  #isLifetimeHeld({ limits: { lifetime, drain } }: Rule): boolean {
    return lifetime === null || this.#lifetimes.includes(lifetimeSeconds(lifetime, drain));
  }

  #isHeldWithoutRule(pair: Pair, usage: Usage): boolean {
    if (pair.from.mode.mode === 'enforce' || pair.to.mode.mode === 'enforce') return true;
    const named = this.#named[pair.to.index] ?? [];
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

  #addRule(rule: Rule, at: number): void {
    const from = this.#table.fits(rule.from, 'from');
    for (const service of rule.to) {
      const to = this.#table.fits(service.on, 'to');
      for (const one of from)
        for (const other of to) {
          const certainty = one.certainty === 'yes' ? other.certainty : 'maybe';
          this.#pair(one.class, other.class)?.candidates.push({ rule: at, service, certainty });
        }
      if (this.isTooLarge) return;
    }
  }

  /** Pairs that no rule names, but where an end in mode `protect` may hold a named service. */
  #addProtected(): void {
    for (const one of this.#table.classes) {
      if (!isProtecting(one)) continue;
      const isAsked = (this.#named[one.index] ?? []).some(({ id }) => holds(one, id));
      for (const other of this.#table.classes) {
        if (isAsked) this.#pair(other, one);
        if ((this.#named[other.index] ?? []).some(({ id }) => holds(one, id))) this.#pair(one, other);
      }
    }
  }

  #pair(from: Class, to: Class): Pair | null {
    const key = from.index * this.#table.classes.length + to.index;
    const known = this.pairs.get(key);
    if (known !== undefined) return known;
    this.isTooLarge ||= this.pairs.size >= PAIRS_MAX;
    if (this.isTooLarge) return null;
    const pair = { from, to, candidates: [] };
    this.pairs.set(key, pair);
    return pair;
  }
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
