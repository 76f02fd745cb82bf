// The bus of several controllers: notifications of their PostgreSQL. One connection listens; it comes back by itself, and then everybody is told of the loss.

import pg from 'pg';
import { type BusHandler, Subscribers, textOf } from './subscribers.ts';
import { type Bus, TOPICS, type Topic } from './types.ts';

const CHANNEL = 'picket';
const CONNECT_MS = 5_000;
/** First and longest wait before the listener connects again; up to half more at random, so that controllers do not all come at once. */
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;
/** Said by a controller whose messages did not go out: read anew. */
const LOST = '{"lost":true}';
/** How long that waits, up to half more at random. */
const OWED_MS = 2_000;
/** A connection whose other end vanished says nothing; so it is asked. */
const ASK_MS = 10_000;

export interface PostgresBusOptions {
  readonly url: string;
  readonly bug: (error: unknown) => void;
  /** 0 up to 1. */
  readonly random: () => number;
}

export class PostgresBus implements Bus {
  readonly #options: PostgresBusOptions;
  readonly #subscribers: Subscribers;
  readonly #sender: pg.Pool;
  #listener: pg.Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #waitMs = RETRY_FIRST_MS;
  /** Runs where a message did not go out: everybody is told to read anew, as soon as that can be told. */
  #owed: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: PostgresBusOptions) {
    this.#options = options;
    this.#subscribers = new Subscribers(options.bug);
    this.#sender = new pg.Pool({
      connectionString: options.url,
      max: 1,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
      keepAlive: true,
      allowExitOnIdle: true,
    });
    // A connection that breaks while idle is replaced by the next message.
    this.#sender.on('error', () => {});
  }

  /** Listens, or rejects where the database cannot be reached. */
  async open(): Promise<void> {
    await this.#listen();
  }

  async publish(topic: Topic, payload: Readonly<Record<string, string | number>>): Promise<void> {
    const text = textOf(topic, payload);
    try {
      await this.#notify(text);
    } catch (error) {
      this.#owe();
      throw error;
    }
  }

  subscribe(topic: Topic, handler: BusHandler): () => void {
    return this.#subscribers.add(topic, handler);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of [this.#timer, this.#owed]) if (timer !== null) clearTimeout(timer);
    this.#subscribers.clear();
    const listener = this.#listener;
    this.#listener = null;
    await Promise.allSettled([listener?.end(), this.#sender.end()]);
  }

  async #notify(text: string): Promise<void> {
    await this.#sender.query('SELECT pg_notify($1, $2)', [CHANNEL, text]);
  }

  /** One word stands for all that was not told: nothing waits in a queue. Tried until it is out or the bus is closed. */
  #owe(): void {
    if (this.#owed !== null || this.#isClosed) return;
    const waitMs = OWED_MS * (1 + this.#options.random() / 2);
    this.#owed = setTimeout(() => {
      this.#owed = null;
      void this.#payOff();
    }, waitMs);
    this.#owed.unref();
  }

  async #payOff(): Promise<void> {
    try {
      await this.#notify(LOST);
    } catch {
      this.#owe();
    }
  }

  async #listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
      keepAlive: true,
    });
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    client.on('notification', ({ payload }) => this.#take(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    if (this.#isClosed) return void client.end().catch(() => {});
    this.#listener = client;
    this.#waitMs = RETRY_FIRST_MS;
    this.#askLater(client);
  }

  /** Once for each listener that is gone. */
  #lose(client: pg.Client): void {
    if (this.#isClosed || this.#listener !== client) return;
    this.#listener = null;
    client.end().catch(() => {});
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const waitMs = this.#waitMs * (1 + this.#options.random() / 2);
    this.#waitMs = Math.min(this.#waitMs * 2, RETRY_MAX_MS);
    this.#timer = setTimeout(() => void this.#retry(), waitMs);
  }

  async #retry(): Promise<void> {
    try {
      await this.#listen();
    } catch {
      if (!this.#isClosed) this.#retryLater();
      return;
    }
    this.#subscribers.tellLoss();
  }

  #askLater(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      client.query('SELECT 1').then(
        () => this.#listener === client && this.#askLater(client),
        () => this.#lose(client),
      );
    }, ASK_MS);
    this.#timer.unref();
  }

  /** Anybody who may write to the database may notify: what is not ours is passed over. */
  #take(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (text === LOST) {
      this.#subscribers.tellLoss();
      return;
    }
    if (typeof message !== 'object' || message === null || !('topic' in message) || !('payload' in message)) return;
    const topic = TOPICS.find((one) => one === message.topic);
    const payload = payloadOf(message.payload);
    if (topic !== undefined && payload !== null) this.#subscribers.tell(topic, { kind: 'told', payload });
  }
}

function payloadOf(value: unknown): Record<string, string | number> | null {
  if (typeof value !== 'object' || value === null) return null;
  const payload: Record<string, string | number> = {};
  for (const [name, field] of Object.entries(value)) {
    if (typeof field !== 'string' && typeof field !== 'number') return null;
    payload[name] = field;
  }
  return payload;
}
