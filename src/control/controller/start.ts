// Starts a controller and stops it: everything composed, in order, or nothing left open. What each part does is its room's.

import type { HealthState, HealthStatus } from '#api';
import type { Authority } from '#authority';
import type { Actor } from '#routes';
import { Deadlines } from '#service';
import { type Db, noteTraffic, setMembership } from '#store';
import { openAgentsPort } from './agents-port.ts';
import { type Base, type Outside, openBase } from './base.ts';
import { certificateFiles, type HeldCertificate } from './certificate.ts';
import { Closers } from './closers.ts';
import type { Config } from './config.ts';
import { type DomainParts, firstDomain } from './domains.ts';
import { HealthBook } from './health.ts';
import { sourcesOf } from './health-sources.ts';
import { controllerName } from './identity.ts';
import { openPeople, tellFirstLink } from './logon.ts';
import { tellOwnJoin } from './own-join.ts';
import { Peers } from './peers.ts';
import type { ReportTelling } from './report-telling.ts';
import { type Running, RunningFile } from './running.ts';
import { serviceParts } from './service-parts.ts';
import { openApiPort } from './serving.ts';
import { type Machine, type Settled, settle } from './settled.ts';
import { openTelling, reportTellingOf, tellRecords } from './telling.ts';
import { openTrust, ownCertificate } from './trust.ts';

export interface ControllerOptions extends Outside {
  readonly config: Config;
  readonly machine: Machine;
  readonly version: string;
  /** IANA zone of the first policy. */
  readonly timezone: string;
  /** Whether to make what the agent of this machine joins by. */
  readonly isForAgent?: boolean;
}

export interface Controller {
  /** `https://name:port` */
  readonly url: string;
  readonly port: number;
  readonly agentsPort: number;
  readonly domains: readonly string[];
  readonly health: { readonly status: HealthStatus; readonly states: readonly HealthState[] };
  /** Ends what is under way, closes everything, and resolves when all that was acknowledged is on the disk. */
  close(): Promise<void>;
}

/** Time that requests under way are given at the end. */
const GRACE_MS = 5_000;

/** Rejects with an error that has a code where it cannot begin; everything that was opened is closed by then. */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const closers = new Closers();
  const close = (): Promise<void> => closers.close((error) => options.log.error({ error }, 'could not be closed'));
  try {
    return { ...(await started(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** INVARIANT: a part is opened after all that it needs, so that closing in the other order leaves none without its ground. */
async function started(options: ControllerOptions, closers: Closers): Promise<Omit<Controller, 'close'>> {
  const { log, version } = options;
  const settled = await settle(options.config, options.machine);
  const base = await openBase(settled, options, closers);
  const telling = await openTelling({ settled, outside: options, version }, closers);
  const stopTelling = tellRecords(base.ledger, telling);
  closers.add(async () => stopTelling());
  const name = await controllerName(settled.folder.name, { ...options, hostName: options.machine.hostName });
  const peers = peersOf({ base, settled, options, name });
  const reportTelling = reportTellingOf({ base, telling, outside: options, name }, closers);
  const agentAddresses = (): readonly string[] => peers.addresses();
  const authority = await openTrust({ base, settled, outside: options, agentAddresses }, closers);
  const domainParts = domainPartsOf(base, authority, options);
  const domains = await firstDomain(domainParts, settled.domain);
  const agents = await openAgentsPort(
    {
      base,
      settled,
      outside: options,
      authority,
      name,
      addresses: agentAddresses,
      rollUps: noteTraffic,
      reportTelling,
    },
    closers,
  );
  peers.isAt(agents.port);
  await peers.start();
  closers.add(() => peers.close());
  const origin = `https://${settled.names[0] ?? 'localhost'}:${settled.listen.port}`;
  const people = await openPeople({ base, settled, outside: options, origin, reportTelling }, closers);
  const service = serviceParts({ base, settled, outside: options, people });
  const deadlines = new Deadlines({
    parts: service,
    onTrouble: (error) => log.error({ error }, 'what is due could not be done; it is tried again'),
  });
  deadlines.start();
  closers.add(() => deadlines.close());
  const certificate = await certificateOf({ settled, options, authority, name, domain: domains[0] ?? settled.domain });
  closers.add(() => certificate.close());
  const health = await healthOf({ base, settled, options, authority, certificate, reportTelling }, closers);
  const server = await openApiPort({
    settled,
    outside: options,
    version,
    service,
    hub: agents.hub,
    domainParts,
    certificate,
    health,
    people,
    authority,
    ledger: base,
    metrics: telling.metrics,
  });
  closers.add(() => server.close(GRACE_MS));
  const url = `https://${settled.names[0] ?? 'localhost'}:${server.port}`;
  const link = await tellFirstLink(people, settled.folder.firstLink);
  if (link !== null)
    log.info(
      { file: settled.folder.firstLink },
      'nobody owns this controller yet: the link of its first owner is in this file',
    );
  const running = { url, port: server.port, agentsPort: agents.port, domains };
  const { hostName } = options.machine;
  if (options.isForAgent === true) await tellOwnJoin({ authority, settled, hostName, running });
  await tellRunning({ base, settled, version, certificate, health, running }, closers);
  log.info({ url, agentsPort: agents.port, domains: domains.length, store: base.store.kind }, 'ready');
  return { ...running, health };
}

interface Peering {
  readonly base: Base;
  readonly settled: Settled;
  readonly options: ControllerOptions;
  readonly name: string;
}

function peersOf({ base, settled, options, name }: Peering): Peers {
  const { store, ledger, recorder } = base;
  const { log, now } = options;
  return new Peers({
    store,
    name,
    host: settled.names[0] ?? 'localhost',
    port: settled.agents.port,
    configured: settled.config.controllers ?? null,
    chain: () => ledger.head?.chain ?? null,
    adopt: () => recorder.adoptOrphans(),
    now,
    onTrouble: (error) => log.warn({ error }, 'the other controllers of the database cannot be seen'),
    onAdopted: (acts) => log.warn({ acts }, 'recorded what a controller that died had left'),
  });
}

function domainPartsOf(
  { store, recorder }: Base,
  authority: Authority,
  { now, timezone }: ControllerOptions,
): DomainParts {
  return {
    store,
    recorder,
    now,
    timezone,
    onMake: (db, domain, actor) => ownedBy(db, { domain, actor, at: now() }),
    afterMake: (domain, actor) => authority.establish(domain, actor),
  };
}

/** Whoever makes a domain owns it. The first one, which the controller makes itself, belongs to whoever uses the first link. */
async function ownedBy(
  db: Db,
  { domain, actor, at }: { readonly domain: string; readonly actor: Actor; readonly at: number },
): Promise<void> {
  if (actor.kind !== 'person') return;
  await setMembership(db, { domain, user: actor.id, role: 'owner', given_by: actor.id, given_at: at });
}

interface Certifying {
  readonly settled: Settled;
  readonly options: ControllerOptions;
  readonly authority: Authority;
  readonly name: string;
  readonly domain: string;
}

function certificateOf({ settled, options, authority, name, domain }: Certifying): Promise<HeldCertificate> {
  const onTrouble = (error: unknown): void => options.log.error({ error }, 'the certificate in use is kept');
  const { certificate } = settled.config;
  if (certificate !== undefined) return certificateFiles(certificate, onTrouble);
  return ownCertificate({ authority, domain, name, hosts: settled.hosts, now: options.now, onTrouble });
}

interface Healthy {
  readonly base: Base;
  readonly settled: Settled;
  readonly options: ControllerOptions;
  readonly authority: Authority;
  readonly certificate: HeldCertificate;
  readonly reportTelling: ReportTelling;
}

async function healthOf(
  { base, settled, options, authority, certificate, reportTelling }: Healthy,
  closers: Closers,
): Promise<HealthBook> {
  const { now, elapsed, log } = options;
  const book = new HealthBook({
    now,
    sources: sourcesOf({
      ...base,
      now,
      elapsed,
      folder: settled.folder.path,
      authority,
      validity: certificate.validity,
    }),
    onChange: ({ code, message, severity }, isOver) => {
      reportTelling.state({ domain: '', of: '', code, title: message, isOver, isError: severity === 'error' });
      if (isOver) log.info({ code }, `over: ${message}`);
      else if (severity === 'error') log.error({ code }, message);
      else log.warn({ code }, message);
    },
  });
  await book.look();
  book.start();
  closers.add(() => book.close());
  return book;
}

interface Telling extends Omit<Healthy, 'options' | 'authority' | 'reportTelling'> {
  readonly version: string;
  readonly health: HealthBook;
  readonly running: Pick<Running, 'url' | 'port' | 'agentsPort' | 'domains'>;
}

/** Writes what the commands of this machine read, now and after each look at the health. */
async function tellRunning(
  { base, settled, version, certificate, health, running }: Telling,
  closers: Closers,
): Promise<void> {
  const file = new RunningFile(settled.folder.running);
  const write = (): Promise<void> =>
    file.write({
      schema: 'picket.controller-running/v1',
      pid: process.pid,
      version,
      since: new Date(health.sinceMs).toISOString(),
      ...running,
      store: base.store.kind,
      authority: certificate.authority(),
      health: health.status,
      states: health.states,
    });
  health.onLook(() => void write());
  closers.add(() => file.remove());
  await write();
}
