// The program of the hostile suite: a small table behind the real server, with limits short enough to be reached in a test.

import * as z from 'zod';
import { events, file, json, NOBODY, route } from '#routes';
// Not by the door: behind it is the store with its native library, which does not go into one file.
import { createApi } from '../../src/control/api/create.ts';
import { serveApi } from '../../src/control/api/server.ts';

const thing = z.object({ name: z.string() });
const body = z.strictObject({ name: z.string().max(100) });
const EXAMPLE = { name: 'x' };
const ONE_MEGABYTE = 1_000_000;

const table = {
  things: {
    show: route({
      method: 'GET',
      path: '/v1/thing',
      summary: 'Shows a thing',
      access: { kind: 'open' },
      answer: json(thing, EXAMPLE),
    }),
    mine: route({
      method: 'GET',
      path: '/v1/mine',
      summary: 'Shows mine',
      access: { kind: 'logged-on' },
      answer: json(thing, EXAMPLE),
    }),
    say: route({
      method: 'POST',
      path: '/v1/say',
      summary: 'Takes a small body',
      access: { kind: 'open' },
      body,
      bodyExample: EXAMPLE,
      answer: json(thing, EXAMPLE),
    }),
    fill: route({
      method: 'POST',
      path: '/v1/fill',
      summary: 'Takes a large body',
      access: { kind: 'logged-on' },
      body,
      bodyExample: EXAMPLE,
      bodyBytesMax: ONE_MEGABYTE,
      answer: json(thing, EXAMPLE),
    }),
    endless: route({
      method: 'GET',
      path: '/v1/endless',
      summary: 'Sends without end',
      access: { kind: 'open' },
      answer: file('text/plain'),
    }),
    follow: route({
      method: 'GET',
      path: '/v1/follow',
      summary: 'Follows without end',
      access: { kind: 'open' },
      answer: events(z.object({ text: z.string() }), { text: 'x' }),
    }),
  },
};

const PIECE = 'x'.repeat(64 * 1_024);

async function* endless(): AsyncGenerator<string> {
  for (;;) yield PIECE;
}

async function* eventful() {
  for (let number = 0; ; number += 1) yield { id: String(number), item: { text: PIECE } };
}

const api = createApi({
  table,
  handlers: {
    things: {
      show: async () => ({ value: { name: `${server.connections()} connections` } }),
      mine: async ({ actor }) => ({ value: { name: actor.id } }),
      say: async ({ body: { name } }) => ({ value: { name } }),
      fill: async ({ body: { name } }) => ({ value: { name } }),
      endless: async () => ({ value: { mediaType: 'text/plain', name: null, content: endless() } }),
      follow: async () => ({ value: eventful() }),
    },
  },
  authenticate: async ({ authorization, peerAddress }) =>
    authorization === 'Bearer good'
      ? { kind: 'actor', actor: { ...NOBODY, kind: 'person', id: `ada at ${peerAddress}` }, by: 'bearer' }
      : { kind: 'nobody' },
  now: () => Date.now(),
  newTrace: () => 't',
  hosts: ['127.0.0.1'],
  origins: [],
  bug: (_, error) => console.log(`bug ${String(error)}`),
  limits: { peerPerSecond: 100, peerBurst: 600, bodyBytesHeld: 16 * ONE_MEGABYTE },
});

process.on('uncaughtException', (error) => console.log(`uncaught ${error.stack}`));
process.on('unhandledRejection', (error) => console.log(`unhandled ${String(error)}`));

const server = await serveApi({
  api,
  host: '127.0.0.1',
  port: 0,
  certificate: null,
  limits: { headersMs: 1_500, requestMs: 3_000, idleMs: 3_000, keepAliveMs: 2_000, connectionsPerPeer: 64 },
});
console.log(`port ${server.port}`);
