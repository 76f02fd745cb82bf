// Single nftables and iptables rules by hand: what is carried, what is left out, what is named.

import { describe, expect, it } from 'vitest';
import { importIptables, importNftables } from '#exchange';
import { PROTOCOL, parsePrefix } from '#model';
import { type Connection, importedOf, permitted, policyOf } from './judge.ts';

const SELF = [parsePrefix('10.0.0.1')].filter((prefix) => prefix !== null);

function nft(rules: string, sets = ''): ReturnType<typeof importedOf> {
  const text = `table inet t {\n${sets}\nchain i { type filter hook input priority 0; policy drop;\nct state established,related accept\n${rules}\n}\n}\n`;
  return importedOf(importNftables([{ file: 'fw', text }], { self: SELF }));
}

const SSH: Connection = { from: '10.0.1.5', to: '10.0.0.1', protocol: PROTOCOL.tcp, port: 22 };
const SIX: Connection = { from: '2001:db8::7', to: '2001:db8::1', protocol: PROTOCOL.tcp, port: 22 };
const PING: Connection = { ...SSH, protocol: PROTOCOL.icmp };

describe('importNftables()', () => {
  it.each([
    ['tcp dport ssh accept', SSH, true],
    ['tcp dport 22 ct state new accept', SSH, true],
    ['tcp dport 22 ct state { established } accept', SSH, false],
    ['tcp dport 22 ct state != new accept', SSH, false],
    ['tcp dport 22 counter packets 0 bytes 0 log prefix "a drop b" accept', SSH, true],
    ['meta l4proto { tcp, udp } th dport { 22, 53 } accept', SSH, true],
    ['ip saddr . tcp dport { 10.0.1.5 . 22 } accept', SSH, true],
    ['ip saddr . tcp dport { 10.0.1.6 . 22, 10.0.1.5 . 23 } accept', SSH, false],
    ['ip saddr . tcp dport != { 10.0.1.6 . 22 } accept', SSH, false],
    ['tcp dport vmap { 22 : accept, 23 : drop }', SSH, true],
    ['tcp dport vmap { 22 : drop, 23 : accept }\ntcp dport 22 accept', SSH, false],
    ['ip saddr @s tcp dport 22 accept', SSH, true],
    ['ip saddr != @s tcp dport 22 accept', SSH, false],
    ['ip saddr @missing tcp dport 22 accept', SSH, false],
    ['ip saddr @missing drop\ntcp dport 22 accept', SSH, false],
    ['ip saddr @fluid tcp dport 22 accept', SSH, false],
    ['ip saddr @fluid drop\ntcp dport 22 accept', SSH, false],
    ['tcp dport 22 limit rate 10/second burst 5 packets accept', SSH, false],
    ['tcp dport 22 limit rate over 10/second drop\ntcp dport 22 accept', SSH, true],
    ['tcp dport 22 ct count over 10 drop\ntcp dport 22 accept', SSH, true],
    ['tcp dport 22 meta mark 0x1 drop\ntcp dport 22 accept', SSH, false],
    ['tcp dport 22 meta mark 0x1 accept', SSH, false],
    ['tcp sport 22 accept', SSH, false],
    ['tcp flags & (fin | syn) == fin | syn drop\ntcp dport 22 accept', SSH, false],
    ['tcp dport 22 jump nowhere', SSH, false],
    ['jump nowhere\ntcp dport 22 accept', SSH, false],
    ['tcp dport >= 20 accept', SSH, false],
    ['icmp type echo-request accept', PING, false],
    ['icmp type redirect drop\ntcp dport 22 accept', SSH, true],
    ['ip protocol icmp accept', PING, true],
    ['tcp dport 22 reject with tcp reset\naccept', SSH, false],
    ['iifname "lo" accept', SSH, false],
    ['iifname != "lo" tcp dport 22 accept', SSH, true],
    ['iifname "eth9" accept', SSH, false],
    ['iifname "eth9" drop\ntcp dport 22 accept', SSH, false],
    ['ip saddr 10.0.1.0/24 return\naccept', SSH, false],
  ])('%s', (rules, connection, expected) => {
    const sets =
      'set s { type ipv4_addr; elements = { 10.0.1.5 } }\nset fluid { type ipv4_addr; flags dynamic,timeout; elements = { 10.0.1.5 timeout 1h expires 5m } }';
    expect(permitted(policyOf(nft(rules, sets)), [connection])[0]).toBe(expected);
  });

  it('takes "ip protocol" for IPv4 alone', () => {
    const text =
      'table inet t {\nchain f { type filter hook forward priority 0; policy drop; ct state established accept\nip protocol tcp accept\n}\n}\n';
    const policy = policyOf(importedOf(importNftables([{ file: 'fw', text }], { self: SELF })));
    expect(permitted(policy, [{ ...SSH, to: '10.0.2.1' }, SIX])).toEqual([true, false]);
  });

  it('needs every chain of a hook to accept', () => {
    const text =
      'table inet a {\nchain i { type filter hook input priority 0; policy accept; ip saddr 10.0.1.5 drop\n}\n}\ntable inet b {\nchain i { type filter hook input priority 10; policy drop; ct state established accept\ntcp dport 22 accept\n}\n}\n';
    const policy = policyOf(importedOf(importNftables([{ file: 'fw', text }], { self: SELF })));
    expect(permitted(policy, [SSH, { ...SSH, from: '10.0.1.6' }, { ...SSH, from: '10.0.1.6', port: 80 }])).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('carries hours and asks for their zone', () => {
    const { policy, questions } = nft('meta hour "08:00"-"18:00" meta day { "Monday", "Friday" } tcp dport 22 accept');
    expect(policy.rules[0]?.limits.hours).toEqual({
      zone: 'UTC',
      spans: [{ days: 0b1_0001, fromMinute: 480, toMinute: 1_080 }],
    });
    expect(questions.some((question) => question.includes('--timezone'))).toBe(true);
  });

  it('puts rules with hours behind those without', () => {
    const { policy } = nft('meta hour "08:00"-"18:00" tcp dport 22 accept\ntcp dport 22-23 accept');
    expect(policy.rules.map(({ limits }) => limits.hours === null)).toEqual([true]);
  });

  it('names what may permit more', () => {
    const text =
      'table inet t {\nchain i { type filter hook input priority 0; policy drop; tcp dport 22 accept\n}\nchain p { type filter hook prerouting priority -300; drop\n}\n}\ntable bridge b {\nchain x { drop\n}\n}\n';
    const { notCarried } = importedOf(importNftables([{ file: 'fw', text }], { self: SELF }));
    expect(notCarried.filter(({ why }) => why.includes('permits more')).map(({ place }) => place)).toEqual([
      'table t chain p',
      'table bridge b',
      'chain i',
    ]);
  });
});

describe('importIptables()', () => {
  it.each([
    ['-p tcp -m tcp --dport 22 -j ACCEPT', true],
    ['-p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT', true],
    ['-p tcp -m tcp ! --syn -m conntrack --ctstate NEW -j DROP\n-A INPUT -j ACCEPT', true],
    ['-p tcp -m tcp --sport 1024 -j ACCEPT', false],
    ['-p tcp -m multiport --dports 20:23,80 -j ACCEPT', true],
    ['-p tcp -m multiport ! --dports 22,80 -j ACCEPT', false],
    ['! -s 10.0.1.0/24 -j ACCEPT', false],
    ['-s 10.0.1.0/255.255.255.0 -j ACCEPT', true],
    ['-m set --match-set bad src -j DROP\n-A INPUT -j ACCEPT', false],
    [
      '-p tcp -m tcp --dport 22 -m hashlimit --hashlimit-above 5/sec --hashlimit-name x -j DROP\n-A INPUT -j ACCEPT',
      true,
    ],
    ['-m limit --limit 5/min -j ACCEPT', false],
    ['-j LOG --log-prefix "-j ACCEPT "', false],
    ['-j NFQUEUE --queue-num 0', false],
    ['-m mac --mac-source 00:11:22:33:44:55 -j ACCEPT', false],
    ['-p tcp -m time --timestart 08:00 --timestop 18:00 --kerneltz -j ACCEPT', false],
  ])('%s', (rule, expected) => {
    const text = `*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT ${rule}\nCOMMIT\n`;
    const policy = policyOf(importedOf(importIptables([{ file: 'v4', text }], { self: SELF })));
    expect(permitted(policy, [SSH])[0]).toBe(expected);
  });

  it('reads both families together', () => {
    const four = '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 10.0.1.0/24 -j ACCEPT\nCOMMIT\n';
    const six = '# Generated by ip6tables-save\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n';
    const policy = policyOf(
      importedOf(
        importIptables(
          [
            { file: 'v4', text: four },
            { file: 'v6', text: six },
          ],
          { self: SELF },
        ),
      ),
    );
    expect(permitted(policy, [{ ...SSH, to: '10.0.2.1' }, { ...SSH, from: '10.0.3.1', to: '10.0.2.1' }, SIX])).toEqual([
      true,
      false,
      true,
    ]);
  });
});
