// What a clause means for the opening of a connection: its ends and traffic, once as narrow and once as wide as a policy can say it.

import { type Hours, NO_LIMITS, type PortRange, PROTOCOL, type Selector } from '#model';

import type { Box, Origin } from '../draft/boxes.ts';
import { everyAddress } from '../draft/prefixes.ts';
import { ANYONE, allOf, eitherOf, notOf, prefixed } from '../draft/selectors.ts';
import { ALL_TRAFFIC, otherPorts, otherProtocols, type Traffic, trafficButNot, trafficOf } from '../draft/traffic.ts';
import type { Tuple } from './ruleset.ts';
import { dayBits, EVERY_DAY, portOf, protocolOf, rangeOf, spanOf } from './values.ts';

export interface Meaning {
  /** Null where the clause cannot be said: a permission with it is left out. */
  readonly narrow: Part | null;
  /** What a denial with it holds for. */
  readonly wide: Part;
}

export type Part = Pick<Box, 'from' | 'to' | 'traffic' | 'limits'>;

export const WHOLE: Part = { from: ANYONE, to: ANYONE, traffic: ALL_TRAFFIC, limits: null };
export const NOTHING: Part = { ...WHOLE, traffic: [] };

export interface Surroundings {
  /** Ends behind each interface, as the user said. */
  readonly interfaces: ReadonlyMap<string, Selector>;
  /** Zone that hours are in. */
  readonly timezone: string;
}

export interface Condition {
  readonly key: string;
  readonly isNegated: boolean;
  readonly values: readonly string[];
}

export function boxed(part: Part, origin: Origin): Box {
  return { ...part, origin };
}

function exactly(part: Partial<Part>): Meaning {
  const whole = { ...WHOLE, ...part };
  return { narrow: whole, wide: whole };
}

export const UNSAID: Meaning = { narrow: null, wide: WHOLE };

export function meaningOf(condition: Condition, around: Surroundings): Meaning {
  const { key, values } = condition;
  switch (key) {
    case 'ip saddr':
    case 'ip6 saddr':
      return addresses('from', key === 'ip saddr' ? 4 : 6, condition);
    case 'ip daddr':
    case 'ip6 daddr':
      return addresses('to', key === 'ip daddr' ? 4 : 6, condition);
    case 'meta l4proto':
      return protocols(condition);
    case 'ip protocol':
    case 'ip6 nexthdr':
      return ofFamily(protocols(condition), key === 'ip protocol' ? 4 : 6);
    case 'tcp dport':
      return ports([PROTOCOL.tcp], condition);
    case 'udp dport':
      return ports([PROTOCOL.udp], condition);
    case 'sctp dport':
      return ports([PROTOCOL.sctp], condition);
    case 'th dport':
      return ports([PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.sctp], condition);
    case 'meta iifname':
      return interfaces('from', condition, around);
    case 'meta oifname':
      return interfaces('to', condition, around);
    case 'meta nfproto':
      return families(condition);
    case 'ct state':
      return states(condition);
    case 'meta day':
    case 'meta hour':
      return hours(condition, around);
    case 'meta pkttype':
      return condition.isNegated || values.join() !== 'unicast' ? UNSAID : exactly({});
    default:
      return unsaidOf(key);
  }
}

/** A condition inside one protocol is at least about that protocol. */
function unsaidOf(key: string): Meaning {
  const protocol = protocolOf(key.split(' ')[0] ?? '');
  return { narrow: null, wide: protocol === null ? WHOLE : { ...WHOLE, traffic: trafficOf(protocol, null) } };
}

function addresses(end: 'from' | 'to', version: 4 | 6, { isNegated, values }: Condition): Meaning {
  const ranges = values.map(rangeOf);
  const known = ranges.filter((range) => range !== null).flat();
  const family = prefixed(everyAddress(version));
  const said = eitherOf(known.filter((prefix) => prefix.version === version).map(prefixed));
  const other: Partial<Part> = { [end]: isNegated ? allOf([family, ...partsOf(said).map(notOf)]) : said };
  if (known.length > 0 && ranges.every((range) => range !== null)) return exactly(other);
  // Of a list that is known in part, a permission may use the known part, unless the list is one of exceptions.
  const wide = { ...WHOLE, [end]: family };
  return { narrow: isNegated || known.length === 0 ? null : { ...WHOLE, ...other }, wide };
}

function partsOf(selector: Selector): readonly Selector[] {
  return selector.kind === 'either' ? selector.of : [selector];
}

function protocols({ isNegated, values }: Condition): Meaning {
  const numbers = values.map(protocolOf);
  const known = numbers.filter((number) => number !== null);
  const traffic: Traffic = known.flatMap((protocol) => trafficOf(protocol, null));
  if (known.length < values.length || known.length === 0)
    return { narrow: isNegated || known.length === 0 ? null : { ...WHOLE, traffic }, wide: WHOLE };
  if (!isNegated) return exactly({ traffic });
  return {
    narrow: { ...WHOLE, traffic: trafficButNot(ALL_TRAFFIC, traffic).traffic },
    wide: { ...WHOLE, traffic: otherProtocols(known) },
  };
}

function ofFamily({ narrow, wide }: Meaning, version: 4 | 6): Meaning {
  const from = prefixed(everyAddress(version));
  const cut = { ...wide, from };
  return { narrow: narrow === null ? null : narrow === wide ? cut : { ...narrow, from }, wide: cut };
}

function ports(protocolNumbers: readonly number[], { isNegated, values }: Condition): Meaning {
  const ranges = values.map(portOf);
  const known: readonly PortRange[] = ranges.filter((range) => range !== null);
  const every = protocolNumbers.flatMap((protocol) => trafficOf(protocol, null));
  const said = isNegated ? otherPorts(known) : known;
  const traffic = protocolNumbers.flatMap((protocol) => trafficOf(protocol, said));
  if (known.length === values.length && known.length > 0) return exactly({ traffic });
  return { narrow: isNegated || known.length === 0 ? null : { ...WHOLE, traffic }, wide: { ...WHOLE, traffic: every } };
}

/** The host's traffic with itself never crosses a network, so it is no traffic here. */
const LOOPBACK = 'lo';

function interfaces(end: 'from' | 'to', { isNegated, values }: Condition, around: Surroundings): Meaning {
  const names = values.filter((name) => name !== LOOPBACK);
  if (names.length === 0) return exactly(isNegated ? {} : { traffic: [] });
  const ends = names.map((name) => around.interfaces.get(name) ?? null);
  const known = ends.filter((each) => each !== null);
  const isWhole = known.length === ends.length;
  if (!isNegated) {
    const part = { ...WHOLE, [end]: eitherOf(known) };
    return { narrow: known.length === 0 ? null : part, wide: isWhole ? part : WHOLE };
  }
  const rest = { ...WHOLE, [end]: allOf(known.flatMap(partsOf).map(notOf)) };
  return { narrow: isWhole ? rest : null, wide: rest };
}

function families({ isNegated, values }: Condition): Meaning {
  const [only = ''] = values;
  const version = { ipv4: 4, ipv6: 6 }[only === '2' ? 'ipv4' : only === '10' ? 'ipv6' : only];
  if (values.length !== 1 || (version !== 4 && version !== 6)) return UNSAID;
  const wanted = isNegated ? (version === 4 ? 6 : 4) : version;
  return exactly({ from: prefixed(everyAddress(wanted)) });
}

/** A packet that opens a connection is new; every other state is of packets that Picket judges with their session. */
function states({ isNegated, values }: Condition): Meaning {
  const isForNew = values.includes('new') !== isNegated;
  return exactly(isForNew ? {} : { traffic: [] });
}

/** Hours narrow a permission; a denial with hours holds at all times. */
function hours({ key, isNegated, values }: Condition, { timezone }: Surroundings): Meaning {
  const made: Hours | null = isNegated ? null : hoursOf(key, values, timezone);
  return { narrow: made === null ? null : { ...WHOLE, limits: { ...NO_LIMITS, hours: made } }, wide: WHOLE };
}

function hoursOf(key: string, values: readonly string[], zone: string): Hours | null {
  if (key === 'meta day') {
    const days = dayBits(values);
    return days === null ? null : { zone, spans: [{ days, fromMinute: 0, toMinute: 1_440 }] };
  }
  const spans = values.map((value) => spanOf(value, EVERY_DAY));
  const known = spans.filter((span) => span !== null);
  return known.length === spans.length && known.length > 0 ? { zone, spans: known } : null;
}

/** Two sets of hours at once. Only whole days meet spans of the day, which is how both systems write them; null for the rest. */
export function bothHours(a: Hours, b: Hours): Hours | null {
  const [days, spans] = isDays(a) ? [a, b] : [b, a];
  if (!isDays(days)) return null;
  const [first] = days.spans;
  if (first === undefined) return null;
  const met = spans.spans.map((span) => ({ ...span, days: span.days & first.days })).filter((span) => span.days !== 0);
  return met.length === 0 ? null : { zone: a.zone, spans: met };
}

function isDays({ spans }: Hours): boolean {
  const [only] = spans;
  return spans.length === 1 && only !== undefined && only.fromMinute === 0 && only.toMinute === 1_440;
}

/** The values of one key among tuples. */
export function column(values: readonly Tuple[], at: number): readonly string[] {
  return values.map((tuple) => tuple[at] ?? '');
}
