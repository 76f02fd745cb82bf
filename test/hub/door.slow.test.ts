// Who gets in at the agents' port. A stranger gets no byte; a certificate that is not a member's own, now, in its domain, gets no WebSocket.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '#model';
import { newKeys } from '../../src/core/identity/certificates.testing.ts';
import { enter, helloFor, knock, nameOf, type Shown } from './raw.testing.ts';
import { TestSite, until } from './site.testing.ts';
import { good, now, TestDomain } from './trust.testing.ts';

const plant = new TestDomain('plant.example');
const office = new TestDomain('office.example');
const site = new TestSite([plant, office]);
let port = 0;
beforeAll(async () => {
  await site.open();
  ({ port } = await site.hub());
});
afterAll(() => site.close());
const member = (path = 'gateway/north') => plant.member(path, { addresses: site.addresses });

describe('the gate', () => {
  const forged = `${'a'.repeat(16)}-${'b'.repeat(26)}.picket`;
  const tampered = (name: string): string =>
    name.replace(/-(.)/, (_, first: string) => `-${first === 'a' ? 'b' : 'a'}`);
  it.each<[string, () => Promise<Buffer>]>([
    ['no server name', () => helloFor('')],
    ['a usual server name', () => helloFor('picket.example')],
    ['a forged name', () => helloFor(forged)],
    ['a name with a changed tag', () => helloFor(tampered(nameOf(member())))],
    ['a name of three minutes ago', () => helloFor(nameOf(member(), now() - 3 * MINUTE))],
    ['a name of three minutes to come', () => helloFor(nameOf(member(), now() + 3 * MINUTE))],
    ['plain HTTP', async () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['an SSH banner', async () => Buffer.from('SSH-2.0-x\r\n')],
    ['random bytes', async () => randomBytes(64)],
    ['a record that is too long', async () => Buffer.from([22, 3, 1, 0xff, 0xff, ...randomBytes(9_000)])],
    ['an alert', async () => Buffer.from([21, 3, 1, 0, 2, 2, 40])],
  ])('answers %s with a reset and no byte', async (_, bytes) => {
    expect(await knock(port, await bytes())).toEqual({ bytes: 0, isReset: true });
  });

  it('resets who says nothing, or only half, after two seconds', async () => {
    const half = (await helloFor(nameOf(member()))).subarray(0, 100);
    const all = await Promise.all([knock(port, Buffer.alloc(0)), knock(port, half)]);
    expect(all).toEqual([
      { bytes: 0, isReset: true },
      { bytes: 0, isReset: true },
    ]);
  });

  it('shows a member a server', async () => {
    const { how, webSocket } = await enter(port, member());
    expect(how).toBe('open');
    webSocket?.terminate();
  });
});

describe('mutual TLS', () => {
  const foreign = (): { key: string; cert: string } => {
    const { leafKey, chain } = office.member('gateway/north', { addresses: [] });
    return { key: leafKey, cert: pem(chain) };
  };
  const ours = (wishes: Parameters<TestDomain['member']>[1]['wishes'], path = 'gateway/odd') => {
    const { leafKey, chain } = plant.member(path, { addresses: [], wishes: { ...good(), ...wishes } });
    return { key: leafKey, cert: pem(chain) };
  };
  const pem = (chain: readonly string[]): string =>
    chain
      .map((der) => `-----BEGIN CERTIFICATE-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`)
      .join('');

  it.each<[string, () => Shown]>([
    ['no certificate', () => ({ key: undefined, cert: undefined })],
    ['one of another domain', foreign],
    [
      'one of this authority with a name of another domain',
      () => ours({ id: 'spiffe://office.example/gateway/north' }),
    ],
    ['one that ended', () => ours({ notBefore: now() - 2 * HOUR, notAfter: now() - HOUR })],
    ['one that is not valid yet', () => ours({ notBefore: now() + HOUR, notAfter: now() + 2 * HOUR })],
    ['one that lives too long', () => ours({ notBefore: now() - MINUTE, notAfter: now() + 72 * HOUR })],
    [
      'a filler: our root behind a foreign leaf',
      () => {
        const { leafKey, chain } = office.member('gateway/north', { addresses: [] });
        return { key: leafKey, cert: pem([...chain.slice(0, 1), ...member().chain.slice(0, 3)]) };
      },
    ],
  ])('lets nobody in with %s', async (_, shown) => {
    const { how } = await enter(port, member(), shown());
    expect(how).toBe('closed');
  });

  it('takes the name from the leaf alone, whatever else is sent along', async () => {
    const odd = plant.member('gateway/odd', { addresses: [] });
    const { how, webSocket } = await enter(port, odd, {
      key: odd.leafKey,
      cert: pem([odd.chain[0] ?? '', ...member('gateway/victim').chain]),
    });
    expect(how).toBe('open');
    webSocket?.terminate();
  });

  it('cuts a live connection when its certificate ends, and when it is revoked', async () => {
    const short = plant.member('gateway/short', {
      addresses: [],
      wishes: { notBefore: now() - MINUTE, notAfter: now() + 3 * SECOND, keys: newKeys() },
    });
    const revoked = member('gateway/revoked');
    const [one, other] = await Promise.all([enter(port, short), enter(port, revoked)]);
    expect([one.how, other.how]).toEqual(['open', 'open']);
    const hello = JSON.stringify({
      kind: 'hello',
      boot: 'b1',
      versions: [1],
      program: 'x',
      revision: null,
      digest: null,
      highest: 0,
      quarantineSequence: 0,
      bundleSequence: 1,
    });
    one.webSocket?.send(hello);
    other.webSocket?.send(hello);
    await until('both are in', () => site.hubs[0]?.hub.size !== undefined && site.hubs[0].hub.size >= 2);
    plant.revoke('identity', revoked.id);
    await site.notices.publish({ kind: 'revoked', domain: 'plant.example' });
    await until('the revoked one is cut', () => other.webSocket?.readyState === 3, 5_000);
    await until('the short one is cut', () => one.webSocket?.readyState === 3, 8_000);
    expect((await enter(port, revoked)).how).toBe('closed');
  });

  it('resumes nothing: no ticket is given, and an old session is a new handshake', async () => {
    const victim = member('gateway/resumed');
    const sessions: Buffer[] = [];
    const first = await enter(port, victim);
    first.socket.on('session', (session: Buffer) => sessions.push(session));
    await new Promise((resolve) => setTimeout(resolve, 200));
    first.webSocket?.terminate();
    expect(sessions).toEqual([]);
  });
});
