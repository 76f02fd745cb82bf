// The events' way out: every event to every receiver that wants its kind, in that receiver's format. Nobody waits for a receiver.

import { join } from 'node:path';
import { Delivery, type DeliveryHealth } from './delivery.ts';
import type { SecurityEvent, Severity } from './event.ts';
import { cefOf } from './formats/cef.ts';
import { ecsOf } from './formats/ecs.ts';
import { ocsfOf } from './formats/ocsf.ts';
import type { Product } from './formats/product.ts';
import type { Log } from './log.ts';
import { METRICS } from './metric-names.ts';
import type { Metrics } from './metrics.ts';
import { type EventReceiver, sinkOf } from './receiver.ts';
import type { Outgoing } from './sinks/sink.ts';
import { Spool } from './spool.ts';

export interface EventsOptions {
  /** Holds one spool a receiver. */
  readonly folder: string;
  readonly receivers: readonly EventReceiver[];
  readonly product: Product;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
  /** From 0 to 1, different every time. */
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Bytes that wait for one receiver: some 60,000 events. */
const SPOOL_BYTES_MAX = 64 * 1_024 * 1_024;
const SPOOL_FILE_BYTES_MAX = 1_024 * 1_024;

/** Severities as syslog counts them. */
const SYSLOG_SEVERITY: Readonly<Record<Severity, number>> = { info: 6, low: 5, medium: 4, high: 3, critical: 2 };

interface Way {
  readonly receiver: EventReceiver;
  readonly delivery: Delivery;
}

export class Events {
  readonly #options: EventsOptions;
  readonly #ways: readonly Way[];

  private constructor(options: EventsOptions, ways: readonly Way[]) {
    this.#options = options;
    this.#ways = ways;
    options.metrics.onRead((metrics) => {
      for (const { name, waiting } of this.health()) metrics.set(METRICS.eventsSpooled, { sink: name }, waiting);
    });
  }

  /** Goes on with what waits from before. Rejects where a spool cannot be made. */
  static async open(options: EventsOptions): Promise<Events> {
    const ways: Way[] = [];
    for (const receiver of options.receivers) ways.push({ receiver, delivery: await deliveryOf(options, receiver) });
    return new Events(options, ways);
  }

  /** Never throws and never waits. */
  emit(event: SecurityEvent): void {
    for (const { receiver, delivery } of this.#ways) {
      if (receiver.kinds !== null && !receiver.kinds.includes(event.kind)) continue;
      delivery.emit(outgoing(event, receiver, this.#options.product));
    }
  }

  health(): readonly DeliveryHealth[] {
    return this.#ways.map(({ delivery }) => delivery.health());
  }

  async close(): Promise<void> {
    await Promise.all(this.#ways.map(({ delivery }) => delivery.close()));
  }
}

async function deliveryOf(options: EventsOptions, receiver: EventReceiver): Promise<Delivery> {
  const { folder, product, now, newId, random, metrics, log } = options;
  const { name } = receiver;
  const spool = await Spool.open({
    folder: join(folder, name),
    bytesMax: receiver.spoolBytesMax ?? SPOOL_BYTES_MAX,
    fileBytesMax: Math.min(SPOOL_FILE_BYTES_MAX, (receiver.spoolBytesMax ?? SPOOL_BYTES_MAX) / 4),
  });
  const notice = (count: number): SecurityEvent => ({
    kind: 'act',
    id: newId(),
    at: now(),
    domain: '',
    severity: 'medium',
    action: 'events.dropped',
    subject: `${count} events`,
    by: { kind: 'system', id: 'events', name: 'events', address: null },
    isSuccess: false,
    record: null,
    chain: null,
  });
  return new Delivery({
    name,
    spool,
    sink: sinkOf(receiver, { host: product.host, now }),
    random,
    log,
    droppedNotice: (count) => outgoing(notice(count), receiver, product),
    onCount: (outcome, count) => metrics.add(METRICS.events, { sink: name, outcome }, count),
  });
}

function outgoing(event: SecurityEvent, { format }: EventReceiver, product: Product): Outgoing {
  const severity = SYSLOG_SEVERITY[event.severity];
  if (format === 'cef') return { severity, text: cefOf(event, product) };
  return { severity, text: JSON.stringify(format === 'ecs' ? ecsOf(event, product) : ocsfOf(event, product)) };
}
