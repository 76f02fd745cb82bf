// Fuzz: policies of other systems and our own, mutated as texts. A text gives a policy or problems, never an exception.

import { expect, test } from 'vitest';
import {
  importIptables,
  importMud,
  importNetworkPolicies,
  importNftables,
  importSecurityGroups,
  importTailscale,
} from '#exchange';
import { parsePolicy } from '#policy';
import { fuzz, HEAP_BYTES_MAX, reportOf, SEED, seedsBeside } from './fuzz.testing.ts';

const INPUTS = 70_000;

const MUD_OPTIONS = {
  controllers: new Map(),
  myController: null,
  localNetworks: null,
  element: { id: null, macs: [], addresses: [] },
  labels: [],
  generic: new Set<never>(),
};

interface Language {
  readonly name: string;
  /** What it says of a text, short: it tells texts apart that were read otherwise. */
  readonly read: (text: string) => object;
  readonly seed: string;
}

const source = (text: string): readonly { readonly file: string; readonly text: string }[] => [{ file: 'f', text }];

const LANGUAGES: readonly Language[] = [
  {
    name: 'picket',
    read: (text) => {
      const { policy, problems } = parsePolicy(text, 'f');
      if (policy === null && !problems.some(({ severity }) => severity === 'error'))
        throw new Error('no policy, no error');
      return problems;
    },
    seed: 'picket: 1\nelements:\n  nvr: { kind: server, address: 10.0.3.10, labels: { role: recorder }, mode: enforce }\n  cam: { kind: device, mac: "02:42:ac:11:00:05", labels: { role: camera } } # one\nservices:\n  rtsp: { on: role=recorder, protocol: tcp, port: [554, 8000-8100] }\nrules:\n  r: { from: "role=camera & !kind=server", to: rtsp, limits: { hours: Mon-Fri 06:00-22:00, volume: 1 MB - 2 GB per hour, rate: 20 Mbit/s, lifetime: 12 h, operations: modbus read }, until: 2027-03-31 }\nnever:\n  n: { from: role=camera, to: internet }\ntests:\n  - cam may use nvr rtsp on Mon 12:00\n',
  },
  {
    name: 'mud',
    read: (text) => importMud([{ name: 'f', text }], MUD_OPTIONS),
    seed: '{"ietf-mud:mud":{"mud-version":1,"mud-url":"https://a.example/m.json","last-update":"2023-01-01T00:00:00Z","systeminfo":"cam","from-device-policy":{"access-lists":{"access-list":[{"name":"f"}]}},"to-device-policy":{"access-lists":{"access-list":[{"name":"t"}]}}},"ietf-access-control-list:acls":{"acl":[{"name":"f","type":"ipv4-acl-type","aces":{"ace":[{"name":"a","matches":{"ipv4":{"protocol":6,"ietf-acldns:dst-dnsname":"a.example"},"tcp":{"destination-port":{"operator":"eq","port":443}}},"actions":{"forwarding":"accept"}}]}},{"name":"t","type":"ipv4-acl-type","aces":{"ace":[]}}]}}',
  },
  {
    name: 'kubernetes',
    read: (text) => importNetworkPolicies(source(text)),
    seed: 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: n, namespace: s }\nspec:\n  podSelector: { matchLabels: { app: db } }\n  policyTypes: [Ingress, Egress]\n  ingress:\n    - from:\n        - ipBlock: { cidr: 10.0.0.0/8, except: [10.1.0.0/16] }\n        - namespaceSelector: { matchLabels: { team: a } }\n      ports: [{ protocol: TCP, port: 6379, endPort: 6400 }]\n',
  },
  {
    name: 'tailscale',
    read: (text) => importTailscale({ text, file: 'f' }),
    seed: '{ "groups": { "group:dev": ["a@example.com"] }, "hosts": { "h": "10.0.0.1" }, "tagOwners": { "tag:s": ["group:dev"] }, "acls": [ { "action": "accept", "src": ["group:dev"], "dst": ["tag:s:22,80-90", "h:*"] } ], // all\n }',
  },
  {
    name: 'nftables',
    read: (text) => importNftables(source(text)),
    seed: 'table inet filter {\n  set s { type ipv4_addr; flags interval; elements = { 10.0.0.1, 10.0.1.0/24 } }\n  chain input {\n    type filter hook input priority 0; policy drop;\n    ct state established,related accept\n    ip saddr @s tcp dport { 22, 80-90 } accept\n    iifname "lo" accept\n  }\n}\n',
  },
  {
    name: 'iptables',
    read: (text) => importIptables(source(text)),
    seed: '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -s 10.0.0.0/8 -p tcp -m multiport --dports 22,80:90 -j ACCEPT\n-A INPUT ! -i eth0 -j DROP\nCOMMIT\n',
  },
  {
    name: 'aws',
    read: (text) => importSecurityGroups(source(text)),
    seed: '{"SecurityGroups":[{"GroupId":"sg-1","GroupName":"web","VpcId":"vpc-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}],"UserIdGroupPairs":[{"GroupId":"sg-2"}]}],"IpPermissionsEgress":[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}]}',
  },
  {
    name: 'google',
    read: (text) => importSecurityGroups(source(text)),
    seed: '[{"name":"r","network":"global/networks/n","direction":"INGRESS","priority":1000,"sourceRanges":["10.0.0.0/8"],"targetTags":["web"],"allowed":[{"IPProtocol":"tcp","ports":["443","8000-8100"]}]}]',
  },
];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function read(bytes: Uint8Array, other: number): string {
  // The first byte names the language, so that a kept text stays with its own.
  const language = LANGUAGES[((bytes[0] ?? 0) + other) % LANGUAGES.length];
  if (language === undefined) return '';
  const result = language.read(decoder.decode(bytes.subarray(1)));
  // What stands for a count is cut to a few digits: new texts, not new numbers, are of interest.
  return `${language.name} ${shapeOf(result)}`;
}

/** Codes, reasons and messages without what they quote, and about how long the answer is. */
function shapeOf(result: object): string {
  const text = JSON.stringify(result, (_, value: unknown) => (value instanceof Map ? value.size : value)) ?? '';
  const words = (text.match(/PICKET-[A-Z][0-9]+|"(why|message)":"[^"\\]*/g) ?? []).map((word) =>
    word.replace(/[0-9]+/g, '#'),
  );
  return `${[...new Set(words)].sort().join()} ${Math.ceil(Math.log2(text.length + 1))}`;
}

test.each(LANGUAGES)('the seed of $name is read', ({ read, seed }) => {
  expect(shapeOf(read(seed))).not.toMatch(/PICKET-/);
});

test(`policies of other systems are read whatever they say (PICKET_SEED=${SEED})`, { timeout: 1_200_000 }, async () => {
  const own = LANGUAGES.map(({ seed }, at) => Uint8Array.of(at, ...encoder.encode(seed)));
  const beside = (await seedsBeside('exchange')).flatMap((seed) =>
    LANGUAGES.map((_, at) => Uint8Array.of(at, ...seed)),
  );
  const outcome = fuzz({
    inputs: INPUTS,
    seeds: [...own, ...beside],
    setting: (random) => (random(16) === 0 ? random(LANGUAGES.length) : 0),
    run: read,
  });
  console.log(reportOf('policies', outcome));
  expect(outcome.faults).toEqual([]);
  expect(process.memoryUsage().heapUsed).toBeLessThan(HEAP_BYTES_MAX);
});
