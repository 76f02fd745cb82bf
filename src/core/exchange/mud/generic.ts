// What every device needs whether its file says so or not: local DNS and NTP, which RFC 8520 permits by default, and the answers of DHCP.
// Names of public NTP servers come in families, of which a lookup gives a device now one, now another; so udp/123 is permitted to the whole family.

import { PROTOCOL, type Selector, type Service } from '#model';
import { type Classes, DNS_CONTROLLER, LOCAL_NETWORKS, NTP_CONTROLLER } from './classes.ts';
import type { Conversation } from './conversations.ts';

export const GENERIC = ['ntp', 'dns', 'dhcp'] as const;
export type Generic = (typeof GENERIC)[number];

const GATEWAY_CONTROLLER = 'urn:ietf:params:mud:gateway';

/** One rule to be. */
export interface GenericRule {
  readonly word: Generic;
  readonly direction: 'out' | 'in';
  /** Far ends; for `in` they begin. */
  readonly ends: readonly Selector[];
  /** Whether all of it stays in the local networks. */
  readonly isLocal: boolean;
  readonly comments: readonly string[];
  readonly questions: readonly string[];
}

const DNS_PORT = 53;
const NTP_PORT = 123;
const DHCP_CLIENT_PORT = 68;

/** The largest family of public NTP servers; nearly every vendor zone lies in it. */
const POOL = 'pool.ntp.org';

export function dnsRule(classes: Classes): GenericRule {
  const mapped = classes.controllers.get(DNS_CONTROLLER);
  const on = mapped ?? localNetworks(classes);
  return {
    word: 'dns',
    direction: 'out',
    ends: [on],
    isLocal: mapped === undefined,
    comments: ['local DNS, permitted by default (RFC 8520); --generic none leaves it out'],
    questions:
      mapped === undefined
        ? [
            `Which is the resolver? Until --controller ${DNS_CONTROLLER}=SELECTOR says, DNS is permitted to every local address.`,
          ]
        : [],
  };
}

/** Local NTP; and where the file uses NTP names, those names, their siblings and the public pool. */
export function ntpRule(classes: Classes, names: readonly string[]): GenericRule {
  const on = classes.controllers.get(NTP_CONTROLLER) ?? localNetworks(classes);
  const patterns = names.length === 0 ? [] : ntpPatterns(names);
  const family: Selector = { kind: 'either', of: patterns.map((pattern): Selector => ({ kind: 'name', pattern })) };
  const widened = patterns.filter((pattern) => !names.includes(pattern));
  return {
    word: 'ntp',
    direction: 'out',
    ends: patterns.length === 0 ? [on] : [on, family],
    isLocal: patterns.length === 0 && !classes.controllers.has(NTP_CONTROLLER),
    comments: [
      'local NTP, permitted by default (RFC 8520)',
      ...(widened.length === 0
        ? []
        : [
            `wider than the file: names of public NTP servers change by lookup and place, so also ${widened.join(', ')}`,
          ]),
    ],
    questions: [],
  };
}

/** The file's names first, so that an export can tell what the file said from what was added. */
function ntpPatterns(names: readonly string[]): readonly string[] {
  const siblings = names
    .filter((name) => !inPool(name) && !name.startsWith('*.'))
    .flatMap((name) => family(name) ?? []);
  return [...new Set([...names, POOL, `*.${POOL}`, ...siblings])];
}

function inPool(name: string): boolean {
  return name === POOL || name.endsWith(`.${POOL}`);
}

/** Second level names under which anybody may register, so that everything below them is no family. */
const PUBLIC_SECOND_LEVELS: ReadonlySet<string> = new Set(
  'ac co com edu gob gov gouv go id info mil ne net nic nom or org sch'.split(' '),
);

/** `*.nist.gov` for `time-a.nist.gov`; null where the parent is a place to register names in. */
function family(name: string): string | null {
  const [, ...parent] = name.split('.');
  const [first = ''] = parent;
  if (parent.length < 2 || (parent.length === 2 && PUBLIC_SECOND_LEVELS.has(first))) return null;
  return `*.${parent.join('.')}`;
}

/** Answers to a client without an address come from a port and address of their own, so they are no answers to what it asked. */
export function dhcpRule(classes: Classes): GenericRule {
  const mapped = classes.controllers.get(GATEWAY_CONTROLLER);
  return {
    word: 'dhcp',
    direction: 'in',
    ends: [mapped ?? localNetworks(classes)],
    isLocal: mapped === undefined,
    comments: ['answers of DHCP servers, which come from another address than the device asked'],
    questions: [],
  };
}

/** Services of the rule; `device` is where the far end begins. */
export function servicesOf({ word, ends }: GenericRule, device: Selector): readonly Service[] {
  switch (word) {
    case 'dns':
      return ends.flatMap((on) => [service(on, PROTOCOL.udp, DNS_PORT), service(on, PROTOCOL.tcp, DNS_PORT)]);
    case 'ntp':
      return ends.map((on) => service(on, PROTOCOL.udp, NTP_PORT));
    case 'dhcp':
      return [service(device, PROTOCOL.udp, DHCP_CLIENT_PORT)];
  }
}

/** Names that the file lets the device ask the time. */
export function ntpNames(conversations: readonly Conversation[]): readonly string[] {
  return conversations
    .filter(isNtp)
    .flatMap(({ peers }) => peers.flatMap((peer) => (peer.kind === 'dns-name' ? [peer.pattern] : [])));
}

/** Whether the generic rule says all that this conversation of the file does. `far` is its far end. */
export function isSaidBy(rule: GenericRule, conversation: Conversation, far: Selector): boolean {
  const { direction, protocol, ports, isAccepting, peers } = conversation;
  const [port] = ports;
  if (!isAccepting || direction !== rule.direction || ports.length !== 1 || port?.from !== port?.to) return false;
  if (protocol !== PROTOCOL.udp && !(rule.word === 'dns' && protocol === PROTOCOL.tcp)) return false;
  if (port?.from !== PORTS[rule.word]) return false;
  const isOwnClass = peers.some((peer) => peer.kind === 'controller' && peer.uri === CONTROLLERS[rule.word]);
  return (isOwnClass && peers.length === 1) || rule.ends.some((end) => isWithin(far, end));
}

const PORTS: Readonly<Record<Generic, number>> = { dns: DNS_PORT, ntp: NTP_PORT, dhcp: DHCP_CLIENT_PORT };
const CONTROLLERS: Readonly<Record<Generic, string>> = {
  dns: DNS_CONTROLLER,
  ntp: NTP_CONTROLLER,
  dhcp: GATEWAY_CONTROLLER,
};

/** Plain cases only: the same selector, or parts of a list of alternatives. */
function isWithin(inner: Selector, outer: Selector): boolean {
  const texts = new Set((outer.kind === 'either' ? outer.of : [outer]).map((part) => JSON.stringify(part)));
  const parts = inner.kind === 'either' ? inner.of : [inner];
  return parts.every((part) => texts.has(JSON.stringify(part)));
}

/** Whether a conversation of the file permits so much that the generic rule could never be first. */
export function isNeedless(rule: GenericRule, conversations: readonly Conversation[]): boolean {
  return conversations.some(
    ({ direction, protocol, ports, peers, versions }) =>
      direction === rule.direction &&
      protocol === null &&
      ports.length === 0 &&
      peers.every(({ kind }) => kind === 'local-networks') &&
      (versions.has(null) || versions.size === 2) &&
      rule.isLocal,
  );
}

function isNtp(conversation: Conversation): boolean {
  return (
    conversation.isAccepting &&
    conversation.direction === 'out' &&
    conversation.protocol === PROTOCOL.udp &&
    isOn(conversation, NTP_PORT) &&
    conversation.peers.length === 1
  );
}

function isOn({ ports }: Conversation, port: number): boolean {
  const [only] = ports;
  return ports.length === 1 && only?.from === port && only.to === port;
}

function localNetworks({ localNetworks: networks }: Classes): Selector {
  return { kind: 'either', of: (networks ?? LOCAL_NETWORKS).map((prefix): Selector => ({ kind: 'prefix', prefix })) };
}

function service(on: Selector, protocol: number, port: number): Service {
  return { id: '', on, protocol, ports: [{ from: port, to: port }], application: null, isLogonRequired: false };
}
