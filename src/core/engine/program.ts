// The compiled policy: conditions over atoms. Changed only by whoever changes a policy live; what changes while judging lives elsewhere.

import { type Element, END_OF_TIME, type Logon, type Mode, type Policy, type Rule, type Service } from '#model';
import { Atoms, type CompiledService, type Condition } from './selectors.ts';

export type { CompiledService };

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
  /** The policy's, but for those changed live. */
  readonly elements: Element[];
  readonly atoms: Atoms;
  /** By number: indices in the policy, then rules added to it live. */
  readonly rules: CompiledRule[];
  /** `never` first, then `require`. */
  readonly guards: readonly CompiledGuard[];
  /** Named services of the policy. */
  readonly services: readonly CompiledService[];
  /** Whether any end could enforce anything. */
  readonly isEnforcing: boolean;
}

/** Compiles a checked policy. The same policy gives an equal program. */
export function compile(policy: Policy): Program {
  const atoms = new Atoms();
  const rules = policy.rules.map((rule, index) => compileRule(rule, index, atoms));
  const guards = [...policy.never, ...policy.require].map((guard, index) => ({
    index,
    from: atoms.condition(guard.from),
    services: guard.to.map((service) => compileService(service, atoms)),
    require: policy.require[index - policy.never.length] ?? null,
  }));
  const services = policy.services.map((service) => compileService(service, atoms));
  const isEnforcing = policy.mode !== 'observe' || policy.elements.some(({ mode }) => mode !== 'observe');
  return Object.freeze({ policy, elements: [...policy.elements], atoms, rules, guards, services, isEnforcing });
}

/** Compiles one rule over the atoms of its program. */
export function compileRule(rule: Rule, index: number, atoms: Atoms): CompiledRule {
  return {
    index,
    source: rule,
    from: atoms.condition(rule.from),
    services: rule.to.map((service) => compileService(service, atoms)),
    until: rule.until ?? END_OF_TIME,
    isAudit: rule.isAudit,
  };
}

/** A named service, which several rules may name, is compiled once; to remember those of single rules costs the collector more than it saves. */
function compileService(service: Service, atoms: Atoms): CompiledService {
  const known = service.id === '' ? undefined : atoms.services.get(service);
  if (known !== undefined) return known;
  const compiled = {
    id: service.id,
    on: atoms.condition(service.on),
    protocol: service.protocol ?? -1,
    ports: portsOf(service),
    application: service.application ?? '',
    isLogonRequired: service.isLogonRequired,
  };
  if (service.id !== '') atoms.services.set(service, compiled);
  return compiled;
}

/** Written out for one range, as most services have: a list that grew keeps room for sixteen more. */
function portsOf({ ports }: Service): readonly number[] {
  const [first, ...more] = ports;
  if (first !== undefined && more.length === 0) return [first.from, first.to];
  return ports.flatMap(({ from, to }) => [from, to]);
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
