// Whose an address is: the MAC that claims it, nobody's while two do.

import { describe, expect, it } from 'vitest';
import { AddressTable, MINUTE } from '#model';
import { policyOf } from './agent.testing.ts';
import { Macs } from './macs.ts';

const POLICY = policyOf(`
elements:
  cam: { kind: device, mac: "00:00:00:00:00:06" }
  pair: { kind: server, mac: ["00:00:00:00:00:07", "00:00:00:00:00:08"] }
`);
const [CAM, ONE, OTHER, STRANGER, NOBODY] = [6, 7, 8, 66, 67];

/** Claims of 10.0.0.9 by minute, and whose it is after the last. */
function ownerAfter(claims: readonly (readonly [minute: number, mac: number])[]): number {
  const addresses = new AddressTable();
  const macs = new Macs(POLICY, addresses);
  const address = addresses.intern('10.0.0.9');
  for (const [minute, mac] of claims) macs.see(address, mac, minute * MINUTE);
  const told = [...(macs.takeChanged() ?? [])].filter(([, list]) => list.includes('10.0.0.9')).map(([mac]) => mac);
  const owner = macs.of(address);
  expect(told).toEqual([CAM, ONE, OTHER].includes(owner) ? [owner] : []);
  return owner;
}

describe('an address', () => {
  it.each([
    ['belongs to who claims it', [[0, CAM]], CAM],
    [
      'is nobody’s when a stranger claims it, too',
      [
        [0, CAM],
        [1, STRANGER],
      ],
      -1,
    ],
    [
      'is nobody’s when who is asked for claims a stranger’s',
      [
        [0, STRANGER],
        [1, CAM],
      ],
      -1,
    ],
    [
      'stays nobody’s while both claim it',
      [
        [0, CAM],
        [1, STRANGER],
        [2, CAM],
        [9, STRANGER],
        [15, CAM],
      ],
      -1,
    ],
    [
      'is its owner’s again when the other was silent',
      [
        [0, CAM],
        [1, STRANGER],
        [6, CAM],
        [11, CAM],
      ],
      CAM,
    ],
    [
      'is not yet, just before',
      [
        [0, CAM],
        [1, STRANGER],
        [10.99, CAM],
      ],
      -1,
    ],
    [
      'goes to another when its owner was silent',
      [
        [0, CAM],
        [10, STRANGER],
      ],
      STRANGER,
    ],
    [
      'moves at once between the MACs of one element',
      [
        [0, ONE],
        [1, OTHER],
      ],
      OTHER,
    ],
    [
      'moves at once between those nobody asks for',
      [
        [0, STRANGER],
        [1, NOBODY],
      ],
      NOBODY,
    ],
    [
      'is disputed no longer by a clock that was set back',
      [
        [900, CAM],
        [901, STRANGER],
        [0, CAM],
        [10, CAM],
      ],
      CAM,
    ],
  ] as const)('%s', (_, claims, owner) => {
    expect(ownerAfter(claims)).toBe(owner);
  });

  it('is told of as gone when all were forgotten', () => {
    const addresses = new AddressTable();
    const macs = new Macs(POLICY, addresses);
    macs.see(addresses.intern('10.0.0.9'), CAM, 0);
    expect(macs.takeChanged()?.size).toBe(1);
    for (let at = 0; at < 65_536; at++) macs.see(addresses.intern(`10.9.${at >> 8}.${at & 255}`), NOBODY, 0);
    expect(macs.takeChanged()).toEqual(new Map());
  });
});
