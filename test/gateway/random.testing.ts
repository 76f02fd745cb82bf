// Random policies and conversations in the part of the language that the kernel holds exactly, so that its verdict has to be the engine's.

import {
  DAY,
  type Direction,
  type Element,
  type Factor,
  HOUR,
  type Hours,
  isInternet,
  type Limits,
  type Logon,
  type Mac,
  type Mode,
  type Never,
  NO_LIMITS,
  type Policy,
  type PortRange,
  type Prefix,
  parseAddress,
  parsePrefix,
  type Rate,
  type Require,
  type Rule,
  type Scope,
  type Selector,
  type Service,
  type Volume,
  type Window,
} from '#model';
import type { Random } from '../conformance/random.ts';
import { HOST } from './host.testing.ts';

type Some<T> = readonly [T, ...T[]];

/** Hosts of each side of the site and addresses of the machine, of both versions; some are on the internet. */
export const SIDES: Readonly<Record<'a' | 'b' | 'host', readonly Some<string>[]>> = {
  host: HOST,
  a: [
    ['10.0.1.1', '10.0.1.2', '10.0.1.130', '93.184.216.34'],
    ['fd00:1::1', 'fd00:1::2', 'fd00:1::3'],
  ],
  b: [
    ['10.0.2.1', '10.0.2.2', '10.0.2.130', '8.8.8.8'],
    ['fd00:2::1', 'fd00:2::2', '2600::1'],
  ],
};

/** Each address of the site that is not on the internet has a MAC of its own, but the first two of each side share one. */
export const MACS: ReadonlyMap<string, Mac> = new Map(
  Object.values(SIDES).flatMap((versions, side) =>
    versions.flatMap((addresses) =>
      addresses.flatMap((text, at): readonly (readonly [string, Mac])[] => {
        const bytes = parseAddress(text);
        return bytes === null || isInternet(bytes) ? [] : [[text, 0x02_00_00_00_00_00 + side * 16 + Math.max(at, 1)]];
      }),
    ),
  ),
);

export const NEIGHBOURS: ReadonlyMap<Mac, readonly string[]> = new Map(
  [...new Set(MACS.values())].map((mac) => [mac, [...MACS].flatMap(([text, own]) => (own === mac ? [text] : []))]),
);

/** Names that clients of the site are given, and what rules name. */
export const NAMES: Some<string> = ['api.example.com', 'CDN.example.com', 'example.com', 'x.org'];
const PATTERNS: Some<string> = ['api.example.com', '*.example.com', 'x.org'];

const PREFIXES: Some<Prefix> = [
  prefix('10.0.1.1'),
  prefix('10.0.1.2'),
  prefix('10.0.1.0/24'),
  prefix('10.0.1.128/25'),
  prefix('10.0.0.0/16'),
  prefix('10.0.2.1'),
  prefix('10.0.2.2'),
  prefix('10.0.2.0/25'),
  prefix('93.184.216.0/24'),
  prefix('8.8.8.8'),
  prefix('fd00:1::1'),
  prefix('fd00:2::/64'),
  prefix('fd00::/16'),
  prefix('2600::/32'),
  prefix('10.0.9.1'),
  prefix('10.0.9.0/24'),
  prefix('9.9.9.9'),
  prefix('fd00:9::1'),
];

/** What an element may declare as its own. */
const DECLARED: readonly Selector[] = PREFIXES.filter(({ length }) => length === 128).map((one) => ({
  kind: 'prefix',
  prefix: one,
}));

export const PORTS: Some<number> = [22, 80, 443, 5_000];
const MODES: Some<Mode> = ['enforce', 'enforce', 'enforce', 'protect', 'observe'];
const SERVICES = 3;
export const ELEMENTS = 5;

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === null) throw new Error(`not a prefix: ${text}`);
  return parsed;
}

export function kernelPolicy(random: Random): Policy {
  const isEnforcing = random.chance(0.5);
  const services = Array.from({ length: SERVICES }, (_, at) => serviceOf(random, `s${at}`));
  const rules = Array.from({ length: random.whole(1, 4) }, (_, at) =>
    ruleOf(random, { id: `r${at}`, services, isEnforcing }),
  );
  const elements = Array.from({ length: ELEMENTS }, (_, at) => elementOf(random, `e${at}`));
  return {
    timezone: 'UTC',
    mode: isEnforcing ? 'enforce' : random.pick(MODES),
    elements: isEnforcing ? elements.map((element) => ({ ...element, mode: 'enforce' })) : elements,
    services,
    rules: random.chance(0.5)
      ? [...rules, { ...ruleOf(random, { id: 'rest', services, isEnforcing }), from: { kind: 'any' } }]
      : rules,
    never: random.chance(0.25) ? [neverOf(random, services)] : [],
    require: random.chance(0.25) ? [requireOf(random, services)] : [],
    tests: [],
  };
}

function elementOf(random: Random, id: string): Element {
  return {
    id,
    kind: random.pick(['device', 'server']),
    ...identifiersOf(random),
    login: null,
    labels: random.chance(0.6) ? [['role', random.pick(['camera', 'recorder'])]] : [],
    data: [],
    mode: random.pick(MODES),
    protect: random.chance(0.5) ? [`s${random.whole(0, SERVICES - 1)}`] : [],
    isSafetyCritical: false,
    owner: null,
  };
}

function identifiersOf(random: Random): Pick<Element, 'macs' | 'addresses'> {
  if (random.chance(0.25)) return { macs: [random.pick(EVERY_MAC)], addresses: [] };
  return { macs: [], addresses: [random.pick(PREFIXES), ...random.some(1, () => random.pick(PREFIXES))] };
}

const [FIRST_MAC = -1, ...OTHER_MACS] = [...NEIGHBOURS.keys()];
const EVERY_MAC: Some<Mac> = [FIRST_MAC, ...OTHER_MACS];

function serviceOf(random: Random, id: string): Service {
  const protocol = random.pick([6, 6, 17, 17, 17, 1, 58, null, null]);
  const hasPorts = (protocol === null || protocol === 6 || protocol === 17) && random.chance(0.5);
  return {
    id,
    on: id === '' && random.chance(0.3) ? nameOf(random) : random.chance(0.5) ? { kind: 'any' } : selectorOf(random, 1),
    protocol,
    ports: hasPorts ? [portsOf(random), ...random.some(1, () => portsOf(random))] : [],
    application: protocol === 6 && random.chance(0.5) ? 'tls' : null,
    isLogonRequired: random.chance(0.15),
  };
}

/** Only what a rule writes in place may name names. */
function nameOf(random: Random): Selector {
  const name: Selector = { kind: 'name', pattern: random.pick(PATTERNS) };
  if (random.chance(0.7)) return name;
  return random.chance(0.5) ? { kind: 'not', of: name } : { kind: 'either', of: [name, selectorOf(random, 0)] };
}

function portsOf(random: Random): PortRange {
  const from = random.pick(PORTS);
  return { from, to: random.pick([from, from + 3, from + 400, 65_535]) };
}

function selectorOf(random: Random, depth: number): Selector {
  const kind = random.whole(0, depth > 0 ? 10 : 6);
  // A packet of the internet shows the router's MAC, which the routed hook does not see; at an address that an element declares the kernel
  // takes no MAC's word, and denies what would need it, where the engine is shown none and looks on.
  if (kind === 10)
    return {
      kind: 'all',
      of: [
        { kind: 'not', of: { kind: 'internet' } },
        { kind: 'not', of: { kind: 'either', of: DECLARED } },
        { kind: 'mac', mac: random.pick(EVERY_MAC) },
      ],
    };
  if (kind === 0) return { kind: 'internet' };
  if (kind === 1) return { kind: 'element', id: `e${random.whole(0, ELEMENTS - 1)}` };
  if (kind === 2) return { kind: 'element-kind', value: random.pick(['device', 'server']) };
  if (kind === 3) return { kind: 'label', key: 'role', value: random.pick(['camera', 'recorder']) };
  if (kind === 4) return { kind: 'prefix', prefix: random.pick(PREFIXES) };
  if (kind === 7) return { kind: 'not', of: selectorOf(random, depth - 1) };
  if (kind === 8) return { kind: 'all', of: [selectorOf(random, depth - 1), selectorOf(random, depth - 1)] };
  if (kind === 9) return { kind: 'either', of: [selectorOf(random, depth - 1), selectorOf(random, depth - 1)] };
  return { kind: 'any' };
}

interface RuleSketch {
  readonly id: string;
  readonly services: readonly Service[];
  /** Whether every end enforces. */
  readonly isEnforcing: boolean;
}

function ruleOf(random: Random, { id, services, isEnforcing }: RuleSketch): Rule {
  const named = services[random.whole(0, services.length - 1)];
  const to = named === undefined || random.chance(0.5) ? [serviceOf(random, '')] : [named];
  const all = random.chance(0.2) ? [...to, serviceOf(random, '')] : to;
  return {
    id,
    from: random.chance(0.5) ? { kind: 'any' } : selectorOf(random, 1),
    to: all,
    limits: random.chance(0.3) ? NO_LIMITS : limitsOf(random, all, isEnforcing),
    isAudit: random.chance(0.1),
    owner: null,
    why: null,
    until: random.chance(0.05) ? 1 : null,
  };
}

/** INVARIANT: only what the kernel holds to the letter: no two limits of one kind, no size for TCP, no period beside what denies a packet. */
function limitsOf(random: Random, services: readonly Service[], isEnforcing: boolean): Limits {
  const isSized = services.every(({ protocol }) => protocol !== null && protocol !== 6) && random.chance(0.4);
  const way = random.whole(0, 4);
  const limits: Limits = {
    ...NO_LIMITS,
    hours: random.chance(0.25) ? hoursOf(random) : null,
    logon: random.chance(0.25) ? logonOf(random) : null,
  };
  const scope = random.pick(SCOPES);
  const max = random.whole(1, 3);
  const hasApplication = services.some(({ application }) => application !== null);
  if (way === 0 && !hasApplication)
    return { ...limits, connections: [{ kind: 'period', max, window: windowOf(random), scope }] };
  // A denial of its bytes resets a TCP connection, and the kernel counts no closed ones.
  const connections = way === 1 && !hasApplication ? [{ kind: 'open', max, scope } as const] : [];
  const sizes = isSized ? [sizeOf(random)] : [];
  // What is only recorded drains the engine's rate further than the kernel's, so no rate is shared with it.
  const hasRate = (way === 2 || way === 3) && isEnforcing;
  return {
    ...limits,
    connections,
    sizes,
    rates: hasRate ? [rateOf(random)] : [],
    volumes: way >= 3 ? [volumeOf(random)] : [],
  };
}

/** Open all day, or on no day near today: no packet of a story comes close to an edge. */
function hoursOf(random: Random): Hours {
  const today = (new Date().getUTCDay() + 6) % 7;
  const days = random.chance(0.7) ? 127 : 1 << ((today + 3) % 7);
  return { zone: 'UTC', spans: [{ days, fromMinute: 0, toMinute: 1_440 }] };
}

/** Ages of logons here are none, half an hour and two hours: none comes close to the edge. */
function logonOf(random: Random): Logon {
  return {
    factors: random.pick<readonly Factor[]>([[], ['person'], ['device'], ['person', 'device']]),
    within: random.pick([null, HOUR]),
  };
}

function windowOf(random: Random): Window {
  return random.chance(0.5) ? { kind: 'fixed', length: DAY } : { kind: 'calendar', unit: 'day', zone: 'UTC' };
}

const SCOPES: Some<Scope> = ['pair', 'rule'];
const DIRECTIONS: Some<Direction> = ['both', 'sent', 'received'];

function volumeOf(random: Random): Volume {
  const maxBytes = random.pick([100, 500, 1_000, 3_000]);
  return {
    minBytes: null,
    maxBytes,
    window: windowOf(random),
    direction: random.pick(DIRECTIONS),
    scope: random.pick(SCOPES),
  };
}

function sizeOf(random: Random): Limits['sizes'][number] {
  const bounds: Some<readonly [number | null, number | null]> = [
    [100, null],
    [null, 300],
    [64, 300],
  ];
  const [min, max] = random.pick(bounds);
  return { min, max, direction: random.pick(DIRECTIONS) };
}

/** So slow that no story sees a bucket fill again. */
function rateOf(random: Random): Rate {
  const common = { direction: random.pick(DIRECTIONS), scope: random.pick(SCOPES) };
  return random.chance(0.5)
    ? { unit: 'bytes', perSecond: 1, burst: random.pick([200, 600, 2_000]), ...common }
    : { unit: 'packets', perSecond: 1 / 3_600, burst: random.pick([1, 2, 5]), ...common };
}

function neverOf(random: Random, services: readonly Service[]): Never {
  const named = services[random.whole(0, services.length - 1)];
  return { id: 'n0', from: selectorOf(random, 1), to: [named ?? serviceOf(random, '')], owner: null, why: null };
}

function requireOf(random: Random, services: readonly Service[]): Require {
  return {
    ...neverOf(random, services),
    id: 'q0',
    hours: hoursOf(random),
    logon: random.chance(0.4) ? logonOf(random) : null,
  };
}
