// The compiled policy: conditions over atoms, limits flattened by rule. Immutable; what changes while judging lives elsewhere.

import { END_OF_TIME, type Logon, type Mode, type Policy, type Rule, type Service } from '#model';
import { type Atom, Atoms, type Condition } from './selectors.ts';

export interface CompiledService {
  readonly id: string;
  readonly on: Condition;
  /** -1 for any. */
  readonly protocol: number;
  /** Pairs from, to; empty means any port. */
  readonly ports: Int32Array;
  /** '' for any. */
  readonly application: string;
  readonly isLogonRequired: boolean;
}

export interface CompiledRule {
  /** Index in the policy in force; -1 for a rule of an earlier policy under which sessions drain. */
  readonly index: number;
  readonly source: Rule;
  readonly from: Condition;
  readonly services: readonly CompiledService[];
  readonly until: number;
  readonly isAudit: boolean;
}

export interface CompiledGuard {
  /** Index as in `Verdict.guardrail`. */
  readonly index: number;
  readonly from: Condition;
  readonly services: readonly CompiledService[];
  readonly require: Policy['require'][number] | null;
}

export interface Program {
  readonly policy: Policy;
  readonly atoms: readonly Atom[];
  readonly rules: readonly CompiledRule[];
  /** `never` first, then `require`. */
  readonly guards: readonly CompiledGuard[];
  /** Named services of the policy. */
  readonly services: readonly CompiledService[];
  readonly hasNames: boolean;
  /** Whether any end could enforce anything. */
  readonly isEnforcing: boolean;
}

/** Compiles a checked policy. The same policy gives an equal program. */
export function compile(policy: Policy): Program {
  const atoms = new Atoms();
  const service = (one: Service): CompiledService => compileService(one, atoms);
  const rules = policy.rules.map((rule, index) => ({
    index,
    source: rule,
    from: atoms.condition(rule.from),
    services: rule.to.map(service),
    until: rule.until ?? END_OF_TIME,
    isAudit: rule.isAudit,
  }));
  const guards = [...policy.never, ...policy.require].map((guard, index) => ({
    index,
    from: atoms.condition(guard.from),
    services: guard.to.map(service),
    require: policy.require[index - policy.never.length] ?? null,
  }));
  const services = policy.services.map(service);
  const hasNames = atoms.list.some(({ kind }) => kind === 'name');
  const isEnforcing = policy.mode !== 'observe' || policy.elements.some(({ mode }) => mode !== 'observe');
  return Object.freeze({ policy, atoms: atoms.list, rules, guards, services, hasNames, isEnforcing });
}

function compileService(service: Service, atoms: Atoms): CompiledService {
  return {
    id: service.id,
    on: atoms.condition(service.on),
    protocol: service.protocol ?? -1,
    ports: Int32Array.from(service.ports.flatMap(({ from, to }) => [from, to])),
    application: service.application ?? '',
    isLogonRequired: service.isLogonRequired,
  };
}

/** Whether a port lies in the service's ranges; an unknown port (-1) lies in none. */
export function portFits(service: CompiledService, port: number): boolean {
  const { ports } = service;
  if (ports.length === 0) return true;
  for (let at = 0; at < ports.length; at += 2)
    if (port >= (ports[at] ?? 0) && port <= (ports[at + 1] ?? -1)) return true;
  return false;
}

export function protocolFits(service: CompiledService, protocol: number): boolean {
  return service.protocol === -1 || service.protocol === protocol;
}

/** What logon the rule asks for with this service, or null. */
export function logonOf(rule: CompiledRule, service: CompiledService): Logon | null {
  return rule.source.limits.logon ?? (service.isLogonRequired ? ANY_FACTOR : null);
}

const ANY_FACTOR: Logon = Object.freeze({ factors: [], within: null });

/** Whether an end of this mode enforces the service. `protect` of an end that is no element enforces nothing. */
export function modeHolds(end: { mode: Mode; protect: readonly string[] | null }, serviceId: string): boolean {
  if (end.mode !== 'protect') return end.mode === 'enforce';
  if (end.protect === null || serviceId === '') return false;
  return end.protect.length === 0 || end.protect.includes(serviceId);
}
