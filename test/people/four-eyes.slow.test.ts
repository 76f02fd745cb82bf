// Four eyes on a real store and ledger: more of them by one owner, fewer only by two, whatever one of them tries.

import { beforeEach, describe, expect, test } from 'vitest';
import { actorOf, DOMAIN, firstOwner, newWorld, OTHER, type Person, useLink, type World } from './world.testing.ts';

const NONE = { isWholePolicy: false, services: [] };
const ALL = { isWholePolicy: true, services: [] };
const of = (...services: readonly string[]) => ({ isWholePolicy: false, services });

let world: World;
let ada: Person;
let ben: Person;

async function newOwner(by: Person, domain = DOMAIN): Promise<Person> {
  const actor = await actorOf(world, by.secret);
  const { link } = await world.people.invite(actor, { domain, who: { name: 'Ben' }, role: 'owner' });
  return useLink(world, link?.page ?? '', 'Ben');
}

async function ask(who: Person, wanted: { readonly isWholePolicy: boolean; readonly services: readonly string[] }) {
  return world.people.setFourEyes(await actorOf(world, who.secret), { domain: DOMAIN, ...wanted });
}

async function inForce() {
  const { isWholePolicy, services } = await world.people.fourEyes(DOMAIN);
  return { isWholePolicy, services };
}

const sshNeeds = () =>
  world.people.needsSecond(DOMAIN, { changes: [{ section: 'rules', id: 'one' }], services: ['ssh'] });

describe('four eyes', () => {
  beforeEach(async () => {
    world = await newWorld();
    ada = await firstOwner(world);
    ben = await newOwner(ada);
    world.clock.now += 1_000;
    return () => world.close();
  });

  test.each([
    [NONE, of('ssh')],
    [of('ssh'), of('http', 'ssh')],
    [of('ssh'), ALL],
    [ALL, ALL],
  ])('from %j to %j by one alone', async (before, after) => {
    await ask(ada, before);
    expect(await ask(ada, after)).toEqual({ ...after, wish: null });
    expect(await inForce()).toEqual(after);
  });

  test.each([
    [of('ssh'), NONE],
    [of('http', 'ssh'), of('http')],
    [of('ssh'), of('http', 'https')],
    [ALL, NONE],
    [ALL, of('ssh')],
  ])('from %j to %j by two', async (before, after) => {
    await ask(ada, before);
    for (let time = 0; time < 2; time++)
      expect(await ask(ada, after)).toMatchObject({ ...before, wish: { ...after, by: ada.id } });
    expect(await inForce()).toEqual(before);
    expect(await ask(ben, after)).toEqual({ ...after, wish: null });
    expect(await inForce()).toEqual(after);
  });

  test('stay while they are only asked for', async () => {
    await ask(ada, of('ssh'));
    await ask(ada, NONE);
    expect(await sshNeeds()).toBe(true);
    await ask(ben, NONE);
    expect(await sshNeeds()).toBe(false);
  });

  test('are not taken away by an owner that was made for it', async () => {
    await ask(ada, ALL);
    await ask(ada, NONE);
    const eve = await newOwner(ada);
    await ask(eve, NONE);
    expect(await inForce()).toEqual(ALL);
  });

  test('are not taken away by another wish than the first one', async () => {
    await ask(ada, of('http', 'ssh'));
    await ask(ada, of('http'));
    expect(await ask(ben, NONE)).toMatchObject({ wish: { by: ben.id } });
    expect(await inForce()).toEqual(of('http', 'ssh'));
  });

  test.each([
    ['a day', 24 * 3_600_000, false],
    ['a millisecond less', 24 * 3_600_000 - 1, true],
  ])('a wish after %s', async (_, milliseconds, isHeld) => {
    await ask(ada, ALL);
    await ask(ada, NONE);
    world.clock.now += milliseconds;
    const actor = { ...(await actorOf(world, ada.secret)), kind: 'person', id: ben.id } as const;
    const { isWholePolicy } = await world.people.setFourEyes(actor, { domain: DOMAIN, ...NONE });
    expect(isWholePolicy).toBe(!isHeld);
  });

  test('once more of them are said, an older wish is over', async () => {
    await ask(ada, of('ssh'));
    await ask(ada, NONE);
    await ask(ada, of('http', 'ssh'));
    await ask(ben, NONE);
    expect(await inForce()).toEqual(of('http', 'ssh'));
  });

  test('of one domain are nothing to another', async () => {
    await ask(ada, ALL);
    await ask(ada, NONE);
    const actor = await actorOf(world, ada.secret);
    expect(await world.people.fourEyes(OTHER)).toEqual({ ...NONE, wish: null });
    expect(await world.people.setFourEyes(actor, { domain: OTHER, ...ALL })).toEqual({ ...ALL, wish: null });
  });
});
