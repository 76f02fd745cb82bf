// Rotation of roots and policy keys: each step in its order, with agents that follow and agents that do not.

import { compactVerify, importSPKI } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptBundle, readBundle, type TrustBundle } from '#identity';
import { ADA, codeOf, DAY_MS, DOMAIN, Element, HOUR_MS, NOON, openWorld, type World } from './authority.testing.ts';
import { nodePrimitives } from './node-primitives.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const step = (purpose: 'root' | 'policy', name: 'publish' | 'activate' | 'retire', force = false): Promise<string> =>
  codeOf(world.authority.rotate(DOMAIN, ADA, { purpose, step: name, force }));

/** The bundle as an agent reads it. */
async function bundle(): Promise<TrustBundle> {
  const document = JSON.parse(JSON.stringify(await world.authority.bundleDocument(DOMAIN)));
  const read = readBundle(document, { now: world.clock.now * 1_000, primitives: nodePrimitives });
  if (read.kind === 'refused') throw new Error(read.message);
  return read.value;
}

async function states(purpose: string): Promise<readonly string[]> {
  return (await world.authority.keys(DOMAIN)).filter((key) => key.purpose === purpose).map(({ state }) => state);
}

async function standing(element: Element): Promise<string> {
  const answer = await world.authority.check(element.presented, { domain: DOMAIN, kinds: null, role: 'client' });
  return answer.kind === 'ok' ? 'in' : answer.code;
}

const confirm = async (element: Element): Promise<void> =>
  world.authority.confirmBundle(DOMAIN, element.issued?.id ?? '', (await bundle()).sequence);

describe('a rotation of the root', () => {
  test('goes publish, confirmed by all, activate, retire, and agents follow without a gap', async () => {
    const [one, two] = [new Element(), new Element()];
    await one.enrol(world.authority, { kind: 'gateway', path: 'one', isPrefix: false, seconds: 60 });
    await two.enrol(world.authority, { kind: 'gateway', path: 'two', isPrefix: false, seconds: 60 });
    const first = await bundle();
    expect([await step('root', 'activate'), await step('root', 'retire')]).toEqual(['PICKET-C348', 'PICKET-C348']);

    expect(await step('root', 'publish')).toBe('ok');
    expect([await step('root', 'publish'), await states('root')]).toEqual(['PICKET-C348', ['active', 'published']]);
    const second = await bundle();
    expect(second.sequence).toBe(first.sequence + 1);
    expect(acceptBundle(first, second, nodePrimitives).kind).toBe('ok');

    expect(await step('root', 'activate')).toBe('PICKET-C348');
    await confirm(one);
    expect(await step('root', 'activate')).toBe('PICKET-C348');
    await confirm(two);
    expect(await step('root', 'activate')).toBe('ok');
    expect(await states('root')).toEqual(['retiring', 'active']);
    expect((await states('issuing')).toSorted()).toEqual(['active', 'retiring']);

    const three = new Element();
    await three.enrol(world.authority, { kind: 'gateway', path: 'three', isPrefix: false, seconds: 60 });
    expect([await standing(one), await standing(three)]).toEqual(['in', 'in']);
    expect(await step('root', 'retire')).toBe('PICKET-C348');
    world.clock.now = NOON + DAY_MS;
    expect(await step('root', 'retire')).toBe('ok');
    const third = await bundle();
    expect(third.roots.map(({ keyId }) => keyId)).toEqual([second.roots[1]?.keyId]);
    expect(acceptBundle(second, third, nodePrimitives).kind).toBe('ok');
    // Whoever slept through it all trusts the new root by the old one's word, which is in the bundle.
    expect(acceptBundle(first, third, nodePrimitives).kind).toBe('ok');
    expect(acceptBundle(third, second, nodePrimitives)).toMatchObject({ code: 'PICKET-C310' });
    expect((await world.acts()).filter((act) => act.startsWith('authority.'))).toEqual([
      'authority.establish',
      'authority.publish',
      'authority.activate',
      'authority.retire',
    ]);
  });

  test('does not wait for who is revoked or whose certificate has ended, and goes on with force', async () => {
    const [gone, asleep, slow] = [new Element(), new Element(), new Element()];
    await gone.enrol(world.authority, { kind: 'gateway', path: 'gone', isPrefix: false, seconds: 60 });
    await asleep.enrol(world.authority, { kind: 'gateway', path: 'asleep', isPrefix: false, seconds: 60 });
    world.clock.now = NOON + 12 * HOUR_MS;
    await slow.enrol(world.authority, { kind: 'gateway', path: 'slow', isPrefix: false, seconds: 60 });
    await step('root', 'publish');
    await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: gone.issued?.id ?? '', why: 'x' });
    world.clock.now = NOON + DAY_MS;
    await expect(
      world.authority.rotate(DOMAIN, ADA, { purpose: 'root', step: 'activate', force: false }),
    ).rejects.toThrow(/1 agents .*gateway\/slow/);
    expect(await step('root', 'activate', true)).toBe('ok');
    expect(await step('root', 'retire')).toBe('PICKET-C348');
    expect(await step('root', 'retire', true)).toBe('ok');
    expect(await standing(slow)).toBe('PICKET-C308');
    slow.issued = await world.authority.wake(slow.wakeRequest(world.authority.challenge(slow.issued?.id ?? '')));
    expect(await standing(slow)).toBe('in');
  });

  test('of two owners at once one publishes', async () => {
    const tries = await Promise.all([step('root', 'publish'), step('root', 'publish'), step('root', 'publish')]);
    expect(tries.toSorted()).toEqual(['PICKET-C348', 'PICKET-C348', 'ok']);
    expect(await states('root')).toEqual(['active', 'published']);
  });
});

describe('the policy key', () => {
  const verified = async (jws: string): Promise<string> => {
    for (const { keyId, spki } of (await bundle()).policyKeys) {
      const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(spki).toString('base64')}\n-----END PUBLIC KEY-----`;
      const found = await compactVerify(jws, await importSPKI(pem, 'ES256'), { algorithms: ['ES256'] }).catch(
        () => null,
      );
      if (found === null) continue;
      expect(found.protectedHeader).toEqual({ alg: 'ES256', typ: 'picket-policy+jwt', kid: keyId });
      return new TextDecoder().decode(found.payload);
    }
    return 'no key fits';
  };
  const sign = async (revision: number): Promise<string> =>
    (await world.authority.signer(DOMAIN)).sign('picket-policy+jwt', { revision });

  test('signs what agents can verify, before, during and after its rotation', async () => {
    const old = await sign(1);
    expect(await verified(old)).toBe('{"revision":1}');
    expect(await verified(`${old.slice(0, -4)}AAAA`)).toBe('no key fits');
    expect(await step('policy', 'publish')).toBe('ok');
    expect(await step('policy', 'activate')).toBe('ok');
    const young = await sign(2);
    expect([await verified(old), await verified(young)]).toEqual(['{"revision":1}', '{"revision":2}']);
    world.clock.now = NOON + DAY_MS - 1;
    expect(await step('policy', 'retire')).toBe('PICKET-C348');
    world.clock.now = NOON + DAY_MS;
    expect(await step('policy', 'retire')).toBe('ok');
    expect([await verified(old), await verified(young)]).toEqual(['no key fits', '{"revision":2}']);
  });
});

test('after a restore the number of the bundle is raised past what agents know', async () => {
  const known = await bundle();
  const ahead = { ...known, sequence: known.sequence + 50 };
  expect(acceptBundle(ahead, await bundle(), nodePrimitives)).toMatchObject({ code: 'PICKET-C310' });
  await world.authority.raiseBundle(DOMAIN, ADA, 100);
  expect(acceptBundle(ahead, await bundle(), nodePrimitives).kind).toBe('ok');
});
