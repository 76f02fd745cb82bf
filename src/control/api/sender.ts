// Sends what a handler replied, by the kind of answer its route has. Counts the streams that are open. Not what is replied.

import { type FileValue, Refusal, type Reply, type Route, type ServerEvent } from '#routes';
import { emptyResponse, headersOf, jsonResponse, PAGE_POLICY, redirectResponse } from './answers.ts';
import type { Bound } from './bind.ts';
import type { ApiLimits } from './options.ts';
import { eventStream } from './streams.ts';

export interface SendOptions {
  readonly route: Route;
  readonly reply: Reply<unknown>;
  readonly request: Request;
  readonly life: Life;
  /** By whom streams are counted. */
  readonly follower: string;
  readonly isAllowed: () => Promise<boolean>;
  /** Breaks the connection off: the only way to say that an answer which has begun is not whole. */
  readonly cut: () => void;
  readonly trace: string;
}

export interface Life {
  readonly signal: AbortSignal;
  readonly end: () => void;
}

export class Sender {
  readonly #limits: ApiLimits;
  readonly #bug: (trace: string, error: unknown) => void;
  readonly #closing = new AbortController();
  /** Open streams by follower: at most `limits.streams` in all. */
  readonly #streams = new Map<string, number>();
  #open = 0;

  constructor(limits: ApiLimits, bug: (trace: string, error: unknown) => void) {
    this.#limits = limits;
    this.#bug = bug;
  }

  close(): void {
    this.#closing.abort();
  }

  /** Life of one request: over when the client is gone, the API closes, or the stream is ended from here. */
  lifeOf(request: AbortSignal): Life {
    const ending = new AbortController();
    const signal = AbortSignal.any([request, this.#closing.signal, ending.signal]);
    return { signal, end: () => ending.abort() };
  }

  options(methods: ReadonlyMap<string, Bound>): Response {
    const names = [...methods.keys()];
    const headers = headersOf({}, null);
    headers.set('allow', [...names, ...(names.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', '));
    return new Response(null, { status: 204, headers });
  }

  /** HEAD of something that is made while it is sent: only its type is known beforehand. */
  head({ answer }: Route): Response {
    const mediaType =
      answer.kind === 'events' ? EVENTS : answer.kind === 'file' ? (answer.mediaTypes[0] ?? null) : null;
    return new Response(null, { status: answer.status, headers: headersOf({}, mediaType) });
  }

  send(options: SendOptions): Response {
    const { route, reply, request } = options;
    const { answer } = route;
    if (
      reply.etag !== undefined &&
      request.method === 'GET' &&
      isKnown(request.headers.get('if-none-match'), reply.etag)
    )
      return emptyResponse(304, reply);
    switch (answer.kind) {
      case 'json':
        return jsonResponse(answer.status, reply);
      case 'nothing':
        return emptyResponse(answer.status, reply);
      case 'redirect':
        return redirectResponse(String(reply.value), reply);
      case 'file':
        return this.#file(options);
      case 'events':
        return this.#events(options);
    }
  }

  #file({ reply, cut, trace }: SendOptions): Response {
    const { value } = reply;
    if (!isFile(value)) throw new TypeError('the handler of a file replied with something else');
    const headers = headersOf(reply, value.mediaType);
    if (value.mediaType.startsWith('text/html')) headers.set('content-security-policy', PAGE_POLICY);
    if (value.name !== null)
      headers.set('content-disposition', `attachment; filename="${value.name.replace(/[^A-Za-z0-9._-]/g, '_')}"`);
    const { content } = value;
    const body =
      typeof content === 'string' || content instanceof Uint8Array
        ? content
        : chunks(content, (error) => {
            this.#bug(trace, error);
            cut();
          });
    return new Response(body, { status: 200, headers });
  }

  #events({ reply, life, follower, isAllowed, trace }: SendOptions): Response {
    const { value } = reply;
    if (!isEvents(value)) throw new TypeError('the handler of events replied with something else');
    this.#enter(follower);
    const stream = eventStream({
      source: value,
      heartbeatMs: this.#limits.heartbeatMs,
      recheckMs: this.#limits.recheckMs,
      isAllowed,
      signal: life.signal,
      ended: () => {
        this.#leave(follower);
        life.end();
      },
      bug: (error) => this.#bug(trace, error),
    });
    return new Response(stream, { status: 200, headers: headersOf(reply, EVENTS) });
  }

  #enter(follower: string): void {
    const own = this.#streams.get(follower) ?? 0;
    if (own >= this.#limits.streamsPerActor || this.#open >= this.#limits.streams) {
      const help = 'close one of them';
      throw new Refusal({
        code: 'PICKET-C430',
        message: 'too many streams are open already',
        help,
        retryAfterSeconds: 10,
      });
    }
    this.#streams.set(follower, own + 1);
    this.#open += 1;
  }

  #leave(follower: string): void {
    const own = this.#streams.get(follower) ?? 0;
    this.#open -= 1;
    if (own > 1) this.#streams.set(follower, own - 1);
    else this.#streams.delete(follower);
  }
}

const EVENTS = 'text/event-stream';

function isKnown(header: string | null, etag: string): boolean {
  return (header ?? '').split(',').some((one) => one.trim() === `"${etag}"`);
}

function isEvents(value: unknown): value is AsyncIterable<ServerEvent<unknown>> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function isFile(value: unknown): value is FileValue {
  return typeof value === 'object' && value !== null && 'mediaType' in value && 'content' in value;
}

/** Pulls a piece when the client has room. An error is told to `broken`, which cuts the connection: the adapter would append it as text. */
function chunks(
  content: AsyncIterable<string | Uint8Array>,
  broken: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const pieces = content[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let isOver = false;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        // The client went away while the piece was made.
        if (isOver) return;
        if (done === true) controller.close();
        else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
      } catch (error) {
        broken(error);
      }
    },
    async cancel() {
      isOver = true;
      await pieces.return?.();
    },
  });
}
