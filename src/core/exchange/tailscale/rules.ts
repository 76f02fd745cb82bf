// Rules of a Tailscale policy file, acls and grants, as boxes. All of them permit; what cannot be said is left out by name.

import { hasPorts, type PortRange, PROTOCOL, type Selector } from '#model';
import type { Box } from '../draft/boxes.ts';
import type { Draft } from '../draft/draft.ts';
import { eitherOf } from '../draft/selectors.ts';
import { type Traffic, trafficOf } from '../draft/traffic.ts';
import { at, isMap, keysOf, listAt, textAt } from '../draft/values.ts';
import type { Names } from './names.ts';

export interface Reading {
  readonly names: Names;
  readonly draft: Draft;
}

const LESS = 'it is left out, so the policy permits less';

/** Fields that narrow a rule and that a policy cannot say, and whatever is not known. */
function oddFields(rule: unknown, known: readonly string[]): readonly string[] {
  return keysOf(rule).filter((key) => !known.includes(key));
}

export function aclBoxes(acl: unknown, place: string, { names, draft }: Reading): readonly Box[] {
  const [odd] = isMap(acl)
    ? oddFields(acl, ['action', 'src', 'dst', 'proto', 'users', 'ports', 'description'])
    : ['shape'];
  if (odd !== undefined || textAt(acl, 'action') !== 'accept') {
    draft.drop(
      place,
      odd === undefined ? 'an action that is not "accept"' : `"${odd}" in a rule`,
      `the rule ${LESS.slice(3)}`,
    );
    return [];
  }
  const from = endsOf([...listAt(acl, 'src'), ...listAt(acl, 'users')], place, {
    draft,
    side: 'src',
    find: (text) => names.source(text),
  });
  const protocols = protocolsOf(textAt(acl, 'proto'), at(acl, 'proto') !== undefined);
  if (protocols === null) {
    draft.drop(place, `proto "${textAt(acl, 'proto') ?? ''}"`, LESS);
    return [];
  }
  return [...listAt(acl, 'dst'), ...listAt(acl, 'ports')].flatMap((item, index): readonly Box[] => {
    const where = `${place}.dst[${index}]`;
    const [, host = '', portText = ''] = /^(.*):([^:]+)$/.exec(typeof item === 'string' ? item : '') ?? [];
    const to = names.destination(host.replace(/^\[(.*)\]$/, '$1'));
    const ports = portsOf(portText);
    const isClear = to !== null && ports !== 'unclear';
    if (isClear) return [boxOf({ place: where, id: place, from, to, traffic: trafficFor(protocols, ports) })];
    draft.drop(where, `"${typeof item === 'string' ? item : 'no text'}"`, LESS);
    return [];
  });
}

export function grantBoxes(grant: unknown, place: string, { names, draft }: Reading): readonly Box[] {
  const [odd] = isMap(grant) ? oddFields(grant, ['src', 'dst', 'ip', 'app', 'description']) : ['shape'];
  if (odd !== undefined) {
    draft.drop(place, `"${odd}" in a grant`, `the grant ${LESS.slice(3)}`);
    return [];
  }
  if (isMap(at(grant, 'app')))
    draft.drop(
      place,
      `capabilities of applications (${keysOf(at(grant, 'app')).join(', ')})`,
      'applications judge them, not the network; the policy neither permits nor denies them',
    );
  const from = endsOf(listAt(grant, 'src'), place, { draft, side: 'src', find: (text) => names.source(text) });
  const to = endsOf(listAt(grant, 'dst'), place, { draft, side: 'dst', find: (text) => names.destination(text) });
  const traffic = listAt(grant, 'ip').flatMap((item) => {
    const part = capability(item);
    if (part === null) draft.drop(place, `ip "${typeof item === 'string' ? item : 'no text'}"`, LESS);
    return part ?? [];
  });
  return [boxOf({ place, id: place, from, to, traffic })];
}

function boxOf(box: { place: string; id: string; from: Selector; to: Selector; traffic: Traffic }): Box {
  const { from, to, traffic } = box;
  return { from, to, traffic, limits: null, origin: { id: box.id, place: box.place, why: null } };
}

interface Ends {
  readonly draft: Draft;
  readonly side: string;
  readonly find: (text: string) => Selector | null;
}

function endsOf(items: readonly unknown[], place: string, { draft, side, find }: Ends): Selector {
  return eitherOf(
    items.flatMap((item) => {
      const found = typeof item === 'string' ? find(item) : null;
      if (found === null) draft.drop(place, `${side} "${typeof item === 'string' ? item : 'no text'}"`, LESS);
      return found ?? [];
    }),
  );
}

/** Without proto: TCP, UDP, and the protocols of ping (Tailscale documentation, "proto"). */
const PROTOCOLS_DEFAULT: readonly number[] = [PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.icmp, PROTOCOL.icmpv6];

const NAMES: ReadonlyMap<string, number> = new Map([
  ...Object.entries(PROTOCOL),
  ['ipv4', 4],
  ['ip-in-ip', 4],
  ['egp', 8],
  ['igp', 9],
  ['ipv6-icmp', PROTOCOL.icmpv6],
]);

function protocolsOf(text: string | null, isStated: boolean): readonly number[] | null {
  if (text === null || text === '') return isStated && text === null ? null : PROTOCOLS_DEFAULT;
  const number = NAMES.get(text.toLowerCase()) ?? (/^[0-9]{1,3}$/.test(text) ? Number(text) : 256);
  return number > 255 ? null : [number];
}

/** Null: every port. */
function portsOf(text: string): readonly PortRange[] | null | 'unclear' {
  if (text === '*') return null;
  const ranges = text.split(',').map((part) => {
    const [, from, to = from] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(part.trim()) ?? [];
    return from === undefined || Number(to) > 65_535 || Number(to) < Number(from)
      ? null
      : { from: Number(from), to: Number(to) };
  });
  const known = ranges.filter((range) => range !== null);
  return known.length === 0 || known.length < ranges.length ? 'unclear' : known;
}

/** A rule for some ports is about protocols with ports alone; one for every port takes in ping. */
function trafficFor(protocols: readonly number[], ports: readonly PortRange[] | null): Traffic {
  if (ports === null) return protocols.flatMap((protocol) => trafficOf(protocol, null));
  return protocols.filter(hasPorts).flatMap((protocol) => trafficOf(protocol, ports));
}

/** `*`, `443`, `tcp:443`, `udp:1-9`, `icmp:*` of a grant. */
function capability(item: unknown): Traffic | null {
  if (typeof item !== 'string') return null;
  if (item === '*') return trafficFor(PROTOCOLS_DEFAULT, null);
  const [name = '', portText = ''] = item.includes(':') ? item.split(':') : ['', item];
  const protocols = protocolsOf(name, false);
  const ports = portsOf(portText);
  return protocols === null || ports === 'unclear' ? null : trafficFor(protocols, ports);
}

/** Address or host and port of a test, for instance `db:5432`. */
export function targetOf(text: string): { readonly host: string; readonly port: number } | null {
  const [, host = '', port = ''] = /^(.+):([0-9]{1,5})$/.exec(text) ?? [];
  const number = Number(port);
  return host === '' || number < 1 || number > 65_535 ? null : { host: host.replace(/^\[(.*)\]$/, '$1'), port: number };
}

export function protocolOf(text: string | null): { readonly name: string; readonly number: number } | null {
  if (text === null || text === '') return { name: 'tcp', number: PROTOCOL.tcp };
  const number = NAMES.get(text.toLowerCase());
  return number !== undefined && hasPorts(number) ? { name: text.toLowerCase(), number } : null;
}
