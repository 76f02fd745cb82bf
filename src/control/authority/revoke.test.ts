// Revocation on a real store: what stops whom, at once and for renewals; reinstating; lists and their numbers; a second controller.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADA, codeOf, DAY_MS, DOMAIN, Element, HOUR_MS, NOON, openWorld, type World } from './authority.testing.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ domains: [DOMAIN, 'office.example'] });
});
afterAll(() => world.close());
beforeEach(() => {
  world.clock.now = NOON;
});

const QUESTION = { domain: DOMAIN, kinds: null, role: 'client' } as const;
let count = 0;

async function enrolled(
  path = `e-${++count}`,
  kind = 'gateway',
): Promise<Element & { issued: NonNullable<Element['issued']> }> {
  const element = new Element(kind !== 'agent');
  const issued = await element.enrol(world.authority, { kind, path, isPrefix: false, seconds: 3_600 });
  return Object.assign(element, { issued });
}

async function standing(element: Element): Promise<string> {
  const answer = await world.authority.check(element.presented, QUESTION);
  return answer.kind === 'ok' ? 'in' : answer.code;
}

describe('revoke()', () => {
  test('stops one certificate, and its holder comes back with a new one', async () => {
    const [element, other] = [await enrolled(), await enrolled()];
    await world.authority.revoke(DOMAIN, ADA, { kind: 'serial', value: element.issued.serial, why: 'copied' });
    expect([await standing(element), await standing(other)]).toEqual(['PICKET-C307', 'in']);
    world.clock.now = NOON + HOUR_MS;
    element.issued = await world.authority.wake(element.wakeRequest(world.authority.challenge(element.issued.id)));
    expect(await standing(element)).toBe('in');
  });

  test('stops an identity: its certificate, renewal, waking and enrolling', async () => {
    const element = await enrolled('north');
    const leaf = await world.authority.check(element.presented, QUESTION);
    await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: element.issued.id, why: 'stolen' });
    world.clock.now = NOON + HOUR_MS;
    expect(await standing(element)).toBe('PICKET-C307');
    if (leaf.kind === 'refused') throw new Error(leaf.message);
    expect(world.authority.isRevoked(leaf.value)).toBe(true);
    expect(await codeOf(world.authority.renew(leaf.value, element.renewRequest()))).toBe('PICKET-C307');
    expect(await codeOf(world.authority.wake(element.wakeRequest(world.authority.challenge(element.issued.id))))).toBe(
      'PICKET-C307',
    );
    expect(await codeOf(enrolled('north'))).toBe('PICKET-C307');
    expect(await world.authority.identity(DOMAIN, element.issued.id)).toMatchObject({
      state: 'revoked',
      revocations: [{ kind: 'identity', why: 'stolen', byName: 'ada' }],
    });
  });

  test('keeps stopping an identity after every certificate of it has ended', async () => {
    const element = await enrolled('south');
    await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: element.issued.id, why: 'sold' });
    world.clock.now = NOON + 14 * DAY_MS;
    await world.authority.tend();
    expect((await world.authority.trust(DOMAIN)).list.entries).toEqual([]);
    expect(await codeOf(world.authority.wake(element.wakeRequest(world.authority.challenge(element.issued.id))))).toBe(
      'PICKET-C307',
    );
  });

  test('stops all below a path, those that are there and those to come, and nobody beside', async () => {
    const bots = [
      await enrolled('alice', 'agent'),
      await enrolled('alice/planner', 'agent'),
      await enrolled('alice/planner/child', 'agent'),
    ];
    const others = [
      await enrolled('alice2', 'agent'),
      await enrolled('al', 'agent'),
      await enrolled('alice/planner', 'service'),
    ];
    const value = `spiffe://${DOMAIN}/agent/alice/planner`;
    await world.authority.revoke(DOMAIN, ADA, { kind: 'subtree', value, why: 'prompt injected' });
    expect(await Promise.all(bots.map(standing))).toEqual(['in', 'PICKET-C307', 'PICKET-C307']);
    expect(await Promise.all(others.map(standing))).toEqual(['in', 'in', 'in']);
    expect(await codeOf(enrolled('alice/planner/next', 'agent'))).toBe('PICKET-C307');
    expect(await codeOf(enrolled('alice/other', 'agent'))).toBe('ok');
  });

  test('stops what an issuing key made, once another has taken its place', async () => {
    const element = await enrolled();
    const [old] = (await world.authority.keys(DOMAIN)).filter(
      ({ purpose, state }) => purpose === 'issuing' && state === 'active',
    );
    await world.authority.replaceIssuing(DOMAIN, ADA);
    const young = await enrolled();
    await world.authority.revoke(DOMAIN, ADA, { kind: 'issuer', value: old?.id ?? '', why: 'backup lost' });
    expect([await standing(element), await standing(young)]).toEqual(['PICKET-C307', 'in']);
    element.issued = await (async () => {
      world.clock.now = NOON + HOUR_MS;
      return world.authority.wake(element.wakeRequest(world.authority.challenge(element.issued.id)));
    })();
    expect(await standing(element)).toBe('in');
  });

  test.each([
    ['an id of another domain', 'identity', 'spiffe://office.example/gateway/x', 'PICKET-C303'],
    ['what is no id', 'subtree', 'gateway/x', 'PICKET-C300'],
    ['a certificate that is not there', 'serial', '00ff', 'PICKET-C347'],
    ['what is no serial number', 'serial', 'ZZ', 'PICKET-C347'],
    ['what is no key', 'issuer', 'key 1', 'PICKET-C347'],
  ] as const)('refuses %s', async (_, kind, value, code) => {
    const before = (await world.authority.trust(DOMAIN)).list.sequence;
    expect(await codeOf(world.authority.revoke(DOMAIN, ADA, { kind, value, why: 'x' }))).toBe(code);
    expect((await world.authority.trust(DOMAIN)).list.sequence).toBe(before);
  });

  test('counts the list up and tells the others of each change, of its own domain only', async () => {
    const element = await enrolled();
    const from = world.notices.length;
    const first = await world.authority.revoke(DOMAIN, ADA, { kind: 'serial', value: element.issued.serial, why: 'x' });
    const second = await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: element.issued.id, why: 'x' });
    expect(second).toBe(first + 1);
    expect(world.notices.slice(from)).toEqual(
      [first, second].map((sequence) => ({ domain: DOMAIN, what: 'revocations', sequence })),
    );
    expect((await world.authority.trust('office.example')).list).toMatchObject({ sequence: 0, entries: [] });
  });
});

describe('reinstate()', () => {
  test('lets a name be enrolled again, and its old certificates stay out', async () => {
    const element = await enrolled('east');
    const { id } = element.issued;
    await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: id, why: 'lost' });
    await world.authority.reinstate(DOMAIN, ADA, { kind: 'identity', id });
    expect(await standing(element)).toBe('PICKET-C307');
    expect((await world.authority.identity(DOMAIN, id)).state).toBe('valid');
    expect(await standing(await enrolled('east'))).toBe('in');
    expect(await codeOf(world.authority.reinstate(DOMAIN, ADA, { kind: 'identity', id }))).toBe('PICKET-C347');
  });

  test('of a path leaves those out that were revoked by their own name', async () => {
    const [one, two] = [await enrolled('west/one'), await enrolled('west/two')];
    const id = `spiffe://${DOMAIN}/gateway/west`;
    await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: one.issued.id, why: 'x' });
    await world.authority.revoke(DOMAIN, ADA, { kind: 'subtree', value: id, why: 'x' });
    await world.authority.reinstate(DOMAIN, ADA, { kind: 'subtree', id });
    expect(await codeOf(enrolled('west/one'))).toBe('PICKET-C307');
    expect(await codeOf(enrolled('west/two'))).toBe('ok');
    expect((await world.authority.identity(DOMAIN, one.issued.id)).state).toBe('revoked');
    expect(await standing(two)).toBe('PICKET-C307');
  });
});

test('another controller knows a revocation when it is told, and by itself half a minute later', async () => {
  const second = await world.again();
  const [one, two] = [await enrolled(), await enrolled()];
  const at = async (element: Element): Promise<string> => {
    const answer = await second.check(element.presented, QUESTION);
    return answer.kind === 'ok' ? 'in' : answer.code;
  };
  expect([await at(one), await at(two)]).toEqual(['in', 'in']);
  await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: one.issued.id, why: 'x' });
  expect(await at(one)).toBe('in');
  await second.noticed({ domain: DOMAIN });
  expect(await at(one)).toBe('PICKET-C307');
  await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: two.issued.id, why: 'x' });
  world.clock.now = NOON + 30_000;
  expect(await at(two)).toBe('in');
  world.clock.now = NOON + 30_001;
  expect(await at(two)).toBe('PICKET-C307');
});

test('whoever was never looked at here is revoked', async () => {
  const third = await world.again();
  const element = await enrolled();
  const leaf = await world.authority.check(element.presented, QUESTION);
  if (leaf.kind === 'refused') throw new Error(leaf.message);
  expect(third.isRevoked(leaf.value)).toBe(true);
  await third.trust(DOMAIN);
  expect(third.isRevoked(leaf.value)).toBe(false);
});
