// Which layouts are taken, and what is said of the others.

import { describe, expect, it } from 'vitest';
import { addressText } from '#model';
import {
  ADDRESSES_OF_STATION_MAX,
  type Binding,
  type BridgeLayout,
  checkLayout,
  type LayoutProblem,
  PORTS_MAX,
} from './layout.ts';

const MAC = '02:00:00:00:00:01';

function layout(change: Partial<BridgeLayout> = {}): BridgeLayout {
  return { bridge: 'br0', subnets: ['10.7.0.0/24', 'fd07::/64'], ports: [{ name: 'p1' }], ...change };
}

function withElements(...elements: readonly Binding[]): BridgeLayout {
  return layout({ ports: [{ name: 'p1', elements }] });
}

function problems(bad: BridgeLayout): readonly LayoutProblem[] {
  const check = checkLayout(bad);
  return check.kind === 'refused' ? check.problems : [];
}

describe('checkLayout()', () => {
  it('binds the link-local address that is made of the MAC, once', () => {
    const check = checkLayout(withElements({ mac: MAC, addresses: ['10.7.0.11', 'fe80::ff:fe00:1'] }));
    if (check.kind !== 'checked') throw new Error('refused');
    expect(check.layout.stations[0]?.addresses.map(addressText)).toEqual(['10.7.0.11', 'fe80::ff:fe00:1']);
  });

  it.each<readonly [string, BridgeLayout]>([
    ['no elements', layout()],
    ['one element', withElements({ mac: MAC, addresses: ['10.7.0.11', 'fd07::11'] })],
    ['capital letters', withElements({ mac: '02-AB-CD-EF-00-01', addresses: [] })],
    ['the first VLAN', withElements({ mac: MAC, addresses: [], vlan: 1 })],
    ['the last VLAN', withElements({ mac: MAC, addresses: [], vlan: 4_094 })],
    ['a link-local address of any subnet', withElements({ mac: MAC, addresses: ['fe80::1234'] })],
    ['an uplink', layout({ uplink: 'p2' })],
    [
      'as many addresses as are held',
      withElements({
        mac: MAC,
        addresses: Array.from({ length: ADDRESSES_OF_STATION_MAX }, (_, at) => `10.7.0.${at}`),
      }),
    ],
    ['as many ports', layout({ ports: Array.from({ length: PORTS_MAX }, (_, at) => ({ name: `p${at}` })) })],
  ])('takes %s', (_, good) => {
    expect(problems(good)).toEqual([]);
  });

  it.each<readonly [string, RegExp, BridgeLayout]>([
    ['no port', /0 ports/, layout({ ports: [] })],
    [
      'too many ports',
      /1024 ports/,
      layout({ ports: Array.from({ length: PORTS_MAX + 1 }, (_, at) => ({ name: `p${at}` })) }),
    ],
    ['no subnet', /0 subnets/, layout({ subnets: [] })],
    ['host bits in a subnet', /10\.7\.0\.1\/24/, layout({ subnets: ['10.7.0.1/24'] })],
    ['a port named twice', /twice/, layout({ ports: [{ name: 'p1' }, { name: 'p1' }] })],
    ['the bridge as its own port', /twice/, layout({ ports: [{ name: 'br0' }] })],
    ['the uplink as a port', /twice/, layout({ uplink: 'p1' })],
    ['a name that stands for all', /no name/, layout({ bridge: 'all' })],
    ['a name with a quote', /no name/, layout({ ports: [{ name: 'a"; flush ruleset; "' }] })],
    ['a name with a path', /no name/, layout({ bridge: '../all' })],
    ['an empty name', /no name/, layout({ uplink: '' })],
    ['no MAC', /no MAC/, withElements({ mac: 'x', addresses: [] })],
    ['the MAC of a group', /no MAC/, withElements({ mac: '01:00:5e:00:00:01', addresses: [] })],
    ['the MAC of nobody', /no MAC/, withElements({ mac: '00:00:00:00:00:00', addresses: [] })],
    ['no address', /"10.7.0" is no address/, withElements({ mac: MAC, addresses: ['10.7.0'] })],
    ['an address outside', /8\.8\.8\.8/, withElements({ mac: MAC, addresses: ['8.8.8.8'] })],
    ['a group', /ff02::1/, withElements({ mac: MAC, addresses: ['ff02::1'] })],
    ['VLAN 0', /VLAN 0/, withElements({ mac: MAC, addresses: [], vlan: 0 })],
    ['VLAN 4095', /VLAN 4095/, withElements({ mac: MAC, addresses: [], vlan: 4_095 })],
    [
      'more addresses than are held',
      /65 addresses/,
      withElements({
        mac: MAC,
        addresses: Array.from({ length: ADDRESSES_OF_STATION_MAX + 1 }, (_, at) => `10.7.0.${at}`),
      }),
    ],
    [
      'a MAC at two ports',
      /bound at "p1" already/,
      layout({
        ports: [
          { name: 'p1', elements: [{ mac: MAC, addresses: [] }] },
          { name: 'p2', elements: [{ mac: MAC, addresses: [] }] },
        ],
      }),
    ],
    [
      'an address of two MACs',
      /10\.7\.0\.9 is bound to 02:00:00:00:00:01 already/,
      withElements({ mac: MAC, addresses: ['10.7.0.9'] }, { mac: '02:00:00:00:00:02', addresses: ['10.7.0.9'] }),
    ],
  ])('refuses %s', (_, says, bad) => {
    expect(problems(bad).map(({ where, message }) => `${where}: ${message}`)).toEqual([expect.stringMatching(says)]);
  });

  it('names every problem, not the first alone', () => {
    expect(problems(layout({ subnets: ['x'], uplink: 'p1', bridge: 'all' })).length).toBeGreaterThanOrEqual(3);
  });
});
