// Random security groups of AWS, Azure and Google Cloud against the meaning of their documentation, and the traps by hand.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importSecurityGroups, isRefusal } from '#exchange';
import { parsePrefix } from '#model';
import {
  AZURE_RANGES,
  arbitraryAws,
  arbitraryRules,
  awsJson,
  awsPasses,
  azureJson,
  azurePasses,
  ENDS,
  GCP_RANGES,
  gcpJson,
  gcpPasses,
  INSTANCES,
  PORTS,
  VIRTUAL_NETWORK,
} from './clouds.ts';
import {
  arbitraryConnection,
  type Connection,
  compare,
  elementAt,
  importedOf,
  newTally,
  runsOf,
  SEED,
} from './judge.ts';

const network = [parsePrefix(VIRTUAL_NETWORK)].filter((prefix) => prefix !== null);

const ELEMENTS = INSTANCES.map(({ address, groups, network: name }, at) => {
  const labels: Record<string, string> = { 'network-security-group': name, network: name };
  for (const group of groups)
    for (const key of ['security-group', 'application-security-group', 'tag']) labels[`${key}/${group}`] = 'member';
  return elementAt(`instance-${at}`, address, labels);
});

interface Cloud {
  readonly name: string;
  readonly story: fc.Arbitrary<{
    readonly text: string;
    readonly passes: (connection: Connection) => boolean;
    readonly mayLose: boolean;
  }>;
}

const CLOUDS: readonly Cloud[] = [
  {
    name: 'AWS',
    story: arbitraryAws.map((groups) => ({
      text: awsJson(groups),
      passes: (one: Connection) => awsPasses(groups, one),
      mayLose: false,
    })),
  },
  {
    name: 'Azure',
    story: arbitraryRules(AZURE_RANGES).map((rules) => ({
      text: azureJson(rules),
      passes: (one: Connection) => azurePasses(rules, one),
      mayLose: false,
    })),
  },
  {
    name: 'Google Cloud',
    story: arbitraryRules(GCP_RANGES).map((rules) => ({
      text: gcpJson(rules),
      passes: (one: Connection) => gcpPasses(rules, one),
      mayLose: false,
    })),
  },
];

describe.each(CLOUDS)('random groups of $name', ({ story }) => {
  it('permit what they permit', () => {
    const tally = newTally();
    fc.assert(
      fc.property(
        story,
        fc.array(arbitraryConnection(ENDS, PORTS), { minLength: 40, maxLength: 40 }),
        ({ text, passes }, connections) => {
          const imported = importedOf(importSecurityGroups([{ file: 'sg.json', text }], { network, isOpen: true }));
          const hasLoss = imported.notCarried.some(({ what }) => /many denials|less a few/.test(what));
          compare({
            imported,
            elements: ELEMENTS,
            connections,
            foreign: passes,
            mayPermitLess: () => hasLoss,
            tally,
            text,
          });
        },
      ),
      { seed: SEED, numRuns: runsOf(20) },
    );
    expect(tally.permitted).toBeGreaterThan(tally.connections / 20);
    expect(tally.less).toBeLessThan(tally.connections / 20);
    console.log(`seed ${SEED}: ${JSON.stringify(tally)}`);
  });
});

describe('importSecurityGroups()', () => {
  it('asks for prefix lists and leaves them out', () => {
    const permission = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId: 'pl-1' }] };
    const text = JSON.stringify({
      SecurityGroups: [{ GroupId: 'sg-1', IpPermissions: [], IpPermissionsEgress: [permission] }],
    });
    const { policy, questions } = importedOf(importSecurityGroups([{ file: 'sg.json', text }]));
    expect(policy.rules).toEqual([]);
    expect(questions.some((question) => question.includes('pl-1'))).toBe(true);
  });

  it('leaves out a single ICMP type', () => {
    const permission = { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    const text = JSON.stringify([{ GroupId: 'sg-1', IpPermissions: [permission], IpPermissionsEgress: [] }]);
    const { policy, notCarried } = importedOf(importSecurityGroups([{ file: 'sg.json', text }]));
    expect(policy.rules).toEqual([]);
    expect(notCarried.some(({ what }) => what.includes('type 8'))).toBe(true);
  });

  it('holds an unknown service tag of a denial for every end', () => {
    const rule = {
      name: 'no-storage',
      priority: 100,
      direction: 'Outbound',
      access: 'Deny',
      protocol: '*',
      sourcePortRange: '*',
      destinationPortRange: '*',
      sourceAddressPrefix: '*',
      destinationAddressPrefix: 'Storage',
    };
    const text = JSON.stringify({ name: 'one', securityRules: [rule] });
    const { policy } = importedOf(importSecurityGroups([{ file: 'nsg.json', text }], { network }));
    expect(
      policy.rules.filter(
        ({ from }) =>
          JSON.stringify(from).includes('"network-security-group"') && !JSON.stringify(from).includes('"not"'),
      ),
    ).toEqual([]);
  });

  it.each([
    ['no JSON', '{'],
    ['something else', '{"a":1}'],
    ['an empty list', '[]'],
    ['a group without an id that can be named', '[{"GroupId":"a b"}]'],
    ['a network security group without a name', '[{"securityRules":[]}]'],
    ['a firewall rule without a network', '[{"name":"x","network":"","direction":"INGRESS"}]'],
  ])('refuses %s', (_, text) => {
    expect(isRefusal(importSecurityGroups([{ file: 'x', text }]))).toBe(true);
  });
});
