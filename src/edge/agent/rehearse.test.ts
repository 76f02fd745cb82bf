// What a changed policy makes of what was seen: denials that are new, permissions that are new, and nothing else.

import { expect, it } from 'vitest';
import { AddressTable, SECOND } from '#model';
import { opened, policyOf, type Sketch, syn } from './agent.testing.ts';
import { Ends } from './ends.ts';
import { Openings } from './openings.ts';
import { rehearse } from './rehearse.ts';

const OPEN = policyOf('elements: { web: { kind: server, address: 10.0.0.1 } }');
const CLOSED = policyOf(
  'elements: { web: { kind: server, address: 10.0.0.1, mode: enforce } }\nrules: { r: { from: 10.0.0.2, to: { on: web, protocol: tcp, port: 80 } } }',
);

function planOf(before: typeof OPEN, after: typeof OPEN, sketches: readonly Sketch[]) {
  const addresses = new AddressTable();
  const openings = new Openings(0);
  for (const sketch of sketches) openings.note(syn(addresses, sketch), opened());
  const ends = new Ends(before, addresses);
  return rehearse({ before, after, openings, addresses, ends, quarantined: [], logons: [] });
}

const ALLOWED = { from: '10.0.0.2', to: '10.0.0.1', port: 80, at: SECOND };
const DENIED = { from: '10.0.0.3', to: '10.0.0.1', port: 80, at: 2 * SECOND };

it('counts what would be denied, and names it', () => {
  const plan = planOf(OPEN, CLOSED, [ALLOWED, DENIED, { ...DENIED, at: 3 * SECOND }]);
  expect(plan).toMatchObject({ openings: 3, deniedOpenings: 2, permittedOpenings: 0, isCut: false });
  expect(plan.denied).toEqual([
    expect.objectContaining({
      from: '10.0.0.3',
      to: 'web',
      protocol: 'tcp',
      port: 80,
      openings: 2,
      reason: 'unknown-element',
    }),
  ]);
});

it('counts what would be permitted again', () => {
  expect(planOf(CLOSED, OPEN, [ALLOWED, DENIED])).toMatchObject({ deniedOpenings: 0, permittedOpenings: 1 });
});

it('says nothing of what stays as it is', () => {
  expect(planOf(CLOSED, CLOSED, [ALLOWED, DENIED])).toMatchObject({
    deniedOpenings: 0,
    permittedOpenings: 0,
    denied: [],
  });
});

it('forgets the conversation that was begun longest ago when there are too many', () => {
  const many = Array.from({ length: 16_385 }, (_, at) => ({ ...ALLOWED, port: at + 1, at: at * SECOND }));
  const plan = planOf(OPEN, OPEN, many);
  expect(plan).toMatchObject({ isCut: true, openings: 16_384 });
});
