// A question about one connection made into what an engine can judge: ends, service, instant. Not the judging.

import {
  type AddressId,
  type AddressTable,
  DAY,
  type Element,
  hasPorts,
  type Instant,
  type Mac,
  MINUTE,
  NO_ADDRESS,
  NO_MAC,
  newObservation,
  type Observation,
  type Policy,
  PROTOCOL,
  parseMac,
  prefixHas,
  type Question,
  type Rule,
  type Service,
  TCP,
} from '#model';
import { instantAt, localDay, weekdayOf } from './calendar.ts';
import { hoursOpen, nextOpening } from './hours.ts';

/** A made-up port for the side that began: no policy speaks of it. */
const CLIENT_PORT = 49_152;
/** Addresses no element of a sane policy names: made-up internet, made-up insider (192.0.0.0/24 is reserved by IANA). */
const INTERNET = '203.0.113.77';
const NAMED = '203.0.113.78';
const STRANGER = '192.0.0.200';
/** Addresses of a range looked through for one that no other element holds exactly. */
const TRIES_MAX = 256;
/** Full-size packet, where the question names no size. */
const BYTES = 100;
/** Openings looked at for an instant at which all hours of the rule and its guardrails are open. */
const OPENINGS_MAX = 64;

export interface AskedEnd {
  readonly address: AddressId;
  readonly mac: Mac;
  /** The name that must be bound to the address, or ''. */
  readonly name: string;
}

/** `policy` with a made-up address for each named element that declares neither address nor MAC. */
export interface Asked {
  readonly policy: Policy;
  readonly from: AskedEnd;
  readonly to: AskedEnd;
  readonly observation: Observation;
}

export function askedOf(policy: Policy, question: Question, addresses: AddressTable): Asked {
  const whole = withMadeUpAddresses(policy, [question.from, question.to], addresses);
  const from = endOf(whole, question.from, addresses);
  const to = endOf(whole, question.to, addresses);
  return { policy: whole, from, to, observation: observationOf(whole, question, { from, to }) };
}

function withMadeUpAddresses(policy: Policy, ids: readonly string[], addresses: AddressTable): Policy {
  const elements = policy.elements.map((element, at): Element => {
    const isBare = element.addresses.length === 0 && element.macs.length === 0;
    if (!isBare || !ids.includes(element.id)) return element;
    const id = addresses.intern(`192.0.0.${(at % 100) + 10}`);
    return { ...element, addresses: [{ version: 4, bytes: addresses.bytes(id), length: 128 }] };
  });
  return { ...policy, elements };
}

function endOf(policy: Policy, text: string, addresses: AddressTable): AskedEnd {
  const element = policy.elements.find(({ id }) => id === text);
  if (element !== undefined) return endOfElement(policy, element, addresses);
  if (text === 'internet') return { address: addresses.intern(INTERNET), mac: NO_MAC, name: '' };
  const address = addresses.intern(text);
  if (address !== NO_ADDRESS) return { address, mac: NO_MAC, name: '' };
  const mac = parseMac(text);
  if (mac !== null) return { address: addresses.intern(STRANGER), mac, name: '' };
  return { address: addresses.intern(NAMED), mac: NO_MAC, name: text.toLowerCase() };
}

function endOfElement(policy: Policy, element: Element, addresses: AddressTable): AskedEnd {
  const mac = element.macs[0] ?? NO_MAC;
  const prefix = element.addresses[0];
  if (prefix === undefined) return { address: addresses.intern(STRANGER), mac, name: '' };
  const bytes = prefix.bytes.slice();
  for (let step = 0; step < TRIES_MAX && prefix.length < 128; step++) {
    bytes[15] = ((prefix.bytes[15] ?? 0) + step + 1) & 0xff;
    const isTaken = policy.elements.some(
      (other) =>
        other !== element && other.addresses.some((one) => one.length > prefix.length && prefixHas(one, bytes)),
    );
    if (!isTaken && prefixHas(prefix, bytes)) break;
  }
  return { address: addresses.intern6(bytes, 0), mac, name: '' };
}

function observationOf(policy: Policy, question: Question, ends: { from: AskedEnd; to: AskedEnd }): Observation {
  const service = serviceOf(policy, question);
  const protocol = question.protocol ?? service?.protocol ?? PROTOCOL.tcp;
  const isPorted = hasPorts(protocol);
  return Object.assign(newObservation(), {
    source: ends.from.address,
    destination: ends.to.address,
    sourceMac: ends.from.mac,
    destinationMac: ends.to.mac,
    protocol,
    sourcePort: isPorted ? CLIENT_PORT : -1,
    destinationPort: isPorted ? (question.port ?? service?.ports[0]?.from ?? 0) : -1,
    bytes: question.packetSize ?? BYTES,
    packetSize: question.packetSize ?? -1,
    tcpFlags: protocol === PROTOCOL.tcp ? TCP.syn : -1,
    initiator: 1,
    application: question.application ?? service?.application ?? '',
    operations: question.operation === null ? [] : [question.operation],
  });
}

function serviceOf(policy: Policy, question: Question): Service | undefined {
  const all = [...policy.services, ...policy.rules.flatMap(({ to }) => to)];
  return question.service === null ? undefined : all.find(({ id }) => id === question.service);
}

/** The instant of the question; where it names none, one at which the rule's and guardrails' hours are open. */
export function instantOf(policy: Policy, question: Question, what: { now: Instant; rule: Rule | null }): Instant {
  const { at } = question;
  if (at?.kind === 'instant') return at.instant;
  if (at?.kind === 'week') return instantInWeek(policy.timezone, at, what.now);
  const hours = [what.rule?.limits.hours ?? null, ...policy.require.map((one) => one.hours)].flatMap(
    (one) => one ?? [],
  );
  let when = what.now;
  for (let step = 0; step < OPENINGS_MAX; step++) {
    const closed = hours.find((one) => !hoursOpen(one, when).isOpen);
    if (closed === undefined) return when;
    const opening = nextOpening(closed, when);
    if (opening === null) break;
    when = opening;
  }
  const own = what.rule?.limits.hours ?? null;
  return own === null ? what.now : (nextOpening(own, what.now) ?? what.now);
}

/** Weeks looked through for one in which no clock changes. */
const WEEKS_MAX = 8;

/** The weekday and minute in the first week at or after `now` whose days all have 24 hours. */
function instantInWeek(zone: string, at: { day: number; minute: number }, now: Instant): Instant {
  const today = localDay(zone, now);
  let monday = today - weekdayOf(today);
  if (instantAt(zone, monday + at.day, at.minute) < now) monday += 7;
  for (let week = 0; week < WEEKS_MAX; week++) {
    const first = instantAt(zone, monday + week * 7, 0);
    const last = instantAt(zone, monday + week * 7 + 7, 0);
    if (last - first === 7 * DAY) return first + at.day * DAY + at.minute * MINUTE;
  }
  return instantAt(zone, monday + at.day, at.minute);
}
