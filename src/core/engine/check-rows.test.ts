// What a batch of questions is told by numbers alone is what the question asked alone is told: where a denial is not held, and after a change.

import { expect, it } from 'vitest';
import { AddressTable, NO_LIMITS, newObservation, type Policy, type Rule, type Selector } from '#model';
import { BATCH_FLAGS, PacketBatch } from './batch.ts';
import { Engine } from './engine.ts';

const ANY: Selector = { kind: 'any' };
const SIZE_MAX = 100;

function ruleOf(id: string, isAudit: boolean): Rule {
  const to = [{ id: '', on: ANY, protocol: 17, ports: [], application: null, isLogonRequired: false }];
  const limits = { ...NO_LIMITS, sizes: [{ min: null, max: SIZE_MAX, direction: 'both' as const }] };
  return { id, from: ANY, to, limits, isAudit, owner: null, why: null, until: null };
}

function policyOf(mode: Policy['mode'], rules: readonly Rule[]): Policy {
  return { timezone: 'UTC', mode, elements: [], services: [], rules, never: [], require: [], tests: [] };
}

/** Reasons and whether they are held, asked twice in a batch so that the second time numbers tell. */
function answersOf(engine: Engine, addresses: AddressTable, packetSize: number): readonly [boolean, boolean] {
  const batch = new PacketBatch(1);
  const ends = { source: addresses.intern('10.0.0.1'), destination: addresses.intern('10.0.0.2') };
  batch.set(0, { ...newObservation(), ...ends, protocol: 17, sourcePort: 5_000, destinationPort: 53, packetSize });
  engine.checkRows(batch, 1, 0);
  engine.checkRows(batch, 1, 0);
  return [batch.reasons(0) === 0, (batch.flags(0) & BATCH_FLAGS.isEnforced) !== 0];
}

it.each([
  ['a rule of an enforcing policy', 'enforce', false, true],
  ['a rule in audit', 'enforce', true, false],
  ['a rule of an observing policy', 'observe', false, false],
] as const)('a denial by %s is held as it should be', (_, mode, isAudit, isHeld) => {
  const addresses = new AddressTable();
  const engine = new Engine({ policy: policyOf(mode, [ruleOf('only', isAudit)]), addresses, start: 0 });
  expect(answersOf(engine, addresses, SIZE_MAX)).toEqual([true, false]);
  expect(answersOf(engine, addresses, SIZE_MAX + 1)).toEqual([false, isHeld]);
});

it('what was told before a change is not told after it', () => {
  const addresses = new AddressTable();
  const policy = policyOf('enforce', [ruleOf('first', false)]);
  const engine = new Engine({ policy, addresses, start: 0 });
  expect(answersOf(engine, addresses, 50)).toEqual([true, false]);
  engine.change({ kind: 'remove-rule', id: 'first' }, 0);
  expect(answersOf(engine, addresses, 50)).toEqual([false, true]);
  engine.change({ kind: 'add-rule', rule: ruleOf('again', false), before: null }, 0);
  expect(answersOf(engine, addresses, 50)).toEqual([true, false]);
});
