// The small readers: lines, counts in words, netlink sockets, netfilter log values, interfaces, socket tables.

import { describe, expect, it } from 'vitest';
import { AddressTable, NO_MAC, PROTOCOL } from '#model';
import { COUNTS, countsOf, readInterfaces } from './interfaces.ts';
import { Lines } from './lines.ts';
import { readNetlink } from './netlink-drops.ts';
import { newNflogHead, readNflog } from './nflog.ts';
import { countBefore } from './packets.ts';
import { readRoutes4, readRoutes6, readSockets } from './sockets.ts';

describe('Lines', () => {
  it('gives whole lines, however the bytes come', () => {
    for (let size = 1; size < 9; size++) {
      const told: string[] = [];
      const lines = new Lines((line) => told.push(line));
      const text = Buffer.from('one\n\ntwo\nthree');
      for (let at = 0; at < text.length; at += size) lines.push(text.subarray(at, at + size));
      expect(told).toEqual(['one', '', 'two']);
    }
  });

  it('drops a line that is too long, and only that', () => {
    const told: string[] = [];
    const lines = new Lines((line) => told.push(line));
    for (let part = 0; part < 70; part++) lines.push(Buffer.alloc(1_000, 65));
    lines.push(Buffer.from('\nnext\n'));
    expect(told).toEqual(['next']);
  });
});

describe('countBefore()', () => {
  it.each([
    { line: 'tcpdump: 5 packets captured, 5 packets received by filter, 12 packets dropped by kernel', count: 12 },
    { line: '0 packets dropped by kernel', count: 0 },
    { line: ' packets dropped by kernel', count: 0 },
    { line: 'many packets dropped by kernel', count: 0 },
    { line: '12 packets captured', count: 0 },
  ])('gives $count for "$line"', ({ line, count }) => {
    expect(countBefore(line, ' packets dropped by kernel')).toBe(count);
  });
});

describe('readNetlink()', () => {
  const TABLE = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
000000008d53d589 12  0          00000000 0        0        0     2        9        100
00000000b5ca63d7 12  23144      00000000 0        0        0     2        0        101
000000003720188a 12  3372781385 00000007 0        0        0     2        42       102
000000003720188b 0   3372781385 00000007 0        0        0     2        7        103
`;
  it('counts what was dropped at the sockets of one process, on the netfilter family', () => {
    expect(readNetlink(TABLE, new Set(['101', '102', '103']))).toEqual({ sockets: 2, listening: 1, drops: 42 });
    expect(readNetlink(TABLE, new Set())).toEqual({ sockets: 0, listening: 0, drops: 0 });
    expect(readNetlink('', new Set(['101']))).toEqual({ sockets: 0, listening: 0, drops: 0 });
  });
});

describe('readNflog()', () => {
  const head = newNflogHead();
  const value = (type: number, bytes: readonly number[], isBig = false): readonly number[] => {
    const length = bytes.length + 4;
    const words = isBig
      ? [length >> 8, length & 255, type >> 8, type & 255]
      : [length & 255, length >> 8, type & 255, type >> 8];
    return [...words, ...bytes, ...new Array<number>((4 - (length % 4)) % 4).fill(0)];
  };
  const message = (isBig: boolean): Uint8Array =>
    Uint8Array.from([
      ...[2, 0, 0, 7],
      ...value(1, [8, 0, 1, 0], isBig),
      ...value(10, [0x70, 0x1b, 0x71, 0], isBig),
      ...value(4, [0, 0, 0, 2], isBig),
      ...value(5, [0, 0, 0, 3], isBig),
      ...value(2, [0xd0, 0, 0, 7], isBig),
      ...value(8, [0, 6, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0], isBig),
      ...value(3, [0, 0, 0, 0, 0x6b, 6, 0x13, 0xec, 0, 0, 0, 0, 0, 0, 0x45, 0x50], isBig),
    ]);

  it.each([{ isBig: false }, { isBig: true }])(
    'reads mark, interfaces, MAC, prefix and time (big-endian: $isBig)',
    ({ isBig }) => {
      readNflog(message(isBig), head);
      const at = 0x6b0613ec * 1_000_000 + 0x4550;
      expect(head).toEqual({ mark: 0xd0000007, prefix: 'p?q', inIndex: 2, outIndex: 3, mac: 0x020000000001, at });
    },
  );

  it('says nothing of what a cut message does not have, and forgets the one before', () => {
    readNflog(message(false), head);
    readNflog(Uint8Array.from([2, 0, 0, 7]), head);
    expect(head).toEqual({ mark: 0, prefix: '', inIndex: 0, outIndex: 0, mac: NO_MAC, at: -1 });
    for (let length = 0; length < message(false).length; length++) readNflog(message(false).subarray(0, length), head);
    readNflog(Uint8Array.from([2, 0, 0, 7, 3, 0, 2, 0, 0, 0, 0, 1]), head);
    expect(head.mark).toBe(0);
  });
});

describe('readInterfaces()', () => {
  const addresses = new AddressTable();
  const LISTED = JSON.stringify([
    {
      ifindex: 1,
      ifname: 'lo',
      flags: ['LOOPBACK', 'UP'],
      mtu: 65_536,
      link_type: 'loopback',
      address: '00:00:00:00:00:00',
    },
    {
      ...{
        ifindex: 4,
        ifname: 'eth0',
        flags: ['UP'],
        mtu: 1_400,
        link_type: 'ether',
        address: '02:00:00:00:00:01',
        master: 'br0',
      },
      addr_info: [{ local: '192.0.2.2', prefixlen: 24 }, { local: 'nonsense' }, 7],
      linkinfo: { info_kind: 'veth' },
    },
    { ifindex: 'x', ifname: 'odd' },
    { ifindex: 5 },
    null,
  ]);

  it('reads what is an interface and leaves out what is not', () => {
    const read = readInterfaces(LISTED, addresses);
    expect(read.map(({ name }) => name)).toEqual(['lo', 'eth0']);
    expect(read[1]).toMatchObject({
      index: 4,
      mtu: 1_400,
      mac: 0x020000000001,
      kind: 'veth',
      master: 'br0',
      isUp: true,
    });
    expect(read[1]?.addresses).toEqual([{ address: addresses.intern('192.0.2.2'), prefixLength: 24 }]);
    expect(read[0]).toMatchObject({ mac: NO_MAC, isLoopback: true });
    expect(readInterfaces('{}', addresses)).toEqual([]);
  });

  it.each([
    { what: 'a plain one', kind: '', master: '', isLoopback: false, counts: COUNTS.in | COUNTS.out },
    { what: 'a port', kind: 'veth', master: 'br0', isLoopback: false, counts: COUNTS.in },
    { what: 'a bridge', kind: 'bridge', master: '', isLoopback: false, counts: COUNTS.out },
    { what: 'a VLAN', kind: 'vlan', master: '', isLoopback: false, counts: COUNTS.out },
    { what: 'a VLAN that is a port', kind: 'vlan', master: 'br0', isLoopback: false, counts: 0 },
    { what: 'a tunnel', kind: 'wireguard', master: '', isLoopback: false, counts: COUNTS.in | COUNTS.out },
    { what: 'a copy', kind: 'ifb', master: '', isLoopback: false, counts: 0 },
    { what: 'loopback', kind: '', master: '', isLoopback: true, counts: 0 },
  ])('counts packets of $what where they are seen first', ({ kind, master, isLoopback, counts }) => {
    const shared = { name: 'x', index: 9, mac: NO_MAC, mtu: 1_500, isUp: true, addresses: [] };
    expect(countsOf({ ...shared, kind, master, isLoopback })).toBe(counts);
  });
});

describe('readSockets()', () => {
  const addresses = new AddressTable();
  const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const line = (local: string, remote: string, state: string): string =>
    `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0`;
  const read = (text: string, protocol: number = PROTOCOL.tcp, socketsMax = 9) =>
    readSockets(text, { addresses, protocol, isBig: false, socketsMax }).sockets.map((one) => ({
      ...one,
      local: `${addresses.text(one.local)} ${one.localPort}`,
      remote: `${addresses.text(one.remote)} ${one.remotePort}`,
    }));

  it.each([
    {
      name: 'a listener',
      text: line('0100007F:0016', '00000000:0000', '0A'),
      protocol: PROTOCOL.tcp,
      says: { kind: 'listening', local: '127.0.0.1 22', user: 1_000, inode: '4711' },
    },
    {
      name: 'a connection',
      text: line('0200000A:8000', '08080808:0035', '01'),
      protocol: PROTOCOL.tcp,
      says: { kind: 'connected', local: '10.0.0.2 32768', remote: '8.8.8.8 53' },
    },
    {
      name: 'a UDP socket without a peer',
      text: line('00000000:14E9', '00000000:0000', '07'),
      protocol: PROTOCOL.udp,
      says: { kind: 'listening', local: '0.0.0.0 5353' },
    },
    {
      name: 'IPv6',
      text: line('000080FE00000000FF00FC0201000000:01BB', '00000000000000000000000000000000:0000', '0A'),
      protocol: PROTOCOL.tcp,
      says: { kind: 'listening', local: 'fe80::2fc:ff:0:1 443' },
    },
    {
      name: 'IPv4 in IPv6',
      text: line('0000000000000000FFFF00000100007F:01BB', '0000000000000000FFFF00000200007F:0050', '01'),
      protocol: PROTOCOL.tcp,
      says: { kind: 'connected', local: '127.0.0.1 443', remote: '127.0.0.2 80' },
    },
  ])('reads $name', ({ text, protocol, says }) => {
    expect(read(`${HEAD}\n${text}\n`, protocol)).toMatchObject([says]);
  });

  it.each([
    { name: 'a closed one', text: line('0100007F:0016', '00000000:0000', '07') },
    { name: 'one that waits', text: line('0100007F:0016', '08080808:0035', '06') },
    { name: 'a short address', text: line('0100007:0016', '00000000:0000', '0A') },
    { name: 'no number', text: line('0100007G:0016', '00000000:0000', '0A') },
    { name: 'no port', text: line('0100007F', '00000000:0000', '0A') },
    { name: 'half a line', text: '   0: 0100007F:0016' },
  ])('leaves out $name', ({ text }) => {
    expect(read(`${HEAD}\n${text}\n`)).toEqual([]);
  });

  it('says when there were more than the bound', () => {
    const rows = new Array(3).fill(line('0100007F:0016', '00000000:0000', '0A')).join('\n');
    const options = { addresses, protocol: PROTOCOL.tcp, isBig: false };
    expect(readSockets(`${HEAD}\n${rows}`, { ...options, socketsMax: 3 })).toMatchObject({ isCut: false });
    expect(readSockets(`${HEAD}\n${rows}`, { ...options, socketsMax: 2 })).toMatchObject({ isCut: true });
  });

  it('reads default routes and no other', () => {
    const four =
      'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n';
    const zeros = '0'.repeat(32);
    const six = `${zeros} 00 ${zeros} 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo\n`;
    expect(readRoutes4(four, addresses, false)).toEqual([
      { gateway: addresses.intern('192.0.2.1'), interface: 'eth0' },
    ]);
    expect(readRoutes6(six, addresses)).toEqual([{ gateway: addresses.intern('fd00::1'), interface: 'eth0' }]);
  });
});
