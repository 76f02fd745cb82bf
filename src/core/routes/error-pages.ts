// Pages of `picket explain` for everything a route may refuse with, and the status of each code. Not the kinds themselves: those stand beside their routes.

import { apiErrors, clientErrors, type ErrorKind, sessionErrors } from './error-kinds.ts';
import { routes } from './table.ts';
import { listOf } from './walk.ts';

/** Every kind by its code. */
export function errorKinds(): ReadonlyMap<string, ErrorKind> {
  const all = [apiErrors, clientErrors, sessionErrors, ...listOf(routes).map(({ route }) => route.errors)];
  return new Map(all.flatMap((kinds) => Object.entries(kinds)));
}

export function routesCodes(): readonly string[] {
  return [...errorKinds().keys()].sort();
}

export function routesPage(code: string): string | null {
  const kind = errorKinds().get(code);
  return kind === undefined ? null : `${code}: ${kind.title}\n\n${kind.page.join('\n\n')}\n`;
}
