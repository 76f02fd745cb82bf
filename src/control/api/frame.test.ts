// The frame over real HTTP: methods, origins, bodies, tags, pages, limits, streams, on a small table of its own. Not the real routes.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ClientRequest, type ClientResponse, controllerClient, type Handlers, Refusal } from '#routes';
import { actorOf, sender, startApi, type TestApi } from './api.testing.ts';
import { table } from './frame.testing.ts';

const ACTORS = {
  ada: actorOf({}),
  ben: actorOf({ id: 'ben' }),
  token: actorOf({ kind: 'token', id: 'tok', scopes: [], session: null }),
};

/** What a source of the stream did last. */
const source = { ended: 0 };

const handlers: Handlers<typeof table> = {
  things: {
    list: async ({ query }) => ({ value: { items: [], next: query.cursor ?? null } }),
    show: async ({ params }) => ({ value: { name: params.name }, etag: 'r7' }),
    change: async ({ ifMatch, body }) => {
      if (ifMatch === 'r7') return { value: { name: body.name }, etag: 'r8' };
      throw new Refusal({
        code: 'PICKET-C412',
        message: `the revision is r7, and "${ifMatch}" was named; nothing was changed`,
      });
    },
    remove: async () => ({ value: null }),
    own: async () => ({ value: null, cookies: ['__Host-picket=; Path=/; Secure; Max-Age=0'] }),
    open: async ({ body, actor }) => ({ value: { name: `${body.name} ${actor.kind}` } }),
    broken: async () => {
      throw new Error('a secret path /var/lib/picket');
    },
    away: async () => {
      throw Object.assign(new Error('a secret host db7'), { code: 'PICKET-C101' });
    },
    text: async () => ({ value: { mediaType: 'text/csv', name: 'a"b.csv', content: lines() } }),
    torn: async () => ({ value: { mediaType: 'text/csv', name: null, content: torn() } }),
    go: async () => ({ value: '/there' }),
    follow: async ({ lastEventId, signal }) => ({ value: counting(Number(lastEventId ?? 0), signal) }),
  },
};

async function* lines(): AsyncGenerator<string> {
  for (let line = 0; line < 3; line += 1) yield `${line}\n`;
}

async function* torn(): AsyncGenerator<string> {
  yield '0\n';
  throw new Error('the disk is gone');
}

/** Three events at once, then none until the client is gone. */
async function* counting(after: number, signal: AbortSignal) {
  try {
    for (let number = after + 1; number <= after + 3; number += 1) yield { id: String(number), item: { number } };
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    source.ended += 1;
  }
}

let server: TestApi;

beforeAll(async () => {
  server = await startApi({
    table,
    handlers,
    actors: ACTORS,
    api: {
      files: new Map([['/logon', { mediaType: 'text/html; charset=utf-8', content: '<!doctype html>' }]]),
      limits: {
        heartbeatMs: 50,
        recheckMs: 100,
        streamsPerActor: 2,
        streams: 3,
        peerBurst: 100_000,
        actorBurst: 100_000,
      },
    },
  });
});

afterAll(() => server.close());

beforeEach(() => {
  source.ended = 0;
});

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function ask(target: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  const request: ClientRequest = { method, target, headers, body: body ?? null, signal: null };
  const response = await server.send(request);
  const text = await textOf(response);
  const code = /"code":"(PICKET-C\d+)"/.exec(text)?.[1] ?? null;
  return { status: response.status, header: response.header, text, code };
}

async function textOf({ body }: ClientResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const ADA = { authorization: 'Bearer ada' };
const JSON_TYPE = { 'content-type': 'application/json' };
const BY_COOKIE = { cookie: 'session=ada', ...JSON_TYPE };
const FROM_PAGE = { origin: 'https://picket.test', 'picket-request': '1' };
const NAME = '{"name":"x"}';

describe('methods', () => {
  test.each([
    ['GET', '/v1/things/x', 200],
    ['HEAD', '/v1/things/x', 200],
    ['OPTIONS', '/v1/things/x', 204],
    ['POST', '/v1/things/x', 405],
    ['TRACE', '/v1/things/x', 405],
    ['PROPFIND', '/v1/things/x', 405],
    ['GET', '/v1/nothing', 404],
    ['OPTIONS', '/v1/nothing', 404],
    ['GET', '/v1/things/x/', 404],
    ['GET', '//v1/things/x', 404],
    ['GET', '/V1/things/x', 404],
  ])('%s %s: %i', async (method, target, status) => {
    const answer = await ask(target, { method, headers: ADA });
    expect(answer.status).toBe(status);
    if (status === 204 || status === 405) expect(answer.header('allow')).toBe('GET, PUT, DELETE, HEAD, OPTIONS');
    if (method === 'HEAD') expect(answer.text).toBe('');
    expect(answer.header('access-control-allow-origin')).toBeNull();
  });

  test.each(['x-http-method-override', 'x-http-method', 'x-method-override'])('refuses %s', async (name) => {
    const answer = await ask('/v1/things/x', { headers: { ...ADA, [name]: 'DELETE' } });
    expect(answer).toMatchObject({ status: 400, code: 'PICKET-C424' });
  });
});

describe('origins', () => {
  const CASES: readonly (readonly [string, Readonly<Record<string, string>>, string | null])[] = [
    ['a bearer without an origin', { ...ADA, ...JSON_TYPE }, null],
    ['a bearer of another origin', { ...ADA, ...JSON_TYPE, origin: 'https://evil.test' }, 'PICKET-C418'],
    ['a cookie of our page', { ...BY_COOKIE, ...FROM_PAGE }, null],
    [
      'a cookie of our page, as the browser says',
      { ...BY_COOKIE, ...FROM_PAGE, 'sec-fetch-site': 'same-origin' },
      null,
    ],
    ['a cookie without an origin', { ...BY_COOKIE, 'picket-request': '1' }, 'PICKET-C418'],
    ['a cookie without our header', { ...BY_COOKIE, origin: 'https://picket.test' }, 'PICKET-C418'],
    ['a cookie of another origin', { ...BY_COOKIE, ...FROM_PAGE, origin: 'https://evil.test' }, 'PICKET-C418'],
    ['a cookie of no origin', { ...BY_COOKIE, ...FROM_PAGE, origin: 'null' }, 'PICKET-C418'],
    ['a cookie of our name without TLS', { ...BY_COOKIE, ...FROM_PAGE, origin: 'http://picket.test' }, 'PICKET-C418'],
    [
      'a cookie of a longer name',
      { ...BY_COOKIE, ...FROM_PAGE, origin: 'https://picket.test.evil.test' },
      'PICKET-C418',
    ],
    ['a cookie of the same site', { ...BY_COOKIE, ...FROM_PAGE, 'sec-fetch-site': 'same-site' }, 'PICKET-C418'],
    ['a cookie of another site', { ...BY_COOKIE, ...FROM_PAGE, 'sec-fetch-site': 'cross-site' }, 'PICKET-C418'],
  ];

  test.each(CASES)('%s', async (_, headers, code) => {
    expect((await ask('/v1/own', { method: 'POST', headers, body: NAME })).code).toBe(code);
  });

  test('a logon may not be begun by another site either', async () => {
    const answer = await ask('/v1/open', {
      method: 'POST',
      headers: { ...JSON_TYPE, origin: 'https://evil.test' },
      body: NAME,
    });
    expect(answer.code).toBe('PICKET-C418');
  });

  test('reading with a cookie needs no origin', async () => {
    expect((await ask('/v1/things/x', { headers: { cookie: 'session=ada' } })).status).toBe(200);
  });

  test('a stale cookie does not keep anybody from an open route, but from all others', async () => {
    const stale = { cookie: 'session=gone' };
    expect((await ask('/v1/open', { method: 'POST', headers: { ...stale, ...JSON_TYPE }, body: NAME })).text).toContain(
      'x nobody',
    );
    expect(await ask('/v1/things/x', { headers: stale })).toMatchObject({ status: 401, code: 'PICKET-C401' });
  });
});

describe('bodies', () => {
  const CASES: readonly (readonly [string, Asked, string | null])[] = [
    ['as needed', { headers: JSON_TYPE, body: NAME }, null],
    ['with its charset', { headers: { 'content-type': 'application/json; charset=UTF-8' }, body: NAME }, null],
    [
      'of another charset',
      { headers: { 'content-type': 'application/json; charset=latin1' }, body: NAME },
      'PICKET-C415',
    ],
    ['as a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=x' }, 'PICKET-C415'],
    [
      'as plain text, which another site may send',
      { headers: { 'content-type': 'text/plain' }, body: NAME },
      'PICKET-C415',
    ],
    ['without a type', { body: NAME }, 'PICKET-C415'],
    ['compressed', { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: NAME }, 'PICKET-C415'],
    ['empty', { headers: JSON_TYPE }, 'PICKET-C423'],
    ['not JSON', { headers: JSON_TYPE, body: '{"name"' }, 'PICKET-C423'],
    ['with a field twice', { headers: JSON_TYPE, body: '{"name":"x","name":"y"}' }, 'PICKET-C423'],
    ['with a field that is not known', { headers: JSON_TYPE, body: '{"name":"x","role":"owner"}' }, 'PICKET-C422'],
    ['of another kind', { headers: JSON_TYPE, body: '{"name":7}' }, 'PICKET-C422'],
    ['as a list', { headers: JSON_TYPE, body: '[]' }, 'PICKET-C422'],
    ['on the limit', { headers: JSON_TYPE, body: `${NAME}${' '.repeat(1_000 - NAME.length)}` }, null],
    ['past the limit', { headers: JSON_TYPE, body: `${NAME}${' '.repeat(1_001 - NAME.length)}` }, 'PICKET-C413'],
    [
      'past the limit, in pieces',
      { headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' }, body: `${NAME}${' '.repeat(1_001)}` },
      'PICKET-C413',
    ],
  ];

  test.each(CASES)('%s', async (_, asked, code) => {
    expect((await ask('/v1/open', { method: 'POST', ...asked })).code).toBe(code);
  });

  test('none where the route takes none', async () => {
    expect((await ask('/v1/things/x', { method: 'DELETE', headers: { ...ADA, ...JSON_TYPE }, body: NAME })).code).toBe(
      'PICKET-C400',
    );
    expect((await ask('/v1/things/x', { method: 'DELETE', headers: ADA })).status).toBe(204);
  });
});

describe('queries', () => {
  test.each([
    ['', 200],
    ['?limit=1', 200],
    ['?limit=1000&cursor=abc', 200],
    ['?limit=0', 422],
    ['?limit=1001', 422],
    ['?limit=1e2', 422],
    ['?limit=0x10', 422],
    ['?limit=%2010', 422],
    ['?limit=-1', 422],
    ['?limit=01', 422],
    ['?limit=', 422],
    ['?limit=1&limit=2', 400],
    ['?limit[]=1', 422],
    ['?unknown=1', 422],
    ['?__proto__=1', 422],
    ['?cursor=a%0ab', 422],
    ['?cursor=%ff', 422],
    ['?cursor=%zz', 400],
    ['?cursor=%00', 400],
    [`?cursor=${'a'.repeat(512)}`, 200],
    [`?cursor=${'a'.repeat(513)}`, 422],
    [`?cursor=${'a'.repeat(5_000)}`, 414],
  ])('%.40s: %i', async (query, status) => {
    expect((await ask(`/v1/things${query}`, { headers: ADA })).status).toBe(status);
  });

  test.each([
    '/v1/things/%2e%2e',
    '/v1/things/a%2fb',
    '/v1/things/../open',
    '/v1/./things',
    '/v1/things/%00',
    '/v1/things/%252e',
    '/v1/things/a\\b',
  ])('refuses the path %s', async (path) => {
    expect((await ask(path, { headers: ADA })).status).toBe(400);
  });
});

describe('tags', () => {
  test.each([
    [{}, 428, 'PICKET-C421'],
    [{ 'if-match': '"r7"' }, 200, null],
    [{ 'if-match': '"r6"' }, 412, 'PICKET-C412'],
    [{ 'if-match': '*' }, 400, 'PICKET-C400'],
    [{ 'if-match': 'W/"r7"' }, 400, 'PICKET-C400'],
    [{ 'if-match': '"r6", "r7"' }, 400, 'PICKET-C400'],
    [{ 'if-match': 'r7' }, 400, 'PICKET-C400'],
  ])('a change with %j: %i', async (tags, status, code) => {
    const headers = { ...ADA, ...JSON_TYPE, ...tags };
    const answer = await ask('/v1/things/x', { method: 'PUT', headers, body: NAME });
    expect(answer).toMatchObject({ status, code });
    if (status === 200) expect(answer.header('etag')).toBe('"r8"');
  });

  test.each([
    ['"r7"', 304],
    ['"r1", "r7"', 304],
    ['"r8"', 200],
  ])('reading with If-None-Match %s: %i', async (tag, status) => {
    const answer = await ask('/v1/things/x', { headers: { ...ADA, 'if-none-match': tag } });
    expect(answer).toMatchObject({ status, text: status === 304 ? '' : '{"name":"x"}' });
  });
});

describe('answers', () => {
  test.each(['/v1/things/x', '/v1/nothing', '/v1/broken', '/v1/text'])(
    '%s: headers that keep browsers still',
    async (target) => {
      const { header } = await ask(target, { headers: ADA });
      expect(header('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(header('x-content-type-options')).toBe('nosniff');
      expect(header('cross-origin-resource-policy')).toBe('same-origin');
      expect(header('referrer-policy')).toBe('no-referrer');
      expect(header('picket-trace')).toMatch(/^t\d+$/);
      expect(header('server')).toBeNull();
      expect(header('x-powered-by')).toBeNull();
    },
  );

  test('a bug says nothing of itself, and is told to the log', async () => {
    const answer = await ask('/v1/broken', { headers: ADA });
    expect(answer).toMatchObject({ status: 500, code: 'PICKET-C440' });
    expect(answer.text).not.toContain('secret');
    expect(String(server.bugs.at(-1))).toContain('a secret path');
  });

  test('a store that is away is told by its code alone', async () => {
    const answer = await ask('/v1/away', { headers: ADA });
    expect(answer).toMatchObject({ status: 503, code: 'PICKET-C441' });
    expect(answer.text).toContain('PICKET-C101');
    expect(answer.text).not.toContain('secret');
    expect(answer.header('retry-after')).toBe('5');
  });

  test('a file comes as it is made, under a harmless name', async () => {
    const answer = await ask('/v1/text', { headers: ADA });
    expect(answer.text).toBe('0\n1\n2\n');
    expect(answer.header('content-disposition')).toBe('attachment; filename="a_b.csv"');
    expect((await ask('/v1/text', { method: 'HEAD', headers: ADA })).header('content-type')).toBe('text/csv');
  });

  test('a file that breaks off is never taken for a whole one', async () => {
    await expect(ask('/v1/torn', { headers: ADA })).rejects.toThrow();
    expect(String(server.bugs.at(-1))).toContain('the disk is gone');
  });

  test('a redirect and cookies', async () => {
    expect((await ask('/v1/go')).header('location')).toBe('/there');
    const own = await ask('/v1/own', { method: 'POST', headers: { ...ADA, ...JSON_TYPE }, body: NAME });
    expect(own.header('set-cookie')).toContain('__Host-picket=');
  });

  test('a page of ours may run its own scripts', async () => {
    const page = await ask('/logon');
    expect(page.header('content-security-policy')).toContain("script-src 'self'");
    expect((await ask('/logon', { headers: { 'if-none-match': page.header('etag') ?? '' } })).status).toBe(304);
    expect((await ask('/logon', { method: 'POST' })).status).toBe(404);
  });

  test('a record of each request holds its route, its code and who asked', async () => {
    await ask('/v1/things/x', { headers: ADA });
    expect(server.records.at(-1)).toMatchObject({ route: 'things.show', status: 200, code: null, actor: 'person:ada' });
    await ask('/v1/things?limit=0', { headers: ADA });
    expect(server.records.at(-1)).toMatchObject({ route: 'things.list', status: 422, code: 'PICKET-C422' });
  });
});

describe('streams', () => {
  async function follow(name: string, lastEventId?: string) {
    const controller = new AbortController();
    const client = controllerClient(sender(server.port), { authorization: `Bearer ${name}` });
    const outcome = await client.call(table.things.follow, {
      signal: controller.signal,
      ...(lastEventId === undefined ? {} : { lastEventId }),
    });
    return { outcome, end: () => controller.abort() };
  }

  test('send what happened at once in one message, and go on after the last id', async () => {
    const { outcome, end } = await follow('ada', '40');
    if (outcome.kind !== 'answer') throw new Error(outcome.kind);
    const [batch] = await take(outcome.value, 1);
    expect(batch).toEqual({ id: '43', items: [{ number: 41 }, { number: 42 }, { number: 43 }] });
    end();
    await until(() => source.ended === 1);
  });

  test('are bounded by follower and in all, and given back', async () => {
    const open = [await follow('ada'), await follow('ada')];
    expect((await follow('ada')).outcome).toMatchObject({
      kind: 'refused',
      problem: { code: 'PICKET-C430', status: 429 },
    });
    open.push(await follow('ben'));
    expect((await follow('token')).outcome).toMatchObject({ kind: 'refused', problem: { code: 'PICKET-C430' } });
    for (const { end } of open) end();
    await until(() => source.ended >= 3);
    const again = await follow('ada');
    expect(again.outcome.kind).toBe('answer');
    again.end();
    await until(() => source.ended >= 4);
  });

  test('keep a quiet line open, and end when the follower may no longer follow', async () => {
    const response = await server.send({ method: 'GET', target: '/v1/follow', headers: ADA, body: null, signal: null });
    const text: string[] = [];
    const before = ACTORS.ada;
    for await (const chunk of response.body) {
      text.push(Buffer.from(chunk).toString('utf8'));
      const beats = text.join('').match(/^:$/gm)?.length ?? 0;
      if (beats >= 3) Object.assign(ACTORS, { ada: ACTORS.ben });
    }
    Object.assign(ACTORS, { ada: before });
    expect(text.join('')).toContain('data: [{"number":1}');
    await until(() => source.ended === 1);
  });
});

async function take<Item>(items: AsyncIterable<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

async function until(isDone: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isDone() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isDone()).toBe(true);
}
