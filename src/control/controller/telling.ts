// What this controller tells other systems: numbers for Prometheus, and an event for every act that is in the ledger.

import { type EventReceiver, Events, METRICS, Metrics, receiverTroubles, Secret } from '#events';
import type { Ledger } from '#ledger';
import { agentsBehind } from '#store';
import type { Base, Outside } from './base.ts';
import type { Closers } from './closers.ts';
import type { Config } from './config.ts';
import { eventsOf } from './record-events.ts';
import { ReportTelling } from './report-telling.ts';
import { type Settled, secretOf } from './settled.ts';
import { ControllerError } from './trouble.ts';

export interface Telling {
  readonly metrics: Metrics;
  readonly events: Events;
}

interface Opening {
  readonly settled: Settled;
  readonly outside: Outside;
  readonly version: string;
}

export async function openTelling({ settled, outside, version }: Opening, closers: Closers): Promise<Telling> {
  const { now, newId, random, log } = outside;
  const metrics = new Metrics(Object.values(METRICS));
  metrics.set(METRICS.build, { version }, 1);
  metrics.onRead((all) => {
    const { user, system } = process.cpuUsage();
    all.set(METRICS.cpu, {}, (user + system) / 1_000_000);
    all.set(METRICS.memory, {}, process.memoryUsage.rss());
    all.set(METRICS.uptime, {}, process.uptime());
  });
  const receivers = await Promise.all(settled.config.events.map(receiverOf));
  const [trouble] = receiverTroubles(receivers);
  if (trouble !== undefined)
    throw new ControllerError({
      code: 'PICKET-C801',
      message: `${trouble}; nothing was started`,
      help: 'correct it below "events" of the configuration',
    });
  const product = { version, host: settled.names[0] ?? 'localhost' };
  const events = await Events.open({
    folder: settled.folder.events,
    receivers,
    product,
    now,
    newId,
    random,
    metrics,
    log,
  });
  closers.add(() => events.close());
  return { metrics, events };
}

async function receiverOf(sink: Config['events'][number], at: number): Promise<EventReceiver> {
  const common = { name: `${sink.to}-${at + 1}`, format: sink.format, kinds: null };
  if (sink.to === 'file') return { ...common, to: { kind: 'file', path: sink.file } };
  if (sink.to === 'webhook')
    return { ...common, to: { kind: 'webhook', url: sink.url, secret: new Secret(await secretOf(sink.secret)) } };
  if (sink.over === 'unix') return { ...common, to: { kind: 'syslog', target: { kind: 'unix', path: sink.address } } };
  const colon = sink.address.lastIndexOf(':');
  const host = sink.address.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(sink.address.slice(colon + 1));
  const target = sink.over === 'tls' ? { kind: sink.over, host, port, ca: null } : { kind: sink.over, host, port };
  return { ...common, to: { kind: 'syslog', target } };
}

/** An event for every record of the ledger once it is on the disk, those that a crash had left over among them. */
export function tellRecords(ledger: Ledger, { events, metrics }: Telling): () => void {
  return ledger.onRecords((records) => {
    metrics.add(METRICS.ledgerRecords, {}, records.length);
    for (const event of records.flatMap(eventsOf)) {
      if (event.kind === 'logon' && event.act === 'logon')
        metrics.add(METRICS.logons, { method: event.method, outcome: 'success' });
      events.emit(event);
    }
  });
}

/** Agents have a minute to take a new revision before they are told as behind. */
const BEHIND_MS = 60_000;

interface ReportTellingParts {
  readonly base: Base;
  readonly telling: Telling;
  readonly outside: Outside;
  /** Of this controller. */
  readonly name: string;
}

export function reportTellingOf({ base, telling, outside, name }: ReportTellingParts, closers: Closers): ReportTelling {
  const { now, newId, log } = outside;
  const made = new ReportTelling({
    ...telling,
    now,
    newId,
    behind: () => agentsBehind(base.store.db, { controller: name, since: now() - BEHIND_MS }),
    onTrouble: (error) => log.warn({ error }, 'what agents told could not be told on; it is tried again'),
  });
  made.start();
  closers.add(() => made.close());
  return made;
}
