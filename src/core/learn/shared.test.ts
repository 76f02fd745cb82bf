// Services that the whole link shares: from how many elements on, towards which groups, and never beyond them.

import { describe, expect, it } from 'vitest';
import { AddressTable, NO_PORT, PROTOCOL } from '#model';
import { printPolicy } from '#policy';
import { MONDAY, Teller } from './learn.testing.ts';
import { Learner } from './learner.ts';

interface Group {
  readonly to: string;
  readonly protocol?: number;
  readonly port: number;
}

/** Rule ids, and the policy as text, learned from `hosts` hosts that each say one thing to `group`. */
function learn(hosts: number, group: Group): { readonly ids: readonly string[]; readonly text: string } {
  const addresses = new AddressTable();
  const learner = new Learner({ addresses, timezone: 'UTC' });
  const teller = new Teller(addresses, learner);
  const isSix = group.to.includes(':');
  for (let host = 1; host <= hosts; host++)
    teller.talk({
      at: MONDAY + host,
      from: isSix ? `fe80::${host}` : `10.0.0.${host}`,
      fromMac: `02:00:00:00:00:0${host}`,
      ...group,
    });
  const { policy, comments } = learner.finish();
  return { ids: policy.rules.map(({ id }) => id), text: printPolicy(policy, comments) };
}

const MDNS = { to: '224.0.0.251', port: 5353 };

describe('what a link shares', () => {
  it('is one rule for anyone on the link when three elements do it', () => {
    const { ids, text } = learn(3, MDNS);
    expect(ids).toEqual(['link-mdns-group']);
    expect(text).toContain('from: any');
    expect(text).toContain('# 3 elements do it, so every host of the link may; no router forwards it');
  });

  it('stays with each element when two do it', () => {
    const { ids, text } = learn(2, MDNS);
    expect(ids).toHaveLength(2);
    expect(text).not.toContain('from: any');
  });

  it('needs two elements only for the search of IPv6 neighbours, and lets hosts answer each other', () => {
    const nd = { to: 'ff02::1:ff00:7', protocol: PROTOCOL.icmpv6, port: NO_PORT };
    expect(learn(1, nd).text).not.toContain('from: any');
    const { ids, text } = learn(2, nd);
    expect(ids).toEqual(['link-icmpv6-group']);
    expect(text).toContain('on: "fe80::/10 | ff02::1:ff00:0/104"');
  });

  it.each([
    ['a group that routers forward', { to: '239.255.255.250', port: 1900 }],
    ['the first group above the block of the link', { to: '224.0.1.1', port: 123 }],
    ['a group of the site', { to: 'ff05::2', port: 5353 }],
    ['one host', { to: '10.0.0.99', port: 5353 }],
    ['a host on the internet', { to: '198.51.100.1', port: 5353 }],
    ['broadcast', { to: '255.255.255.255', port: 5353 }],
  ])('is never %s', (_, group) => {
    expect(learn(5, group).text).not.toContain('from: any');
  });
});
