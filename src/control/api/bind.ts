// Routes with their handlers: raw parts in, checked parts to the handler. Not who may ask, nor HTTP.

import {
  type Actor,
  type Area,
  type AreaHandlers,
  type Asked,
  type Handler,
  type Handlers,
  paramsOfPath,
  type Reply,
  type Route,
  type RouteTable,
} from '#routes';
import { checked } from './checked.ts';

export interface RawAsk extends Omit<Asked<Route>, 'params' | 'query' | 'body' | 'actor'> {
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** undefined where there is none. */
  readonly body: unknown;
}

export interface Bound {
  readonly id: string;
  readonly route: Route;
  /** Whether the path names a domain. */
  readonly isOfDomain: boolean;
  /** Rejects with a Refusal where a part is not as the route needs it, and with whatever the handler rejects with. */
  readonly ask: (raw: RawAsk) => Promise<Reply<unknown>>;
}

export function bindTable<Table extends RouteTable>(table: Table, handlers: Handlers<Table>): readonly Bound[] {
  const bound: Bound[] = [];
  for (const area in table) bound.push(...bindArea(area, table[area], handlers[area]));
  return bound;
}

function bindArea<A extends Area>(area: string, routes: A, handlers: AreaHandlers<A>): readonly Bound[] {
  const bound: Bound[] = [];
  for (const name in routes) bound.push(bindRoute(`${area}.${name}`, routes[name], handlers[name]));
  return bound;
}

function bindRoute<R extends Route>(id: string, route: R, handler: Handler<R>): Bound {
  return {
    id,
    route,
    isOfDomain: paramsOfPath(route.path).includes('domain'),
    ask: async (raw) =>
      handler({
        ...raw,
        params: checked<R['params']>(route.params, raw.params, 'path'),
        query: checked<R['query']>(route.query, raw.query, 'query'),
        body: checked<R['body']>(route.body, raw.body, 'body'),
      }),
  };
}
