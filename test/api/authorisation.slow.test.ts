// The authorisation matrix: every route × who asks × own and other domain, asked of a real controller over TLS with real sessions and tokens, and compared
// with the committed table. Rewritten by `npm run golden` only: review the difference as behaviour.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { listOf, type NamedRoute, type Route, routes, SCOPES, targetOf } from '#routes';
import { OTHER, OWN, TestController } from './controller.testing.ts';

const PAGE = fileURLToPath(new URL('../../docs/control/authorisation.md', import.meta.url));
/** Refused by every route, after it has been judged who may ask, and before anything is done. */
const UNKNOWN = 'not-known=1';
const WHO = ['nobody', 'viewer', 'operator', 'approver', 'owner', 'owner 1', 'controller', 'stranger'] as const;
/** Routes asked about at the same time. */
const AT_ONCE = 4;
const LIST = listOf(routes);

const controller = new TestController();

beforeAll(() => controller.start(), 120_000);
afterAll(() => controller.close(), 60_000);

/** 'yes', or the code of the refusal. */
type Cell = string;

interface Row {
  readonly named: NamedRoute;
  readonly cells: ReadonlyMap<string, Cell>;
  /** An owner's token that has the scope of the route and no other; and one that has every other. */
  readonly withScope: Cell;
  readonly without: Cell;
  /** Who may ask it of the other domain; null where the path names none. */
  readonly others: readonly string[] | null;
}

async function cellOf(route: Route, domain: string, who: string): Promise<Cell> {
  const secret = controller.secrets[who];
  const target = targetOf(route, { params: { ...examplesOf(route.params), ...(isOfDomain(route) ? { domain } : {}) } });
  const answer = await controller.ask({
    method: route.method,
    target: `${target}?${UNKNOWN}`,
    headers: {
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(route.bodyExample === undefined ? {} : { 'content-type': 'application/json' }),
      ...(route.ifMatch === 'needed' ? { 'if-match': '"r1"' } : {}),
    },
    body: route.bodyExample === undefined ? null : JSON.stringify(route.bodyExample),
  });
  // What a provider sends somebody back with may hold more than is known, so such a route is carried out.
  if (answer.status === 303 && route.access.kind === 'open') return 'yes';
  const { code } = z.object({ code: z.string() }).parse(JSON.parse(answer.text));
  if (code !== 'PICKET-C422') return code.replace('PICKET-', '');
  expect(answer.text).toContain('not-known');
  return 'yes';
}

function isOfDomain(route: Route): boolean {
  return route.path.includes('{domain}');
}

function examplesOf(schema: z.ZodObject): Record<string, unknown> {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, one]) =>
      typeof one === 'object' && one.examples !== undefined ? [[name, one.examples[0]]] : [],
    ),
  );
}

async function rowOf(named: NamedRoute): Promise<Row> {
  const { route } = named;
  const of = route.access.kind === 'role' ? route.access.scope : SCOPES[0];
  const [cells, withScope, without, others] = await Promise.all([
    Promise.all(WHO.map(async (who) => [who, await cellOf(route, OWN, who)] as const)),
    cellOf(route, OWN, `token of ${of}`),
    cellOf(route, OWN, `token but ${of}`),
    isOfDomain(route) ? othersOf(route, of) : null,
  ]);
  return { named, cells: new Map(cells), withScope, without, others };
}

async function othersOf(route: Route, scope: string): Promise<readonly string[]> {
  const asked = [...WHO, `token of ${scope}`];
  const cells = await Promise.all(asked.map(async (who) => [who, await cellOf(route, OTHER, who)] as const));
  // What one may not ask of another domain looks like a domain that is not there.
  const hidden = ['C406', ...(route.access.kind === 'agent' ? ['C419'] : [])];
  for (const [who, cell] of cells)
    if (cell !== 'yes' && who !== 'nobody') expect([who, hidden.includes(cell)]).toEqual([who, true]);
  return cells.flatMap(([who, cell]) => (cell === 'yes' ? [who] : []));
}

const HEAD = `# Who may ask what

Made by a test that asks a real controller: every route as every kind of person and with tokens of every scope, of their own domain and of another one.
Rewritten by \`npm run golden\`; a change here is a change of who may do what.

"yes": whoever asks gets as far as the values of the request. Otherwise the code of the refusal: C401 or C500 not logged on, C403 role, C406 no such domain for you,
C407 scope, C409 logon too long ago, C410 only a person, C419 only an agent. The four roles are of people who logged on just now. *Earlier*: an owner who logged on an
hour ago. *Controller*: an owner of the controller without a role in the domain. *Stranger*: an owner of another domain. *Token*: the one scope with which an
owner's API token may ask; no token with all the others may. *Other domain*: who of all these gets an answer about a domain that they have no role in, or their own one in the stranger's case.

| route | nobody | viewer | operator | approver | owner | earlier | controller | stranger | token | other domain |
|---|---|---|---|---|---|---|---|---|---|---|
`;

function lineOf({ named: { route }, cells, withScope, without, others }: Row): string {
  const scope = route.access.kind === 'role' && without === 'C407' ? route.access.scope : 'any';
  const token = withScope === 'yes' ? scope : withScope;
  const other = others === null ? '' : others.join(', ') || 'none';
  return `| ${route.method} \`${route.path}\` | ${[...cells.values()].join(' | ')} | ${token} | ${other} |\n`;
}

test('every route, whoever asks, of whichever domain: as in docs/control/authorisation.md', async () => {
  const rows: Row[] = [];
  for (let at = 0; at < LIST.length; at += AT_ONCE)
    rows.push(...(await Promise.all(LIST.slice(at, at + AT_ONCE).map(rowOf))));
  const text = `${HEAD}${rows.map(lineOf).join('')}`;
  if (process.env.PICKET_GOLDEN === 'rewrite') writeFileSync(PAGE, text);
  expect(text).toBe(readFileSync(PAGE, 'utf8'));
  expect(rows).toHaveLength(LIST.length);
  for (const row of rows) expectSound(row);
  expect(controller.troubles).toEqual([]);
}, 120_000);

/** What has to hold whatever the table says. */
function expectSound({ named: { id, route }, cells, withScope, without, others }: Row): void {
  const may = (who: string): boolean => cells.get(who) === 'yes';
  const roles = ['viewer', 'operator', 'approver', 'owner'];
  const first = roles.findIndex(may);
  if (first >= 0) expect([id, roles.slice(first).every(may)]).toEqual([id, true]);
  expect([id, may('nobody')]).toEqual([id, route.access.kind === 'open']);
  if (others === null) return;
  // Nobody but the one who owns it has any answer about another domain, except where anybody has.
  if (route.access.kind === 'role') expect([id, others.filter((who) => who !== 'stranger')]).toEqual([id, []]);
  if (route.access.kind === 'role') expect([id, may('controller'), may('stranger')]).toEqual([id, false, false]);
  if (route.access.kind === 'role' && withScope === 'yes') expect([id, without]).toEqual([id, 'C407']);
}
