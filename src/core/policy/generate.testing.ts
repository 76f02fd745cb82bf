// Random valid policies for property tests, here and in other rooms. Not shipped: fast-check is a development dependency.

import * as fc from 'fast-check';
import {
  APPLICATIONS,
  ELEMENT_KINDS,
  type Element,
  HOUR,
  type Hours,
  type Limits,
  MINUTE,
  type Never,
  type Policy,
  type PolicyTest,
  parsePrefix,
  type Require,
  type Rule,
  type Selector,
  type Service,
  type Volume,
} from '#model';
import { defaultBurst } from './budgets.ts';
import { parseSentence } from './question.ts';
import { isTrouble } from './trouble.ts';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
const ROLES = ['camera', 'recorder', 'ops'];
const TEXTS = fc.oneof(
  fc.constantFrom(
    'facilities',
    'null',
    'yes',
    '12',
    '1e3',
    '~',
    'a: b',
    'x # y',
    '- z',
    "it's",
    '"q"',
    '2027-01-01',
    '{',
    'ä ö',
    '10:30',
    '0x1f',
  ),
  fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
);
const nullable = <Value>(of: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(of, { nil: null });
const prefixes = (texts: readonly string[]): ReturnType<typeof parsePrefix>[] => texts.map(parsePrefix);

function element(at: number, zoneMode: Policy['mode']): fc.Arbitrary<Element> {
  return fc.record({
    id: fc.constant(`element-${at}`),
    kind: fc.constantFrom(...ELEMENT_KINDS),
    macs: fc.constantFrom([], [0x02_42_00_00_00_00 + at], [0x02_42_00_00_01_00 + at, 0x02_42_00_00_02_00 + at]),
    addresses: fc
      .constantFrom<readonly string[]>([`10.0.${at}.1`], [`10.0.${at}.0/24`, `2001:db8:${at}::1`], [`fd00:${at}::/64`])
      .map((texts) => prefixes(texts).filter((prefix) => prefix !== null)),
    login: nullable(fc.constant(`user${at}@example.com`)),
    labels: fc.constantFrom<readonly (readonly [string, string])[]>(
      [],
      [['role', ROLES[at % 3] ?? 'ops']],
      [
        ['role', 'ops'],
        ['site.x/y', '12'],
      ],
    ),
    data: fc.uniqueArray(
      TEXTS.filter((text) => text !== ''),
      { maxLength: 2 },
    ),
    mode: fc.constantFrom(zoneMode, 'observe' as const, 'protect' as const, 'enforce' as const),
    protect: fc.constantFrom([], ['service-0']),
    isSafetyCritical: fc.boolean(),
    owner: nullable(TEXTS),
  });
}

interface World {
  readonly elements: readonly Element[];
  readonly zone: string;
}

function selector({ elements }: World, mayName: boolean): fc.Arbitrary<Selector> {
  const leaves: fc.Arbitrary<Selector>[] = [
    fc.constantFrom<Selector>({ kind: 'any' }, { kind: 'internet' }, { kind: 'mac', mac: 0x02_42_ac_11_00_05 }),
    fc.constantFrom(...elements.map(({ id }): Selector => ({ kind: 'element', id }))),
    fc.constantFrom(...ELEMENT_KINDS).map((value): Selector => ({ kind: 'element-kind', value })),
    fc.constantFrom(...ROLES).map((value): Selector => ({ kind: 'label', key: 'role', value })),
    fc.constantFrom('10.0.0.0/8', '10.0.1.1', '2001:db8::/32', '::/0').map(
      (text): Selector => ({
        kind: 'prefix',
        prefix: parsePrefix(text) ?? { version: 4, bytes: new Uint8Array(16), length: 0 },
      }),
    ),
  ];
  if (mayName)
    leaves.push(
      fc
        .constantFrom('api.example.com', '*.example.com', 'printer')
        .map((pattern): Selector => ({ kind: 'name', pattern })),
    );
  const leaf = fc.oneof(...leaves);
  const negated = fc.oneof(
    leaf,
    leaf.map((of): Selector => ({ kind: 'not', of })),
  );
  const all = fc.oneof(
    { weight: 3, arbitrary: negated },
    fc.array(negated, { minLength: 2, maxLength: 3 }).map((of): Selector => ({ kind: 'all', of })),
  );
  const either = fc.array(all, { minLength: 2, maxLength: 3 }).map((of): Selector => ({ kind: 'either', of }));
  const grouped = fc.tuple(negated, either).map((of): Selector => ({ kind: 'all', of }));
  return fc.oneof(
    { weight: 5, arbitrary: all },
    either,
    grouped,
    either.map((of): Selector => ({ kind: 'not', of })),
  );
}

function service(world: World, { id, mayName }: { id: string; mayName: boolean }): fc.Arbitrary<Service> {
  const ports = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.nat(100)), { maxLength: 3 })
    .map((all) => all.map(([from, more]) => ({ from, to: Math.min(65_535, from + more) })));
  return fc
    .record({
      id: fc.constant(id),
      on: selector(world, mayName),
      protocol: fc.constantFrom(null, 6, 17, 1, 200),
      ports,
      application: nullable(fc.constantFrom(...APPLICATIONS)),
      isLogonRequired: fc.boolean(),
    })
    .map((made) => (made.protocol === 6 || made.protocol === 17 ? made : { ...made, ports: [] }));
}

export function anyHours(zone: string): fc.Arbitrary<Hours> {
  const span = fc.record({
    days: fc.integer({ min: 1, max: 127 }),
    fromMinute: fc.integer({ min: 0, max: 1_439 }),
    toMinute: fc.integer({ min: 1, max: 1_440 }),
  });
  return fc.record({ zone: fc.constantFrom(zone, ...ZONES), spans: fc.array(span, { minLength: 1, maxLength: 3 }) });
}

const direction = fc.constantFrom('sent' as const, 'received' as const, 'both' as const);
const scope = fc.constantFrom('pair' as const, 'rule' as const);

function window(zone: string): fc.Arbitrary<Limits['volumes'][number]['window']> {
  return fc.oneof(
    fc
      .constantFrom(MINUTE, 10 * MINUTE, HOUR, 24 * HOUR, 168 * HOUR, 90_000_000)
      .map((length) => ({ kind: 'fixed' as const, length })),
    fc.record({
      kind: fc.constant('calendar' as const),
      unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
      zone: fc.constantFrom(zone, ...ZONES),
    }),
    fc.constantFrom(MINUTE, 24 * HOUR, 3_000_000).map((length) => ({ kind: 'rolling' as const, length })),
  );
}

function limits(zone: string): fc.Arbitrary<Limits> {
  const bytes = fc.oneof(
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.constantFrom(2e9, 65_536, 2 ** 40, 1e12, 123_456_789_012),
  );
  const ceiling: fc.Arbitrary<Volume> = fc.record({
    minBytes: fc.constant(null),
    maxBytes: bytes,
    window: window(zone),
    direction,
    scope,
  });
  const floor: fc.Arbitrary<Volume> = fc.record({
    minBytes: fc.integer({ min: 0, max: 1_000 }),
    maxBytes: nullable(fc.integer({ min: 1_000, max: 2_000_000 })),
    window: window(zone),
    direction,
    scope,
  });
  const speed = fc.record({
    unit: fc.constantFrom('bytes' as const, 'packets' as const),
    perSecond: fc.oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.constantFrom(2.5e6, 12.5, 0.125, 125e6)),
  });
  const rate = fc
    .tuple(speed, nullable(fc.integer({ min: 1, max: 1_000_000 })), direction, scope)
    .map(([made, burst, way, of]) => ({ ...made, burst: burst ?? defaultBurst(made), direction: way, scope: of }));
  const max = fc.integer({ min: 1, max: 1_000 });
  const connection = fc.oneof(
    fc.record({ kind: fc.constant('open' as const), max, scope }),
    fc.record({ kind: fc.constant('period' as const), max, window: window(zone), scope }),
  );
  const logon = fc.record({
    factors: fc.constantFrom<Limits['logon']>(
      { factors: [], within: null },
      { factors: ['person'], within: null },
      { factors: ['device', 'person'], within: null },
    ),
    within: nullable(fc.constantFrom(MINUTE, 90_000_000, HOUR)),
  });
  const operations = fc.constantFrom(
    ['modbus 1/3'],
    ['modbus */5', 'mqtt 3', 'modbus 1*/3'],
    ['mqtt 1', 'mqtt 15', 'mqtt *'],
    ['dnp3 1', 's7comm 1/0x04', 'mcp tools/call search_*', 'http GET', 'bacnet 0/12/'],
  );
  const volumes: fc.Arbitrary<readonly Volume[]> = fc.oneof(
    fc.array(ceiling, { maxLength: 2 }),
    floor.map((one) => [one]),
  );
  return fc
    .record({
      hours: nullable(anyHours(zone)),
      volumes,
      sizes: fc.array(fc.record({ min: fc.constant(null), max: fc.integer({ min: 1, max: 65_535 }), direction }), {
        maxLength: 2,
      }),
      rates: fc.array(rate, { maxLength: 2 }),
      connections: fc.array(connection, { maxLength: 2 }),
      lifetime: nullable(fc.constantFrom(HOUR, 12 * HOUR, 1, 90_000_001)),
      logon: nullable(logon.map(({ factors, within }) => ({ factors: factors?.factors ?? [], within }))),
      operations: nullable(operations),
      drain: fc.constantFrom(0, 30_000_000, 1_500),
    })
    .map((made) => (made.volumes.some(({ minBytes }) => minBytes !== null) ? { ...made, hours: null } : made));
}

function targets(
  world: World,
  { services, mayName }: { services: readonly Service[]; mayName: boolean },
): fc.Arbitrary<readonly Service[]> {
  const inPlace = service(world, { id: '', mayName });
  const named = services.length === 0 ? inPlace : fc.constantFrom(...services);
  return fc.array(fc.oneof(named, inPlace), { minLength: 1, maxLength: 3 });
}

const until = nullable(
  fc.oneof(fc.integer({ min: 0, max: 7e15 }), fc.constantFrom(1_806_530_400_000_000, 1_806_537_600_000_000)),
);

function rule(world: World, services: readonly Service[]): (id: string) => fc.Arbitrary<Rule> {
  return (id) =>
    fc.record({
      id: fc.constant(id),
      from: selector(world, false),
      to: targets(world, { services, mayName: true }),
      limits: limits(world.zone),
      isAudit: fc.boolean(),
      owner: nullable(TEXTS),
      why: nullable(TEXTS),
      until,
    });
}

/** Guardrails must guard somebody, so their selectors are ones that always hold. */
function guardrail(world: World, services: readonly Service[]): (id: string) => fc.Arbitrary<Never> {
  const everywhere = fc.constantFrom<Selector>(
    { kind: 'any' },
    { kind: 'internet' },
    ...world.elements.map(({ id }): Selector => ({ kind: 'element', id })),
  );
  const target = everywhere.map(
    (on): Service => ({ id: '', on, protocol: null, ports: [], application: null, isLogonRequired: false }),
  );
  const named = services.filter(({ on }) => on.kind === 'any');
  const to = fc.tuple(target, named.length === 0 ? target : fc.constantFrom(...named)).map(([a, b]) => [a, b]);
  return (id) => fc.record({ id: fc.constant(id), from: everywhere, to, owner: nullable(TEXTS), why: nullable(TEXTS) });
}

function tests(world: World, services: readonly Service[]): fc.Arbitrary<readonly PolicyTest[]> {
  const names = {
    elements: new Set(world.elements.map(({ id }) => id)),
    services: new Set(services.map(({ id }) => id)),
  };
  const extras = fc.constantFrom(
    '',
    ' on Mon 12:00',
    ' at 2026-03-29T02:30',
    ' after 2 GB',
    ' with packet 1600 B',
    ' with application tls',
    ' with operation modbus 1/5',
    ' logged on person 10 min ago and device 5 min ago',
  );
  const text = fc
    .tuple(
      fc.constantFrom(...names.elements),
      fc.boolean(),
      fc.constantFrom('internet', ...names.elements),
      fc.constantFrom('tcp/443', 'icmp', ...names.services),
      extras,
    )
    .map(
      ([from, may, to, what, extra]) =>
        `${from} may ${may ? '' : 'not '}use ${to} ${what}${extra}${may ? '' : ' because no-rule'}`,
    );
  return fc.array(text, { maxLength: 3 }).map((all) =>
    all.flatMap((each) => {
      const sentence = parseSentence(each, names, world.zone);
      return isTrouble(sentence) ? [] : [{ text: each, line: 0, ...sentence }];
    }),
  );
}

function several<Entry>(prefix: string, make: (id: string) => fc.Arbitrary<Entry>): fc.Arbitrary<readonly Entry[]> {
  return fc.nat(3).chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => make(`${prefix}-${at}`))));
}

/** A valid policy: it prints, parses without an error, and equals itself. Warnings are usual. */
export function anyPolicy(): fc.Arbitrary<Policy> {
  return fc
    .tuple(
      fc.constantFrom(...ZONES),
      fc.constantFrom('observe' as const, 'protect' as const, 'enforce' as const),
      fc.integer({ min: 1, max: 4 }),
    )
    .chain(([zone, mode, count]) =>
      fc
        .tuple(...Array.from({ length: count }, (_, at) => element(at, mode)))
        .chain((elements) => anyPolicyOf({ elements, zone }, mode)),
    );
}

function anyPolicyOf(world: World, mode: Policy['mode']): fc.Arbitrary<Policy> {
  const services = fc.tuple(
    service(world, { id: 'service-0', mayName: false }),
    service(world, { id: 'service.1', mayName: false }),
  );
  return services.chain((all) => {
    const base = guardrail(world, all);
    const requirement = (id: string): fc.Arbitrary<Require> =>
      fc
        .tuple(base(id), anyHours(world.zone), nullable(fc.constant({ factors: ['person' as const], within: null })))
        .map(([made, hours, logon]) => ({ ...made, hours: logon === null ? hours : null, logon }));
    return fc.record({
      timezone: fc.constant(world.zone),
      mode: fc.constant(mode),
      elements: fc.constant(world.elements),
      services: fc.constant(all),
      rules: several('rule', rule(world, all)),
      never: several('never', base),
      require: several('require', requirement),
      tests: tests(world, all),
    });
  });
}
