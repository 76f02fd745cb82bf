// The table as a list, for whatever goes through all of it. Not the table.

import type { Route, RouteTable } from './route.ts';

export interface NamedRoute {
  /** `area.name`, for instance `policies.apply`: the operation's id in the OpenAPI document. */
  readonly id: string;
  readonly area: string;
  readonly route: Route;
}

export function listOf(table: RouteTable): readonly NamedRoute[] {
  return Object.entries(table).flatMap(([area, routes]) =>
    Object.entries(routes).map(([name, route]) => ({ id: `${area}.${name}`, area, route })),
  );
}

/** Names in braces, in order. */
export function paramsOfPath(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}
