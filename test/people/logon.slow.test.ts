// People on a real store and ledger, with an authenticator in software: who gets in, and everybody who does not.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CONTROLLER, Refusal } from '#routes';
import type { Lies } from './authenticator.testing.ts';
import {
  actorOf,
  authenticated,
  authenticator,
  DOMAIN,
  factsFrom,
  firstOwner,
  logon,
  newWorld,
  OTHER,
  type Person,
  START,
  secretOf,
  useLink,
  type World,
} from './world.testing.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function codeOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

describe('first start', () => {
  let world: World;
  beforeEach(async () => {
    world = await newWorld();
    return () => world.close();
  });

  test('the first link makes an owner of everything that is there, once', async () => {
    const link = await world.people.firstLink();
    expect(link?.page).toMatch(/^https:\/\/localhost:7443\/login\/#k=[A-Za-z0-9_-]{43}$/);
    const ada = await useLink(world, link?.page ?? '');
    const actor = await actorOf(world, ada.secret);
    expect(actor).toMatchObject({ kind: 'person', name: 'Ada', scopes: null, authenticatedAt: START });
    expect(actor.roles).toEqual({ [DOMAIN]: 'owner', [OTHER]: 'owner', [CONTROLLER]: 'owner' });
    expect(await world.people.firstLink()).toBeNull();
    expect(await codeOf(useLink(world, link?.page ?? ''))).toBe('PICKET-C505');
  });

  test('its secret is nowhere in the store, and a newer link ends an older one', async () => {
    const older = await world.people.firstLink();
    const newer = await world.people.firstLink();
    const rows = await world.store.db.selectFrom('logon_links').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(secretOf(newer?.page ?? ''));
    expect(await codeOf(useLink(world, older?.page ?? ''))).toBe('PICKET-C505');
    await useLink(world, newer?.page ?? '');
  });

  test.each([
    ['just before ten minutes', 10 * MINUTE - 1, null],
    ['at ten minutes', 10 * MINUTE, 'PICKET-C505'],
  ])('the first link %s', async (_, after, expected) => {
    const link = await world.people.firstLink();
    world.clock.now += after;
    expect(await codeOf(useLink(world, link?.page ?? ''))).toBe(expected);
  });

  test('of two who hold the first link at once, one becomes the owner', async () => {
    const link = await world.people.firstLink();
    const both = await Promise.all([1, 2].map(() => codeOf(useLink(world, link?.page ?? ''))));
    expect(both.filter((code) => code === null)).toHaveLength(1);
    expect(await world.store.db.selectFrom('users').selectAll().execute()).toHaveLength(1);
  });
});

describe('passkeys', () => {
  let world: World;
  let ada: Person;
  beforeAll(async () => {
    world = await newWorld();
    ada = await firstOwner(world);
  });
  afterAll(() => world.close());

  test('a passkey logs on', async () => {
    expect(await actorOf(world, await logon(world, ada))).toMatchObject({ id: ada.id, kind: 'person' });
  });

  const LIES: readonly (readonly [string, Lies])[] = [
    ['for another site', { origin: 'https://evil.example' }],
    ['of another relying party', { rpId: 'evil.example' }],
    ['without user verification', { isVerified: false }],
    ['over another challenge', { challenge: Buffer.alloc(38, 7).toString('base64url') }],
    ['over no challenge', { challenge: '' }],
    ['of another ceremony', { type: 'webauthn.create' }],
    ['with a broken signature', { isSignatureBroken: true }],
    ['with a counter that went back', { counter: 1 }],
    ['in the name of somebody else', { userHandle: 'AAAA' }],
  ];
  test.each(LIES)('a proof %s is refused', async (_, lies) => {
    await logon(world, ada);
    const proof = ada.key.get(await world.people.logonOptions(), lies);
    // A source for each, so that no count of failures is what refuses.
    const facts = factsFrom({ peerAddress: `198.51.100.${1 + LIES.findIndex(([, one]) => one === lies)}` });
    expect(await codeOf(world.people.logon({ proof, facts }))).toBe('PICKET-C502');
  });

  test('an unknown passkey is refused with the same words', async () => {
    const stranger = authenticator();
    const facts = factsFrom({ peerAddress: '198.51.100.90' });
    const unknown = world.people.logon({ proof: stranger.get(await world.people.logonOptions()), facts });
    const broken = world.people.logon({
      proof: ada.key.get(await world.people.logonOptions(), { isSignatureBroken: true }),
      facts,
    });
    const [one, other] = await Promise.allSettled([unknown, broken]);
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'PICKET-C502' } });
    expect(one.status === 'rejected' && String(one.reason)).toBe(other.status === 'rejected' && String(other.reason));
  });

  test('a proof is used once, also when it is shown twice at once', async () => {
    const proof = ada.key.get(await world.people.logonOptions());
    const facts = factsFrom({ peerAddress: '198.51.100.91' });
    const both = await Promise.all([1, 2].map(() => codeOf(world.people.logon({ proof, facts }))));
    expect(both.sort()).toEqual(['PICKET-C502', null]);
    expect(await codeOf(world.people.logon({ proof, facts }))).toBe('PICKET-C502');
  });

  test('a challenge holds for five minutes', async () => {
    const [fresh, late] = [await world.people.logonOptions(), await world.people.logonOptions()];
    world.clock.now += 5 * MINUTE - 1;
    expect(await codeOf(world.people.logon({ proof: ada.key.get(fresh), facts: factsFrom() }))).toBeNull();
    world.clock.now += 1;
    const facts = factsFrom({ peerAddress: '198.51.100.92' });
    expect(await codeOf(world.people.logon({ proof: ada.key.get(late), facts }))).toBe('PICKET-C502');
  });

  test('a challenge for making a passkey is none for a logon', async () => {
    const actor = await actorOf(world, await logon(world, ada));
    const proof = ada.key.get(await world.people.passkeyOptions(actor));
    const facts = factsFrom({ peerAddress: '198.51.100.93' });
    expect(await codeOf(world.people.logon({ proof, facts }))).toBe('PICKET-C502');
  });

  test('a further passkey logs on; the last one stays', async () => {
    const actor = await actorOf(world, await logon(world, ada));
    expect(await codeOf(world.people.removePasskey(actor, ada.key.id))).toBe('PICKET-C510');
    const key = authenticator();
    await world.people.addPasskey(actor, { name: 'phone', made: key.create(await world.people.passkeyOptions(actor)) });
    expect(await actorOf(world, await logon(world, { key }))).toMatchObject({ id: ada.id });
    await world.people.removePasskey(actor, key.id);
    expect(await codeOf(world.people.removePasskey(actor, key.id))).toBe('PICKET-C420');
    const facts = factsFrom({ peerAddress: '198.51.100.94' });
    const gone = world.people.logon({ proof: key.get(await world.people.logonOptions()), facts });
    expect(await codeOf(gone)).toBe('PICKET-C502');
  });

  test('a session is proved anew by the own passkey, and by no other', async () => {
    const secret = await logon(world, ada);
    world.clock.now += 20 * MINUTE;
    const actor = await actorOf(world, secret);
    const invited = await world.people.invite(actor, { domain: DOMAIN, who: { name: 'Ben' }, role: 'viewer' });
    const ben = await useLink(world, invited.link?.page ?? '');
    const facts = factsFrom({ peerAddress: '198.51.100.95' });
    const others = ben.key.get(await world.people.logonOptions());
    expect(await codeOf(world.people.prove({ actor, proof: others, facts }))).toBe('PICKET-C502');
    const own = ada.key.get(await world.people.logonOptions());
    await world.people.prove({ actor, proof: own, facts });
    expect((await actorOf(world, secret)).authenticatedAt).toBe(world.clock.now);
  });
});

describe('sessions', () => {
  let world: World;
  let ada: Person;
  beforeEach(async () => {
    world = await newWorld();
    ada = await firstOwner(world);
    return () => world.close();
  });

  test.each([
    ['just before an hour without use', HOUR - 1, 'actor'],
    ['after an hour without use', HOUR, 'refused'],
  ])('%s', async (_, after, kind) => {
    world.clock.now += after;
    expect((await authenticated(world, ada.secret)).kind).toBe(kind);
  });

  test('used all the time it ends after twelve hours', async () => {
    for (let minutes = 30; minutes < 12 * 60; minutes += 30) {
      world.clock.now = START + minutes * MINUTE;
      expect((await authenticated(world, ada.secret)).kind).toBe('actor');
    }
    world.clock.now = START + 12 * HOUR - 1;
    expect((await authenticated(world, ada.secret)).kind).toBe('actor');
    world.clock.now = START + 12 * HOUR;
    expect(await authenticated(world, ada.secret)).toMatchObject({ kind: 'refused', code: 'PICKET-C500' });
  });

  test('ended, it is over at once', async () => {
    const other = await logon(world, ada);
    const actor = await actorOf(world, ada.secret);
    const ended = await actorOf(world, other);
    await world.people.endSession(actor, ended.session ?? '');
    expect(await authenticated(world, other)).toMatchObject({ kind: 'refused', code: 'PICKET-C500' });
    expect((await authenticated(world, ada.secret)).kind).toBe('actor');
    expect(await world.people.endSessions(actor)).toBe(1);
    expect((await authenticated(world, ada.secret)).kind).toBe('refused');
  });

  test('the cookie is for this host, this site and TLS alone, and only one is believed', async () => {
    const [session = '', device = ''] = world.people.cookiesOf({ secret: ada.secret });
    for (const one of [session, device])
      expect(one).toMatch(/^__Host-picket[a-z-]*=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    const cookie = `__Host-picket=${ada.secret}`;
    expect(await world.people.authenticate(factsFrom({ cookie }))).toMatchObject({ kind: 'actor', by: 'cookie' });
    const twice = await world.people.authenticate(factsFrom({ cookie: `${cookie}; __Host-picket=x` }));
    expect(twice.kind).toBe('nobody');
  });

  test.each([
    ['Bearer '],
    ['Basic YWRhOmFkYQ=='],
    ['Bearer pks_short'],
    [`Bearer pks_${'A'.repeat(43)}`],
    [`Bearer pkt_${'A'.repeat(43)}`],
    [`Bearer pks_${'A'.repeat(43)}' OR '1'='1`],
    [`Bearer ${'A'.repeat(5_000)}`],
  ])('what nobody was given is refused: %.30s', async (authorization) => {
    expect((await world.people.authenticate(factsFrom({ authorization }))).kind).toBe('refused');
  });

  test('no secret is in the store or in the ledger', async () => {
    const actor = await actorOf(world, ada.secret);
    const { secret } = await world.people.makeToken(actor, {
      name: 'job',
      scopes: ['policies:read'],
      roles: { [DOMAIN]: 'viewer' },
      days: 1,
    });
    const rows = await Promise.all([
      world.store.db.selectFrom('sessions').selectAll().execute(),
      world.store.db.selectFrom('api_tokens').selectAll().execute(),
      world.store.db.selectFrom('acts').selectAll().execute(),
    ]);
    for (const one of [secret, ada.secret]) expect(JSON.stringify(rows)).not.toContain(one);
  });

  test('sweeping takes away what is over and nothing else', async () => {
    world.clock.now += 30 * MINUTE;
    const fresh = await logon(world, ada);
    world.clock.now += 31 * MINUTE;
    await world.people.sweep();
    const rows = await world.store.db.selectFrom('sessions').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect((await authenticated(world, fresh)).kind).toBe('actor');
    expect(await world.store.db.selectFrom('logon_spent').selectAll().execute()).toHaveLength(0);
  });
});

describe('API tokens', () => {
  let world: World;
  let ada: Person;
  beforeEach(async () => {
    world = await newWorld();
    ada = await firstOwner(world);
    return () => world.close();
  });

  test('a token has its scopes, at most its roles, and its end', async () => {
    const actor = await actorOf(world, ada.secret);
    const wish = { name: 'job', scopes: ['policies:read'], roles: { [DOMAIN]: 'operator' }, days: 365 } as const;
    const { secret } = await world.people.makeToken(actor, wish);
    expect(secret).toMatch(/^pkt_[A-Za-z0-9_-]{43}$/);
    expect(await actorOf(world, secret)).toMatchObject({
      kind: 'token',
      name: 'job (Ada)',
      roles: { [DOMAIN]: 'operator' },
      scopes: ['policies:read'],
      session: null,
      authenticatedAt: null,
    });
    world.clock.now += 365 * DAY - 1;
    expect((await authenticated(world, secret)).kind).toBe('actor');
    world.clock.now += 1;
    expect(await authenticated(world, secret)).toMatchObject({ kind: 'refused', code: 'PICKET-C501' });
  });

  test('it is never wider than its maker, at any time', async () => {
    const actor = await actorOf(world, ada.secret);
    const invited = await world.people.invite(actor, { domain: DOMAIN, who: { name: 'Ben' }, role: 'operator' });
    const ben = await useLink(world, invited.link?.page ?? '');
    const maker = await actorOf(world, ben.secret);
    const wish = { name: 'job', scopes: ['policies:read'], days: 1 } as const;
    for (const roles of [{ [DOMAIN]: 'approver' }, { [OTHER]: 'viewer' }, { [CONTROLLER]: 'viewer' }] as const)
      expect(await codeOf(world.people.makeToken(maker, { ...wish, roles }))).toBe('PICKET-C530');
    const { secret } = await world.people.makeToken(maker, { ...wish, roles: { [DOMAIN]: 'operator' } });
    await world.people.setRole(actor, { domain: DOMAIN, id: ben.id, role: 'viewer' });
    expect((await actorOf(world, secret)).roles).toEqual({ [DOMAIN]: 'viewer' });
    await world.people.removeUser(actor, { domain: DOMAIN, id: ben.id });
    expect(await authenticated(world, secret)).toMatchObject({ kind: 'refused', code: 'PICKET-C501' });
    expect((await authenticated(world, ben.secret)).kind).toBe('refused');
  });
});

describe('people of a domain', () => {
  let world: World;
  let ada: Person;
  beforeEach(async () => {
    world = await newWorld();
    ada = await firstOwner(world);
    return () => world.close();
  });

  test('the last owner who can log on stays', async () => {
    const actor = await actorOf(world, ada.secret);
    const of = { domain: DOMAIN, id: ada.id };
    expect(await codeOf(world.people.removeUser(actor, of))).toBe('PICKET-C520');
    expect(await codeOf(world.people.setRole(actor, { ...of, role: 'approver' }))).toBe('PICKET-C520');
    const invited = await world.people.invite(actor, { domain: DOMAIN, who: { name: 'Ben' }, role: 'owner' });
    expect(await codeOf(world.people.removeUser(actor, of))).toBe('PICKET-C520');
    await useLink(world, invited.link?.page ?? '');
    await world.people.removeUser(actor, of);
    expect((await actorOf(world, ada.secret)).roles).toEqual({ [OTHER]: 'owner', [CONTROLLER]: 'owner' });
  });

  test('of two owners who remove each other at once, one stays', async () => {
    const actor = await actorOf(world, ada.secret);
    const invited = await world.people.invite(actor, { domain: DOMAIN, who: { name: 'Ben' }, role: 'owner' });
    const ben = await useLink(world, invited.link?.page ?? '');
    const both = await Promise.all([
      codeOf(world.people.removeUser(actor, { domain: DOMAIN, id: ben.id })),
      codeOf(world.people.removeUser(await actorOf(world, ben.secret), { domain: DOMAIN, id: ada.id })),
    ]);
    expect(both.filter((code) => code === null)).toHaveLength(1);
  });

  test('a link for somebody with roles elsewhere needs an owner of elsewhere', async () => {
    const actor = await actorOf(world, ada.secret);
    const invited = await world.people.invite(actor, { domain: DOMAIN, who: { name: 'Ben' }, role: 'owner' });
    const ben = await useLink(world, invited.link?.page ?? '');
    const owner = await actorOf(world, ben.secret);
    expect(await codeOf(world.people.linkFor(owner, { domain: DOMAIN, id: ada.id }))).toBe('PICKET-C521');
    const link = await world.people.linkFor(actor, { domain: DOMAIN, id: ben.id });
    expect(await actorOf(world, (await useLink(world, link.page)).secret)).toMatchObject({ id: ben.id });
  });

  test('somebody known gets a role elsewhere by their id, and nobody is found by trying', async () => {
    const actor = await actorOf(world, ada.secret);
    const invited = await world.people.invite(actor, { domain: DOMAIN, who: { name: 'Ben' }, role: 'viewer' });
    const ben = await useLink(world, invited.link?.page ?? '');
    const there = { domain: OTHER, who: { id: ben.id }, role: 'operator' } as const;
    expect((await world.people.invite(actor, there)).link).toBeNull();
    expect((await actorOf(world, ben.secret)).roles).toEqual({ [DOMAIN]: 'viewer', [OTHER]: 'operator' });
    expect(await codeOf(world.people.invite(actor, there))).toBe('PICKET-C522');
    expect(await codeOf(world.people.invite(actor, { ...there, who: { id: 'nobody' } }))).toBe('PICKET-C420');
  });

  test('an owner ends sessions of their own domain only', async () => {
    const actor = await actorOf(world, ada.secret);
    const invited = await world.people.invite(actor, { domain: DOMAIN, who: { name: 'Ben' }, role: 'viewer' });
    const ben = await useLink(world, invited.link?.page ?? '');
    const id = (await actorOf(world, ben.secret)).session ?? '';
    expect(await codeOf(world.people.endSessionIn(actor, { domain: OTHER, id }))).toBe('PICKET-C420');
    await world.people.endSessionIn(actor, { domain: DOMAIN, id });
    expect((await authenticated(world, ben.secret)).kind).toBe('refused');
  });

  test.each([
    ['nothing guarded', { isWholePolicy: false, services: [] }, [false, false, false]],
    ['a service', { isWholePolicy: false, services: ['ssh'] }, [true, false, true]],
    ['the whole policy', { isWholePolicy: true, services: [] }, [true, true, true]],
  ])('a second person is needed: %s', async (_, setting, expected) => {
    const actor = await actorOf(world, ada.secret);
    await world.people.setFourEyes(actor, { domain: DOMAIN, ...setting });
    const changes = [{ section: 'rules', id: 'ops' }];
    const asked = await Promise.all([
      world.people.needsSecond(DOMAIN, { changes, services: ['ssh'] }),
      world.people.needsSecond(DOMAIN, { changes, services: ['rtsp'] }),
      world.people.needsSecond(DOMAIN, { changes }),
    ]);
    expect(asked).toEqual(expected);
    expect(await world.people.needsSecond(DOMAIN, { changes: [], services: [] })).toBe(false);
    expect(await world.people.needsSecond(OTHER, { changes, services: ['ssh'] })).toBe(false);
  });
});

describe('programs without a browser', () => {
  let world: World;
  let ada: Person;
  beforeEach(async () => {
    world = await newWorld();
    ada = await firstOwner(world);
    return () => world.close();
  });
  const program = 'picket on laptop';

  test('one that was let in gets a session, once', async () => {
    const { code, secret, page } = await world.people.beginCode({ program, facts: factsFrom() });
    expect(page).toBe(`https://localhost:7443/login/#device=${code}`);
    expect(await world.people.pollCode({ secret, facts: factsFrom() })).toEqual({ state: 'waiting' });
    const actor = await actorOf(world, ada.secret);
    const typed = code.toLowerCase().replace('-', '');
    expect(await world.people.showCode({ actor, code: typed, facts: factsFrom() })).toMatchObject({ program });
    await world.people.decideCode({ actor, code: typed, isApproved: true, facts: factsFrom() });
    const polled = await world.people.pollCode({ secret, facts: factsFrom() });
    const granted = polled.state === 'granted' ? polled.begun.secret : '';
    expect(await actorOf(world, granted)).toMatchObject({ id: ada.id, authenticatedAt: START });
    expect(await codeOf(world.people.pollCode({ secret, facts: factsFrom() }))).toBe('PICKET-C506');
    const again = world.people.decideCode({ actor, code, isApproved: true, facts: factsFrom() });
    expect(await codeOf(again)).toBe('PICKET-C506');
  });

  test('one that was refused is told so', async () => {
    const { code, secret } = await world.people.beginCode({ program, facts: factsFrom() });
    const actor = await actorOf(world, ada.secret);
    await world.people.decideCode({ actor, code, isApproved: false, facts: factsFrom() });
    expect(await world.people.pollCode({ secret, facts: factsFrom() })).toEqual({ state: 'denied' });
  });

  test('codes hold for ten minutes, and one address has five', async () => {
    const first = await world.people.beginCode({ program, facts: factsFrom() });
    for (let more = 1; more < 5; more++) await world.people.beginCode({ program, facts: factsFrom() });
    expect(await codeOf(world.people.beginCode({ program, facts: factsFrom() }))).toBe('PICKET-C507');
    await world.people.beginCode({ program, facts: factsFrom({ peerAddress: '192.0.2.8' }) });
    world.clock.now += 10 * MINUTE;
    const late = world.people.pollCode({ secret: first.secret, facts: factsFrom() });
    expect(await codeOf(late)).toBe('PICKET-C506');
    await world.people.beginCode({ program, facts: factsFrom() });
  });
});

describe('failures', () => {
  let world: World;
  let ada: Person;
  beforeEach(async () => {
    world = await newWorld();
    ada = await firstOwner(world);
    return () => world.close();
  });

  async function fail(peerAddress: string, times: number): Promise<string | null> {
    let code: string | null = null;
    for (let at = 0; at < times; at++) {
      const proof = ada.key.get(await world.people.logonOptions(), { isSignatureBroken: true });
      code = await codeOf(world.people.logon({ proof, facts: factsFrom({ peerAddress }) }));
    }
    return code;
  }

  async function succeed(facts: Parameters<typeof factsFrom>[0]): Promise<string | null> {
    const proof = ada.key.get(await world.people.logonOptions());
    return codeOf(world.people.logon({ proof, facts: factsFrom(facts) }));
  }

  test('slow down their own source for this account, and nobody else', async () => {
    expect(await fail('203.0.113.9', 10)).toBe('PICKET-C502');
    expect(await fail('203.0.113.9', 1)).toBe('PICKET-C504');
    expect(await succeed({ peerAddress: '203.0.113.9' })).toBe('PICKET-C504');
    expect(await succeed({ peerAddress: '203.0.113.10' })).toBeNull();
    const [, device = ''] = world.people.cookiesOf({ secret: 'x' });
    const cookie = device.split(';')[0] ?? '';
    expect(await succeed({ peerAddress: '203.0.113.9', cookie })).toBeNull();
    const forged = `${cookie.slice(0, -2)}${cookie.endsWith('AA') ? 'BB' : 'AA'}`;
    expect(await succeed({ peerAddress: '203.0.113.9', cookie: forged })).toBe('PICKET-C504');
    world.clock.now += 15 * MINUTE;
    expect(await succeed({ peerAddress: '203.0.113.9' })).toBeNull();
  });

  test('one host counts as one, whichever of its addresses it takes', async () => {
    for (let at = 0; at < 10; at++) await fail(`2001:db8:1:2::${at + 1}`, 1);
    expect(await fail('2001:db8:1:2:ffff::1', 1)).toBe('PICKET-C504');
    expect(await succeed({ peerAddress: '2001:db8:1:3::1' })).toBeNull();
  });
});
