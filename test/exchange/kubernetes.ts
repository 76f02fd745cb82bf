// A small cluster, random network policies for it, and what they mean: ingress and egress of every pod by the rules of the documentation.

import fc from 'fast-check';
import { PROTOCOL } from '#model';
import { type Connection, lies } from './judge.ts';

export interface Pod {
  readonly address: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

export const NAMESPACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  prod: { team: 'ops', 'kubernetes.io/metadata.name': 'prod' },
  dev: { team: 'dev', 'kubernetes.io/metadata.name': 'dev' },
};

export const PODS: readonly Pod[] = [
  { address: '10.244.0.2', namespace: 'prod', labels: { app: 'web', tier: 'front' } },
  { address: '10.244.0.3', namespace: 'prod', labels: { app: 'db' } },
  { address: '10.244.0.4', namespace: 'prod', labels: { app: 'web', name: 'canary' } },
  { address: '10.244.1.2', namespace: 'dev', labels: { app: 'web' } },
  { address: '10.244.1.3', namespace: 'dev', labels: {} },
];
/** Ends outside of the cluster. */
export const OUTSIDE = ['10.0.0.9', '203.0.113.7'];
export const PORTS = [80, 443, 5432, 8080];

export interface Expression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Expression[];
}

export interface Peer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface Port {
  readonly protocol?: 'TCP' | 'UDP';
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly Port[];
}

export interface NetworkPolicy {
  readonly apiVersion: 'networking.k8s.io/v1';
  readonly kind: 'NetworkPolicy';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly podSelector: LabelSelector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

const POD_LABELS = { app: ['web', 'db'], tier: ['front'], name: ['canary'] };
const NAMESPACE_LABELS = { team: ['ops', 'dev'], 'kubernetes.io/metadata.name': ['prod'] };

function selectors(labels: Readonly<Record<string, readonly string[]>>, odd: boolean): fc.Arbitrary<LabelSelector> {
  const key = fc.constantFrom(...Object.keys(labels));
  const pair = key.chain((name) =>
    fc.constantFrom(...(labels[name] ?? [])).map((value): LabelSelector => ({ matchLabels: { [name]: value } })),
  );
  const listed = key.chain((name) =>
    fc
      .record({
        operator: fc.constantFrom('In' as const, 'NotIn' as const),
        values: fc.uniqueArray(fc.constantFrom(...(labels[name] ?? [])), { minLength: 1 }),
      })
      .map((expression): LabelSelector => ({ matchExpressions: [{ key: name, ...expression }] })),
  );
  const present = fc
    .record({ key, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) })
    .map((expression): LabelSelector => ({ matchExpressions: [expression] }));
  return fc.oneof(fc.constant({}), pair, pair, listed, ...(odd ? [present] : []));
}

function peers(odd: boolean): fc.Arbitrary<Peer> {
  const pods = selectors(POD_LABELS, odd);
  const spaces = selectors(NAMESPACE_LABELS, odd);
  return fc.oneof(
    pods.map((podSelector): Peer => ({ podSelector })),
    spaces.map((namespaceSelector): Peer => ({ namespaceSelector })),
    fc.record({ podSelector: pods, namespaceSelector: spaces }),
    fc.constantFrom<Peer>(
      { ipBlock: { cidr: '10.0.0.0/8', except: ['10.244.1.0/24'] } },
      { ipBlock: { cidr: '0.0.0.0/0' } },
      { ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.0/29'] } },
    ),
  );
}

function rules(key: 'from' | 'to', odd: boolean): fc.Arbitrary<Rule> {
  const list = fc.option(fc.array(peers(odd), { maxLength: 2 }), { freq: 4, nil: undefined });
  const port = fc.constantFrom<Port>(
    { port: 80 },
    { protocol: 'TCP', port: 443 },
    { protocol: 'UDP' },
    { port: 5_000, endPort: 6_000 },
    {},
    ...(odd ? [{ port: 'metrics' }] : []),
  );
  const ports = fc.option(fc.array(port, { maxLength: 2 }), { freq: 3, nil: undefined });
  return fc.tuple(list, ports).map(([ends, all]) => ({
    ...(ends === undefined ? {} : { [key]: ends }),
    ...(all === undefined ? {} : { ports: all }),
  }));
}

export function arbitraryCluster(odd: boolean): fc.Arbitrary<readonly NetworkPolicy[]> {
  const policy = fc
    .record({
      namespace: fc.constantFrom('prod', 'dev'),
      podSelector: selectors(POD_LABELS, odd),
      policyTypes: fc.constantFrom(undefined, ['Ingress'], ['Egress'], ['Ingress', 'Egress']),
      ingress: fc.option(fc.array(rules('from', odd), { maxLength: 2 }), { nil: undefined }),
      egress: fc.option(fc.array(rules('to', odd), { maxLength: 2 }), { nil: undefined }),
    })
    .map(({ namespace, podSelector, policyTypes, ingress, egress }) => ({
      namespace,
      spec: {
        podSelector,
        ...(policyTypes === undefined ? {} : { policyTypes }),
        ...(ingress === undefined ? {} : { ingress }),
        ...(egress === undefined ? {} : { egress }),
      },
    }));
  return fc.array(policy, { minLength: 1, maxLength: 4 }).map((all) =>
    all.map(
      ({ namespace, spec }, at): NetworkPolicy => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: `p${at}`, namespace },
        spec,
      }),
    ),
  );
}

/** Number of the named port: what a pod calls "metrics". */
const NAMED: Readonly<Record<string, number>> = { metrics: 8080 };

export function passes(policies: readonly NetworkPolicy[], connection: Connection): boolean {
  return lets(policies, 'Egress', connection) && lets(policies, 'Ingress', connection);
}

function lets(policies: readonly NetworkPolicy[], type: 'Ingress' | 'Egress', connection: Connection): boolean {
  const isolating = policies.filter((policy) => isHeld(policies, type, connection, policy));
  if (isolating.length === 0) return true;
  return isolating.some(({ metadata, spec }) =>
    ((type === 'Ingress' ? spec.ingress : spec.egress) ?? []).some((rule) => {
      const ends = type === 'Ingress' ? rule.from : rule.to;
      const other = type === 'Ingress' ? connection.from : connection.to;
      const isPeer =
        ends === undefined || ends.length === 0 || ends.some((peer) => isPeerOf(peer, other, metadata.namespace));
      const isPort =
        rule.ports === undefined || rule.ports.length === 0 || rule.ports.some((port) => isPortOf(port, connection));
      return isPeer && isPort;
    }),
  );
}

/** Whether the policy, or any at all, isolates the end that this direction is about. */
function isHeld(
  _all: readonly NetworkPolicy[],
  type: 'Ingress' | 'Egress',
  connection: Connection,
  policy: NetworkPolicy,
): boolean {
  const pod = podAt(type === 'Ingress' ? connection.to : connection.from);
  const types =
    policy.spec.policyTypes ?? ((policy.spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
  return (
    pod !== null &&
    types.includes(type) &&
    pod.namespace === policy.metadata.namespace &&
    selects(policy.spec.podSelector, pod.labels)
  );
}

export function isIsolated(
  policies: readonly NetworkPolicy[],
  type: 'Ingress' | 'Egress',
  connection: Connection,
): boolean {
  return policies.some((policy) => isHeld(policies, type, connection, policy));
}

function podAt(address: string): Pod | null {
  return PODS.find((pod) => pod.address === address) ?? null;
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      return (value !== undefined && values.includes(value)) === (operator === 'In');
    })
  );
}

function isPeerOf({ podSelector, namespaceSelector, ipBlock }: Peer, address: string, namespace: string): boolean {
  if (ipBlock !== undefined)
    return lies(address, ipBlock.cidr) && !(ipBlock.except ?? []).some((range) => lies(address, range));
  const pod = podAt(address);
  if (pod === null) return false;
  const isThere =
    namespaceSelector === undefined
      ? pod.namespace === namespace
      : selects(namespaceSelector, NAMESPACES[pod.namespace] ?? {});
  return isThere && (podSelector === undefined || selects(podSelector, pod.labels));
}

function isPortOf({ protocol = 'TCP', port, endPort }: Port, connection: Connection): boolean {
  if (connection.protocol !== (protocol === 'TCP' ? PROTOCOL.tcp : PROTOCOL.udp)) return false;
  if (port === undefined) return true;
  const number = typeof port === 'string' ? (NAMED[port] ?? 0) : port;
  return number <= connection.port && connection.port <= (endPort ?? number);
}
