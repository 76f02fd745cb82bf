// Random policies over the small world: every kind of selector, service and limit, with bounds that traffic meets.

import {
  type ConnectionLimit,
  type Direction,
  ELEMENT_KINDS,
  type Element,
  type HourSpan,
  type Hours,
  type Instant,
  type Limits,
  type Logon,
  MINUTE,
  type Mode,
  type Never,
  NO_LIMITS,
  type Policy,
  type PortRange,
  type Rate,
  type Require,
  type Rule,
  type Scope,
  SECOND,
  type Selector,
  type Service,
  type Size,
  type Volume,
  type Window,
} from '#model';
import type { Random } from './random.ts';
import { MACS, PATTERNS, PORTS, PREFIXES } from './universe.ts';

const SERVICES = 3;
const ELEMENTS = 4;
const MODES: readonly [Mode, ...Mode[]] = ['enforce', 'enforce', 'enforce', 'protect', 'observe'];
const DIRECTIONS: readonly [Direction, ...Direction[]] = ['both', 'sent', 'received'];
const SCOPES: readonly [Scope, ...Scope[]] = ['pair', 'rule'];

/** Where and when a story plays: hours and ends of rules lie around `start`. */
export interface Setting {
  readonly random: Random;
  readonly zone: string;
  readonly start: Instant;
}

export function policyOf(setting: Setting): Policy {
  const { random } = setting;
  const services = Array.from({ length: SERVICES }, (_, at) => serviceOf(random, `s${at}`));
  return {
    timezone: setting.zone,
    mode: random.pick(MODES),
    elements: Array.from({ length: ELEMENTS }, (_, at) => elementOf(random, `e${at}`)),
    services,
    rules: rulesOf(setting, services),
    never: random.chance(0.2) ? [neverOf(random, services)] : [],
    require: random.chance(0.2) ? [requireOf(setting, services)] : [],
    tests: [],
  };
}

/** Two in three policies end in a rule for everything, so that its limits are met. */
function rulesOf(setting: Setting, services: readonly Service[]): readonly Rule[] {
  const { random } = setting;
  const rules = Array.from({ length: random.whole(1, 3) }, (_, at) => ruleOf(setting, `r${at}`, services));
  if (random.chance(0.34)) return rules;
  const everything: Service = { ...serviceOf(random, ''), on: { kind: 'any' }, protocol: null, ports: [] };
  const limits = limitsOf(setting);
  return [...rules, { ...ruleOf(setting, 'rest', services), from: { kind: 'any' }, to: [everything], limits }];
}

/** The same policy with one thing changed, for `apply`. */
export function changedPolicy(setting: Setting, policy: Policy): Policy {
  const { random } = setting;
  const changed = policyOf(setting);
  const way = random.whole(0, 4);
  if (way === 0) return { ...policy, rules: policy.rules.slice(1) };
  if (way === 1) return { ...policy, rules: [...policy.rules].reverse() };
  if (way === 2) return { ...policy, never: changed.never };
  if (way === 3) return { ...policy, elements: [...policy.elements].reverse() };
  return { ...policy, rules: changed.rules };
}

function elementOf(random: Random, id: string): Element {
  return {
    id,
    kind: random.pick(['device', 'server', ...ELEMENT_KINDS]),
    macs: random.chance(0.4) ? [random.pick(MACS)] : [],
    addresses: random.chance(0.8) ? [random.pick(PREFIXES)] : [],
    login: null,
    labels: random.chance(0.6) ? [['role', random.pick(['camera', 'recorder'])]] : [],
    data: [],
    mode: random.pick(MODES),
    protect: random.chance(0.5) ? [`s${random.whole(0, SERVICES - 1)}`] : [],
    isSafetyCritical: false,
    owner: null,
  };
}

function serviceOf(random: Random, id: string, hasNames = false): Service {
  return {
    id,
    on: random.chance(hasNames ? 0.6 : 0.7) ? { kind: 'any' } : selectorOf(random, { hasNames, depth: 1 }),
    protocol: random.pick([6, 6, 6, 17, null, null, null]),
    ports: random.chance(0.6) ? [] : [portsOf(random)],
    application: random.chance(0.2) ? 'tls' : null,
    isLogonRequired: random.chance(0.06),
  };
}

function portsOf(random: Random): PortRange {
  const from = random.pick(PORTS);
  return { from, to: random.chance(0.5) ? from : from + 421 };
}

function selectorOf(random: Random, more: { hasNames: boolean; depth: number }): Selector {
  const inner = { ...more, depth: more.depth - 1 };
  const kind = random.whole(0, more.depth > 0 ? 11 : 8);
  if (kind === 0) return { kind: 'internet' };
  if (kind === 1) return { kind: 'element', id: `e${random.whole(0, ELEMENTS - 1)}` };
  if (kind === 2) return { kind: 'element-kind', value: random.pick(['device', 'server']) };
  if (kind === 3) return { kind: 'label', key: 'role', value: random.pick(['camera', 'recorder']) };
  if (kind === 4) return { kind: 'prefix', prefix: random.pick(PREFIXES) };
  if (kind === 5) return { kind: 'mac', mac: random.pick(MACS) };
  if (kind === 6 && more.hasNames) return { kind: 'name', pattern: random.pick(PATTERNS) };
  if (kind === 9) return { kind: 'not', of: selectorOf(random, inner) };
  if (kind === 10) return { kind: 'all', of: [selectorOf(random, inner), selectorOf(random, inner)] };
  if (kind === 11) return { kind: 'either', of: [selectorOf(random, inner), selectorOf(random, inner)] };
  return { kind: 'any' };
}

function ruleOf(setting: Setting, id: string, services: readonly Service[]): Rule {
  const { random } = setting;
  const named = services[random.whole(0, services.length - 1)];
  const to = named === undefined || random.chance(0.35) ? [serviceOf(random, '', true)] : [named];
  return {
    id,
    from: random.chance(0.8) ? { kind: 'any' } : selectorOf(random, { hasNames: true, depth: 1 }),
    to: random.chance(0.2) ? [...to, serviceOf(random, '', true)] : to,
    limits: random.chance(0.1) ? NO_LIMITS : limitsOf(setting),
    isAudit: random.chance(0.1),
    owner: null,
    why: null,
    until: random.chance(0.1) ? setting.start + random.whole(1, 60) * MINUTE : null,
  };
}

function limitsOf(setting: Setting): Limits {
  const { random } = setting;
  const maybe = <T>(share: number, make: () => T): T | null => (random.chance(share) ? make() : null);
  const list = <T>(share: number, make: () => T): readonly T[] =>
    random.chance(share) ? [make(), ...random.some(1, make)] : [];
  return {
    hours: maybe(0.3, () => hoursOf(setting)),
    volumes: list(0.5, () => volumeOf(setting)),
    sizes: list(0.2, () => sizeOf(random)),
    rates: list(0.3, () => rateOf(random)),
    connections: list(0.4, () => connectionsOf(setting)),
    lifetime: maybe(0.2, () => random.pick([30 * SECOND, 5 * MINUTE, 60 * MINUTE])),
    logon: maybe(0.14, () => logonOf(random)),
    operations: maybe(0.15, () => random.pick([['modbus */3'], ['modbus 1/*', 'mqtt 3'], ['*']])),
    drain: random.pick([0, 0, 0, 10 * SECOND, 2 * MINUTE]),
  };
}

function hoursOf({ random, zone }: Setting): Hours {
  const span = (): HourSpan => ({
    days: random.pick([127, 127, 31, 96, 64]),
    fromMinute: random.pick([0, 90, 120, 150, 180, 480, 1_320, 1_410]),
    toMinute: random.pick([90, 120, 150, 180, 210, 480, 1_320, 1_440]),
  });
  return { zone, spans: [span(), ...random.some(1, span)] };
}

function windowOf({ random, zone }: Setting): Window {
  const way = random.whole(0, 3);
  if (way <= 1) return { kind: 'fixed', length: random.pick([10 * SECOND, MINUTE, 60 * MINUTE]) };
  if (way === 2) return { kind: 'rolling', length: random.pick([MINUTE, 60 * MINUTE]) };
  return { kind: 'calendar', unit: random.pick(['day', 'week', 'month']), zone };
}

function volumeOf(setting: Setting): Volume {
  const { random } = setting;
  const window = windowOf(setting);
  const isFloored = random.chance(0.4) && (window.kind === 'calendar' || window.length >= 60 * MINUTE);
  return {
    minBytes: isFloored ? random.pick([100, 1_000]) : null,
    maxBytes: isFloored && random.chance(0.5) ? null : random.pick([1_000, 2_000, 5_000]),
    window,
    direction: random.pick(DIRECTIONS),
    scope: random.pick(SCOPES),
  };
}

function sizeOf(random: Random): Size {
  const isMin = random.chance(0.4);
  return {
    min: isMin ? random.pick([40, 100]) : null,
    max: isMin && random.chance(0.5) ? null : random.pick([500, 1_000, 1_500]),
    direction: random.pick(DIRECTIONS),
  };
}

function rateOf(random: Random): Rate {
  const scope = random.pick(SCOPES);
  const direction = random.pick(DIRECTIONS);
  return random.chance(0.5)
    ? {
        unit: 'bytes',
        perSecond: random.pick([100, 1_000, 3_000]),
        burst: random.pick([500, 1_500, 3_000]),
        direction,
        scope,
      }
    : { unit: 'packets', perSecond: random.pick([0.5, 1, 3]), burst: random.pick([1, 2, 5]), direction, scope };
}

function connectionsOf(setting: Setting): ConnectionLimit {
  const { random } = setting;
  const scope = random.pick(SCOPES);
  const max = random.whole(1, 3);
  return random.chance(0.5) ? { kind: 'open', max, scope } : { kind: 'period', max, window: windowOf(setting), scope };
}

function logonOf(random: Random): Logon {
  return {
    factors: random.pick([[], ['person'], ['device'], ['person', 'device']]),
    within: random.chance(0.6) ? random.pick([MINUTE, MINUTE, 10 * MINUTE]) : null,
  };
}

function neverOf(random: Random, services: readonly Service[]): Never {
  const service = services[random.whole(0, services.length - 1)];
  const to = service !== undefined && random.chance(0.5) ? [service] : [serviceOf(random, '')];
  return { id: 'n0', from: selectorOf(random, { hasNames: false, depth: 1 }), to, owner: null, why: null };
}

function requireOf(setting: Setting, services: readonly Service[]): Require {
  const { random } = setting;
  const hours = random.chance(0.5) ? hoursOf(setting) : null;
  return { ...neverOf(random, services), id: 'q0', hours, logon: hours === null ? logonOf(random) : null };
}
