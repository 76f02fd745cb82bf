// The API over real HTTP on loopback, through the typed client: who may, what is refused, what is answered. Not the areas.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTROLLER, controllerClient, type Outcome, routes } from '#routes';
import { actorOf, frameHandlers, NOW, startApi, type TestApi } from './api.testing.ts';

const { health, me, domains } = routes;
const table = { health, me, domains };
const ACTORS = {
  ada: actorOf({ roles: { 'plant.example': 'owner', [CONTROLLER]: 'owner' } }),
  ben: actorOf({ id: 'ben', roles: { 'plant.example': 'viewer' } }),
  stale: actorOf({ id: 'stale', roles: { [CONTROLLER]: 'owner' }, authenticatedAt: NOW - 3_600_000 }),
  token: actorOf({
    kind: 'token',
    id: 'tok',
    roles: { 'plant.example': 'owner' },
    scopes: ['flows:read'],
    session: null,
  }),
};

let server: TestApi;

beforeAll(async () => {
  const book = new Map([['plant.example', { id: 'plant.example', name: 'Plant', madeAtMs: NOW }]]);
  server = await startApi({ table, handlers: frameHandlers(book), actors: ACTORS });
});

afterAll(() => server.close());

function as(name: string) {
  return controllerClient(server.send, { authorization: `Bearer ${name}` });
}

function codeOf(outcome: Outcome<unknown>): string {
  return outcome.kind === 'refused' ? outcome.problem.code : outcome.kind;
}

describe('createApi()', () => {
  test('answers an open route to nobody', async () => {
    const outcome = await controllerClient(server.send).call(routes.health.live, {});
    expect(outcome).toMatchObject({ kind: 'answer', status: 200, value: { status: 'well' } });
  });

  test('tells whoever asks who they are', async () => {
    const outcome = await as('ada').call(routes.me.show, {});
    expect(outcome).toMatchObject({
      kind: 'answer',
      value: { kind: 'person', name: 'Ada', roles: { 'plant.example': 'owner' } },
    });
  });

  test.each([
    ['nobody', 'PICKET-C401'],
    ['ben', 'answer'],
    ['token', 'PICKET-C407'],
  ])('shows a domain to %s: %s', async (name, code) => {
    const client = name === 'nobody' ? controllerClient(server.send) : as(name);
    expect(codeOf(await client.call(routes.domains.show, { params: { domain: 'plant.example' } }))).toBe(code);
  });

  test.each(['other.example', CONTROLLER, 'constructor', '__proto__'])(
    'has no domain %s for anybody',
    async (domain) => {
      const outcome = await as('ada').call(routes.domains.show, { params: { domain } });
      expect(codeOf(outcome)).toBe('PICKET-C406');
    },
  );

  test.each([
    ['ben', 'PICKET-C403'],
    ['stale', 'PICKET-C409'],
    ['ada', 'answer'],
    ['ada', 'PICKET-C480'],
  ])('making a domain as %s: %s', async (name, code) => {
    const outcome = await as(name).call(routes.domains.make, { body: { id: 'site.example', name: 'Site' } });
    expect(codeOf(outcome)).toBe(code);
  });

  test('lists every value that is not as needed, with its place', async () => {
    const outcome = await as('ada').call(routes.domains.make, { body: { id: 'Not a domain', name: '' } });
    expect(outcome).toMatchObject({
      kind: 'refused',
      problem: {
        code: 'PICKET-C422',
        status: 422,
        where: 'body.id',
        problems: [{ where: 'body.id' }, { where: 'body.name' }],
      },
    });
  });
});
