// Random Tailscale policy files against the meaning of the documentation, and what is not carried by hand.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask } from '#engine';
import { importTailscale, isRefusal } from '#exchange';
import { type Element, PROTOCOL, parsePrefix } from '#model';
import {
  arbitraryConnection,
  type Connection,
  compare,
  elementAt,
  importedOf,
  lies,
  newTally,
  policyOf,
  runsOf,
  SEED,
} from './judge.ts';

interface Device {
  readonly address: string;
  readonly user: string | null;
  readonly tags: readonly string[];
}

const DEVICES: readonly Device[] = [
  { address: '100.64.0.1', user: 'alice@example.com', tags: [] },
  { address: '100.64.0.2', user: 'bob@example.com', tags: [] },
  { address: '100.64.0.3', user: null, tags: ['web'] },
  { address: '100.64.0.4', user: null, tags: ['web', 'db'] },
];
const ENDS = [...DEVICES.map(({ address }) => address), '10.1.0.5', '10.2.0.5', '203.0.113.7'];
const PORTS = [22, 80, 443, 5432];
const HOSTS: Readonly<Record<string, string>> = { lan: '10.1.0.0/16', server: '10.2.0.5' };
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'group:eng': ['alice@example.com'],
  'group:all': ['alice@example.com', 'bob@example.com'],
};

interface Rule {
  readonly isGrant: boolean;
  readonly src: readonly string[];
  readonly dst: readonly string[];
  readonly ports: string;
  readonly proto: 'tcp' | 'udp' | 'icmp' | null;
  readonly isOdd: boolean;
}

const names = [
  'alice@example.com',
  'group:eng',
  'group:all',
  'tag:web',
  'tag:db',
  'lan',
  'server',
  '100.64.0.3',
  '10.1.0.0/24',
  '*',
];

function arbitraryRules(odd: boolean): fc.Arbitrary<readonly Rule[]> {
  const rule = fc.record({
    isGrant: fc.boolean(),
    src: fc.uniqueArray(fc.constantFrom(...names, ...(odd ? ['autogroup:tagged', 'nobody'] : [])), {
      minLength: 1,
      maxLength: 2,
    }),
    dst: fc.uniqueArray(
      fc.constantFrom(...names, 'autogroup:internet', ...(odd ? ['autogroup:self', 'ipset:none'] : [])),
      { minLength: 1, maxLength: 2 },
    ),
    ports: fc.constantFrom('*', '22', '80-443', '5432', '22,443'),
    proto: fc.constantFrom(null, null, 'tcp' as const, 'udp' as const, 'icmp' as const),
    isOdd: fc.integer({ min: 0, max: 5 }).map((value) => odd && value === 0),
  });
  return fc.array(
    rule.map((one) => (one.proto === 'icmp' ? { ...one, ports: '*' } : one)),
    { minLength: 1, maxLength: 5 },
  );
}

function fileOf(rules: readonly Rule[]): string {
  const acls = rules
    .filter(({ isGrant }) => !isGrant)
    .map(({ src, dst, ports, proto, isOdd }) => ({
      action: 'accept',
      src,
      dst: dst.map((name) => `${name}:${ports}`),
      ...(proto === null ? {} : { proto }),
      ...(isOdd ? { srcPosture: ['posture:latest'] } : {}),
    }));
  const grants = rules
    .filter(({ isGrant }) => isGrant)
    .map(({ src, dst, ports, proto, isOdd }) => ({
      src,
      dst,
      ip: ports.split(',').map((port) => (proto === null ? port : `${proto}:${port}`)),
      ...(isOdd ? { via: ['tag:router'] } : {}),
    }));
  return `// tailnet\n${JSON.stringify({ groups: GROUPS, hosts: HOSTS, acls, grants }, null, 1).replace(/\n\}$/, ',\n}')}`;
}

function passes(rules: readonly Rule[], { from, to, protocol, port }: Connection): boolean {
  return rules.some((rule) => {
    const isPort =
      rule.ports === '*' ||
      rule.ports.split(',').some((part) => {
        const [low = 0, high = low] = part.split('-').map(Number);
        return low <= port && port <= high;
      });
    const hasPorts = protocol !== PROTOCOL.icmp;
    const isProtocol = rule.proto === null ? true : PROTOCOL[rule.proto] === protocol;
    const isTraffic = isProtocol && (hasPorts ? isPort : rule.ports === '*');
    return (
      isTraffic &&
      (!rule.isOdd || port !== 22) &&
      rule.src.some((name) => isEnd(name, from, true)) &&
      rule.dst.some((name) => isEnd(name, to, false))
    );
  });
}

function isEnd(name: string, address: string, isSource: boolean): boolean {
  const device = DEVICES.find((one) => one.address === address);
  if (name === '*') return !isSource || device !== undefined;
  if (name === 'autogroup:internet') return !lies(address, '10.0.0.0/8') && !lies(address, '100.64.0.0/10');
  if (name.startsWith('group:')) return device?.user != null && GROUPS[name]?.includes(device.user) === true;
  if (name.startsWith('tag:')) return device?.tags.includes(name.slice(4)) === true;
  if (name.includes('@')) return device?.user === name;
  const range = HOSTS[name] ?? name;
  return /^[0-9]/.test(range) && lies(address, range);
}

/** Devices of tags are elements of their own; those of people complete the elements that the importer made. */
function elementsFor(made: readonly Element[]): readonly Element[] {
  const devices = DEVICES.filter(({ user }) => user === null).map(({ address, tags }, at) =>
    elementAt(`device-${at}`, address, Object.fromEntries(tags.map((tag) => [`tag/${tag}`, 'member']))),
  );
  const people = made.map((element) => {
    const device = DEVICES.find(({ user }) => user === element.login);
    const prefix = parsePrefix(device?.address ?? '');
    return { ...element, addresses: prefix === null ? [] : [prefix] };
  });
  return [...devices, ...people];
}

describe('random policy files', () => {
  it.each([
    ['everything can be said', false],
    ['some cannot', true],
  ])('permit what they permit where %s', (_, odd) => {
    const tally = newTally();
    fc.assert(
      fc.property(
        arbitraryRules(odd),
        fc.array(arbitraryConnection(ENDS, PORTS), { minLength: 40, maxLength: 40 }),
        (rules, connections) => {
          const text = fileOf(rules);
          const imported = importedOf(importTailscale({ file: 'policy.hujson', text }));
          const elements = elementsFor(imported.policy.elements);
          compare({
            imported,
            elements,
            connections,
            foreign: (one) => passes(rules, one),
            mayPermitLess: () => odd,
            tally,
            text,
          });
        },
      ),
      { seed: SEED, numRuns: runsOf(25) },
    );
    expect(tally.permitted).toBeGreaterThan(tally.connections / 40);
    console.log(`seed ${SEED}: ${JSON.stringify(tally)}`);
  });
});

const BASE = `"groups": {"group:eng": ["alice@example.com"]}, "hosts": {"db": "10.2.0.5"}`;

describe('importTailscale()', () => {
  it('turns tests of single ends into tests that can be asked', () => {
    const text = `{${BASE}, "acls": [{"action": "accept", "src": ["group:eng"], "dst": ["db:5432"]}], "tests": [{"src": "alice@example.com", "accept": ["db:5432"], "deny": ["db:22", "tag:web:80"]}],}`;
    const imported = importedOf(importTailscale({ file: 'p', text }));
    const policy = policyOf(imported, elementsFor(imported.policy.elements));
    expect(policy.tests.map((test) => test.text)).toEqual([
      'alice-example.com may use 10.2.0.5 tcp/5432',
      'alice-example.com may not use 10.2.0.5 tcp/22',
    ]);
    for (const { question, isExpectedToPermit } of policy.tests)
      expect(ask(policy, question, 0).isPermitted).toBe(isExpectedToPermit);
    expect(imported.notCarried.some(({ place }) => place === 'tests[0].deny')).toBe(true);
  });

  it('takes removed ranges out of a set of addresses', () => {
    const text = `{"ipsets": {"ipset:prod": ["10.0.0.0/8", "remove 10.1.0.0/16", "add host:db"]}, "hosts": {"db": "10.1.0.5"}, "acls": [{"action": "accept", "src": ["100.64.0.1"], "dst": ["ipset:prod:443"]}]}`;
    const [rule] = importedOf(importTailscale({ file: 'p', text })).policy.rules;
    expect(rule?.to).toHaveLength(2);
  });

  it('leaves out a set whose removal cannot be said', () => {
    const text =
      '{"ipsets": {"ipset:a": ["10.0.0.0/8", "remove host:absent"]}, "acls": [{"action": "accept", "src": ["*"], "dst": ["ipset:a:443"]}]}';
    expect(importedOf(importTailscale({ file: 'p', text })).policy.rules).toEqual([]);
  });

  it.each(['srcPosture', 'via', 'unheardOf'])('leaves out a grant with "%s" by name', (field) => {
    const text = `{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"], "${field}": ["x"]}]}`;
    const { policy, notCarried } = importedOf(importTailscale({ file: 'p', text }));
    expect(policy.rules).toEqual([]);
    expect(notCarried[0]).toMatchObject({ place: 'grants[0]', what: `"${field}" in a grant` });
  });

  it('does not take a grant of capabilities for one of ports', () => {
    const text = '{"grants": [{"src": ["*"], "dst": ["*"], "app": {"example.com/cap": [{}]}}]}';
    expect(importedOf(importTailscale({ file: 'p', text })).policy.rules).toEqual([]);
  });

  it('permits nothing where neither acls nor grants stand, and says so', () => {
    const { policy, notCarried } = importedOf(importTailscale({ file: 'p', text: '{"groups": {}}' }));
    expect(policy.rules).toEqual([]);
    expect(notCarried.some(({ what }) => what === 'neither acls nor grants')).toBe(true);
  });

  it('leaves out every rule where a posture is asked of all', () => {
    const text = '{"defaultSrcPosture": ["posture:x"], "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';
    expect(importedOf(importTailscale({ file: 'p', text })).policy.rules).toEqual([]);
  });

  it.each(['', '[]', '{"a": 1}', '{"acls": '])('refuses %s', (text) => {
    expect(isRefusal(importTailscale({ file: 'p', text }))).toBe(true);
  });
});
