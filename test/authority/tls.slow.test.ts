// The authority's certificates in real TLS 1.3: who gets in, who does not, and that neither resumption nor a live connection outlasts a certificate.

import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  connect,
  createServer,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type Server,
  type TLSSocket,
} from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pemOf } from '#authority';
import { cutAt, type IdentityKind, type Presented } from '#identity';
import { ADA, DOMAIN, Element, openWorld, ownKey, type World } from '../../src/control/authority/authority.testing.ts';

/** How long a peer may take to say what became of a connection. */
const ANSWER_MS = 10_000;

let world: World;
let other: World;
let server: Server;
let port = 0;
/** What the server made of each connection, in order. */
const judged: string[] = [];
let kinds: readonly IdentityKind[] | null = null;

beforeAll(async () => {
  // Real time: OpenSSL looks at the clock itself. The authority is two hours old, so that it can have issued what ends soon.
  world = await openWorld({ start: Date.now() - 2 * 3_600_000 });
  world.clock.now = Date.now();
  other = await openWorld({ start: Date.now() });
  const own = await world.authority.ownCertificate({ domain: DOMAIN, name: 'main', hosts: ['localhost'] });
  const { bundle } = await world.authority.trust(DOMAIN);
  const ca = bundle.roots.map(({ certificate }) => pemOf([Buffer.from(certificate.der).toString('base64')]));
  server = createServer({
    key: own.key,
    cert: own.chain,
    ca,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  server.on(
    'tlsClientError',
    (error) => void judged.push(`tls ${'code' in error ? String(error.code) : error.message}`),
  );
  server.on('secureConnection', (socket) => void judge(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? (address satisfies AddressInfo).port : 0;
});
afterAll(async () => {
  server.close();
  await world.close();
  await other.close();
});

/** As the agents' port does: the leaf that TLS proved, the one verifier, a timer at its end; then one word. */
async function judge(socket: TLSSocket): Promise<void> {
  socket.on('error', () => {});
  if (!socket.authorized || socket.isSessionReused()) {
    judged.push('resumed');
    return void socket.destroy();
  }
  const leaf = await world.authority.check(presentedBy(socket), { domain: DOMAIN, kinds, role: 'client' });
  judged.push(leaf.kind === 'ok' ? leaf.value.id.text : leaf.code);
  if (leaf.kind === 'refused') return void socket.destroy();
  const timer = setTimeout(() => socket.destroy(), Math.max(0, cutAt(leaf.value) / 1_000 - Date.now()));
  socket.on('close', () => clearTimeout(timer));
  socket.write('in');
}

function presentedBy(socket: TLSSocket): Presented {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | PeerCertificate = socket.getPeerCertificate(true);
  while (certificate.raw !== undefined && chain.length < 4) {
    chain.push(certificate.raw);
    const issuer: DetailedPeerCertificate | null =
      'issuerCertificate' in certificate ? certificate.issuerCertificate : null;
    if (issuer === null || issuer === undefined || issuer === certificate) break;
    certificate = issuer;
  }
  const [leaf = new Uint8Array(0), ...others] = chain;
  return { leaf, others };
}

interface Try {
  readonly element: Element;
  /** Certificates to show in place of the element's own chain, in base64. */
  readonly chain?: readonly string[];
  readonly session?: Buffer;
}

/** 'in' where the server's word came; otherwise what the server made of it. */
async function tried({ element, chain, session }: Try): Promise<string> {
  const before = judged.length;
  const { bundle } = await world.authority.trust(DOMAIN);
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    key: element.key.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    cert: pemOf(chain ?? element.issued?.chain ?? []),
    ca: bundle.roots.map(({ certificate }) => pemOf([Buffer.from(certificate.der).toString('base64')])),
    minVersion: 'TLSv1.3',
    ...(session === undefined ? {} : { session }),
  });
  socket.on('error', () => {});
  const word = await Promise.race([
    once(socket, 'data', { signal: AbortSignal.timeout(ANSWER_MS) }).then(
      ([data]) => String(data),
      () => 'failed',
    ),
    new Promise<string>((resolve) => socket.once('close', () => resolve('closed'))),
  ]);
  socket.destroy();
  if (word === 'in') return 'in';
  await expect.poll(() => judged.length, { timeout: ANSWER_MS }).toBeGreaterThan(before);
  return judged.at(-1) ?? '';
}

let count = 0;
async function joined(kind = 'gateway', authority = world.authority): Promise<Element> {
  const element = new Element(kind !== 'human' && kind !== 'agent');
  await element.enrol(authority, { kind, path: `x${++count}`, isPrefix: false, seconds: 3_600 });
  return element;
}

describe('mutual TLS 1.3', () => {
  test('lets a member in, by OpenSSL and by our verifier, with either kind of key', async () => {
    expect(await tried({ element: await joined() })).toBe('in');
    const element = new Element();
    element.key = ownKey('ed25519');
    await element.enrol(world.authority, { kind: 'gateway', path: 'ed', isPrefix: false, seconds: 60 });
    expect(await tried({ element })).toBe('in');
  });

  test('takes the identity of the leaf alone, whatever is sent beside it', async () => {
    const [element, famous] = [await joined(), await joined('controller')];
    const [leaf = '', issuing = ''] = element.issued?.chain ?? [];
    const [filler = ''] = famous.issued?.chain ?? [];
    expect(await tried({ element, chain: [leaf, filler, issuing] })).toBe('in');
    expect(judged.at(-1)).toBe(element.issued?.id);
    // A leaf whose key the peer does not hold is no handshake at all; ours then shows only its own.
    expect(await tried({ element: famous, chain: [filler, issuing] })).toBe('in');
  });

  test('refuses who comes without a certificate, from another installation, or of another kind', async () => {
    expect(await tried({ element: new Element(), chain: [] })).toMatch(/^tls /);
    const stranger = await joined('gateway', other.authority);
    expect(await tried({ element: stranger })).toMatch(/^tls /);
    const [foreign = ''] = stranger.issued?.chain ?? [];
    const [, issuing = ''] = (await joined()).issued?.chain ?? [];
    expect(await tried({ element: stranger, chain: [foreign, issuing] })).toMatch(/^tls /);
    kinds = ['gateway'];
    expect(await tried({ element: await joined('device') })).toBe('PICKET-C304');
    kinds = null;
  });

  test('refuses who is revoked, at once, and lets others in', async () => {
    const [element, neighbour] = [await joined(), await joined()];
    expect(await tried({ element })).toBe('in');
    await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: element.issued?.id ?? '', why: 'x' });
    expect(await tried({ element })).toBe('PICKET-C307');
    expect(await tried({ element: neighbour })).toBe('in');
  });

  test('refuses what has ended and what has not begun, by both clocks', async () => {
    const clock = world.clock.now;
    world.clock.now = clock - 2 * 86_400_000 + 3_600_000;
    await expect(joined()).rejects.toMatchObject({ code: 'PICKET-C344' });
    world.clock.now = clock + 3_600_000;
    const early = await joined();
    world.clock.now = clock;
    expect(await tried({ element: early })).toMatch(/^tls /);
    const late = await joined();
    world.clock.now = clock + 25 * 3_600_000;
    // OpenSSL, by the machine's clock, lets it in; the verifier, by the controller's, does not.
    expect(await tried({ element: late })).toBe('PICKET-C306');
    world.clock.now = clock;
  });

  test('resumes nothing: a session of before a revocation is worth nothing after it', async () => {
    const element = await joined();
    const sessions: Buffer[] = [];
    const { bundle } = await world.authority.trust(DOMAIN);
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      key: element.key.privateKey.export({ format: 'pem', type: 'pkcs8' }),
      cert: pemOf(element.issued?.chain ?? []),
      ca: bundle.roots.map(({ certificate }) => pemOf([Buffer.from(certificate.der).toString('base64')])),
    });
    socket.on('session', (session: Buffer) => void sessions.push(session));
    await once(socket, 'data', { signal: AbortSignal.timeout(ANSWER_MS) });
    // Even without tickets OpenSSL hands a session out in TLS 1.3; that it names nothing the server keeps is what counts.
    const held = sessions.at(-1) ?? socket.getSession();
    socket.destroy();
    if (held === undefined) throw new Error('no session was offered');
    expect(['in', 'resumed']).toContain(await tried({ element, session: held }));
    await world.authority.revoke(DOMAIN, ADA, { kind: 'identity', value: element.issued?.id ?? '', why: 'x' });
    expect(['PICKET-C307', 'resumed']).toContain(await tried({ element, session: held }));
  });

  test('a live connection is cut when its certificate ends, not before', async () => {
    const clock = world.clock.now;
    const end = Math.ceil(Date.now() / 1_000) * 1_000 + 3_000;
    const element = await joinedUntil(end);
    world.clock.now = Date.now();
    const { bundle } = await world.authority.trust(DOMAIN);
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      key: element.key.privateKey.export({ format: 'pem', type: 'pkcs8' }),
      cert: pemOf(element.issued?.chain ?? []),
      ca: bundle.roots.map(({ certificate }) => pemOf([Buffer.from(certificate.der).toString('base64')])),
    });
    socket.on('error', () => {});
    await once(socket, 'data', { signal: AbortSignal.timeout(ANSWER_MS) });
    await once(socket, 'close', { signal: AbortSignal.timeout(ANSWER_MS) });
    expect(Date.now()).toBeGreaterThanOrEqual(end);
    world.clock.now = clock;
  });
});

/** An AI agent's certificate that was issued so long ago that it ends then. */
async function joinedUntil(end: number): Promise<Element> {
  const clock = world.clock.now;
  world.clock.now = end - 600_000;
  try {
    const element = new Element(false);
    await element.enrol(world.authority, { kind: 'agent', path: `bot${++count}`, isPrefix: false, seconds: 60 });
    return element;
  } finally {
    world.clock.now = clock;
  }
}
