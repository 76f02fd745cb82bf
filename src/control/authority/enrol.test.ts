// Enrolment and renewal on a real store: what a token is good for, just inside and outside; proofs; what a sleeper does; who is refused.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ADA,
  CAMERA,
  codeOf,
  DAY_MS,
  DOMAIN,
  Element,
  HOUR_MS,
  NOON,
  openWorld,
  ownKey,
  SECOND_MS,
  type World,
} from './authority.testing.ts';
import type { EnrolRequest } from './enrol.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ domains: [DOMAIN, 'office.example'] });
});
afterAll(() => world.close());
beforeEach(() => {
  world.clock.now = NOON;
});

let count = 0;
const nextPath = (): string => `cam-${++count}`;
const wish = (more: Partial<typeof CAMERA> = {}): typeof CAMERA => ({ ...CAMERA, path: nextPath(), ...more });

describe('an enrolment', () => {
  test('gives what a peer accepts: certificate, bundle, gate, addresses', async () => {
    const element = new Element();
    const issued = await element.enrol(world.authority, wish({ path: 'cam-first' }));
    expect(issued).toMatchObject({
      id: 'spiffe://plant.example/device/cam-first',
      agents: ['127.0.0.1:7444'],
      now: NOON,
      notAfter: NOON + DAY_MS,
    });
    const leaf = await world.authority.check(element.presented, { domain: DOMAIN, kinds: ['device'], role: 'client' });
    expect(leaf).toMatchObject({ kind: 'ok', value: { serial: issued.serial, id: { path: 'cam-first' } } });
    expect(await world.authority.identity(DOMAIN, issued.id)).toMatchObject({ state: 'valid', hasRenewalKey: true });
    expect((await world.acts()).slice(-2)).toEqual(['token.make', 'identity.enrol']);
  });

  test('takes Ed25519 keys and kinds without a renewal key', async () => {
    const element = new Element(false);
    element.key = ownKey('ed25519');
    expect((await element.enrol(world.authority, wish({ kind: 'human', path: 'alice' }))).notAfter).toBe(
      NOON + HOUR_MS,
    );
    expect(await codeOf(new Element().enrol(world.authority, wish({ kind: 'human', path: 'bob' })))).toBe(
      'PICKET-C330',
    );
    expect(await codeOf(new Element().enrol(world.authority, wish({ kind: 'agent', path: 'alice/bot' })))).toBe(
      'PICKET-C330',
    );
  });

  test('uses a token once, also when many try at the same instant', async () => {
    const made = await world.authority.makeToken(DOMAIN, ADA, wish());
    const tries = await Promise.all(
      Array.from({ length: 8 }, () => codeOf(world.authority.enrol(new Element().enrolRequest(made)))),
    );
    expect(tries.filter((code) => code === 'ok')).toHaveLength(1);
    expect(tries.filter((code) => code === 'PICKET-C321')).toHaveLength(7);
  });

  test('holds a token to its time, to the millisecond', async () => {
    const made = await world.authority.makeToken(DOMAIN, ADA, wish({ seconds: 60 }));
    const request = new Element().enrolRequest(made);
    world.clock.now = NOON + 60 * SECOND_MS;
    expect(await codeOf(world.authority.enrol(request))).toBe('PICKET-C322');
    world.clock.now = NOON + 60 * SECOND_MS - 1;
    expect(await codeOf(world.authority.enrol(request))).toBe('ok');
  });

  test('refuses tokens that are revoked, unknown, or of another domain', async () => {
    const made = await world.authority.makeToken(DOMAIN, ADA, wish());
    const element = new Element();
    expect(await codeOf(world.authority.enrol(element.enrolRequest(made, { domain: 'office.example' })))).toBe(
      'PICKET-C320',
    );
    for (const token of ['', 'A', 'A'.repeat(43), `${made.token}A`, ` ${made.token}`])
      expect(await codeOf(world.authority.enrol(element.enrolRequest({ ...made, token })))).toBe('PICKET-C320');
    expect(await codeOf(world.authority.enrol({ ...element.enrolRequest(made), domain: 'none.example' }))).toBe(
      'PICKET-C320',
    );
    await world.authority.revokeToken(DOMAIN, ADA, made.id);
    expect(await codeOf(world.authority.enrol(element.enrolRequest(made)))).toBe('PICKET-C323');
    expect(await codeOf(world.authority.revokeToken(DOMAIN, ADA, made.id))).toBe('PICKET-C347');
  });

  test('holds a token to its path, or to what is below it', async () => {
    const exact = wish();
    expect(await codeOf(new Element().enrol(world.authority, exact, 'other'))).toBe('PICKET-C324');
    expect(await codeOf(new Element().enrol(world.authority, exact, exact.path))).toBe('ok');
    const below = wish({ path: 'hall', isPrefix: true });
    const paths: readonly (readonly [string | null, string])[] = [
      [null, 'PICKET-C324'],
      ['hall', 'PICKET-C324'],
      ['hallway/cam', 'PICKET-C324'],
      ['hall/', 'PICKET-C324'],
      ['hall/../gate', 'PICKET-C324'],
      ['hall/Cam', 'PICKET-C324'],
      ['hall/cam-9', 'ok'],
      ['hall/cam-9', 'PICKET-C328'],
    ];
    for (const [path, code] of paths)
      expect([path, await codeOf(new Element().enrol(world.authority, below, path))]).toEqual([path, code]);
  });

  test('of an id that is there takes its place, and its old certificate is worth nothing', async () => {
    const order = wish();
    const [old, young] = [new Element(), new Element()];
    await old.enrol(world.authority, order);
    await young.enrol(world.authority, order);
    const question = { domain: DOMAIN, kinds: null, role: 'client' } as const;
    expect(await world.authority.check(old.presented, question)).toMatchObject({ code: 'PICKET-C307' });
    expect(await world.authority.check(young.presented, question)).toMatchObject({ kind: 'ok' });
    expect(await codeOf(world.authority.wake(old.wakeRequest(world.authority.challenge(old.issued?.id ?? ''))))).toBe(
      'PICKET-C330',
    );
  });

  test('wants proof of both keys over exactly this token, root and pair of keys', async () => {
    const made = await world.authority.makeToken(DOMAIN, ADA, wish());
    const other = await world.authority.makeToken(DOMAIN, ADA, wish());
    const [element, thief] = [new Element(), new Element()];
    const sound = element.enrolRequest(made);
    const stolen = thief.enrolRequest(made);
    const broken: readonly Partial<EnrolRequest>[] = [
      { spki: stolen.spki },
      { proof: stolen.proof },
      { proof: '' },
      { proof: 'not base64' },
      { proof: element.enrolRequest(other).proof },
      { renewalSpki: stolen.renewalSpki },
      { renewalProof: stolen.renewalProof },
      { renewalProof: null },
      { renewalSpki: sound.spki, renewalProof: sound.proof },
      { renewalSpki: null },
      { spki: Buffer.from('nonsense').toString('base64') },
      { spki: '' },
    ];
    for (const change of broken)
      expect([change, await codeOf(world.authority.enrol({ ...sound, ...change }))]).toEqual([change, 'PICKET-C325']);
    for (const root of ['', 'A'.repeat(43)])
      expect(await codeOf(world.authority.enrol({ ...sound, root }))).toBe('PICKET-C308');
    expect(await codeOf(world.authority.enrol(sound))).toBe('ok');
  });
});

describe('makeToken() refuses', () => {
  test.each([
    ['a life of 59 s', { seconds: 59 }, 'PICKET-C326'],
    ['a life of an hour and a second', { seconds: 3_601 }, 'PICKET-C326'],
    ['half a second', { seconds: 60.5 }, 'PICKET-C326'],
    ['an unknown kind', { kind: 'toaster' }, 'PICKET-C300'],
    ['a path that is none', { path: '../x' }, 'PICKET-C300'],
  ])('%s', async (_, change, code) => {
    expect(await codeOf(world.authority.makeToken(DOMAIN, ADA, wish(change)))).toBe(code);
  });

  test('a domain without an authority', async () => {
    expect(await codeOf(world.authority.makeToken('none.example', ADA, wish()))).toBe('PICKET-C345');
  });
});

test('tokens are listed without their secrets, with what became of them', async () => {
  const [made] = [await world.authority.makeToken(DOMAIN, ADA, wish({ seconds: 60 }))];
  const listed = await world.authority.tokens(DOMAIN, { after: '', limit: 1_000 });
  expect(listed.find(({ id }) => id === made.id)).toMatchObject({ state: 'open', madeBy: 'ada' });
  expect(JSON.stringify(listed)).not.toContain(made.token);
  const rows = await world.store.db.selectFrom('enrolment_tokens').selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(made.token);
  world.clock.now = NOON + DAY_MS;
  expect(
    (await world.authority.tokens(DOMAIN, { after: '', limit: 1_000 })).find(({ id }) => id === made.id),
  ).toMatchObject({ state: 'expired' });
});

describe('a renewal', () => {
  const leafOf = async (element: Element) => {
    const leaf = await world.authority.check(element.presented, { domain: DOMAIN, kinds: null, role: 'client' });
    if (leaf.kind === 'refused') throw new Error(leaf.message);
    return leaf.value;
  };

  test('by certificate gives a new one for a new key', async () => {
    const element = new Element();
    const first = await element.enrol(world.authority, wish());
    const leaf = await leafOf(element);
    world.clock.now = NOON + 12 * HOUR_MS;
    const next = await world.authority.renew(leaf, element.renewRequest());
    expect(next.serial).not.toBe(first.serial);
    expect(next.gate.pseudonym).not.toBe(first.gate.pseudonym);
    expect(next.notAfter).toBe(NOON + 36 * HOUR_MS);
    expect((await world.acts()).at(-1)).toBe('identity.renew');
  });

  test('wants proof of the new key over the old serial number, and a pause of ten seconds', async () => {
    const element = new Element();
    await element.enrol(world.authority, wish());
    const leaf = await leafOf(element);
    const request = element.renewRequest();
    world.clock.now = NOON + 10 * SECOND_MS - 1;
    expect(await codeOf(world.authority.renew(leaf, request))).toBe('PICKET-C334');
    world.clock.now = NOON + 10 * SECOND_MS;
    expect(await codeOf(world.authority.renew(leaf, { ...request, spki: element.renewRequest().spki }))).toBe(
      'PICKET-C325',
    );
    expect(await codeOf(world.authority.renew(leaf, element.renewRequest('00ff')))).toBe('PICKET-C325');
    expect(await codeOf(world.authority.renew(leaf, request))).toBe('ok');
  });

  test('of people ends after twelve hours', async () => {
    const element = new Element(false);
    await element.enrol(world.authority, wish({ kind: 'human', path: 'carol' }));
    const leaf = await leafOf(element);
    world.clock.now = NOON + 12 * HOUR_MS - 1;
    expect(await codeOf(world.authority.renew(leaf, element.renewRequest()))).toBe('ok');
    world.clock.now = NOON + 12 * HOUR_MS;
    expect(await codeOf(world.authority.renew(leaf, element.renewRequest()))).toBe('PICKET-C333');
  });

  test('by renewal key holds a challenge for two minutes', async () => {
    const element = new Element();
    const { id } = await element.enrol(world.authority, wish());
    const request = element.wakeRequest(world.authority.challenge(id));
    const at = async (ms: number): Promise<string> => {
      world.clock.now = NOON + ms;
      return codeOf(world.authority.wake(request));
    };
    expect([await at(120_001), await at(-10_001), await at(120_000)]).toEqual(['PICKET-C331', 'PICKET-C331', 'ok']);
  });

  test('by renewal key tells strangers nothing, and ends with the key', async () => {
    const element = new Element();
    const { id } = await element.enrol(world.authority, wish());
    world.clock.now = NOON + HOUR_MS;
    const nobody = 'spiffe://plant.example/device/nobody';
    const stranger = { ...element.wakeRequest(world.authority.challenge(nobody)), id: nobody };
    expect(await codeOf(world.authority.wake(stranger))).toBe('PICKET-C325');
    element.issued = { ...(element.issued ?? (await element.enrol(world.authority))), id: nobody };
    expect(await codeOf(world.authority.wake(element.wakeRequest(world.authority.challenge(nobody))))).toBe(
      'PICKET-C330',
    );
    element.issued = { ...element.issued, id };
    await world.authority.revokeRenewalKey(DOMAIN, ADA, id);
    expect(await codeOf(world.authority.wake(element.wakeRequest(world.authority.challenge(id))))).toBe('PICKET-C330');
  });

  test('by renewal key works after a month asleep, with a fresh challenge', async () => {
    const element = new Element();
    const { id } = await element.enrol(world.authority, wish());
    const stale = element.wakeRequest(world.authority.challenge(id));
    world.clock.now = NOON + 20 * DAY_MS;
    expect(
      await world.authority.check(element.presented, { domain: DOMAIN, kinds: null, role: 'client' }),
    ).toMatchObject({ code: 'PICKET-C306' });
    expect((await world.authority.identity(DOMAIN, id)).state).toBe('expired');
    expect(await codeOf(world.authority.wake(stale))).toBe('PICKET-C331');
    const challenge = world.authority.challenge(id);
    expect(
      await codeOf(
        world.authority.wake(element.wakeRequest(world.authority.challenge('spiffe://plant.example/device/other'))),
      ),
    ).toBe('PICKET-C331');
    expect(
      await codeOf(
        world.authority.wake({ ...element.wakeRequest(challenge), challenge: `${challenge.slice(0, -1)}_` }),
      ),
    ).toBe('PICKET-C331');
    expect(await codeOf(world.authority.wake(element.wakeRequest(challenge, ownKey())))).toBe('PICKET-C330');
    expect(await codeOf(world.authority.wake(element.wakeRequest(challenge, element.key)))).toBe('PICKET-C330');
    expect(await codeOf(world.authority.wake(element.wakeRequest(challenge, null)))).toBe('PICKET-C330');
    element.issued = await world.authority.wake(element.wakeRequest(challenge));
    expect(await leafOf(element)).toMatchObject({ serial: element.issued.serial });
  });
});
