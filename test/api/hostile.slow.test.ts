// Hostile clients on raw sockets against a running server: each is refused with the right code, nothing of it is carried out, memory stays bounded.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildServer, Raw, ServerProcess, until } from './child.testing.ts';

/** Of connections open at once by one peer, as the program of this suite has it. */
const CONNECTIONS = 64;
/** Bare process some 60 MB, 16 MB of bodies, garbage not collected yet. */
const PEAK_BYTES_MAX = 260 * 1_024 * 1_024;

const folder = mkdtempSync(join(tmpdir(), 'picket-api-'));
let server: ServerProcess;

beforeAll(async () => {
  await buildServer(folder);
  server = new ServerProcess(folder);
  await server.start();
}, 120_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  expect(server.lines.splice(0)).toEqual([]);
  expect(server.isRunning).toBe(true);
  await expectAlive();
});

async function expectAlive(): Promise<void> {
  await until(() => server.isRunning);
  // A peer that has just used up its connections or its burst is let in again as soon as they are given back.
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const raw = new Raw(server.port);
    raw.say('GET /v1/thing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    const { statuses } = await raw.closed();
    if (statuses[0] === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server does not answer any more');
}

/** Connections open on the server, this one among them. */
async function connections(): Promise<number> {
  const raw = new Raw(server.port);
  raw.say('GET /v1/thing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  return Number(/"(\d+) connections"/.exec((await raw.closed()).text)?.[1] ?? Number.NaN);
}

const HOST = 'Host: 127.0.0.1\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const HIDDEN = `GET /v1/thing HTTP/1.1\r\n${HOST}\r\n`;

function get(headers: string, target = '/v1/thing'): string {
  return `GET ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`;
}

function post(headers: string, body: string): string {
  return `POST /v1/say HTTP/1.1\r\n${HOST}${JSON_TYPE}${headers}\r\n${body}`;
}

describe('requests that can be read in two ways', () => {
  const CASES: readonly (readonly [what: string, bytes: string, code: string])[] = [
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'PICKET-C400'],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'PICKET-C400'],
    ['HTTP/0.9', 'GET /\r\n\r\n', 'PICKET-C400'],
    ['a version that does not exist', `GET /v1/thing HTTP/1.9\r\n${HOST}\r\n`, 'PICKET-C400'],
    ['a method that does not exist', `GETT /v1/thing HTTP/1.1\r\n${HOST}\r\n`, 'PICKET-C400'],
    ['another protocol', get('Connection: Upgrade\r\nUpgrade: websocket\r\n'), 'PICKET-C400'],
    ['a proxy request', get('', 'http://127.0.0.1/v1/thing'), 'PICKET-C400'],
    ['a target without a slash', get('', 'v1/thing'), 'PICKET-C400'],
    ['a fragment', get('', '/v1/thing#x'), 'PICKET-C400'],
    ['a blank in the target', get('', '/v1/thing x'), 'PICKET-C400'],
    ['a byte past ASCII in the target', get('', '/v1/th\xefng'), 'PICKET-C400'],
    ['two lengths', post('Content-Length: 12\r\nContent-Length: 13\r\n', '{"name":"x"}'), 'PICKET-C400'],
    ['the same length twice', post('Content-Length: 12\r\nContent-Length: 12\r\n', '{"name":"x"}'), 'PICKET-C400'],
    ['a negative length', post('Content-Length: -1\r\n', ''), 'PICKET-C400'],
    ['a length in hexadecimal', post('Content-Length: 0xc\r\n', '{"name":"x"}'), 'PICKET-C400'],
    ['a length with a sign', post('Content-Length: +12\r\n', '{"name":"x"}'), 'PICKET-C400'],
    [
      'a length and a coding',
      post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`),
      'PICKET-C400',
    ],
    [
      'a coding that ends in another',
      post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${HIDDEN}`),
      'PICKET-C400',
    ],
    ['a coding before chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), 'PICKET-C400'],
    [
      'a coding twice',
      post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      'PICKET-C400',
    ],
    ['a coding spelt oddly', post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${HIDDEN}`), 'PICKET-C400'],
    ['a coding behind a tab', post('Transfer-Encoding:\tchunke d\r\n', `0\r\n\r\n${HIDDEN}`), 'PICKET-C400'],
    ['a blank before the colon', get('Content-Length : 4\r\n'), 'PICKET-C400'],
    ['a header without a colon', get('nothing\r\n'), 'PICKET-C400'],
    ['a folded header', get('X-One: a\r\n b: c\r\n'), 'PICKET-C400'],
    ['a zero byte in a header', get('X-One: a\0b\r\n'), 'PICKET-C400'],
    ['a bare carriage return in a header', get('X-One: a\rX-Two: b\r\n'), 'PICKET-C400'],
    ['line feeds alone', 'GET /v1/thing HTTP/1.1\nHost: 127.0.0.1\n\n', 'PICKET-C400'],
    ['two hosts', get('Host: evil.test\r\n'), 'PICKET-C400'],
    ['two authorizations', get('Authorization: Bearer good\r\nAuthorization: Bearer bad\r\n'), 'PICKET-C400'],
    ['two origins', get('Origin: https://a.test\r\nOrigin: https://b.test\r\n'), 'PICKET-C400'],
    ['no host', 'GET /v1/thing HTTP/1.1\r\n\r\n', 'PICKET-C417'],
    ['an empty host', 'GET /v1/thing HTTP/1.1\r\nHost:\r\n\r\n', 'PICKET-C417'],
    ['another host', 'GET /v1/thing HTTP/1.1\r\nHost: evil.test\r\n\r\n', 'PICKET-C417'],
    ['a host with a user', 'GET /v1/thing HTTP/1.1\r\nHost: 127.0.0.1@evil.test\r\n\r\n', 'PICKET-C417'],
    ['a host with a path', 'GET /v1/thing HTTP/1.1\r\nHost: 127.0.0.1/evil.test\r\n\r\n', 'PICKET-C417'],
    ['a host in another spelling of its number', 'GET /v1/thing HTTP/1.1\r\nHost: 0x7f.1\r\n\r\n', 'PICKET-C417'],
    ['a method override', get('X-HTTP-Method-Override: DELETE\r\n'), 'PICKET-C424'],
    ['a long target', get('', `/v1/thing?x=${'a'.repeat(5_000)}`), 'PICKET-C414'],
    ['a long header', get(`X-One: ${'a'.repeat(20_000)}\r\n`), 'PICKET-C431'],
    ['many headers', get('X-One: a\r\n'.repeat(64)), 'PICKET-C431'],
    ['a chunk of no number', post('Transfer-Encoding: chunked\r\n', 'zz\r\n{"name":"x"}\r\n0\r\n\r\n'), 'PICKET-C400'],
    [
      'a chunk of more than any number',
      post('Transfer-Encoding: chunked\r\n', `${'f'.repeat(17)}\r\n{}\r\n0\r\n\r\n`),
      'PICKET-C400',
    ],
    [
      'a chunk with a long extension',
      post('Transfer-Encoding: chunked\r\n', `c;${'a'.repeat(20_000)}\r\n{"name":"x"}\r\n0\r\n\r\n`),
      'PICKET-C431',
    ],
  ];

  test.each(CASES)('%s', async (_, bytes, code) => {
    const raw = new Raw(server.port);
    // What follows would be carried out if the first request were taken for shorter than it is.
    raw.say(bytes + HIDDEN);
    const heard = await raw.closed();
    expect(heard.codes).toEqual([code]);
    expect(heard.statuses).toHaveLength(1);
    expect(heard.text).toContain('application/problem+json');
  });

  test('a tunnel is closed without a word', async () => {
    const raw = new Raw(server.port);
    raw.say(`CONNECT evil.test:443 HTTP/1.1\r\n${HOST}\r\n`);
    expect((await raw.closed()).text).toBe('');
  });

  test.each([
    ['a body where none is taken', get(`Content-Length: ${HIDDEN.length}\r\n`) + HIDDEN, ['PICKET-C400']],
    [
      'a body in pieces where none is taken',
      `${get('Transfer-Encoding: chunked\r\n')}${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
      ['PICKET-C400'],
    ],
  ])('%s hides no second request', async (_, bytes, codes) => {
    const raw = new Raw(server.port);
    raw.say(bytes);
    await raw.until(({ statuses }) => statuses.length > 0);
    raw.say(get('Connection: close\r\n'));
    const heard = await raw.closed();
    expect(heard.codes).toEqual(codes);
    expect(heard.statuses).toEqual([400, 200]);
  });
});

describe('identities that are only said', () => {
  const FORGED = [
    'X-Remote-User: root',
    'Remote-User: root',
    'X-Forwarded-User: root',
    'X-Forwarded-Client-Cert: Subject="CN=root"',
    'X-Client-Cert: good',
    'X-SSL-Client-Verify: SUCCESS',
    'X-Original-URL: /v1/thing',
    'X-Rewrite-URL: /v1/thing',
    'Cookie: session=good',
    'Authorization: Basic Z29vZDpnb29k',
    'Authorization: Bearer good bad',
    'Authorization: bearer good',
    'Proxy-Authorization: Bearer good',
  ];

  test.each(FORGED)('%s', async (header) => {
    const raw = new Raw(server.port);
    raw.say(get(`${header}\r\nConnection: close\r\n`, '/v1/mine'));
    expect((await raw.closed()).codes).toEqual(['PICKET-C401']);
  });

  test.each(['X-Forwarded-For: 192.0.2.1', 'Forwarded: for=192.0.2.1', 'X-Real-IP: 192.0.2.1'])(
    '%s is no address',
    async (header) => {
      const raw = new Raw(server.port);
      raw.say(get(`${header}\r\nAuthorization: Bearer good\r\nConnection: close\r\n`, '/v1/mine'));
      expect((await raw.closed()).text).toContain('ada at 127.0.0.1');
    },
  );
});

describe('slow clients', () => {
  test.each([
    ['say nothing', [], ''],
    ['begin and stop', ['GET /v1/th'], 'PICKET-C408'],
    [
      'send a header bit by bit',
      ['GET /v1/thing HTTP/1.1\r\n', ...Array.from({ length: 60 }, () => 'X-One: a\r\n')],
      'PICKET-C408',
    ],
    [
      'send a body bit by bit',
      [post('Content-Length: 1000\r\n', ''), ...Array.from({ length: 60 }, () => ' ')],
      'PICKET-C408',
    ],
  ])('that %s are sent away', async (_, pieces, code) => {
    const raw = new Raw(server.port);
    for (const piece of pieces) {
      if (raw.isClosed) break;
      raw.say(piece);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { codes } = await raw.closed();
    expect(codes).toEqual(code === '' ? codes : [code]);
  });

  test('that ask for much and never read are sent away', async () => {
    const targets = ['/v1/endless', '/v1/follow'];
    const raws = [...targets, ...targets, ...targets].map((target) => {
      const raw = new Raw(server.port);
      raw.socket.pause();
      raw.say(get('', target));
      return raw;
    });
    // A socket that is never read is not told of its end, so the server is asked.
    for (let left = raws.length; left > 1; left = await connections())
      await new Promise((resolve) => setTimeout(resolve, 200));
    for (const raw of raws) raw.end();
    expect(server.peakBytes).toBeLessThan(PEAK_BYTES_MAX);
  });
});

describe('crowds', () => {
  test('one peer has only so many connections, and gets them back', async () => {
    const raws = Array.from({ length: CONNECTIONS * 3 }, () => new Raw(server.port));
    await until(() => raws.filter((raw) => raw.isClosed).length >= CONNECTIONS * 2);
    const open = raws.filter((raw) => !raw.isClosed);
    expect(open.length).toBeLessThanOrEqual(CONNECTIONS);
    open[0]?.say(get('Connection: close\r\n'));
    expect((await open[0]?.closed())?.statuses).toEqual([200]);
    for (const raw of raws) raw.end();
  });

  test('bodies of many share one budget', async () => {
    const head = `POST /v1/fill HTTP/1.1\r\n${HOST}${JSON_TYPE}Authorization: Bearer good\r\nContent-Length: 1000000\r\n\r\n`;
    const raws = Array.from({ length: 40 }, () => new Raw(server.port));
    for (const raw of raws) raw.say(`${head}{"name":"${'x'.repeat(900_000)}`);
    await until(() => raws.some((raw) => raw.heard.codes.includes('PICKET-C441')));
    await Promise.all(raws.map((raw) => raw.closed()));
    expect(server.peakBytes).toBeLessThan(PEAK_BYTES_MAX);
  });

  test.each([
    ['nested', '['.repeat(900_000), 'PICKET-C423'],
    ['full of fields', `{${Array.from({ length: 60_000 }, (_, at) => `"f${at}":1`).join()}}`, 'PICKET-C422'],
    ['one long text', `{"name":"${'x'.repeat(900_000)}"}`, 'PICKET-C422'],
    ['a long number', `{"name":${'9'.repeat(900_000)}}`, 'PICKET-C422'],
    ['full of escapes', `{"${'\\u0061'.repeat(140_000)}":1}`, 'PICKET-C422'],
    ['too large', ' '.repeat(1_000_001), 'PICKET-C413'],
  ])('a body that is %s is refused', async (_, body, code) => {
    const raw = new Raw(server.port);
    const head = `POST /v1/fill HTTP/1.1\r\n${HOST}${JSON_TYPE}Authorization: Bearer good\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    raw.say(head + body);
    expect((await raw.until(({ codes }) => codes.length > 0)).codes).toEqual([code]);
    raw.end();
  });

  test('who asks too often waits', async () => {
    const raw = new Raw(server.port);
    const many = get('').repeat(1_500);
    raw.say(many);
    const { text } = await raw.until(({ codes }) => codes.includes('PICKET-C429'));
    expect(text).toMatch(/retry-after: \d+/i);
    raw.end();
  });

  test('all of it together took no more memory than is bounded', () => {
    expect(server.peakBytes).toBeLessThan(PEAK_BYTES_MAX);
  });
});
