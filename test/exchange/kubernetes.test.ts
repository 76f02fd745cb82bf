// Random network policies against the meaning of the documentation, and the traps by hand.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { importNetworkPolicies, isRefusal } from '#exchange';
import { PROTOCOL } from '#model';
import {
  arbitraryConnection,
  compare,
  elementAt,
  importedOf,
  newTally,
  permitted,
  policyOf,
  runsOf,
  SEED,
} from './judge.ts';
import {
  arbitraryCluster,
  isIsolated,
  NAMESPACES,
  type NetworkPolicy,
  OUTSIDE,
  PODS,
  PORTS,
  passes,
} from './kubernetes.ts';

const KEYS: Readonly<Record<string, string>> = { name: 'pod/name', 'kubernetes.io/metadata.name': 'namespace' };

/** The cluster's pods as the importer asks for them. */
const ELEMENTS = PODS.map(({ address, namespace, labels }, at) => {
  const all: Record<string, string> = {};
  for (const [key, value] of Object.entries(labels)) all[KEYS[key] ?? key] = value;
  for (const [key, value] of Object.entries(NAMESPACES[namespace] ?? {})) all[KEYS[key] ?? `namespace/${key}`] = value;
  return elementAt(`pod-${at}`, address, all);
});
const ENDS = [...PODS.map(({ address }) => address), ...OUTSIDE];

function textOf(policies: readonly NetworkPolicy[]): string {
  return policies.map((policy) => stringify(policy)).join('---\n');
}

describe('random clusters', () => {
  const story = (odd: boolean) =>
    fc.tuple(arbitraryCluster(odd), fc.array(arbitraryConnection(ENDS, PORTS), { minLength: 40, maxLength: 40 }));
  it.each([
    ['every selector can be said, open ends included', false, true],
    ['every selector can be said', false, false],
    ['some cannot', true, true],
  ])('permit what they permit where %s', (_, odd, isOpen) => {
    const tally = newTally();
    fc.assert(
      fc.property(story(odd), ([policies, connections]) => {
        const text = textOf(policies);
        compare({
          imported: importedOf(importNetworkPolicies([{ file: 'np.yaml', text }], { isOpen })),
          elements: ELEMENTS,
          connections,
          foreign: (one) => passes(policies, one),
          // Between ends that no policy isolates, the text says nothing, and the list says so.
          mayPermitLess: (one) =>
            odd || (!isOpen && !isIsolated(policies, 'Egress', one) && !isIsolated(policies, 'Ingress', one)),
          tally,
          text,
        });
      }),
      { seed: SEED, numRuns: runsOf(25) },
    );
    expect(tally.permitted).toBeGreaterThan(tally.connections / 20);
    console.log(`seed ${SEED}: ${JSON.stringify(tally)}`);
  });
});

const WEB = PODS[0]?.address ?? '';
const DB = PODS[1]?.address ?? '';

/** Whether web may reach db on 5432 under one policy for db. */
function mayReach(spec: string): boolean {
  const text = `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db, namespace: prod}\nspec: {podSelector: {matchLabels: {app: db}}, ${spec}}\n`;
  const policy = policyOf(importedOf(importNetworkPolicies([{ file: 'np.yaml', text }])), ELEMENTS);
  return permitted(policy, [{ from: WEB, to: DB, protocol: PROTOCOL.tcp, port: 5432 }])[0] === true;
}

describe('importNetworkPolicies() knows the traps', () => {
  it.each([
    ['an empty ingress list denies all', 'ingress: []', false],
    ['a missing ingress denies all', 'policyTypes: [Ingress]', false],
    ['one empty rule permits all', 'ingress: [{}]', true],
    ['an empty list of peers permits all', 'ingress: [{from: []}]', true],
    ['an empty peer permits nobody', 'ingress: [{from: [{}]}]', false],
    ['an empty pod selector is every pod of the namespace', 'ingress: [{from: [{podSelector: {}}]}]', true],
    ['an empty namespace selector is every namespace', 'ingress: [{from: [{namespaceSelector: {}}]}]', true],
    ['an empty list of ports is every port', 'ingress: [{ports: []}]', true],
    ['a list of named ports is not every port', 'ingress: [{ports: [{port: pg}]}]', false],
    ['a named port beside the right one', 'ingress: [{ports: [{port: pg}, {port: 5432}]}]', true],
    ['a port without protocol is TCP', 'ingress: [{ports: [{protocol: UDP, port: 5432}]}]', false],
    ['a range ends with its last port', 'ingress: [{ports: [{port: 5000, endPort: 5432}]}]', true],
    ['a range ends before the next port', 'ingress: [{ports: [{port: 5000, endPort: 5431}]}]', false],
    ['ingress rules do not count without their type', 'policyTypes: [Egress], ingress: [{}]', false],
    ['an unknown field leaves the rule out', 'ingress: [{from: [{podSelector: {}, serviceAccounts: {}}]}]', false],
    ['peers and selectors do not mix', 'ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 0.0.0.0/0}}]}]', false],
    [
      'a bad exception leaves the block out',
      'ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [nonsense]}}]}]',
      false,
    ],
  ])('%s', (_, spec, expected) => {
    expect(mayReach(spec)).toBe(expected);
  });

  it('names policies of other kinds', () => {
    const other =
      '---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c}\n---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\n';
    const text = `${textOf([{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p', namespace: 'prod' }, spec: { podSelector: {} } }])}${other}`;
    const { notCarried } = importedOf(importNetworkPolicies([{ file: 'np.yaml', text }]));
    expect(notCarried.filter(({ why }) => why.includes('permits more')).map(({ place }) => place)).toEqual([
      'CiliumNetworkPolicy c',
      'AdminNetworkPolicy a',
    ]);
  });

  it('reads the lists that kubectl prints', () => {
    const item = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace: 'prod' },
      spec: { podSelector: {}, ingress: [{}] },
    };
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item] });
    expect(importedOf(importNetworkPolicies([{ file: 'np.json', text }])).policy.rules).toHaveLength(1);
  });

  it('refuses a text without a network policy', () => {
    const result = importNetworkPolicies([{ file: 'x', text: 'kind: Pod\n' }]);
    expect(isRefusal(result) && result.code).toBe('PICKET-I020');
  });
});
