// Logons at a real OpenID provider over TLS: by browser with PKCE, by program with the device flow; roles by group, and everybody who does not get in.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeMembership } from '#store';
import { issuerFetch } from '../../src/control/people/oidc/fetch.ts';
import { Visitor } from './visitor.testing.ts';
import {
  actorOf,
  DOMAIN,
  factsFrom,
  freePort,
  newCertificate,
  newServedWorld,
  OTHER,
  type Served,
} from './world.testing.ts';

const PROVIDER = fileURLToPath(new URL('./provider.mjs', import.meta.url));

let world: Served;
let child: ChildProcess;
let issuer: string;
let authority: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'picket-oidc-'));
  const certificate = newCertificate(folder);
  authority = certificate.chain;
  const port = await freePort();
  issuer = `https://localhost:${port}`;
  const options = {
    name: 'Example',
    issuer,
    clientId: 'picket',
    clientSecret: 'a secret of the test, long enough for it',
    scopes: ['profile', 'groups'],
    claim: 'groups',
    authority,
    roles: [
      { value: 'plant-operators', domain: DOMAIN, role: 'operator' },
      { value: 'plant-approvers', domain: DOMAIN, role: 'approver' },
      { value: 'plant-approvers', domain: 'nowhere.example', role: 'viewer' },
    ],
  } as const;
  world = await newServedWorld({
    issuers: [
      { id: 'example', ...options },
      { id: 'stranger', ...options, issuer: `https://localhost:${await freePort()}` },
      { id: 'untrusted', ...options, authority: world0() },
    ],
  });
  const words = [PROVIDER, String(port), join(folder, 'key.pem'), join(folder, 'chain.pem')];
  child = spawn(process.execPath, [...words, `${world.origin}/v1/login/oidc/example/return`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => reject(new Error('the provider did not begin')));
  });
}, 60_000);

afterAll(async () => {
  child?.kill('SIGKILL');
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A certificate that is not the provider's. */
function world0(): string {
  const other = mkdtempSync(join(tmpdir(), 'picket-oidc-other-'));
  const { chain } = newCertificate(other);
  rmSync(other, { recursive: true, force: true });
  return chain;
}

function visitor(): Visitor {
  return new Visitor([world.certificate, authority]);
}

async function as(name: string): Promise<void> {
  await visitor().ask(`${issuer}/as/${name}`, '');
}

const isLogin = (url: string): boolean => url.startsWith(`${world.origin}/login/`);
const isReturn = (url: string): boolean => url.startsWith(`${world.origin}/v1/login/oidc/example/return`);

describe('a browser', () => {
  test('is logged on with the roles that its groups give, and nothing of the name runs', async () => {
    await as('grace');
    const browser = visitor();
    const { url } = await browser.go(`${world.origin}/v1/login/oidc/example`, isLogin);
    expect(url).toBe(`${world.origin}/login/#done`);
    const actor = await actorOf(world, browser.cookie(world.origin, '__Host-picket') ?? '');
    expect(actor).toMatchObject({ kind: 'person', name: 'Grace  Hopper', roles: { [DOMAIN]: 'operator' } });
    expect(actor.authenticatedAt).not.toBeNull();
    expect(browser.cookie(world.origin, '__Host-picket-oidc')).toBeNull();
  });

  test('is the same person the next time, with the roles of that time; no group makes an owner', async () => {
    await as('linus');
    const secrets: string[] = [];
    for (let time = 0; time < 2; time++) {
      const browser = visitor();
      await browser.go(`${world.origin}/v1/login/oidc/example`, isLogin);
      secrets.push(browser.cookie(world.origin, '__Host-picket') ?? '');
    }
    const [first, second] = await Promise.all(secrets.map((secret) => actorOf(world, secret)));
    expect(first?.id).toBe(second?.id);
    expect(second?.roles).toEqual({ [DOMAIN]: 'approver' });
  });

  test('of somebody without a group that counts is refused, and nobody is made', async () => {
    await as('mallory');
    const browser = visitor();
    const { url } = await browser.go(`${world.origin}/v1/login/oidc/example`, isLogin);
    expect(url).toBe(`${world.origin}/login/#refused=PICKET-C542`);
    expect(browser.cookie(world.origin, '__Host-picket')).toBeNull();
    const users = await world.store.db.selectFrom('users').select('name').execute();
    expect(users.map(({ name }) => name)).not.toContain('Mallory');
  });

  test('keeps a role that a person gave', async () => {
    await as('grace');
    const identity = `${issuer} grace`;
    const { db } = world.store;
    const { id } = await db.selectFrom('users').select('id').where('identity', '=', identity).executeTakeFirstOrThrow();
    const given = { domain: OTHER, user: id, role: 'viewer', given_by: 'ada', given_at: 1 } as const;
    await db.insertInto('memberships').values(given).execute();
    await removeMembership(db, DOMAIN, id);
    const browser = visitor();
    await browser.go(`${world.origin}/v1/login/oidc/example`, isLogin);
    const actor = await actorOf(world, browser.cookie(world.origin, '__Host-picket') ?? '');
    expect(actor.roles).toEqual({ [DOMAIN]: 'operator', [OTHER]: 'viewer' });
  });

  /** What a browser would bring back, and the browser. */
  async function atTheDoor(): Promise<{ readonly url: URL; readonly browser: Visitor }> {
    await as('grace');
    const browser = visitor();
    const { url } = await browser.go(`${world.origin}/v1/login/oidc/example`, isReturn);
    return { url: new URL(url), browser };
  }

  test('that brings back what another one began is refused', async () => {
    const { url } = await atTheDoor();
    const other = visitor();
    await other.ask(`${world.origin}/v1/login/oidc/example`);
    expect((await other.ask(url.href)).location).toContain('#refused=');
    expect((await visitor().ask(url.href)).location).toContain('#refused=PICKET-C542');
  });

  test.each([
    ['another state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
    ['another code', (url: URL) => url.searchParams.set('code', 'x'.repeat(43))],
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['an error', (url: URL) => url.searchParams.set('error', 'access_denied')],
    ['no code', (url: URL) => url.searchParams.delete('code')],
  ])('that brings back %s is refused', async (_, change) => {
    const { url, browser } = await atTheDoor();
    change(url);
    expect((await browser.ask(url.href)).location).toContain('#refused=');
    expect(browser.cookie(world.origin, '__Host-picket')).toBeNull();
  });

  test('that brings it back twice is refused the second time', async () => {
    const { url, browser } = await atTheDoor();
    const kept = browser.cookie(world.origin, '__Host-picket-oidc') ?? '';
    expect((await browser.ask(url.href)).location).toContain('#done');
    const query = Object.fromEntries(url.searchParams);
    const facts = factsFrom({ cookie: `__Host-picket-oidc=${kept}` });
    await expect(world.people.returned({ id: 'example', query, facts })).rejects.toMatchObject({ code: 'PICKET-C542' });
  });
});

describe('a program', () => {
  test('waits, is let in at the provider, and gets a session once', async () => {
    await as('linus');
    const asked = await world.people.beginDevice({ id: 'example', facts: factsFrom() });
    const poll = () => world.people.pollDevice({ id: 'example', handle: asked.handle, facts: factsFrom() });
    expect(await poll()).toMatchObject({ state: 'waiting' });
    await visitor().go(asked.page);
    const polled = await poll();
    const secret = polled.state === 'granted' ? polled.begun.secret : '';
    expect((await actorOf(world, secret)).roles).toEqual({ [DOMAIN]: 'approver' });
    await expect(poll()).rejects.toMatchObject({ name: 'Refusal' });
  });

  test('cannot change what it was given to bring back', async () => {
    const asked = await world.people.beginDevice({ id: 'example', facts: factsFrom() });
    const handle = `${asked.handle.slice(0, -2)}AA`;
    const polled = world.people.pollDevice({ id: 'example', handle, facts: factsFrom() });
    await expect(polled).rejects.toMatchObject({ code: 'PICKET-C542' });
  });
});

describe('a provider', () => {
  test.each([
    ['that is not configured', 'nobody', 'PICKET-C540'],
    ['that is away', 'stranger', 'PICKET-C541'],
    ['that another authority vouches for', 'untrusted', 'PICKET-C541'],
  ])('%s is refused', async (_, id, code) => {
    await expect(world.people.sendTo(id)).rejects.toMatchObject({ code });
  });

  test.each([
    ['another origin', 'https://169.254.169.254/latest/meta-data'],
    ['another port', 'https://localhost:1/'],
    ['plain HTTP', 'http://localhost/'],
    ['a file', 'file:///etc/passwd'],
  ])('cannot send this controller to %s', async (_, address) => {
    const ask = issuerFetch({ origins: [issuer], authority, mayBePlain: false });
    const options = { method: 'GET', headers: {}, body: null, redirect: 'manual' } as const;
    await expect(ask(address, options)).rejects.toThrow('not allowed');
  });

  test('is listed for the page of the logon, by name and nothing else', async () => {
    const send = (target: string) => visitor().ask(`${world.origin}${target}`);
    const { body } = await send('/v1/login');
    expect(JSON.parse(body).issuers[0]).toEqual({ id: 'example', name: 'Example', hasDevice: true });
    expect(body).not.toContain('secret');
  });
});
