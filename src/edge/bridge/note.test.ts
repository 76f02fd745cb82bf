// Notes that come back from a disk: what is read, and what is refused because it would become a command.

import { describe, expect, it } from 'vitest';
import { type BridgeNote, joinNotes, PROXIES_MAX, readNote } from './note.ts';

const NOTE: BridgeNote = {
  schema: 'picket.bridge/v1',
  bridge: 'br0',
  settings: [
    { name: 'net/bridge/bridge-nf-call-iptables', before: '1', set: '0' },
    { name: 'net/ipv4/conf/br0/proxy_arp_pvlan', before: '0', set: '1' },
    { name: 'net/ipv6/neigh/br0/proxy_delay', before: '80', set: '0' },
  ],
  links: [{ link: 'p1', property: 'isolated', before: false, set: true }],
  proxies: ['fd07::1'],
};

describe('readNote()', () => {
  it('reads what was written', () => {
    expect(readNote(JSON.parse(JSON.stringify(NOTE)))).toEqual(NOTE);
  });

  it.each<readonly [string, unknown]>([
    ['nothing', null],
    ['a text', 'x'],
    ['another schema', { ...NOTE, schema: 'picket.bridge/v2' }],
    ['a bridge with a path', { ...NOTE, bridge: '../x' }],
    ['no settings', { ...NOTE, settings: null }],
    [
      'a setting of another bridge',
      { ...NOTE, settings: [{ name: 'net/ipv4/conf/br1/forwarding', before: '0', set: '1' }] },
    ],
    ['a setting of all', { ...NOTE, settings: [{ name: 'net/ipv4/conf/all/forwarding', before: '0', set: '1' }] }],
    ['any other setting', { ...NOTE, settings: [{ name: 'kernel/core_pattern', before: '0', set: '1' }] }],
    ['a path upwards', { ...NOTE, settings: [{ name: 'net/ipv4/conf/br0/../../x', before: '0', set: '1' }] }],
    [
      'a value that is no number',
      { ...NOTE, settings: [{ name: 'net/ipv4/conf/br0/forwarding', before: '|sh', set: '1' }] },
    ],
    ['an unknown property', { ...NOTE, links: [{ link: 'p1', property: 'master', before: false, set: true }] }],
    ['a link that is an option', { ...NOTE, links: [{ link: '-x', property: 'isolated', before: false, set: true }] }],
    ['a proxy that is no address', { ...NOTE, proxies: ['fd07::1 dev lo'] }],
    ['an IPv4 proxy', { ...NOTE, proxies: ['10.0.0.1'] }],
    [
      'too many proxies',
      { ...NOTE, proxies: Array.from({ length: PROXIES_MAX + 1 }, (_, at) => `fd07::${at.toString(16)}`) },
    ],
  ])('refuses %s', (_, value) => {
    expect(readNote(value)).toBe(null);
  });
});

describe('joinNotes()', () => {
  it('keeps what was there before Picket, and takes what is wanted now', () => {
    const later: BridgeNote = {
      ...NOTE,
      settings: [
        { name: 'net/ipv6/neigh/br0/proxy_delay', before: '0', set: '5' },
        { name: 'net/ipv4/conf/br0/forwarding', before: '0', set: '1' },
      ],
      links: [
        { link: 'p1', property: 'isolated', before: true, set: false },
        { link: 'p2', property: 'isolated', before: false, set: true },
      ],
      proxies: ['fd07::1', 'fd07::2'],
    };
    const joined = joinNotes(NOTE, later);
    expect(joined.settings.slice(2)).toEqual([
      { name: 'net/ipv6/neigh/br0/proxy_delay', before: '80', set: '5' },
      { name: 'net/ipv4/conf/br0/forwarding', before: '0', set: '1' },
    ]);
    expect(joined.links).toEqual([
      { link: 'p1', property: 'isolated', before: false, set: false },
      { link: 'p2', property: 'isolated', before: false, set: true },
    ]);
    expect(joined.proxies).toEqual(['fd07::1', 'fd07::2']);
  });
});
