// Starts a controller and stops it: everything composed, in order, or nothing left open. What each part does is its room's.

import { rm, writeFile } from 'node:fs/promises';
import { type ApiServer, createApi, type HealthState, type HealthStatus, serveApi } from '#api';
import { type Authenticated, openApiDocument, type RequestFacts, routes } from '#routes';
import { Deadlines, PolicyShelf, type ServiceParts } from '#service';
import { agents, newestRevisionAt, type Store } from '#store';
import { type Base, type Outside, openBase } from './base.ts';
import { certificateFiles, type HeldCertificate } from './certificate.ts';
import { Closers } from './closers.ts';
import type { Config } from './config.ts';
import { type DomainParts, domainBook, firstDomain } from './domains.ts';
import { handlersOf } from './handlers.ts';
import { HealthBook } from './health.ts';
import {
  certificateHealth,
  clockHealth,
  databaseHealth,
  ledgerHealth,
  roomHealth,
  waitingHealth,
} from './health-sources.ts';
import { type Machine, type Settled, settle } from './settled.ts';
import { ControllerError } from './trouble.ts';

export interface ControllerOptions extends Outside {
  readonly config: Config;
  readonly machine: Machine;
  readonly version: string;
  /** IANA zone of the first policy. */
  readonly timezone: string;
}

export interface Controller {
  /** `https://name:port` */
  readonly url: string;
  readonly port: number;
  readonly domains: readonly string[];
  readonly health: { readonly status: HealthStatus; readonly states: readonly HealthState[] };
  /** Ends what is under way, closes everything, and resolves when all that was acknowledged is on the disk. */
  close(): Promise<void>;
}

/** Time that requests under way are given at the end. */
const GRACE_MS = 5_000;
const CONFIRM_SECONDS = 90;
const RUNNING_MODE = 0o600;
const AGENTS_PAGE = 1_000;

/** Rejects with an error that has a code where it cannot begin; everything that was opened is closed by then. */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close((trouble) => options.log.error({ error: trouble }, 'could not be closed'));
    throw error;
  }
}

async function start(options: ControllerOptions, closers: Closers): Promise<Controller> {
  const { log } = options;
  const settled = await settle(options.config, options.machine);
  const base = await openBase(settled, options, closers);
  const domainParts = domainPartsOf(base, options);
  const domains = await firstDomain(domainParts, settled.domain);
  const service = serviceOf(base, settled, options);
  const deadlines = new Deadlines({
    parts: service,
    onTrouble: (error) => log.error({ error }, 'what is due could not be done; it is tried again'),
  });
  deadlines.start();
  closers.add(() => deadlines.close());
  const certificate = await certificateOf(settled, options);
  closers.add(() => certificate.close());
  const health = healthOf({ base, settled, options, certificate });
  await health.look();
  health.start();
  closers.add(() => health.close());
  const server = await serve({ base, settled, options, service, domainParts, certificate, health });
  closers.add(() => server.close(GRACE_MS));
  const url = `https://${settled.names[0] ?? 'localhost'}:${server.port}`;
  await writeFile(settled.folder.running, `${JSON.stringify({ pid: process.pid, url, port: server.port })}\n`, {
    mode: RUNNING_MODE,
  });
  closers.add(() => rm(settled.folder.running, { force: true }));
  log.info({ url, domains: domains.length, store: base.store.kind }, 'ready');
  return {
    url,
    port: server.port,
    domains,
    health,
    close: () => closers.close((error) => log.error({ error }, 'could not be closed')),
  };
}

function domainPartsOf({ store, recorder }: Base, { now, timezone }: ControllerOptions): DomainParts {
  return { store, recorder, now, timezone, onMake: async () => {}, afterMake: async () => {} };
}

function serviceOf({ store, bus, recorder }: Base, settled: Settled, { now, log }: ControllerOptions): ServiceParts {
  return {
    store,
    bus,
    recorder,
    shelf: new PolicyShelf(),
    onTrouble: (error) => log.warn({ error }, 'others could not be told of a change'),
    now,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    confirmSeconds: CONFIRM_SECONDS,
    conversations: async () => ({ rows: [], isCut: false }),
    agents: (domain) => agentFacts(store, domain),
    needsSecond: async () => false,
    ownEnds: { addresses: settled.addresses, port: settled.listen.port },
  };
}

async function agentFacts(store: Store, domain: string): ReturnType<ServiceParts['agents']> {
  const rows = await agents(store.db, domain, { after: null, limit: AGENTS_PAGE });
  return rows.map((row) => ({
    id: row.agent,
    isConnected: row.controller !== null,
    revision: row.in_force,
    outcome: row.outcome,
    problem: row.problem_message,
    lastSeenMs: row.seen_at,
  }));
}

function certificateOf({ config }: Settled, { log }: ControllerOptions): Promise<HeldCertificate> {
  if (config.certificate !== undefined)
    return certificateFiles(config.certificate, (error) => log.error({ error }, 'the certificate in use is kept'));
  throw new ControllerError({
    code: 'PICKET-C805',
    message: 'no certificate is given; nothing was started',
    help: 'name one below "certificate"',
  });
}

interface Healthy {
  readonly base: Base;
  readonly settled: Settled;
  readonly options: ControllerOptions;
  readonly certificate: HeldCertificate;
}

function healthOf({ base, settled, options, certificate }: Healthy): HealthBook {
  const { now, elapsed, log } = options;
  const { store, recorder } = base;
  return new HealthBook({
    now,
    sources: [
      databaseHealth(store),
      ledgerHealth(recorder),
      roomHealth(settled.folder.path),
      clockHealth({ now, elapsed, databaseNow: async () => null, newestMs: () => newestRevisionAt(store.db) }),
      certificateHealth(certificate.validity, now),
      waitingHealth(store, now),
    ],
    onChange: ({ code, message, severity }, isOver) => {
      if (isOver) log.info({ code }, `over: ${message}`);
      else if (severity === 'error') log.error({ code }, message);
      else log.warn({ code }, message);
    },
  });
}

interface Serving extends Healthy {
  readonly service: ServiceParts;
  readonly domainParts: DomainParts;
  readonly health: HealthBook;
}

function serve({ settled, options, service, domainParts, certificate, health }: Serving): Promise<ApiServer> {
  const { now, newId, log, version } = options;
  let document: string | null = null;
  const api = createApi({
    table: routes,
    handlers: handlersOf({
      service,
      domains: domainBook(domainParts),
      health: {
        version,
        status: () => health.status,
        states: () => health.states,
        document: () => (document ??= JSON.stringify(openApiDocument({ table: routes, version }))),
      },
    }),
    authenticate: nobody,
    now,
    newTrace: newId,
    hosts: settled.hosts,
    origins: settled.names.map((name) => `https://${name}:${settled.listen.port}`),
    trustedProxies: settled.config.proxies,
    bug: (trace, error) => log.error({ trace, error }, 'a request failed'),
    told: ({ trace, route, status, code, actor, tookMs }) =>
      log.debug({ trace, route, status, code, actor, tookMs }, 'request'),
  });
  return serveApi({ api, ...settled.listen, certificate });
}

async function nobody(facts: RequestFacts): Promise<Authenticated> {
  return facts.authorization === null
    ? { kind: 'nobody' }
    : { kind: 'refused', code: 'PICKET-C401', message: 'nobody can log on yet', help: null };
}
