// Azure: the JSON of `az network nsg show` or `list`. Rules by priority, permitting and denying, in each direction; default rules behind them.

import { type PortRange, PROTOCOL, type Prefix, type Problem, parsePrefix, type Selector } from '#model';
import { Draft } from '../draft/draft.ts';
import { isLabel, plainText } from '../draft/plain.ts';
import { looseRange } from '../draft/prefixes.ts';
import { refusal, UNREADABLE } from '../draft/refusal.ts';
import { ANYONE, allOf, eitherOf, labelled, prefixed } from '../draft/selectors.ts';
import { endOf, meetSides } from '../draft/sides.ts';
import type { Entry } from '../draft/stages.ts';
import { ALL_TRAFFIC, type Traffic, trafficOf } from '../draft/traffic.ts';
import { at, isMap, isOddList, listAt, numberAt, textAt, textsAt } from '../draft/values.ts';
import type { Imported } from '../imported.ts';

const KEY = 'network-security-group';
/** Address that health probes of the load balancer come from (Azure documentation, "What is IP address 168.63.129.16"). */
const LOAD_BALANCER = '168.63.129.16';

export function importAzure(
  groups: readonly unknown[],
  file: string,
  { network, isOpen }: { readonly network: readonly Prefix[]; readonly isOpen: boolean },
): Imported | Problem {
  const draft = new Draft();
  const out: Entry[] = [];
  const into: Entry[] = [];
  const members: Selector[] = [];
  for (const group of groups) {
    const name = textAt(group, 'name') ?? '';
    if (!isLabel(KEY, name))
      return refusal(UNREADABLE, `a network security group has no usable name: "${plainText(name)}"`);
    if (isOddList(insideOf(group), 'securityRules'))
      return refusal(UNREADABLE, `the rules of network security group "${plainText(name)}" are no list`);
    const member = labelled(KEY, name);
    members.push(member);
    for (const { rule, isOut } of rulesOf(group))
      (isOut ? out : into).push(...entriesOf(rule, { draft, member, name, isOut, network }));
  }
  const held = eitherOf(members);
  draft.addOutcome(
    meetSides({ entries: out, held }, { entries: into, held }, { draft, what: 'under one of these groups', isOpen }),
  );
  draft.ask(
    `Which machines are under which group? Write each as an element with its addresses and the label "${KEY}: <name>". One under two groups (subnet and interface) needs both to permit; import the narrower one.`,
  );
  if (network.length === 0)
    draft.ask(
      'Which addresses does the virtual network have? Give them with --network 10.0.0.0/16; rules for VirtualNetwork need them.',
    );
  return draft.finish(`Azure network security groups (${file})`);
}

interface Sorted {
  readonly rule: unknown;
  readonly isOut: boolean;
}

function rulesOf(group: unknown): readonly Sorted[] {
  const inner = insideOf(group);
  const defaults = listAt(inner, 'defaultSecurityRules');
  const rules = [...listAt(inner, 'securityRules'), ...(defaults.length > 0 ? defaults : DEFAULTS)];
  return rules
    .map((rule) => ({ rule, isOut: (textAt(insideOf(rule), 'direction') ?? '').toLowerCase() === 'outbound' }))
    .toSorted((a, b) => priorityOf(a.rule) - priorityOf(b.rule));
}

/** The REST interface puts into "properties" what the command line prints flat. */
function insideOf(value: unknown): unknown {
  const inner = at(value, 'properties');
  return isMap(inner) ? inner : value;
}

function priorityOf(rule: unknown): number {
  return numberAt(insideOf(rule), 'priority') ?? Number.MAX_SAFE_INTEGER;
}

const OPEN = { protocol: '*', sourcePortRange: '*', destinationPortRange: '*', access: 'Allow' };
/** What every group has behind its own rules (Azure documentation, "Network security groups", default security rules). */
const DEFAULTS: readonly unknown[] = [
  {
    ...OPEN,
    name: 'AllowVnetInBound',
    direction: 'Inbound',
    priority: 65_000,
    sourceAddressPrefix: 'VirtualNetwork',
    destinationAddressPrefix: 'VirtualNetwork',
  },
  {
    ...OPEN,
    name: 'AllowAzureLoadBalancerInBound',
    direction: 'Inbound',
    priority: 65_001,
    sourceAddressPrefix: 'AzureLoadBalancer',
    destinationAddressPrefix: '*',
  },
  {
    ...OPEN,
    name: 'AllowVnetOutBound',
    direction: 'Outbound',
    priority: 65_000,
    sourceAddressPrefix: 'VirtualNetwork',
    destinationAddressPrefix: 'VirtualNetwork',
  },
  {
    ...OPEN,
    name: 'AllowInternetOutBound',
    direction: 'Outbound',
    priority: 65_001,
    sourceAddressPrefix: '*',
    destinationAddressPrefix: 'Internet',
  },
];

interface Reading {
  readonly draft: Draft;
  readonly member: Selector;
  readonly name: string;
  readonly isOut: boolean;
  readonly network: readonly Prefix[];
}

function entriesOf(wrapped: unknown, reading: Reading): readonly Entry[] {
  const rule = insideOf(wrapped);
  const { draft, member, name, isOut } = reading;
  const id = textAt(wrapped, 'name') ?? textAt(rule, 'name') ?? 'rule';
  const place = `${name} ${id}`;
  const access = (textAt(rule, 'access') ?? '').toLowerCase();
  const direction = (textAt(rule, 'direction') ?? '').toLowerCase();
  const verdict: Entry['verdict'] = access === 'allow' ? 'permit' : 'deny';
  if (direction !== 'inbound' && direction !== 'outbound') {
    draft.drop(
      place,
      'a rule without a direction',
      'it is held as a denial of everything that comes in; the policy permits less',
    );
    return [denial({ from: ANYONE, to: member }, { id, place })];
  }
  const traffic = trafficAt(rule, { draft, place, verdict });
  const what = { reading, place, verdict };
  const from = endOf(partsAt(rule, 'source', what), verdict);
  const to = endOf(partsAt(rule, 'destination', what), verdict);
  const ends = { from: eitherOf(from), to: eitherOf(to) };
  const box = isOut ? { ...ends, from: allOf([member, ends.from]) } : { ...ends, to: allOf([member, ends.to]) };
  const origin = { id: `${name}-${id}`, place, why: textAt(rule, 'description') };
  return traffic === null ? [] : [{ verdict, box: { ...box, traffic, limits: null, origin } }];
}

function denial(ends: { from: Selector; to: Selector }, { id, place }: { id: string; place: string }): Entry {
  return { verdict: 'deny', box: { ...ends, traffic: ALL_TRAFFIC, limits: null, origin: { id, place, why: null } } };
}

interface RuleFacts {
  readonly draft: Draft;
  readonly place: string;
  readonly verdict: Entry['verdict'];
}

const PROTOCOLS: ReadonlyMap<string, readonly number[] | null> = new Map<string, readonly number[] | null>([
  ['*', null],
  ['tcp', [PROTOCOL.tcp]],
  ['udp', [PROTOCOL.udp]],
  ['icmp', [PROTOCOL.icmp]],
  ['esp', [PROTOCOL.esp]],
  ['ah', [PROTOCOL.ah]],
]);

/** Null where a permission is left out; a denial that cannot be read denies all traffic. */
function trafficAt(rule: unknown, { draft, place, verdict }: RuleFacts): Traffic | null {
  const name = textAt(rule, 'protocol') ?? '';
  const protocols = PROTOCOLS.get(name.toLowerCase());
  const source = portsAt(rule, 'sourcePortRange');
  const ports = portsAt(rule, 'destinationPortRange');
  const isClear = protocols !== undefined && ports !== 'unclear';
  if (!isClear || source !== null) {
    const what = source !== null && isClear ? 'a condition on source ports' : `protocol "${name}" and its ports`;
    if (verdict === 'permit')
      draft.drop(place, what, 'it cannot be said; the rule is left out, so the policy permits less');
    else draft.drop(place, what, 'it cannot be said; the denial holds for more traffic, so the policy permits less');
    return verdict === 'permit' ? null : ALL_TRAFFIC;
  }
  if (protocols === null && ports === null) return ALL_TRAFFIC;
  // Ports of "every protocol" are those of TCP and UDP.
  return (protocols ?? [PROTOCOL.tcp, PROTOCOL.udp]).flatMap((protocol) =>
    trafficOf(protocol, protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp ? ports : null),
  );
}

/** Null: every port. */
function portsAt(rule: unknown, key: string): readonly PortRange[] | null | 'unclear' {
  const texts = [textAt(rule, key) ?? '', ...textsAt(rule, `${key}s`)].filter((text) => text !== '');
  if (texts.includes('*')) return null;
  const ranges = texts.map((text) => {
    const [, from, to = from] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text) ?? [];
    return from === undefined ? null : { from: Number(from), to: Number(to) };
  });
  const known = ranges.filter((range) => range !== null);
  return known.length === 0 || known.length < ranges.length ? 'unclear' : known;
}

interface PartFacts {
  readonly reading: Reading;
  readonly place: string;
  readonly verdict: Entry['verdict'];
}

function partsAt(rule: unknown, side: 'source' | 'destination', facts: PartFacts): readonly (Selector | null)[] {
  const { draft } = facts.reading;
  const texts = [textAt(rule, `${side}AddressPrefix`) ?? '', ...textsAt(rule, `${side}AddressPrefixes`)];
  const parts = texts
    .filter((text) => text !== '')
    .map((text) => ({ text, part: tagOrRange(text, facts.reading.network) }));
  const groups = listAt(rule, `${side}ApplicationSecurityGroups`).map((group) => {
    const name = (textAt(group, 'id') ?? textAt(group, 'name') ?? '').split('/').at(-1) ?? '';
    const key = `application-security-group/${name}`;
    return { text: name, part: name !== '' && isLabel(key, 'member') ? labelled(key, 'member') : null };
  });
  const all = [...parts, ...groups];
  for (const { text, part } of all)
    if (part === null)
      draft.drop(
        facts.place,
        `${side} "${text}"`,
        facts.verdict === 'permit'
          ? 'its addresses are not in the text; it is left out, so the policy permits less'
          : 'its addresses are not in the text; the denial holds for every end, so the policy permits less',
      );
  return all.map(({ part }) => part);
}

function tagOrRange(text: string, network: readonly Prefix[]): Selector | null {
  switch (text.toLowerCase()) {
    case '*':
    case 'any':
      return ANYONE;
    case 'internet':
      return { kind: 'internet' };
    case 'virtualnetwork':
      return network.length === 0 ? null : eitherOf(network.map(prefixed));
    case 'azureloadbalancer': {
      const prefix = parsePrefix(LOAD_BALANCER);
      return prefix === null ? null : prefixed(prefix);
    }
    default: {
      const prefix = looseRange(text);
      return prefix === null ? null : prefixed(prefix);
    }
  }
}
