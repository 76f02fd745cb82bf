// The typed client: a call of a route through a fetch-like port. Never throws for what the network or a controller does. Not HTTP itself, nor retries.

import type * as z from 'zod';
import { type ApiProblem, problem } from './problem.ts';
import type { Answer, EventsAnswer, FileAnswer, JsonAnswer, RedirectAnswer, Route } from './route.ts';
import { type EventBatch, eventBatches } from './sse.ts';

export interface ClientRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal | null;
}

export interface ClientResponse {
  readonly status: number;
  /** By its lower-case name. */
  readonly header: (name: string) => string | null;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Rejects when no answer came. */
export type FetchLike = (request: ClientRequest) => Promise<ClientResponse>;

/** Where the input may be left out, it may. */
type Wanted<Key extends string, Input> =
  Record<never, never> extends Input
    ? { readonly [K in Key]?: Input }
    : undefined extends Input
      ? { readonly [K in Key]?: Input }
      : { readonly [K in Key]: Input };

export type CallOptions<R extends Route> = Wanted<'params', z.input<R['params']>> &
  Wanted<'query', z.input<R['query']>> &
  Wanted<'body', z.input<R['body']>> & {
    /** Tag of the revision on top of which a change is made. */
    readonly ifMatch?: string;
    readonly lastEventId?: string;
    readonly signal?: AbortSignal;
  };

export interface ReceivedFile {
  readonly mediaType: string;
  readonly content: AsyncIterable<Uint8Array>;
}

export type ReceivedOf<A extends Answer> =
  A extends JsonAnswer<infer Schema>
    ? z.output<Schema>
    : A extends EventsAnswer<infer Schema>
      ? AsyncIterable<EventBatch<z.output<Schema>>>
      : A extends FileAnswer
        ? ReceivedFile
        : A extends RedirectAnswer
          ? string
          : null;

export type Outcome<Value> =
  | { readonly kind: 'answer'; readonly status: number; readonly value: Value; readonly etag: string | null }
  | { readonly kind: 'refused'; readonly problem: ApiProblem }
  /** No answer came. It is not known whether the request took effect. */
  | { readonly kind: 'unreachable'; readonly code: 'PICKET-C451'; readonly message: string }
  /** What answered does not speak this API. */
  | { readonly kind: 'unclear'; readonly code: 'PICKET-C450'; readonly message: string };

export interface Client {
  call<R extends Route>(route: R, options: CallOptions<R>): Promise<Outcome<ReceivedOf<R['answer']>>>;
}

/** The largest answer that is read whole; lists are paged, so this is a bound against a hostile server. */
const ANSWER_BYTES_MAX = 64 * 1_024 * 1_024;

/** `headers` are sent with every request (authorization, user agent). */
export function controllerClient(send: FetchLike, headers: Readonly<Record<string, string>> = {}): Client {
  function call<R extends Route>(route: R, options: CallOptions<R>): Promise<Outcome<ReceivedOf<R['answer']>>>;
  function call(route: Route, options: LooseOptions): Promise<Outcome<unknown>> {
    return asked({ send, headers, route, options });
  }
  return { call };
}

interface LooseOptions {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
}

interface Call {
  readonly send: FetchLike;
  readonly headers: Readonly<Record<string, string>>;
  readonly route: Route;
  readonly options: LooseOptions;
}

async function asked({ send, headers, route, options }: Call): Promise<Outcome<unknown>> {
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  let response: ClientResponse;
  try {
    response = await send({
      method: route.method,
      target: targetOf(route, options),
      headers: { ...headers, ...headersOf(route, options, body) },
      body,
      signal: options.signal ?? null,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      kind: 'unreachable',
      code: 'PICKET-C451',
      message: `no answer to ${route.method} ${route.path}: ${reason}`,
    };
  }
  try {
    return await received(route, response);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      kind: 'unreachable',
      code: 'PICKET-C451',
      message: `the answer to ${route.method} ${route.path} broke off: ${reason}`,
    };
  }
}

function headersOf(route: Route, options: LooseOptions, body: string | null): Record<string, string> {
  return {
    accept: acceptOf(route.answer),
    ...(body === null ? {} : { 'content-type': 'application/json' }),
    ...(options.ifMatch === undefined ? {} : { 'if-match': `"${options.ifMatch}"` }),
    ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
  };
}

function acceptOf(answer: Answer): string {
  const own =
    answer.kind === 'events'
      ? ['text/event-stream']
      : answer.kind === 'file'
        ? answer.mediaTypes
        : ['application/json'];
  return [...own, 'application/problem+json'].join(', ');
}

/** The request target: params percent-encoded into the path, then the query. */
export function targetOf(route: Route, options: { readonly params?: unknown; readonly query?: unknown }): string {
  const params = fieldsOf(options.params);
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params.get(name) ?? ''));
  const query = [...fieldsOf(options.query)].map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}

function fieldsOf(value: unknown): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([name, one]) => [name, String(one)]),
  );
}

async function received(route: Route, response: ClientResponse): Promise<Outcome<unknown>> {
  const { answer } = route;
  if (response.status >= 400) return refused(route, response);
  if (response.status !== answer.status) return unclear(route, `the status is ${response.status}`);
  const etag = tagOf(response.header('etag'));
  const done = (value: unknown): Outcome<unknown> => ({ kind: 'answer', status: response.status, value, etag });
  if (answer.kind === 'nothing') return done(null);
  if (answer.kind === 'redirect') return done(response.header('location') ?? '');
  const mediaType = response.header('content-type') ?? '';
  if (answer.kind === 'file') return done({ mediaType, content: response.body });
  if (answer.kind === 'events') return done(eventBatches(response.body, answer.schema));
  const parsed = answer.schema.safeParse(jsonOf(await textOf(response.body)));
  if (!parsed.success) return unclear(route, 'the answer has another form than this version knows');
  return done(parsed.data);
}

async function refused(route: Route, response: ClientResponse): Promise<Outcome<unknown>> {
  const parsed = problem.safeParse(jsonOf(await textOf(response.body)));
  if (!parsed.success) return unclear(route, `the status is ${response.status}, without a problem that can be read`);
  return { kind: 'refused', problem: parsed.data };
}

function unclear(route: Route, found: string): Outcome<never> {
  const message = `what answered ${route.method} ${route.path} does not speak the API of a controller: ${found}`;
  return { kind: 'unclear', code: 'PICKET-C450', message };
}

function tagOf(header: string | null): string | null {
  return /^"([\x21\x23-\x7e]{1,128})"$/.exec(header ?? '')?.[1] ?? null;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new RangeError(`it has more than ${ANSWER_BYTES_MAX} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** undefined where the text is not JSON, which no schema of an answer takes. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
