// An API on loopback for tests: the real table and server, actors told by a made-up word in "Authorization". Not for anything but tests.

import { request } from 'node:http';
import {
  type Actor,
  type Authenticated,
  type ClientRequest,
  type ClientResponse,
  type FetchLike,
  type Handlers,
  NOBODY,
  type RequestFacts,
  type Routes,
  type RouteTable,
  routes,
} from '#routes';
import { type Api, createApi } from './create.ts';
import { type DomainRecord, domainHandlers } from './domains.ts';
import { healthHandlers } from './health.ts';
import { meHandlers } from './me.ts';
import type { ApiOptions, RequestRecord } from './options.ts';
import { type ApiServer, type ServerLimits, serveApi } from './server.ts';

export const NOW = Date.UTC(2026, 10, 25, 8);

export interface TestApi {
  readonly api: Api;
  readonly server: ApiServer;
  readonly port: number;
  readonly send: FetchLike;
  readonly records: readonly RequestRecord[];
  readonly bugs: readonly unknown[];
  close(): Promise<void>;
}

export interface TestOptions<Table extends RouteTable> {
  readonly table: Table;
  readonly handlers: Handlers<Table>;
  readonly actors?: Readonly<Record<string, Actor>>;
  readonly api?: Partial<ApiOptions<Table>>;
  readonly limits?: Partial<ServerLimits>;
}

export async function startApi<Table extends RouteTable>(options: TestOptions<Table>): Promise<TestApi> {
  const records: RequestRecord[] = [];
  const bugs: unknown[] = [];
  let traces = 0;
  const api = createApi({
    table: options.table,
    handlers: options.handlers,
    authenticate: async (facts) => authenticated(facts, options.actors ?? {}),
    now: () => NOW,
    newTrace: () => {
      traces += 1;
      return `t${traces}`;
    },
    hosts: ['127.0.0.1', 'localhost'],
    origins: ['https://picket.test'],
    bug: (_, error) => void bugs.push(error),
    told: (record) => void records.push(record),
    ...options.api,
  });
  const server = await serveApi({
    api,
    host: '127.0.0.1',
    port: 0,
    certificate: null,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const { port } = server;
  return { api, server, port, send: sender(port), records, bugs, close: () => server.close(0) };
}

/** `Bearer NAME` and the cookie `session=NAME` are that actor; an unknown name does not hold. */
function authenticated(facts: RequestFacts, actors: Readonly<Record<string, Actor>>): Authenticated {
  const bearer = /^Bearer (\w+)$/.exec(facts.authorization ?? '')?.[1];
  const cookie = /^session=(\w+)$/.exec(facts.cookie ?? '')?.[1];
  const name = bearer ?? cookie;
  if (name === undefined) return { kind: 'nobody' };
  const actor = Object.hasOwn(actors, name) ? actors[name] : undefined;
  if (actor !== undefined) return { kind: 'actor', actor, by: bearer === undefined ? 'cookie' : 'bearer' };
  return { kind: 'refused', code: 'PICKET-C401', message: 'the session is over', help: null };
}

export function actorOf(changes: Partial<Actor>): Actor {
  return { ...NOBODY, kind: 'person', id: 'ada', name: 'Ada', session: 's1', authenticatedAt: NOW - 1_000, ...changes };
}

export function sender(port: number): FetchLike {
  return ({ method, target, headers, body, signal }: ClientRequest) =>
    new Promise<ClientResponse>((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path: target,
          headers,
          agent: false,
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

/** Handlers of the areas of the frame itself, on a book of domains in memory. */
export function frameHandlers(domains: Map<string, DomainRecord>): Pick<Handlers<Routes>, 'health' | 'me' | 'domains'> {
  return {
    health: healthHandlers({
      version: '0.1.0',
      status: () => 'well',
      states: () => [],
      document: () => JSON.stringify({ paths: Object.keys(routes) }),
    }),
    me: meHandlers(),
    domains: domainHandlers({
      some: async (ids) => ids.flatMap((id) => domains.get(id) ?? []),
      make: async (_, { id, name }) => {
        if (domains.has(id)) return null;
        const record = { id, name, madeAtMs: NOW };
        domains.set(id, record);
        return record;
      },
    }),
  };
}
