// Random security groups of three clouds and what they mean, by the documentation of each.

import fc from 'fast-check';
import { PROTOCOL } from '#model';
import { type Connection, lies } from './judge.ts';

export interface Instance {
  readonly address: string;
  /** Groups of AWS, network tags of Google, application security groups of Azure. */
  readonly groups: readonly string[];
  /** Network security group of Azure, network of Google. */
  readonly network: string;
}

export const INSTANCES: readonly Instance[] = [
  { address: '10.0.0.5', groups: ['sg-1'], network: 'one' },
  { address: '10.0.0.6', groups: ['sg-1', 'sg-2'], network: 'one' },
  { address: '10.0.1.7', groups: ['sg-2'], network: 'two' },
  { address: '10.0.1.8', groups: ['sg-3'], network: 'two' },
];
export const OUTSIDE = ['10.0.9.9', '203.0.113.7', '8.8.4.4'];
export const ENDS = [...INSTANCES.map(({ address }) => address), ...OUTSIDE];
export const PORTS = [22, 80, 443, 8080];
/** Range that Azure calls VirtualNetwork here. */
export const VIRTUAL_NETWORK = '10.0.0.0/16';

const RANGES = ['10.0.0.0/24', '10.0.0.0/16', '0.0.0.0/0', '203.0.113.0/24', '10.0.1.7/32'];
const GROUPS = ['sg-1', 'sg-2', 'sg-3'];
const PORT_TEXTS = ['22', '80', '80-443', '1-1023', '8080'];

function instanceAt(address: string): Instance | null {
  return INSTANCES.find((instance) => instance.address === address) ?? null;
}

function isIn(port: number, text: string): boolean {
  const [from = 0, to = from] = text.split('-').map(Number);
  return from <= port && port <= to;
}

function some<Value>(values: readonly Value[], most: number): fc.Arbitrary<readonly Value[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: most });
}

// AWS

export interface AwsPermission {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | '-1';
  readonly ports: string;
  readonly ranges: readonly string[];
  readonly groups: readonly string[];
  readonly lists: readonly string[];
}

export interface AwsGroup {
  readonly id: string;
  readonly into: readonly AwsPermission[];
  readonly out: readonly AwsPermission[];
}

export const arbitraryAws: fc.Arbitrary<readonly AwsGroup[]> = fc
  .array(
    fc.record({
      into: fc.array(awsPermission(), { maxLength: 3 }),
      out: fc.array(awsPermission(), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.map((group, at) => ({ id: `sg-${at + 1}`, ...group })));

function awsPermission(): fc.Arbitrary<AwsPermission> {
  return fc.record({
    protocol: fc.constantFrom('tcp' as const, 'tcp' as const, 'udp' as const, 'icmp' as const, '-1' as const),
    ports: fc.constantFrom(...PORT_TEXTS),
    ranges: fc.oneof(some(RANGES, 2), fc.constant([])),
    groups: fc.oneof(some(GROUPS, 2), fc.constant([])),
    lists: fc.constantFrom([], [], ['pl-1']),
  });
}

export function awsJson(groups: readonly AwsGroup[]): string {
  const permission = ({ protocol, ports, ranges, groups: pairs, lists }: AwsPermission): object => {
    const [from, to = from] = ports.split('-').map(Number);
    const bounds = protocol === 'icmp' ? { FromPort: -1, ToPort: -1 } : { FromPort: from, ToPort: to };
    return {
      IpProtocol: protocol,
      ...(protocol === '-1' ? {} : bounds),
      IpRanges: ranges.map((CidrIp) => ({ CidrIp })),
      Ipv6Ranges: [],
      UserIdGroupPairs: pairs.map((GroupId) => ({ GroupId, UserId: '123456789012' })),
      PrefixListIds: lists.map((PrefixListId) => ({ PrefixListId })),
    };
  };
  const all = groups.map(({ id, into, out }) => ({
    GroupId: id,
    GroupName: `name of ${id}`,
    IpPermissions: into.map(permission),
    IpPermissionsEgress: out.map(permission),
  }));
  return JSON.stringify({ SecurityGroups: all });
}

export function awsPasses(groups: readonly AwsGroup[], { from, to, protocol, port }: Connection): boolean {
  const lets = (own: string, other: string, key: 'into' | 'out'): boolean => {
    const held = groups.filter(({ id }) => instanceAt(own)?.groups.includes(id) === true);
    return (
      held.length === 0 ||
      held.some((group) =>
        group[key].some((permission) => {
          const isProtocol = permission.protocol === '-1' || PROTOCOL[permission.protocol] === protocol;
          const isPort = permission.protocol === '-1' || permission.protocol === 'icmp' || isIn(port, permission.ports);
          const isPeer =
            permission.ranges.some((range) => lies(other, range)) ||
            permission.groups.some((id) => instanceAt(other)?.groups.includes(id) === true);
          return isProtocol && isPort && isPeer;
        }),
      )
    );
  };
  return lets(from, to, 'out') && lets(to, from, 'into');
}

// Azure and Google have rules of one shape: a priority, a direction, two ends, and a permission or denial.

export interface Ruled {
  readonly network: string;
  readonly priority: number;
  readonly isOut: boolean;
  readonly isDenial: boolean;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | null;
  readonly ports: readonly string[];
  /** Ranges and tags of the other end; of Google's own end, tags only. */
  readonly ranges: readonly string[];
  readonly tags: readonly string[];
  readonly targets: readonly string[];
  readonly isDisabled: boolean;
}

export function arbitraryRules(ranges: readonly string[]): fc.Arbitrary<readonly Ruled[]> {
  const rule = fc
    .record({
      network: fc.constantFrom('one', 'two'),
      priority: fc.integer({ min: 1, max: 6 }).map((value) => value * 100),
      isOut: fc.boolean(),
      isDenial: fc.constantFrom(true, false, false),
      protocol: fc.constantFrom('tcp' as const, 'tcp' as const, 'udp' as const, 'icmp' as const, null),
      ports: fc.oneof(some(PORT_TEXTS, 2), fc.constant([])),
      ranges: fc.oneof(some(ranges, 2), fc.constant([])),
      tags: fc.oneof(some(GROUPS, 2), fc.constant([]), fc.constant([])),
      targets: fc.oneof(some(GROUPS, 2), fc.constant([]), fc.constant([])),
      isDisabled: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
    })
    .map((one) => ({ ...one, ports: one.protocol === 'tcp' || one.protocol === 'udp' ? one.ports : [] }));
  return fc.array(rule, { minLength: 1, maxLength: 8 });
}

function isTraffic(rule: Ruled, { protocol, port }: Connection): boolean {
  if (rule.protocol === null) return true;
  return (
    PROTOCOL[rule.protocol] === protocol && (rule.ports.length === 0 || rule.ports.some((text) => isIn(port, text)))
  );
}

export const AZURE_RANGES = [...RANGES, 'Internet', 'VirtualNetwork', '*'];

function azureLies(address: string, range: string): boolean {
  if (range === '*') return true;
  if (range === 'VirtualNetwork') return lies(address, VIRTUAL_NETWORK);
  if (range === 'Internet') return !lies(address, '10.0.0.0/8');
  return lies(address, range);
}

/** Azure: priorities are unique in one direction, so the place in the list is added to them. */
export function azureJson(rules: readonly Ruled[]): string {
  const names = ['one', 'two'];
  return JSON.stringify(
    names.map((name) => ({
      name,
      securityRules: rules.map((rule, at) => azureRule(rule, at)).filter((_, at) => rules[at]?.network === name),
    })),
  );
}

function azureRule(rule: Ruled, at: number): object {
  const other = { ranges: rule.ranges, groups: rule.tags };
  const side = (key: string, { ranges, groups }: { ranges: readonly string[]; groups: readonly string[] }): object => ({
    [`${key}AddressPrefix`]: ranges.length === 0 && groups.length === 0 ? '*' : ranges.length === 1 ? ranges[0] : null,
    [`${key}AddressPrefixes`]: ranges.length > 1 ? ranges : [],
    [`${key}ApplicationSecurityGroups`]: groups.map((name) => ({
      id: `/subscriptions/x/applicationSecurityGroups/${name}`,
    })),
  });
  const own = { ranges: [], groups: rule.targets };
  return {
    name: `rule-${at}`,
    priority: rule.priority + at,
    direction: rule.isOut ? 'Outbound' : 'Inbound',
    access: rule.isDenial ? 'Deny' : 'Allow',
    protocol: rule.protocol === null ? '*' : rule.protocol === 'tcp' ? 'Tcp' : rule.protocol === 'udp' ? 'Udp' : 'Icmp',
    sourcePortRange: '*',
    destinationPortRange: rule.ports.length === 0 ? '*' : rule.ports.length === 1 ? rule.ports[0] : null,
    destinationPortRanges: rule.ports.length > 1 ? rule.ports : [],
    ...side('source', rule.isOut ? own : other),
    ...side('destination', rule.isOut ? other : own),
  };
}

export function azurePasses(rules: readonly Ruled[], connection: Connection): boolean {
  const { from, to } = connection;
  const lets = (own: string, other: string, isOut: boolean): boolean => {
    const network = instanceAt(own)?.network;
    if (network === undefined) return true;
    const sorted = rules
      .map((rule, at) => ({ rule, order: rule.priority + at }))
      .filter(({ rule }) => rule.network === network && rule.isOut === isOut)
      .toSorted((a, b) => a.order - b.order);
    for (const { rule } of sorted) {
      const isOther = isEnd(other, rule.ranges, rule.tags);
      if (isOther && isEnd(own, [], rule.targets) && isTraffic(rule, connection)) return !rule.isDenial;
    }
    const isInside = azureLies(from, 'VirtualNetwork') && azureLies(to, 'VirtualNetwork');
    return isInside || (isOut && azureLies(to, 'Internet'));
  };
  return lets(from, to, true) && lets(to, from, false);
}

function isEnd(address: string, ranges: readonly string[], groups: readonly string[]): boolean {
  if (ranges.length === 0 && groups.length === 0) return true;
  return (
    ranges.some((range) => azureLies(address, range)) ||
    groups.some((name) => instanceAt(address)?.groups.includes(name) === true)
  );
}

export const GCP_RANGES = RANGES;

export function gcpJson(rules: readonly Ruled[]): string {
  return JSON.stringify(
    rules.map((rule, at) => {
      const item = { IPProtocol: rule.protocol ?? 'all', ...(rule.ports.length === 0 ? {} : { ports: rule.ports }) };
      const hasNone = rule.ranges.length === 0 && (rule.isOut || rule.tags.length === 0);
      const ranges = hasNone ? ['0.0.0.0/0'] : rule.ranges;
      return {
        name: `rule-${at}`,
        network: `https://www.googleapis.com/compute/v1/projects/p/global/networks/${rule.network}`,
        priority: rule.priority,
        direction: rule.isOut ? 'EGRESS' : 'INGRESS',
        ...(rule.isOut ? { destinationRanges: ranges } : ranges.length === 0 ? {} : { sourceRanges: ranges }),
        ...(rule.isOut || rule.tags.length === 0 ? {} : { sourceTags: rule.tags }),
        ...(rule.targets.length === 0 ? {} : { targetTags: rule.targets }),
        [rule.isDenial ? 'denied' : 'allowed']: [item],
        disabled: rule.isDisabled,
      };
    }),
  );
}

export function gcpPasses(rules: readonly Ruled[], connection: Connection): boolean {
  const networks = new Set(rules.map(({ network }) => network));
  const lets = (own: string, other: string, isOut: boolean): boolean => {
    const instance = instanceAt(own);
    if (instance === null || !networks.has(instance.network)) return true;
    const fitting = rules.filter((rule) => {
      const isTarget = rule.targets.length === 0 || rule.targets.some((tag) => instance.groups.includes(tag));
      const isHere = rule.network === instance.network && rule.isOut === isOut && !rule.isDisabled;
      return isHere && isTarget && gcpPeer(rule, other) && isTraffic(rule, connection);
    });
    const first = Math.min(...fitting.map(({ priority }) => priority));
    if (fitting.length === 0) return isOut;
    return !fitting.some((rule) => rule.priority === first && rule.isDenial);
  };
  return lets(connection.from, connection.to, true) && lets(connection.to, connection.from, false);
}

function gcpPeer(rule: Ruled, address: string): boolean {
  const tags = rule.isOut ? [] : rule.tags;
  if (rule.ranges.length === 0 && tags.length === 0) return lies(address, '0.0.0.0/0');
  const instance = instanceAt(address);
  const isTagged =
    instance !== null && instance.network === rule.network && tags.some((tag) => instance.groups.includes(tag));
  return isTagged || rule.ranges.some((range) => lies(address, range));
}
