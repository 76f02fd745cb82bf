// The API as a Hono app, made from the route table: one pipeline for every route. Not the server around it.

import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { RouteTable } from '#routes';
import { type Bound, bindTable } from './bind.ts';
import type { ApiOptions } from './options.ts';
import { type Methods, Pipeline } from './pipeline.ts';

export type ApiApp = Hono<{ Bindings: HttpBindings }>;

export interface Api {
  readonly app: ApiApp;
  /** Names that are served, for the server's look at `Host`. */
  readonly hosts: readonly string[];
  /** Ends every stream; requests under way are for the server to finish. */
  close(): void;
}

/** A route without a handler does not compile. */
export function createApi<Table extends RouteTable>(options: ApiOptions<Table>): Api {
  const pipeline = new Pipeline(options);
  const app: ApiApp = new Hono();
  for (const [path, methods] of byPath(bindTable(options.table, options.handlers))) {
    app.all(path.replace(/\{(\w+)\}/g, ':$1'), (context) => pipeline.answer(context, methods));
  }
  app.all('*', (context) => pipeline.answer(context, new Map()));
  return { app, hosts: options.hosts, close: () => pipeline.close() };
}

/** Path → method → route. Fixed words come before parameters, so that `/domains/mine` would not be taken for a domain. */
function byPath(bound: readonly Bound[]): readonly (readonly [string, Methods])[] {
  const paths = new Map<string, Map<string, Bound>>();
  for (const one of bound) {
    const methods = paths.get(one.route.path) ?? new Map<string, Bound>();
    methods.set(one.route.method, one);
    paths.set(one.route.path, methods);
  }
  return [...paths].sort(([left], [right]) => (sortKey(left) < sortKey(right) ? -1 : 1));
}

/** `{` comes after every letter. */
function sortKey(path: string): string {
  return path.replace(/\{\w+\}/g, '{');
}
