// Protocols and ports as sets, against every protocol and some ports.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasPorts } from '#model';
import { bothTraffic, type Traffic, trafficButNot, trafficOf, trafficWithin } from './traffic.ts';

const SEED = 20_263;
const PORTS = [1, 2, 21, 22, 23, 80, 443, 65_534, 65_535];
const PROTOCOLS = [0, 1, 6, 17, 47, 99, 132, 255];
const WORLD = PROTOCOLS.flatMap((protocol) => (hasPorts(protocol) ? PORTS : [-1]).map((port) => ({ protocol, port })));

function holds(traffic: Traffic, { protocol, port }: (typeof WORLD)[number]): boolean {
  return traffic.some(
    (part) =>
      (part.protocol === null || part.protocol === protocol) &&
      (part.ports.length === 0 || part.ports.some(({ from, to }) => from <= port && port <= to)),
  );
}

const range = fc
  .tuple(fc.constantFrom(0, ...PORTS), fc.constantFrom(...PORTS))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const part = fc.oneof(
  fc.constantFrom(null, ...PROTOCOLS).map((protocol) => trafficOf(protocol, null)),
  fc
    .tuple(fc.constantFrom(6, 17), fc.array(range, { minLength: 1, maxLength: 3 }))
    .map(([protocol, ports]) => trafficOf(protocol, ports)),
);
const traffic = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts): Traffic => parts.flat());

it('intersection, difference and covering are what they are called', () => {
  fc.assert(
    fc.property(traffic, traffic, (a, b) => {
      const rest = trafficButNot(a, b);
      for (const one of WORLD) {
        expect(holds(bothTraffic(a, b), one)).toBe(holds(a, one) && holds(b, one));
        const isLeft = holds(a, one) && !holds(b, one);
        // What is cut to the usual protocols may hold for less, never for more.
        if (rest.isNarrowed) expect(holds(rest.traffic, one) && !isLeft).toBe(false);
        else expect(holds(rest.traffic, one)).toBe(isLeft);
        if (trafficWithin(a, b)) expect(holds(a, one) && !holds(b, one)).toBe(false);
      }
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});
