// Who waits in the inbox, and as what: addresses that go with a MAC, in the order in which a person looks for them.

import { describe, expect, it } from 'vitest';
import { AddressTable, NO_MAC, parseMac, SECOND } from '#model';
import { policyOf } from './agent.testing.ts';
import { Ends } from './ends.ts';
import { Inbox } from './inbox.ts';

const MAC = '02:00:00:00:00:07';
const AT = 1_800_000_000 * SECOND;

function open() {
  const addresses = new AddressTable();
  const policy = policyOf('elements: { cam: { kind: device, address: 10.0.0.9 } }\n');
  const ends = new Ends(policy, addresses);
  const inbox = new Inbox(ends);
  const meet = (address: string, mac = MAC): void =>
    inbox.neighbour({
      at: AT,
      origin: 'arp',
      mac: parseMac(mac) ?? NO_MAC,
      address: addresses.intern(address),
      interface: 'in0',
      hostName: '',
      vendorClass: '',
    });
  return { inbox, meet, addresses };
}

describe('the inbox', () => {
  it('shows the address that reaches from afar before the one of the link, whichever was seen first', () => {
    const { inbox, meet } = open();
    meet('fe80::7');
    meet('10.0.0.7');
    meet('fd00::7');
    const [one, ...others] = inbox.views(new Set());
    expect(one).toMatchObject({ id: MAC, addresses: ['10.0.0.7', 'fd00::7', 'fe80::7'] });
    expect(others).toEqual([]);
  });

  it('lists nobody who is an element, nor the internet or a group', () => {
    const { inbox, meet, addresses } = open();
    meet('10.0.0.9');
    inbox.host(addresses.intern('93.184.216.34'), AT);
    inbox.host(addresses.intern('224.0.0.1'), AT);
    expect(inbox.views(new Set())).toEqual([]);
  });

  it('gives an address to the MAC that showed it last', () => {
    const { inbox, meet } = open();
    meet('10.0.0.7');
    meet('10.0.0.7', '02:00:00:00:00:08');
    expect(inbox.views(new Set()).map(({ id, addresses }) => [id, addresses])).toEqual([
      [MAC, []],
      ['02:00:00:00:00:08', ['10.0.0.7']],
    ]);
  });
});
