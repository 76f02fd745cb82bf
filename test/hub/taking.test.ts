// What an agent takes from a controller: signed by the domain, for the domain, never older, whole, and kept on disk before it counts.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyIdOf } from '#identity';
import { deltaOf, digestOf, POLICY_TYP, type PolicyEntry, type PolicyStatement, QUARANTINE_TYP } from '#wire';
import { newKeys, nodePrimitives } from '../../src/core/identity/certificates.testing.ts';
import { type Arrival, Taking } from '../../src/edge/link/taking.ts';
import { TestDomain } from './trust.testing.ts';

const plant = new TestDomain('plant.example');
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const signers = {
  domain: plant.name,
  keys: [{ keyId: keyIdOf(plant.policyKeys.spki, nodePrimitives), spki: plant.policyKeys.spki }],
};
const entries = (...ids: readonly string[]): readonly PolicyEntry[] =>
  ids.map((id) => ({ section: 'rules', id, json: '{}' }));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-taking-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stated(revision: number, of: readonly PolicyEntry[], more: Partial<PolicyStatement> = {}): PolicyStatement {
  return {
    domain: plant.name,
    revision,
    before: revision - 1,
    digest: digestOf(of, hash),
    issuedMs: 1,
    by: 'ann',
    why: '',
    pendingUntilMs: null,
    ...more,
  };
}

async function snapshot(
  revision: number,
  of: readonly PolicyEntry[],
  more: Partial<PolicyStatement> = {},
): Promise<Arrival> {
  return { kind: 'snapshot', statement: await plant.sign(POLICY_TYP, stated(revision, of, more)), entries: of };
}

const ONE = entries('a', 'b');
const TWO = entries('a', 'c', 'b');
const THREE = entries('c', 'b');

describe('Taking', () => {
  it('takes a snapshot, then deltas on it, and knows both after a restart', async () => {
    const taking = new Taking(folder);
    expect(taking.held).toBeNull();
    expect(await taking.take(await snapshot(1, ONE), signers)).toMatchObject({ kind: 'held' });
    const statement = await plant.sign(POLICY_TYP, stated(2, TWO, { pendingUntilMs: 5 }));
    expect(await taking.take({ kind: 'delta', statement, from: 1, delta: deltaOf(ONE, TWO) }, signers)).toMatchObject({
      kind: 'held',
      held: { entries: TWO, statement: { revision: 2, pendingUntilMs: 5 } },
    });
    const confirmed = await plant.sign(POLICY_TYP, stated(2, TWO));
    expect(await taking.take({ kind: 'confirmed', statement: confirmed }, signers)).toMatchObject({ kind: 'held' });
    const again = new Taking(folder);
    expect(again.held).toEqual({ statement: stated(2, TWO), entries: TWO });
    expect(again.floor.revision).toBe(2);
  });

  const otherKeys = newKeys();
  it.each<[string, string, () => Promise<Arrival>]>([
    ['an older revision', 'PICKET-C655', () => snapshot(1, ONE)],
    ['the same revision with another content', 'PICKET-C655', () => snapshot(2, THREE)],
    ['a confirmed revision as waiting', 'PICKET-C655', () => snapshot(2, TWO, { pendingUntilMs: 9 })],
    ['a statement of another domain', 'PICKET-C656', () => snapshot(3, THREE, { domain: 'office.example' })],
    [
      'a signature by another key',
      'PICKET-C654',
      async () => ({
        kind: 'snapshot',
        statement: await plant.sign(POLICY_TYP, stated(3, THREE), otherKeys),
        entries: THREE,
      }),
    ],
    [
      'a statement of another type',
      'PICKET-C654',
      async () => ({
        kind: 'snapshot',
        statement: await plant.sign(QUARANTINE_TYP, stated(3, THREE)),
        entries: THREE,
      }),
    ],
    [
      'a changed payload',
      'PICKET-C654',
      async () => {
        const [head, , signature] = (await plant.sign(POLICY_TYP, stated(3, THREE))).split('.');
        const payload = Buffer.from(JSON.stringify(stated(4, THREE))).toString('base64url');
        return { kind: 'snapshot', statement: `${head}.${payload}.${signature}`, entries: THREE };
      },
    ],
    [
      'no signature',
      'PICKET-C654',
      async () => {
        const head = Buffer.from(
          JSON.stringify({ alg: 'none', typ: POLICY_TYP, kid: signers.keys[0]?.keyId }),
        ).toString('base64url');
        const payload = Buffer.from(JSON.stringify(stated(3, THREE))).toString('base64url');
        return { kind: 'snapshot', statement: `${head}.${payload}.`, entries: THREE };
      },
    ],
    ['what is no statement at all', 'PICKET-C654', async () => ({ kind: 'snapshot', statement: 'x', entries: THREE })],
    [
      'a content that is not the signed one',
      'PICKET-C657',
      async () => ({
        kind: 'snapshot',
        statement: await plant.sign(POLICY_TYP, stated(3, THREE)),
        entries: TWO,
      }),
    ],
  ])('refuses %s and keeps what it has', async (_, code, arrival) => {
    const taking = new Taking(folder);
    await taking.take(await snapshot(2, TWO), signers);
    expect(await taking.take(await arrival(), signers)).toMatchObject({ kind: 'refused', error: { code } });
    expect(taking.held).toEqual({ statement: stated(2, TWO), entries: TWO });
    expect(new Taking(folder).held).toEqual({ statement: stated(2, TWO), entries: TWO });
  });

  it.each<[string, () => Promise<Arrival>]>([
    [
      'from a revision that is not held',
      async () => ({
        kind: 'delta',
        from: 1,
        statement: await plant.sign(POLICY_TYP, stated(3, THREE)),
        delta: deltaOf(ONE, THREE),
      }),
    ],
    [
      'that does not fit',
      async () => ({
        kind: 'delta',
        from: 2,
        statement: await plant.sign(POLICY_TYP, stated(3, THREE)),
        delta: { remove: [['rules', 'missing']], set: [], place: [] },
      }),
    ],
    [
      'whose result is not the signed one',
      async () => ({
        kind: 'delta',
        from: 2,
        statement: await plant.sign(POLICY_TYP, stated(3, THREE)),
        delta: deltaOf(TWO, ONE),
      }),
    ],
    [
      'that confirms what is not held',
      async () => ({ kind: 'confirmed', statement: await plant.sign(POLICY_TYP, stated(3, THREE)) }),
    ],
  ])('asks for the whole after a delta %s, and goes on from what it has', async (_, arrival) => {
    const taking = new Taking(folder);
    await taking.take(await snapshot(2, TWO), signers);
    expect(await taking.take(await arrival(), signers)).toMatchObject({ kind: 'lost' });
    expect(taking.held?.entries).toEqual(TWO);
    expect(await taking.take(await snapshot(3, THREE), signers)).toMatchObject({ kind: 'held' });
  });

  it('never takes an older quarantine list, restart or not', () => {
    const taking = new Taking(folder);
    expect([taking.takeSequence(3), taking.takeSequence(2), taking.takeSequence(3)]).toEqual([true, false, true]);
    expect(new Taking(folder).takeSequence(2)).toBe(false);
  });

  it('asks for the policy anew where its file was changed, but goes back below no revision', async () => {
    await new Taking(folder).take(await snapshot(2, TWO), signers);
    const path = join(folder, 'policy.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"id":"c"', '"id":"x"'));
    const taking = new Taking(folder);
    expect(taking.held).toBeNull();
    expect(await taking.take(await snapshot(1, ONE), signers)).toMatchObject({ kind: 'refused' });
    expect(await taking.take(await snapshot(2, TWO), signers)).toMatchObject({ kind: 'held' });
  });

  it('says what is damaged rather than begin without a floor', async () => {
    await new Taking(folder).take(await snapshot(2, TWO), signers);
    writeFileSync(join(folder, 'floor.json'), '{');
    expect(() => new Taking(folder)).toThrow(/floor\.json.*no JSON/);
  });
});
