// Routes of traffic over real HTTP on a real store: pages, filters, exports, denials over time, and what comes in meanwhile.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalBus } from '#bus';
import { routes } from '#routes';
import { noteTraffic, openStore, type Store, type ToldFlow } from '#store';
import { actorOf, NOW, startApi, type TestApi } from './api.testing.ts';
import { flowHandlers } from './flows.ts';

const folder = mkdtempSync(join(tmpdir(), 'picket-flows-api-'));
const bus = new LocalBus({ bug: () => {} });
let store: Store;
let api: TestApi;

beforeAll(async () => {
  store = await openStore({ file: join(folder, 'picket.db'), url: null });
  api = await startApi({
    table: { flows: routes.flows },
    handlers: { flows: flowHandlers({ store, bus, now: () => NOW }) },
    actors: {
      ada: actorOf({ roles: { 'plant.example': 'viewer' } }),
      ben: actorOf({ id: 'ben', roles: { 'office.example': 'owner' } }),
    },
  });
  await note([flow({}), flow({ fromElement: '=HYPERLINK("x")', reason: 'no-rule', rule: null }), flow({ port: 80 })]);
});
afterAll(async () => {
  await api.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function flow(more: Partial<ToldFlow>): ToldFlow {
  const ends = { fromElement: 'cam', fromAddress: '10.0.3.20', toElement: 'nvr', toAddress: '10.0.3.10' };
  const sums = { openings: 1, packetsSent: 2, packetsReceived: 3, bytesSent: 4, bytesReceived: 5 };
  const times = { minuteMs: NOW - 60_000, firstMs: NOW - 50_000, lastMs: NOW - 40_000 };
  const rest = { protocol: 'tcp', port: 554, reason: null, isEnforced: true, rule: 'stream' };
  return { ...ends, ...sums, ...times, ...rest, ...more };
}

async function note(flows: readonly ToldFlow[]): Promise<void> {
  const verdicts = [{ by: 'kernel', reason: 'no-rule', isEnforced: true, count: 7 }];
  await store.transaction((db) =>
    noteTraffic(db, { domain: 'plant.example', agent: 'gw-1', flows, verdicts, atMs: NOW - 1 }),
  );
  await bus.publish('flows', { domain: 'plant.example' });
}

async function get(path: string, who = 'ada') {
  const headers = { authorization: `Bearer ${who}` };
  const target = `/v1/domains/plant.example/${path}`;
  const response = await api.send({ method: 'GET', target, headers, body: null, signal: null });
  let text = '';
  for await (const piece of response.body) text += Buffer.from(piece).toString();
  return { status: response.status, text };
}

test('conversations come in pages that together are all, and filters hold', async () => {
  const { items } = JSON.parse((await get('flows')).text);
  expect(items).toHaveLength(3);
  const paged: unknown[] = [];
  for (let cursor = ''; ; ) {
    const page = JSON.parse((await get(`flows?limit=1${cursor}`)).text);
    paged.push(...page.items);
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(paged).toEqual(items);
  for (const [query, count] of [
    ['end=nvr', 3],
    ['from=cam&port=80', 1],
    ['denied=true', 1],
    ['denied=false', 2],
    ['reason=no-rule', 1],
    ['agent=gw-2', 0],
    ['span=hour', 3],
    ['until=2026-01-01T00:00:00Z', 0],
  ] as const)
    expect([query, JSON.parse((await get(`flows?${query}`)).text).items?.length]).toEqual([query, count]);
});

test.each([
  'flows?limit=0',
  'flows?port=65536',
  'flows?denied=perhaps',
  'flows?span=second',
  'flows?since=2026-11-25T08:00:00Z&until=2026-11-25T08:00:00Z',
  `flows?cursor=${Buffer.from('[1,"a"]').toString('base64url')}`,
  `flows?cursor=${Buffer.from(`[1,"a","b' OR 1=1 --\\"]`).toString('base64url')}`,
  'flows/export?format=xml',
])('%s is refused', async (path) => {
  expect((await get(path)).status).toBe(422);
});

test('nobody else sees them', async () => {
  for (const path of ['flows', 'flows/export', 'flows/live', 'verdicts'])
    expect([path, (await get(path, 'ben')).status]).toEqual([path, 404]);
});

test('exports are CSV that no spreadsheet runs, or lines of JSON', async () => {
  const csv = (await get('flows/export')).text.trim().split('\r\n');
  expect(csv[0]).toMatch(/^minuteOrHour,span,agent,id,from,/);
  expect(csv).toHaveLength(4);
  expect(csv.join('\n')).toContain(`"'=HYPERLINK(""x"")"`);
  const lines = (await get('flows/export?format=json')).text.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).protocol)).toEqual(['tcp', 'tcp', 'tcp']);
});

test('denials are counted over time', async () => {
  const { items } = JSON.parse((await get('verdicts')).text);
  expect(items).toMatchObject([{ by: 'kernel', reason: 'no-rule', isEnforced: true, count: 7 }]);
});

test('who follows gets what is there, and then what grew', async () => {
  const ended = new AbortController();
  const headers = { authorization: 'Bearer ada' };
  const target = '/v1/domains/plant.example/flows/live';
  const response = await api.send({ method: 'GET', target, headers, body: null, signal: ended.signal });
  const seen: { port: number; bytesSent: number }[] = [];
  const following = (async () => {
    for await (const piece of response.body) {
      for (const [, data] of Buffer.from(piece)
        .toString()
        .matchAll(/^data: ?(.*)$/gm)) {
        const message: unknown = JSON.parse(data ?? '[]');
        if (Array.isArray(message)) seen.push(...message);
      }
      if (seen.length === 3) await note([flow({ port: 80 })]);
      if (seen.length >= 4) return;
    }
  })();
  await following;
  ended.abort();
  expect(seen.slice(3)).toMatchObject([{ port: 80, bytesSent: 8 }]);
});
