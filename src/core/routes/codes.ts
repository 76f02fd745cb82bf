// Which errors a route may answer with: the frame's, by what the route needs, and its own. Not when they happen.

import type { Access } from './access.ts';
import { apiErrors, type ErrorKind, sessionErrors } from './error-kinds.ts';
import { NO_FIELDS, type Route } from './route.ts';
import { paramsOfPath } from './walk.ts';

type ApiCode = keyof typeof apiErrors;

/** Any request can be malformed, for another host, too slow or too many; any answer can meet a bug. */
const ALWAYS: readonly ApiCode[] = [
  'PICKET-C400',
  'PICKET-C408',
  'PICKET-C414',
  'PICKET-C417',
  'PICKET-C424',
  'PICKET-C429',
  'PICKET-C431',
  'PICKET-C440',
  'PICKET-C441',
];

/** Code → kind, in order of the codes. */
export function codesOf(route: Route): ReadonlyMap<string, ErrorKind> {
  const own = new Set([...ALWAYS, ...codesOfAccess(route), ...codesOfParts(route)]);
  const frame = Object.entries(apiErrors).filter(([code]) => [...own].some((one) => one === code));
  const session = route.access.kind === 'open' ? [] : Object.entries(sessionErrors);
  const all: (readonly [string, ErrorKind])[] = [...frame, ...session, ...Object.entries(route.errors)];
  return new Map(all.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function codesOfAccess({ access, path }: Route): readonly ApiCode[] {
  const domain: readonly ApiCode[] = paramsOfPath(path).includes('domain') ? ['PICKET-C406'] : [];
  const fresh: readonly ApiCode[] = isFresh(access) ? ['PICKET-C409', 'PICKET-C410'] : [];
  switch (access.kind) {
    case 'open':
      return [];
    case 'logged-on':
      return ['PICKET-C401', 'PICKET-C403', ...domain];
    case 'self':
      return ['PICKET-C401', 'PICKET-C403', 'PICKET-C410', ...domain, ...fresh];
    case 'role':
      return ['PICKET-C401', 'PICKET-C403', 'PICKET-C407', ...domain, ...fresh];
    case 'agent':
      return ['PICKET-C401', 'PICKET-C419', ...domain];
  }
}

function isFresh(access: Access): boolean {
  return (access.kind === 'role' || access.kind === 'self') && access.isFresh === true;
}

function codesOfParts(route: Route): readonly ApiCode[] {
  const codes: ApiCode[] = [];
  if (route.method !== 'GET') codes.push('PICKET-C418');
  if (route.params !== NO_FIELDS) codes.push('PICKET-C420');
  if (route.ifMatch === 'needed') codes.push('PICKET-C412', 'PICKET-C421');
  if (route.answer.kind === 'events') codes.push('PICKET-C430');
  if (route.bodyExample !== undefined) codes.push('PICKET-C413', 'PICKET-C415', 'PICKET-C423');
  // A query that is not known is refused as well.
  return [...codes, 'PICKET-C422'];
}
