// A route: one line of the table from which validation, authorisation, documents, client and tests are made. Not its handler.

import * as z from 'zod';
import type { Access } from './access.ts';
import type { Actor, RequestFacts } from './actor.ts';
import type { ErrorKinds } from './error-kinds.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** 1 MB: every ordinary body is far below. A route that takes more says so. */
export const BODY_BYTES_MAX = 1_000_000;

export interface JsonAnswer<Schema extends z.ZodType = z.ZodType> {
  readonly kind: 'json';
  readonly status: 200 | 201 | 202;
  readonly schema: Schema;
  readonly example: z.input<Schema>;
}
export interface NoAnswer {
  readonly kind: 'nothing';
  readonly status: 204;
}
/** Server-sent events; each message carries a list of these, at most ten messages a second. */
export interface EventsAnswer<Schema extends z.ZodType = z.ZodType> {
  readonly kind: 'events';
  readonly status: 200;
  readonly schema: Schema;
  readonly example: z.input<Schema>;
}
/** A text or file, sent as it comes. */
export interface FileAnswer {
  readonly kind: 'file';
  readonly status: 200;
  readonly mediaTypes: readonly string[];
}
/** 303 to a place of this or another site. */
export interface RedirectAnswer {
  readonly kind: 'redirect';
  readonly status: 303;
}
export type Answer = JsonAnswer | NoAnswer | EventsAnswer | FileAnswer | RedirectAnswer;

export function json<Schema extends z.ZodType>(
  schema: Schema,
  example: z.input<Schema>,
  status: 200 | 201 | 202 = 200,
): JsonAnswer<Schema> {
  return { kind: 'json', status, schema, example };
}

export function events<Schema extends z.ZodType>(schema: Schema, example: z.input<Schema>): EventsAnswer<Schema> {
  return { kind: 'events', status: 200, schema, example };
}

export function file(...mediaTypes: readonly string[]): FileAnswer {
  return { kind: 'file', status: 200, mediaTypes };
}

export const nothing: NoAnswer = { kind: 'nothing', status: 204 };
export const redirect: RedirectAnswer = { kind: 'redirect', status: 303 };

/** Fields of a path or query that has none. */
export const NO_FIELDS = z.strictObject({});
export const NO_BODY = z.undefined();

export interface RouteOptions<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  A extends Answer,
> {
  readonly method: Method;
  /** `{name}` for each of `params`. */
  readonly path: `/${string}`;
  /** One line: what it does, beginning with a verb. */
  readonly summary: string;
  readonly detail?: string;
  readonly access: Access;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** A body that is accepted, for the documents. Needed where there is a body. */
  readonly bodyExample?: z.input<Body>;
  readonly bodyBytesMax?: number;
  readonly answer: A;
  /** needed: a change of something with revisions. The handler gets the tag, compares, and refuses with PICKET-C412. */
  readonly ifMatch?: 'needed' | 'none';
  /** What the handler may refuse with, besides the frame's own. */
  readonly errors?: ErrorKinds;
}

export interface Route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  A extends Answer = Answer,
> {
  readonly method: Method;
  readonly path: `/${string}`;
  readonly summary: string;
  readonly detail: string | null;
  readonly access: Access;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly bodyExample: z.input<Body> | undefined;
  readonly bodyBytesMax: number;
  readonly answer: A;
  readonly ifMatch: 'needed' | 'none';
  readonly errors: ErrorKinds;
}

/** Makes a route; everything that is not stated is none. */
export function route<
  A extends Answer,
  Params extends z.ZodObject = typeof NO_FIELDS,
  Query extends z.ZodObject = typeof NO_FIELDS,
  Body extends z.ZodType = typeof NO_BODY,
>(options: RouteOptions<Params, Query, Body, A>): Route<Params, Query, Body, A>;
export function route(options: RouteOptions<z.ZodObject, z.ZodObject, z.ZodType, Answer>): Route {
  return Object.freeze({
    detail: null,
    params: NO_FIELDS,
    query: NO_FIELDS,
    body: NO_BODY,
    bodyExample: undefined,
    bodyBytesMax: BODY_BYTES_MAX,
    ifMatch: 'none',
    errors: {},
    ...options,
  });
}

/** Area → name → route. The id of a route is `area.name`. */
export type Area = Readonly<Record<string, Route>>;
export type RouteTable = Readonly<Record<string, Area>>;

/** What a handler is given: everything checked. */
export interface Asked<R extends Route> {
  /** NOBODY on an open route that was asked without a logon. */
  readonly actor: Actor;
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: z.output<R['body']>;
  /** The tag of `If-Match` without quotes; '' where the route needs none. */
  readonly ifMatch: string;
  /** For events: the id of the last event this client has seen. */
  readonly lastEventId: string | null;
  readonly facts: RequestFacts;
  /** Names this request in answers and logs. */
  readonly trace: string;
  /** Ends when the client is gone. */
  readonly signal: AbortSignal;
}

export interface ServerEvent<Item> {
  /** By which a client resumes; letters, digits, "-", "_", "." and ":", at most 128. */
  readonly id: string;
  readonly item: Item;
}

export type FileValue = {
  readonly mediaType: string;
  /** Offered to browsers as the name to save under. */
  readonly name: string | null;
  readonly content: string | Uint8Array | AsyncIterable<string | Uint8Array>;
};

/** What a handler answers with. */
export type ValueOf<A extends Answer> =
  A extends JsonAnswer<infer Schema>
    ? z.input<Schema>
    : A extends EventsAnswer<infer Schema>
      ? AsyncIterable<ServerEvent<z.input<Schema>>>
      : A extends FileAnswer
        ? FileValue
        : A extends RedirectAnswer
          ? string
          : null;

export interface Reply<Value> {
  /** null where the route answers nothing; the location of a redirect. */
  readonly value: Value;
  /** Without quotes; sent as `ETag`, and compared with `If-None-Match`. */
  readonly etag?: string;
  /** Whole `Set-Cookie` values. */
  readonly cookies?: readonly string[];
}

export type Handler<R extends Route> = (asked: Asked<R>) => Promise<Reply<ValueOf<R['answer']>>>;

/** A handler for every route of an area: one that is missing is a type error. */
export type AreaHandlers<A extends Area> = { readonly [Name in keyof A]: Handler<A[Name]> };
export type Handlers<Table extends RouteTable> = { readonly [Name in keyof Table]: AreaHandlers<Table[Name]> };
