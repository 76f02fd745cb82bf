// Whoever else uses marks is seen, and nobody else is accused.

import { describe, expect, it } from 'vitest';
import { CLASS_BIT } from './numbers.ts';
import { highestMark, markUsers } from './others.ts';

const tableWith = (rule: string, name = 'ip vpn'): string => `table ${name} {\n\tchain c {\n\t\t${rule}\n\t}\n}\n`;

describe('markUsers()', () => {
  it.each([
    'ct mark set 0x00000001',
    'meta mark 0x0000cafe accept',
    'meta mark set ct mark',
    'xt target "CONNMARK"',
    'xt match "connmark"',
  ])('sees %s', (rule) => {
    expect(markUsers(tableWith(rule), '')).toEqual([{ where: 'table ip vpn', line: rule, owner: null }]);
  });

  it.each(['tcp dport 22 accept', 'ct state established accept', 'comment "bookmark"', 'ip dscp set cs1'])(
    'lets %s be',
    (rule) => {
      expect(markUsers(tableWith(rule), '')).toEqual([]);
    },
  );

  it.each([
    ['-A PREROUTING -j MARK --set-xmark 0x1/0xffffffff', 'iptables-legacy mangle', null],
    ['-A PREROUTING -m connmark --mark 0x1 -j ACCEPT', 'iptables-legacy mangle', null],
    ['-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000', 'iptables-legacy mangle', 'Kubernetes'],
    ['-A ts-forward -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000', 'iptables-legacy mangle', 'Tailscale'],
  ])('sees %s of the older iptables', (line, where, owner) => {
    expect(markUsers('', '', `*mangle\n:PREROUTING ACCEPT [0:0]\n${line}\nCOMMIT\n`)).toEqual([{ where, line, owner }]);
  });

  it('lets the older iptables be where it uses no marks', () => {
    expect(
      markUsers(
        '',
        '',
        '*filter\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -j LOG --log-prefix "-j MARK"\nCOMMIT\n',
      ),
    ).toEqual([]);
  });

  it('says who it is by the names of chains', () => {
    const text = 'table ip mangle {\n\tchain DOCKER-USER {\n\t\tct mark set 0x1\n\t}\n}\n';
    expect(markUsers(text, '')[0]?.owner).toBe('Docker');
  });

  it.each(['inet picket', 'netdev picket_ports'])('leaves its own table %s out', (table) => {
    expect(markUsers(tableWith('ct mark set 0x1', table), '')).toEqual([]);
  });

  it.each(['inet pickets', 'inet picket_ports2', 'inet my_picket', 'inet picket-x'])(
    'takes %s for another',
    (table) => {
      expect(markUsers(tableWith('ct mark set 0x1', table), '')).toHaveLength(1);
    },
  );

  it('sees routing by marks', () => {
    expect(markUsers('', '0:\tfrom all lookup local\n32765:\tfrom all fwmark 0xca6c lookup 51820\n')).toMatchObject([
      { where: 'ip rule' },
    ]);
  });
});

describe('highestMark()', () => {
  it('reads connections as the kernel prints them, and leaves out what is no mark of a flow', () => {
    const line = (mark: number): string =>
      `ipv4 2 udp 17 29 src=10.0.1.2 dst=10.0.2.2 sport=1 dport=2 [UNREPLIED] mark=${mark} use=2\n`;
    expect(highestMark('')).toBe(0);
    expect(highestMark(line(17) + line(400) + line(21) + line(CLASS_BIT))).toBe(400);
  });
});
