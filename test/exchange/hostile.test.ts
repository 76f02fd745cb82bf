// Hostile texts: huge, deep, multiplying, broken, with keys and signs that mean something elsewhere. A refusal or a whole policy, never a throw.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Imported,
  importIptables,
  importNetworkPolicies,
  importNftables,
  importSecurityGroups,
  importTailscale,
  isRefusal,
  type Source,
} from '#exchange';
import type { Problem } from '#model';
import { policyOf, SEED } from './judge.ts';

const IMPORTERS: readonly {
  readonly name: string;
  readonly read: (source: Source) => Imported | Problem;
  readonly seed: string;
}[] = [
  {
    name: 'networkpolicy',
    read: (source) => importNetworkPolicies([source]),
    seed: 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: prod}\nspec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {a: b}}}], ports: [{port: 80}]}]}\n',
  },
  {
    name: 'tailscale',
    read: (source) => importTailscale(source),
    seed: '{"groups": {"group:a": ["x@y.z"]}, "acls": [{"action": "accept", "src": ["group:a", "tag:t"], "dst": ["10.0.0.0/8:22,80-90"]}], "tests": [{"src": "x@y.z", "accept": ["10.0.0.1:22"]}]}',
  },
  {
    name: 'nftables',
    read: (source) => importNftables([source]),
    seed: 'table inet t {\n set s { type ipv4_addr; elements = { 10.0.0.1, 10.0.0.2 } }\n chain c { type filter hook input priority 0; policy drop; ip saddr @s tcp dport { 22, 80 } accept comment "x"; tcp dport vmap { 1 : accept, 2 : jump d } }\n chain d { return }\n}\n',
  },
  {
    name: 'iptables',
    read: (source) => importIptables([source]),
    seed: '*filter\n:INPUT DROP [0:0]\n:x - [0:0]\n-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -m comment --comment "a b" -j x\n-A x -j ACCEPT\nCOMMIT\n',
  },
  {
    name: 'security-groups',
    read: (source) => importSecurityGroups([source]),
    seed: '[{"GroupId":"sg-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":1,"ToPort":2,"IpRanges":[{"CidrIp":"10.0.0.0/8","Description":"d"}]}],"IpPermissionsEgress":[]}]',
  },
];

describe.each(IMPORTERS)('$name', ({ read, seed }) => {
  it('reads its own seed', () => {
    expect(isRefusal(read({ file: 'x', text: seed }))).toBe(false);
  });

  it('gives a refusal or a whole policy for damaged texts', () => {
    const signs = [
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\n',
      ' ',
      '-',
      '!',
      '\u0000',
      '\u202e',
      '__proto__',
      'constructor',
      '&a',
      '*a',
      '0',
      'accept',
      'null',
    ];
    const edit = fc.record({ at: fc.nat(seed.length), cut: fc.nat(3), put: fc.constantFrom('', ...signs) });
    let whole = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const text = edits.reduce((now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut), seed);
        const result = read({ file: 'x', text });
        if (isRefusal(result)) {
          expect(result.message).toMatch(/^[\x20-\x7e\u2026\u00a0-\ud7ff]+$/);
          return;
        }
        whole++;
        policyOf(result);
      }),
      { seed: SEED, numRuns: 60 },
    );
    expect(whole).toBeGreaterThan(0);
  });

  it.each([
    ['nothing', ''],
    ['a deep list', '['.repeat(100_000)],
    ['a deep map', '{"a":'.repeat(100_000)],
    ['deep block lists', `${'- '.repeat(50_000)}a`],
    ['a long line', 'a'.repeat(2_000_000)],
    ['too long a text', ' '.repeat(17 * 1024 * 1024)],
    ['zeros', '\u0000'.repeat(1_000)],
    ['a page', '<html><body>404</body></html>'],
  ])('refuses %s', (_, text) => {
    expect(isRefusal(read({ file: 'x', text }))).toBe(true);
  });
});

describe('bombs', () => {
  it('refuses YAML aliases that multiply', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let at = 1; at < 10; at++)
      lines.push(
        `a${at}: &a${at} [${Array(10)
          .fill(`*a${at - 1}`)
          .join(', ')}]`,
      );
    expect(isRefusal(importNetworkPolicies([{ file: 'x', text: `${lines.join('\n')}\n` }]))).toBe(true);
  });

  it('refuses chains that multiply', () => {
    const chains = Array.from({ length: 12 }, (_, at) => `chain c${at} {\n${`jump c${at + 1}\n`.repeat(10)}}\n`).join(
      '',
    );
    const text = `table ip t {\n${chains}chain c12 { accept\n }\nchain i { type filter hook input priority 0; policy drop;\n jump c0\n}\n}\n`;
    const result = importNftables([{ file: 'x', text }]);
    expect(isRefusal(result) && result.code).toBe('PICKET-I021');
  });

  it('refuses chains that jump in a circle', () => {
    const text =
      'table ip t {\nchain a { jump b\n }\nchain b { jump a\n }\nchain i { type filter hook input priority 0; policy drop;\n jump a\n}\n}\n';
    expect(isRefusal(importNftables([{ file: 'x', text }]))).toBe(true);
  });

  it('keeps prototype keys from meaning anything', () => {
    const text =
      '{"__proto__": {"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}, "groups": {}, "hosts": {"constructor": "10.0.0.1"}, "acls": [{"action": "accept", "src": ["toString", "constructor"], "dst": ["valueOf:22"]}]}';
    const result = importTailscale({ file: 'x', text });
    expect(!isRefusal(result) && result.policy.rules).toEqual([]);
  });

  it('splits a list of addresses that is too long for one selector', () => {
    const elements = Array.from({ length: 700 }, (_, at) => `10.${at >> 8}.${at & 255}.1`).join(', ');
    const text = `table ip t {\nset s { type ipv4_addr; elements = { ${elements} } }\nchain i { type filter hook input priority 0; policy drop;\n ct state established accept\n ip saddr @s accept\n}\n}\n`;
    const result = importNftables([{ file: 'x', text }]);
    if (isRefusal(result)) throw new Error(result.message);
    expect(policyOf(result).rules.length).toBeGreaterThan(1);
  });

  it('puts no foreign sign into the policy that could end a line', () => {
    const comment = 'one\u2028two\u0007\u202ethree';
    const text = JSON.stringify([
      {
        GroupId: 'sg-1',
        GroupName: comment,
        IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8', Description: comment }] }],
        IpPermissionsEgress: [],
      },
    ]);
    const result = importSecurityGroups([{ file: 'x', text }]);
    if (isRefusal(result)) throw new Error(result.message);
    const said = JSON.stringify([result.policy, [...result.comments]]);
    expect(['\u2028', '\\u0007', '\u202e'].filter((sign) => said.includes(sign))).toEqual([]);
  });
});
