// A real controller on loopback with people, sessions and API tokens in its store, two domains, and programs that ask it over TLS. Not for anything but tests.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Controller, readConfig, startController } from '#controller';
import { createLog } from '#events';
import { CONTROLLER, type Role, SCOPES, type Scope } from '#routes';
import { addApiToken, addDomain, addSession, addUser, beginPolicy, openStore, type Store, setMembership } from '#store';

export const OWN = 'own.example';
export const OTHER = 'other.example';
const HOUR_MS = 3_600_000;
/** Requests come from so many addresses, so that the throttle of one peer does not hide what is tested. */
const ADDRESSES = 40;

export const POLICY = `picket: 1
elements:
  cam-lobby: { kind: device, mac: "02:42:ac:11:00:05", labels: { role: camera } }
  nvr: { kind: server, address: 10.0.3.10, labels: { role: recorder } }
services:
  rtsp: { on: role=recorder, protocol: tcp, port: 554 }
rules:
  cameras-stream: { from: role=camera, to: rtsp }
`;

/** Secrets by the name of who has them. */
export interface Secrets {
  readonly [name: string]: string;
}

export interface HttpAsk {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

export class TestController {
  readonly #folder = mkdtempSync(join(tmpdir(), 'picket-controller-'));
  readonly #agents = Array.from(
    { length: ADDRESSES },
    (_, at) =>
      new Agent({ keepAlive: true, maxSockets: 2, localAddress: `127.0.0.${at + 2}`, rejectUnauthorized: false }),
  );
  #controller: Controller | null = null;
  #asked = 0;
  /** Requests that failed, as the log has them. States of the health are none: that a change waits is one. */
  readonly troubles: string[] = [];
  secrets: Secrets = {};

  async start(): Promise<void> {
    const data = join(this.#folder, 'data');
    const { config, problems } = readConfig(
      `picket: 1\ndata: ${data}\ndomain: ${OWN}\nnames: [localhost]\nlisten: 127.0.0.1:0\nagents: 127.0.0.1:0\nlog: warn\n`,
      'controller.yaml',
    );
    if (config === null) throw new Error(JSON.stringify(problems));
    await this.#seed(data);
    const log = createLog({
      level: 'error',
      now: Date.now,
      out: { write: (line: string) => (line.includes('"trace"') ? this.troubles.push(line) : 0) },
    });
    this.#controller = await startController({
      config,
      machine: { hostName: 'localhost', addresses: [] },
      version: '0.1.0',
      timezone: 'UTC',
      now: Date.now,
      elapsed: () => performance.now(),
      newId: randomUUID,
      random: Math.random,
      log,
    });
  }

  get port(): number {
    return this.#controller?.port ?? 0;
  }

  async close(): Promise<void> {
    for (const agent of this.#agents) agent.destroy();
    await this.#controller?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #seed(data: string): Promise<void> {
    mkdirSync(data, { mode: 0o700 });
    const store = await openStore({ file: join(data, 'picket.db'), url: null });
    this.secrets = await seeded(store);
    await store.close();
  }

  /** Each time from the next address. */
  async ask(asked: HttpAsk): Promise<HttpAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#askOnce(asked);
      } catch (error) {
        // Connections that were kept and that the server closed in the same instant: the request was not read.
        if (!(error instanceof StaleConnection) || attempt >= ADDRESSES) throw error;
      }
    }
  }

  #askOnce({ method, target, headers, body }: HttpAsk): Promise<HttpAnswer> {
    const agent = this.#agents[this.#asked % ADDRESSES];
    this.#asked += 1;
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path: target,
          headers: { host: '127.0.0.1', ...headers },
          ...(agent === undefined ? {} : { agent }),
        },
        (response) => {
          const mediaType = response.headers['content-type'] ?? '';
          const done = (text: string): void => resolve({ status: response.statusCode ?? 0, mediaType, text });
          if (mediaType.startsWith('text/event-stream')) {
            response.destroy();
            done('');
            return;
          }
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
          response.on('error', reject);
        },
      );
      asked.on('error', (error) => reject(asked.reusedSocket ? new StaleConnection() : error));
      asked.setTimeout(60_000, () => asked.destroy(new Error(`no answer to ${method} ${target.slice(0, 200)}`)));
      asked.end(body ?? undefined);
    });
  }
}

class StaleConnection extends Error {}

interface Person {
  readonly id: string;
  readonly roles: Readonly<Record<string, Role>>;
  /** Sessions whose person proved so long ago to be there. */
  readonly provedMsAgo: readonly number[];
}

const PEOPLE: readonly Person[] = [
  { id: 'viewer', roles: { [OWN]: 'viewer' }, provedMsAgo: [0] },
  { id: 'operator', roles: { [OWN]: 'operator' }, provedMsAgo: [0] },
  { id: 'approver', roles: { [OWN]: 'approver' }, provedMsAgo: [0] },
  { id: 'owner', roles: { [OWN]: 'owner' }, provedMsAgo: [0, HOUR_MS, ...Array.from({ length: 20 }, () => 0)] },
  { id: 'controller', roles: { [CONTROLLER]: 'owner' }, provedMsAgo: [0] },
  { id: 'stranger', roles: { [OTHER]: 'owner' }, provedMsAgo: [0] },
  // One person each, because some operations end all sessions of whoever asks.
  ...Array.from({ length: 90 }, (_, at): Person => {
    const id = at === 0 ? 'all' : `all-${at}`;
    return { id, roles: { [OWN]: 'owner', [CONTROLLER]: 'owner' }, provedMsAgo: [0] };
  }),
];

async function seeded(store: Store): Promise<Secrets> {
  const secrets = new Map<string, string>();
  const { db } = store;
  const now = Date.now();
  for (const domain of [OWN, OTHER]) {
    await addDomain(db, { id: domain, name: domain, made_at: now });
    await beginPolicy(db, domain, { text: POLICY, authorId: 'seed', authorName: 'seed', why: 'seed', at: now });
  }
  for (const { id, roles, provedMsAgo } of PEOPLE) {
    await addUser(db, { id, name: id, identity: `https://issuer.test ${id}`, made_at: now });
    for (const [domain, role] of Object.entries(roles))
      await setMembership(db, { domain, user: id, role, given_by: 'seed', given_at: now });
    for (const [at, ago] of provedMsAgo.entries())
      secrets.set(at === 0 ? id : `${id} ${at}`, await sessionFor(store, id, now - ago));
  }
  for (const scope of SCOPES) {
    secrets.set(`token of ${scope}`, await tokenFor(store, 'owner', [scope]));
    secrets.set(
      `token but ${scope}`,
      await tokenFor(
        store,
        'all',
        SCOPES.filter((one) => one !== scope),
      ),
    );
  }
  return Object.fromEntries(secrets);
}

async function sessionFor({ db }: Store, user: string, provedAt: number): Promise<string> {
  const { secret, hash, id } = made('pks_');
  const now = Date.now();
  await addSession(db, {
    id,
    hash,
    user,
    means: 'passkey',
    made_at: now,
    seen_at: now,
    proved_at: provedAt,
    ends_at: now + HOUR_MS,
    peer: '127.0.0.1',
    program: 'test',
  });
  return secret;
}

async function tokenFor({ db }: Store, user: string, scopes: readonly Scope[]): Promise<string> {
  const { secret, hash, id } = made('pkt_');
  const now = Date.now();
  const roles = JSON.stringify({ [OWN]: 'owner', [CONTROLLER]: 'owner' });
  await addApiToken(db, {
    id,
    hash,
    user,
    name: 'test',
    scopes: JSON.stringify(scopes),
    roles,
    made_at: now,
    ends_at: now + HOUR_MS,
    used_at: null,
  });
  return secret;
}

/** As the people room makes them: 256 bits, kept as their hash. */
function made(prefix: string): { readonly secret: string; readonly hash: string; readonly id: string } {
  const secret = `${prefix}${randomBytes(32).toString('base64url')}`;
  return {
    secret,
    hash: createHash('sha256').update(secret).digest('base64url'),
    id: randomBytes(12).toString('base64url'),
  };
}
