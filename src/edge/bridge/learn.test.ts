// Who is bound without having been named, and who is not.

import { describe, expect, it } from 'vitest';
import { parseAddress, parseMac } from '#model';
import { portContent } from './content.ts';
import { type BridgeLayout, checkLayout } from './layout.ts';
import { type InForce, LEARNED_ADDRESSES_MAX, learnFact } from './learn.ts';

const LAYOUT: BridgeLayout = {
  bridge: 'br0',
  subnets: ['10.7.0.0/24', 'fd07::/64'],
  ports: [
    { name: 'open', unknown: 'learn' },
    { name: 'shut', elements: [{ mac: '02:00:00:00:00:01', addresses: ['10.7.0.1'] }] },
    { name: 'half', unknown: 'learn', elements: [{ mac: '02:00:00:00:00:02', addresses: ['10.7.0.2'] }] },
  ],
};

function inForce(layout: BridgeLayout): InForce {
  const check = checkLayout(layout);
  if (check.kind !== 'checked') throw new Error(JSON.stringify(check.problems));
  const own = { mac: mac('02:00:00:00:00:fe'), addresses: [bytes('10.7.0.254')] };
  return { layout, checked: check.layout, content: portContent(check.layout, own) };
}

function bytes(text: string): Uint8Array {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

const mac = (text: string): number => parseMac(text) ?? -1;
const outcome = (layout: BridgeLayout, port: string, who: string, address: string | null): string => {
  const learned = learnFact(inForce(layout), {
    port,
    mac: mac(who),
    address: address === null ? null : bytes(address),
  });
  return learned.kind === 'refused' ? learned.reason : learned.kind;
};

describe('learnFact()', () => {
  it.each<readonly [string, string, string, string | null, string]>([
    ['the first device at an open port', 'open', '02:00:00:00:00:09', '10.7.0.9', 'learned'],
    ['its MAC alone', 'open', '02:00:00:00:00:09', null, 'learned'],
    ['an IPv6 address', 'open', '02:00:00:00:00:09', 'fd07::9', 'learned'],
    ['another address of a device that is bound', 'half', '02:00:00:00:00:02', '10.7.0.22', 'learned'],
    ['what is bound', 'shut', '02:00:00:00:00:01', '10.7.0.1', 'known'],
    ['the link-local address made of the MAC', 'shut', '02:00:00:00:00:01', 'fe80::ff:fe00:1', 'known'],
    ['a MAC that is bound', 'shut', '02:00:00:00:00:01', null, 'known'],
    ['a second device', 'half', '02:00:00:00:00:09', '10.7.0.9', 'other-device'],
    ['an address at a closed port', 'shut', '02:00:00:00:00:01', '10.7.0.9', 'closed'],
    ['a device at a closed port', 'shut', '02:00:00:00:00:09', '10.7.0.9', 'closed'],
    ['a link-local address that a bound device chose', 'shut', '02:00:00:00:00:01', 'fe80::1234', 'learned'],
    ['a link-local address of nobody', 'shut', '02:00:00:00:00:09', 'fe80::1234', 'closed'],
    ['the link-local address of another, at a closed port', 'shut', '02:00:00:00:00:01', 'fe80::ff:fe00:2', 'taken'],
    ['an unknown port', 'nowhere', '02:00:00:00:00:09', '10.7.0.9', 'closed'],
    ['the MAC of another port', 'open', '02:00:00:00:00:01', '10.7.0.9', 'taken'],
    ['the MAC of the bridge', 'open', '02:00:00:00:00:fe', '10.7.0.9', 'taken'],
    ['the address of another', 'open', '02:00:00:00:00:09', '10.7.0.1', 'taken'],
    ['the address of the bridge', 'open', '02:00:00:00:00:09', '10.7.0.254', 'taken'],
    ['the link-local address of another', 'open', '02:00:00:00:00:09', 'fe80::ff:fe00:1', 'taken'],
    ['an address of elsewhere', 'open', '02:00:00:00:00:09', '8.8.8.8', 'foreign'],
    ['a group', 'open', '02:00:00:00:00:09', 'ff02::1', 'foreign'],
    ['the MAC of a group', 'open', '01:00:00:00:00:09', '10.7.0.9', 'no-device'],
    ['no MAC', 'open', 'x', '10.7.0.9', 'no-device'],
  ])('%s', (_, port, who, address, expected) => {
    expect(outcome(LAYOUT, port, who, address)).toBe(expected);
  });

  it('keeps what it learned, and stops at a number of addresses', () => {
    let layout = LAYOUT;
    for (let at = 0; at < LEARNED_ADDRESSES_MAX; at++) {
      const learned = learnFact(inForce(layout), {
        port: 'open',
        mac: mac('02:00:00:00:00:09'),
        address: bytes(`10.7.0.${100 + at}`),
      });
      if (learned.kind !== 'learned') throw new Error(learned.kind);
      ({ layout } = learned);
    }
    expect(outcome(layout, 'open', '02:00:00:00:00:09', '10.7.0.100')).toBe('known');
    expect(outcome(layout, 'open', '02:00:00:00:00:09', '10.7.0.200')).toBe('full');
    expect(outcome(layout, 'open', '02:00:00:00:00:0a', '10.7.0.200')).toBe('other-device');
    expect(layout.ports.slice(1)).toEqual(LAYOUT.ports.slice(1));
  });
});
