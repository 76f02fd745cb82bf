// One receiver's way: events into its spool, out of the spool to its sink, again and later where it does not take them. One at a time, in order.

import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from './log.ts';
import { type Outgoing, SEND_MS_MAX, type Sink, type SinkError, sinkError } from './sinks/sink.ts';
import type { Spool } from './spool.ts';

export interface DeliveryOptions {
  readonly name: string;
  readonly spool: Spool;
  readonly sink: Sink;
  /** From 0 to 1, different every time. */
  readonly random: () => number;
  readonly log: Log;
  /** The event that tells a receiver how many before it were dropped. */
  readonly droppedNotice: (count: number) => Outgoing;
  readonly onCount: (outcome: 'delivered' | 'dropped', count: number) => void;
}

export interface DeliveryHealth {
  readonly name: string;
  readonly waiting: number;
  /** Why the receiver does not take events; null where it does. */
  readonly why: string | null;
}

/** Events in memory that are not in the spool yet: a second's worth of a busy site. */
const QUEUE_MAX = 10_000;
const GROUP_LINES = 200;
const GROUP_BYTES = 512 * 1_024;
const FIRST_WAIT_MS = 500;
const WAIT_MS_MAX = 300_000;
/** What is under way when the controller ends has this long. */
const LAST_MS = 2_000;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #end = new AbortController();
  #queue: Outgoing[] = [];
  #spooling: Promise<void> = Promise.resolve();
  #isSpooling = false;
  #wake: () => void = () => {};
  #why: string | null = null;
  #failures = 0;
  /** 1 after a receiver refused a group for good, until it took something: so that one bad event takes no others with it. */
  #linesMax = GROUP_LINES;
  readonly #sending: Promise<void>;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#sending = this.#send();
  }

  health(): DeliveryHealth {
    return { name: this.#options.name, waiting: this.#options.spool.waiting + this.#queue.length, why: this.#why };
  }

  /** Never waits: what does not fit is dropped and counted. */
  emit(event: Outgoing): void {
    if (this.#queue.length >= QUEUE_MAX) {
      this.#drop(1);
      return;
    }
    this.#queue.push(event);
    if (this.#isSpooling) return;
    this.#isSpooling = true;
    this.#spooling = this.#spool();
  }

  /** What waits stays in the spool. */
  async close(): Promise<void> {
    await this.#spooling;
    await Promise.race([this.#delivered(), wait(LAST_MS, undefined, { ref: false })]);
    this.#end.abort();
    this.#wake();
    await this.#sending;
    await this.#options.sink.close().catch(() => {});
  }

  async #delivered(): Promise<void> {
    while (this.#options.spool.waiting > 0 && this.#why === null) await wait(10);
  }

  async #spool(): Promise<void> {
    while (this.#queue.length > 0) {
      const events = this.#queue.slice(0, GROUP_LINES);
      this.#queue = this.#queue.slice(events.length);
      try {
        const gone = await this.#options.spool.add(events.map(lineOf));
        if (gone > 0) this.#options.onCount('dropped', gone);
      } catch (error) {
        this.#options.log.error(
          { code: 'PICKET-C253', sink: this.#options.name, error },
          'the spool of events cannot be written',
        );
        this.#drop(events.length);
      }
      this.#wake();
    }
    this.#isSpooling = false;
  }

  #drop(count: number): void {
    this.#options.spool.countDropped(count);
    this.#options.onCount('dropped', count);
  }

  async #send(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const isMore = await this.#sendGroup().catch((error: unknown) => this.#failed(sinkError(error)));
      if (isMore || signal.aborted) continue;
      const pause = this.#failures === 0 ? new Promise<void>((resolve) => this.#wakeBy(resolve)) : this.#later();
      await pause;
    }
  }

  #wakeBy(resolve: () => void): void {
    this.#wake = resolve;
    // Something may have come between the last look and this one.
    if (this.#options.spool.waiting > 0 || this.#end.signal.aborted) resolve();
  }

  async #later(): Promise<void> {
    const longest = Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    const millis = longest * (0.5 + this.#options.random() / 2);
    await wait(millis, undefined, { signal: this.#end.signal, ref: false }).catch(() => {});
  }

  /** False where nothing waits, or it has to be tried later. */
  async #sendGroup(): Promise<boolean> {
    const { spool, sink, droppedNotice, onCount } = this.#options;
    const taken = await spool.take(this.#linesMax, GROUP_BYTES);
    if (taken === null) return false;
    const dropped = spool.dropped;
    const events = taken.texts.map(outgoingOf);
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(SEND_MS_MAX)]);
    try {
      await sink.send(dropped > 0 ? [droppedNotice(dropped), ...events] : events, signal);
    } catch (error) {
      const trouble = sinkError(error);
      if (!trouble.isFinal) throw trouble;
      await this.#refused(trouble, taken.texts.length, () => spool.done(taken));
      return true;
    }
    if (dropped > 0) await spool.toldOfDropped(dropped);
    await spool.done(taken);
    this.#well();
    onCount('delivered', events.length);
    return true;
  }

  /** A group is refused for good: each of its events is sent alone, and one that is refused alone goes. */
  async #refused(trouble: SinkError, count: number, giveUp: () => Promise<void>): Promise<void> {
    if (count > 1) {
      this.#linesMax = 1;
      return;
    }
    this.#options.log.warn(
      { code: 'PICKET-C251', sink: this.#options.name, why: trouble.message },
      'an event was refused for good',
    );
    this.#options.onCount('dropped', count);
    await giveUp();
  }

  #well(): void {
    if (this.#why !== null) this.#options.log.info({ sink: this.#options.name }, 'events are delivered again');
    this.#why = null;
    this.#failures = 0;
    this.#linesMax = GROUP_LINES;
  }

  #failed(trouble: SinkError): false {
    this.#failures++;
    if (this.#why !== trouble.message)
      this.#options.log.warn(
        { code: 'PICKET-C250', sink: this.#options.name, why: trouble.message },
        'events cannot be delivered',
      );
    this.#why = trouble.message;
    return false;
  }
}

/** A digit of severity before the text. */
function lineOf({ severity, text }: Outgoing): string {
  return `${severity}${text.replace(/[\r\n]+/g, ' ')}`;
}

function outgoingOf(line: string): Outgoing {
  return { severity: Number.parseInt(line.slice(0, 1), 10) || 0, text: line.slice(1) };
}
