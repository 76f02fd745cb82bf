// Streams of events to a client: batched, at most ten messages a second, with heartbeats, ended when the follower may no longer follow. Not where events come from.

import { eventText, HEARTBEAT_TEXT, isEventId, type ServerEvent } from '#routes';

/** Between two messages: ten a second is more than anybody sees. */
const MESSAGE_MS = 100;
/** Items of one message. When so many wait, the source is not asked for more: it says itself what it does with the rest. */
const ITEMS_MAX = 500;
/** Of the items of one message together, so that a slow client holds little of the memory. One item may be longer. */
const ITEMS_CHARS_MAX = 256 * 1_024;

export interface StreamOptions {
  readonly source: AsyncIterable<ServerEvent<unknown>>;
  readonly heartbeatMs: number;
  readonly recheckMs: number;
  /** Whether the follower may still follow. */
  readonly isAllowed: () => Promise<boolean>;
  readonly signal: AbortSignal;
  /** Called once when the stream is over, for whatever reason. */
  readonly ended: () => void;
  readonly bug: (error: unknown) => void;
}

export function eventStream(options: StreamOptions): ReadableStream<Uint8Array> {
  const follower = new Follower(options);
  return new ReadableStream({
    pull: (controller) => follower.next(controller),
    cancel: () => follower.cancelled(),
  });
}

/** One client that follows. Waits for events only while the client reads, so a slow client slows its source and nothing grows. */
class Follower {
  readonly #options: StreamOptions;
  readonly #events: AsyncIterator<ServerEvent<unknown>>;
  readonly #encoder = new TextEncoder();
  #waiting: Promise<IteratorResult<ServerEvent<unknown>>> | null = null;
  #hasBegun = false;
  #isOver = false;
  #isCancelled = false;
  #checkedAfterMs = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#events = options.source[Symbol.asyncIterator]();
    options.signal.addEventListener('abort', () => this.end(), { once: true });
  }

  /** Sends one message or heartbeat, or closes. Never rejects: an error in the middle of a stream can only end it. */
  async next(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const text = this.#hasBegun ? await this.#message() : HEARTBEAT_TEXT;
      this.#hasBegun = true;
      if (text !== null && !this.#isOver) {
        controller.enqueue(this.#encoder.encode(text));
        return;
      }
    } catch (error) {
      this.#options.bug(error);
    }
    this.end();
    if (!this.#isCancelled) controller.close();
  }

  /** The client went away: the stream is closed by that. */
  cancelled(): void {
    this.#isCancelled = true;
    this.end();
  }

  /** Does not wait for the source: one that waits for an event ends when the signal tells it. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.ended();
    this.#events.return?.().catch((error: unknown) => this.#options.bug(error));
  }

  /** null at the end. */
  async #message(): Promise<string | null> {
    if (!(await this.#mayFollow())) return null;
    const first = await this.#within(this.#options.heartbeatMs);
    if (first === 'late') return HEARTBEAT_TEXT;
    if (first.done === true) return null;
    return this.#batch(first.value);
  }

  async #batch(first: ServerEvent<unknown>): Promise<string> {
    const items = [JSON.stringify(first.item)];
    let chars = items[0]?.length ?? 0;
    let id = first.id;
    const closesAt = performance.now() + MESSAGE_MS;
    while (items.length < ITEMS_MAX && chars < ITEMS_CHARS_MAX) {
      const leftMs = closesAt - performance.now();
      const one = leftMs > 0 ? await this.#within(leftMs) : 'late';
      if (one === 'late') break;
      if (one.done === true) {
        this.#waiting = Promise.resolve(one);
        break;
      }
      const text = JSON.stringify(one.value.item);
      items.push(text);
      chars += text.length;
      id = one.value.id;
    }
    await this.#pause(closesAt - performance.now());
    if (!isEventId(id)) throw new TypeError(`the id of an event is not one: ${JSON.stringify(id.slice(0, 200))}`);
    return eventText(id, items);
  }

  /** The next event, or 'late'; the same promise is waited for again later, so no event is lost. */
  async #within(waitMs: number): Promise<IteratorResult<ServerEvent<unknown>> | 'late'> {
    this.#waiting ??= this.#events.next();
    const timer = new Timer(waitMs);
    const result = await Promise.race([this.#waiting, timer.late]).finally(() => timer.clear());
    if (result !== 'late') this.#waiting = null;
    return result;
  }

  async #pause(waitMs: number): Promise<void> {
    if (waitMs > 0) await new Timer(waitMs).late;
  }

  async #mayFollow(): Promise<boolean> {
    const now = performance.now();
    if (this.#checkedAfterMs === 0) this.#checkedAfterMs = now;
    if (now - this.#checkedAfterMs < this.#options.recheckMs) return true;
    this.#checkedAfterMs = now;
    return await this.#options.isAllowed();
  }
}

class Timer {
  readonly late: Promise<'late'>;
  #timer: NodeJS.Timeout | undefined;

  constructor(waitMs: number) {
    this.late = new Promise((resolve) => {
      this.#timer = setTimeout(() => resolve('late'), waitMs);
    });
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
