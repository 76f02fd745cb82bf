// Peers and ports of NetworkPolicy rules. The traps: a missing list means all, an empty list of peers or ports means all, a list that lost what cannot be said does not.

import { PROTOCOL, type Selector } from '#model';
import type { Draft } from '../draft/draft.ts';
import { looseRange } from '../draft/prefixes.ts';
import { ANYONE, allOf, eitherOf, labelled, NOBODY, notOf, prefixed } from '../draft/selectors.ts';
import { ALL_TRAFFIC, type Traffic, trafficOf } from '../draft/traffic.ts';
import { at, isMap, isOddList, keysOf, listAt, numberAt, textAt } from '../draft/values.ts';
import { boundsOf, POD } from './selectors.ts';

export interface RuleFacts {
  readonly draft: Draft;
  readonly place: string;
  readonly namespace: string;
}

const LESS = 'it is left out, so the policy permits less';

/** Who stands at the other end of one rule. */
export function peersOf(rule: unknown, key: 'from' | 'to', facts: RuleFacts): Selector {
  const list = at(rule, key);
  if (list === undefined || list === null) return ANYONE;
  if (!Array.isArray(list)) {
    facts.draft.drop(facts.place, `"${key}" is no list`, LESS);
    return NOBODY;
  }
  if (list.length === 0) return ANYONE;
  return eitherOf(list.map((peer) => peerOf(peer, facts)));
}

function peerOf(peer: unknown, facts: RuleFacts): Selector {
  const { draft, place, namespace } = facts;
  const odd = keysOf(peer).filter((key) => !['podSelector', 'namespaceSelector', 'ipBlock'].includes(key));
  const block = at(peer, 'ipBlock');
  const pods = present(at(peer, 'podSelector'));
  const spaces = present(at(peer, 'namespaceSelector'));
  if (!isMap(peer) || odd.length > 0 || (pods === undefined && spaces === undefined && !isMap(block))) {
    draft.drop(place, 'a peer that names nothing known', LESS);
    return NOBODY;
  }
  if (isMap(block)) {
    if (pods === undefined && spaces === undefined) return blockOf(block, facts);
    draft.drop(place, 'a peer with ipBlock and selectors', LESS);
    return NOBODY;
  }
  const where = spaces === undefined ? null : boundsOf(spaces, 'namespace');
  const which = pods === undefined ? null : boundsOf(pods, 'pod');
  for (const what of [...(where?.unsaid ?? []), ...(which?.unsaid ?? [])]) draft.drop(place, what, LESS);
  return allOf([POD, where?.narrow ?? labelled('namespace', namespace), which?.narrow ?? ANYONE]);
}

function present(value: unknown): unknown {
  return value === null ? undefined : value;
}

function blockOf(block: unknown, { draft, place }: RuleFacts): Selector {
  const text = textAt(block, 'cidr') ?? '';
  const prefix = looseRange(text);
  const except = listAt(block, 'except').map((item) => (typeof item === 'string' ? looseRange(item) : null));
  if (prefix === null || except.includes(null) || isOddList(block, 'except')) {
    draft.drop(place, `the ipBlock "${text}"`, `a range in it cannot be read; ${LESS}`);
    return NOBODY;
  }
  return allOf([prefixed(prefix), ...except.filter((part) => part !== null).map((part) => notOf(prefixed(part)))]);
}

export function portsOf(rule: unknown, facts: RuleFacts): Traffic {
  const list = at(rule, 'ports');
  if (list === undefined || list === null) return ALL_TRAFFIC;
  if (!Array.isArray(list)) {
    facts.draft.drop(facts.place, '"ports" is no list', LESS);
    return [];
  }
  if (list.length === 0) return ALL_TRAFFIC;
  return list.flatMap((port) => portOf(port, facts));
}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['TCP', PROTOCOL.tcp],
  ['UDP', PROTOCOL.udp],
  ['SCTP', PROTOCOL.sctp],
]);

function portOf(item: unknown, { draft, place }: RuleFacts): Traffic {
  const name = at(item, 'protocol') ?? 'TCP';
  const protocol = typeof name === 'string' ? PROTOCOLS.get(name) : undefined;
  const odd = keysOf(item).filter((key) => !['protocol', 'port', 'endPort'].includes(key));
  if (!isMap(item) || protocol === undefined || odd.length > 0) {
    draft.drop(place, 'a port with a protocol or field that is not known', LESS);
    return [];
  }
  const port = at(item, 'port') ?? null;
  const end = at(item, 'endPort') ?? null;
  if (port === null && end === null) return trafficOf(protocol, null);
  const from = numberAt(item, 'port');
  const to = end === null ? from : numberAt(item, 'endPort');
  if (from !== null && to !== null && from >= 1 && to >= from && to <= 65_535 && Number.isInteger(from + to))
    return trafficOf(protocol, [{ from, to }]);
  const isNamed = typeof port === 'string';
  draft.drop(place, isNamed ? `the named port "${port}"` : 'a port that does not exist', LESS);
  if (isNamed) draft.ask(`Which number has the port named "${port}" that ${place} uses? Add it to the rule.`);
  return [];
}
