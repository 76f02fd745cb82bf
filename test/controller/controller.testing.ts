// Controllers for tests: real ones in this process, with a clock that can be set; people whose sessions are written into the store; a client over TLS.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Controller, readConfig, startController } from '#controller';
import { createLog } from '#events';
import {
  type Client,
  type ClientRequest,
  type ClientResponse,
  CONTROLLER,
  controllerClient,
  type FetchLike,
} from '#routes';
import { addSession, addUser, openStore, type Store, setMembership } from '#store';

export const DOMAIN = 'plant.example';
const HOUR_MS = 3_600_000;

/** Waits for a condition; the message says which one never came. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, msMax = 60_000): Promise<void> {
  const begun = Date.now();
  while (!(await holds())) {
    if (Date.now() - begun > msMax) throw new Error(`waited ${msMax} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface Running {
  readonly controller: Controller;
  readonly folder: string;
  readonly log: readonly string[];
  as(secret: string | null): Client;
}

export interface StartOptions {
  readonly folder: string;
  readonly url?: string | null;
  readonly now?: () => number;
  readonly more?: string;
  /** Of the port for people; not stated, one that is free. */
  readonly port?: number;
}

export async function start({
  folder,
  url = null,
  now = Date.now,
  more = '',
  port = 0,
}: StartOptions): Promise<Running> {
  const database = url === null ? '' : `database: { url: "${url}" }\n`;
  const text = `picket: 1\ndata: ${folder}\ndomain: ${DOMAIN}\nnames: [localhost]\nlisten: 127.0.0.1:${port}\nagents: 127.0.0.1:0\n${database}${more}`;
  const { config, problems } = readConfig(text, 'test');
  if (config === null) throw new Error(problems.map(({ message }) => message).join('; '));
  const lines: string[] = [];
  const controller = await startController({
    config,
    now,
    machine: { hostName: 'test-host', addresses: [] },
    version: '0.0.0',
    timezone: 'UTC',
    elapsed: () => Math.floor(performance.now()),
    newId: randomUUID,
    random: Math.random,
    log: createLog({ level: 'info', now: Date.now, out: { write: (line: string) => lines.push(line) } }),
  });
  const ca = authorityOf(folder);
  const fetch = sender({ port: controller.port, ca });
  return {
    controller,
    folder,
    log: lines,
    as: (secret) => controllerClient(fetch, secret === null ? {} : { authorization: `Bearer ${secret}` }),
  };
}

/** The authority that a running controller names in its folder. */
export function authorityOf(folder: string): string | null {
  const running: unknown = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8'));
  if (typeof running !== 'object' || running === null || !('authority' in running)) return null;
  return typeof running.authority === 'string' ? running.authority : null;
}

export function sender({ port, ca }: { readonly port: number; readonly ca: string | null }): FetchLike {
  return ({ method, target, headers, body, signal }: ClientRequest) =>
    new Promise<ClientResponse>((resolve, reject) => {
      const asked = request(
        {
          host: 'localhost',
          port,
          method,
          path: target,
          headers: { ...headers, host: `localhost:${port}` },
          agent: false,
          ...(ca === null ? { rejectUnauthorized: false } : { ca }),
          ...(signal === null ? {} : { signal }),
        },
        (response) =>
          resolve({
            status: response.statusCode ?? 0,
            header: (name) => {
              const value = response.headers[name];
              return Array.isArray(value) ? value.join(', ') : (value ?? null);
            },
            body: response,
          }),
      );
      asked.on('error', reject);
      asked.end(body ?? undefined);
    });
}

/** A person with a role in the domain, and in the controller itself. */
export async function person(
  store: Store,
  id: string,
  role: 'viewer' | 'operator' | 'approver' | 'owner',
): Promise<void> {
  await addUser(store.db, { id, name: id, identity: null, made_at: 1 });
  for (const domain of [DOMAIN, CONTROLLER])
    await setMembership(store.db, { domain, user: id, role, given_by: id, given_at: 1 });
}

/** Opens a session as a logon at `at` would; answers its secret. */
export async function session(store: Store, user: string, at = Date.now()): Promise<string> {
  const secret = `pks_${randomBytes(32).toString('base64url')}`;
  await addSession(store.db, {
    id: randomBytes(12).toString('base64url'),
    hash: createHash('sha256').update(secret).digest('base64url'),
    user,
    means: 'passkey',
    made_at: at,
    seen_at: at,
    proved_at: at,
    ends_at: at + HOUR_MS,
    peer: '127.0.0.1',
    program: 'test',
  });
  return secret;
}

/** The folder of a controller that ran once, with people in it; `work` gets the store that no controller has. */
export async function seeded<Value>(folder: string, work: (store: Store) => Promise<Value>): Promise<Value> {
  const { controller } = await start({ folder });
  await controller.close();
  const store = await openStore({ file: join(folder, 'picket.db'), url: null });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

export function temporary(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'picket-controller-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const POLICY = `picket: 1
elements:
  nvr: { kind: server, address: 10.0.3.10, mode: enforce }
  cam: { kind: device, address: 10.0.3.20 }
  lift: { kind: device, address: 10.0.3.30, safety: critical }
services:
  rtsp: { on: nvr, protocol: tcp, port: 554 }
rules:
  one: { from: cam, to: rtsp }
tests:
  - cam may use nvr rtsp
`;
