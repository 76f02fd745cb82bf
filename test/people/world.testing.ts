// A controller's people with all that is theirs for real: SQLite, the ledger, the API over TLS on loopback. Time is the test's own. For tests.

import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountHandlers, createApi, logonHandlers, meHandlers, serveApi, userHandlers } from '#api';
import { openLedger, Recorder } from '#ledger';
import { loginFiles, People, type PeopleOptions } from '#people';
import { type Actor, type Authenticated, NOBODY, type RequestFacts, routes } from '#routes';
import { addDomain, openStore, type Store } from '#store';
import { newSigner } from '../../src/control/ledger/ledger.testing.ts';
import { SoftAuthenticator } from './authenticator.testing.ts';

export const DOMAIN = 'plant.example';
export const OTHER = 'office.example';
export const START = Date.UTC(2026, 10, 25, 8);

export interface World {
  readonly people: People;
  readonly store: Store;
  readonly recorder: Recorder;
  readonly folder: string;
  /** Epoch milliseconds; set it to make time pass. */
  readonly clock: { now: number };
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly origin?: string;
  readonly issuers?: PeopleOptions['issuers'];
  readonly now?: number;
  readonly url?: string | null;
}

export async function newWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'picket-people-'));
  const clock = { now: options.now ?? START };
  const now = (): number => clock.now;
  const store = await openStore({ file: join(folder, 'store.db'), url: options.url ?? null });
  const ledger = await openLedger({ folder: join(folder, 'ledger'), now, newId: randomUUID, signer: newSigner() });
  const recorder = await Recorder.open({ store, ledger, now, newId: randomUUID });
  for (const id of [DOMAIN, OTHER]) await addDomain(store.db, { id, name: id, made_at: clock.now });
  const people = await People.open({
    store,
    recorder,
    now,
    random: randomBytes,
    publicName: 'localhost',
    origin: options.origin ?? ORIGIN,
    ...(options.issuers === undefined ? {} : { issuers: options.issuers }),
  });
  const close = async (): Promise<void> => {
    await recorder.close();
    await ledger.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { people, store, recorder, folder, clock, close };
}

export const ORIGIN = 'https://localhost:7443';

export function factsFrom(changes: Partial<RequestFacts> = {}): RequestFacts {
  return {
    authorization: null,
    cookie: null,
    origin: null,
    userAgent: 'test',
    peerAddress: '192.0.2.7',
    certificate: null,
    ...changes,
  };
}

export function authenticator(origin = ORIGIN): SoftAuthenticator {
  return new SoftAuthenticator({ origin, rpId: 'localhost' });
}

export function secretOf(page: string): string {
  return page.slice(page.indexOf('#k=') + 3);
}

export interface Person {
  readonly id: string;
  readonly key: SoftAuthenticator;
  /** Bearer secret of a session. */
  readonly secret: string;
}

/** Uses a link up, as its bearer would. */
export async function useLink(
  { people }: Pick<World, 'people'>,
  page: string,
  name = 'Ada',
  origin = ORIGIN,
): Promise<Person> {
  const [secret, facts, key] = [secretOf(page), factsFrom(), authenticator(origin)];
  const { options } = await people.showLink({ secret, name, facts });
  const made = key.create(options);
  const begun = await people.useLink({ secret, name, passkeyName: 'laptop', made, facts });
  return { id: begun.user.id, key, secret: begun.secret };
}

export async function firstOwner(world: Pick<World, 'people'>, origin = ORIGIN): Promise<Person> {
  const link = await world.people.firstLink();
  if (link === null) throw new Error('there is an owner already');
  return useLink(world, link.page, 'Ada', origin);
}

export async function logon({ people }: Pick<World, 'people'>, { key }: Pick<Person, 'key'>): Promise<string> {
  const proof = key.get(await people.logonOptions());
  return (await people.logon({ proof, facts: factsFrom() })).secret;
}

export async function authenticated({ people }: Pick<World, 'people'>, secret: string): Promise<Authenticated> {
  return people.authenticate(factsFrom({ authorization: `Bearer ${secret}` }));
}

/** Who a secret says that it is; NOBODY where it does not hold. */
export async function actorOf(world: Pick<World, 'people'>, secret: string): Promise<Actor> {
  const who = await authenticated(world, secret);
  return who.kind === 'actor' ? who.actor : NOBODY;
}

export interface Served extends World {
  readonly port: number;
  readonly origin: string;
  /** PEM of the certificate, which is its own authority. */
  readonly certificate: string;
  /** SHA-256 of its public key, for a browser that is told to trust it. */
  readonly keyHash: string;
}

const AREAS = { me: routes.me, logon: routes.logon, account: routes.account, users: routes.users } as const;

/** The same behind the API, with a certificate made for it. The port is known before the people are, since links name it. */
export async function newServedWorld(options: Omit<WorldOptions, 'origin'> = {}): Promise<Served> {
  const tls = mkdtempSync(join(tmpdir(), 'picket-people-tls-'));
  const { key, chain, keyHash } = newCertificate(tls);
  const port = await freePort();
  const origin = `https://localhost:${port}`;
  const world = await newWorld({ ...options, origin, now: options.now ?? Date.now() });
  const { people } = world;
  const api = createApi({
    table: AREAS,
    handlers: {
      me: meHandlers(),
      logon: logonHandlers(people),
      account: accountHandlers(people),
      users: userHandlers(people),
    },
    authenticate: people.authenticate,
    now: () => world.clock.now,
    newTrace: randomUUID,
    hosts: ['localhost', '127.0.0.1'],
    origins: [origin],
    files: loginFiles(),
    bug: (_, error) => console.error(error),
  });
  const certificate = { current: () => ({ key, chain }), onChange: () => () => {} };
  const server = await serveApi({ api, host: '127.0.0.1', port, certificate });
  const close = async (): Promise<void> => {
    await server.close(0);
    await world.close();
    rmSync(tls, { recursive: true, force: true });
  };
  return { ...world, port, origin, certificate: chain, keyHash, close };
}

export function newCertificate(folder: string): {
  readonly key: string;
  readonly chain: string;
  readonly keyHash: string;
} {
  const [key, chain] = [join(folder, 'key.pem'), join(folder, 'chain.pem')];
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', [...words, ...names, '-keyout', key, '-out', chain], { stdio: 'ignore' });
  const spki = execFileSync('openssl', ['pkey', '-in', key, '-pubout', '-outform', 'DER']);
  const keyHash = execFileSync('openssl', ['dgst', '-sha256', '-binary'], { input: spki }).toString('base64');
  return { key: readFileSync(key, 'utf8'), chain: readFileSync(chain, 'utf8'), keyHash };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
