// What one agent tells, from its link over a real controller to people and to other systems: proposals, events, metrics. No metric that is defined stays silent.

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS } from '#events';
import { joinLink } from '#identity';
import { type Collected, join, Link } from '#link';
import { type Client, routes } from '#routes';
import { DOMAIN, person, type Running, seeded, session, start, temporary, until } from './controller.testing.ts';

const place = temporary();
const data = pathOf(place.path, 'data');
const told = pathOf(place.path, 'events.json');
const params = { domain: DOMAIN };
const HOSTILE = '"><script>\u001b[2J';

let running: Running;
let client: Client;
const links: Link[] = [];

beforeAll(async () => {
  const secret = await seeded(data, async (store) => {
    await person(store, 'ada', 'owner');
    return session(store, 'ada');
  });
  running = await start({ folder: data, more: `events:\n  - { to: file, format: ocsf, file: ${told} }\n` });
  client = running.as(secret);
}, 60_000);

afterAll(async () => {
  await Promise.all(links.map((link) => link.close()));
  await running?.controller.close();
  place.remove();
});

async function value<Value>(asked: Promise<{ readonly kind: string; readonly value?: Value }>): Promise<Value> {
  const answer = await asked;
  if (answer.kind !== 'answer' || answer.value === undefined) throw new Error(JSON.stringify(answer));
  return answer.value;
}

/** Joins as a gateway would, and reports `rows` once. */
async function agent(path: string, rows: Partial<Collected>): Promise<Link> {
  const { token, root } = await value(
    client.call(routes.enrolment.makeToken, { params, body: { kind: 'gateway', path } }),
  );
  const folder = pathOf(place.path, path);
  const now = (): number => Date.now() * 1_000;
  const origin = `https://localhost:${running.controller.port}`;
  const membership = await join({ link: joinLink({ origin, token, root, domain: DOMAIN }), path: null, folder, now });
  let inForce = 0;
  let isTold = false;
  const link = new Link(membership, {
    folder,
    version: 'test',
    now,
    random: () => 0,
    applier: {
      get inForce() {
        return inForce;
      },
      async apply({ statement }) {
        inForce = statement.revision;
        return { outcome: 'applied', problem: null };
      },
      quarantine: async () => ({ held: [], failed: [] }),
    },
    collect: () => {
      const more = isTold ? {} : rows;
      isTold = true;
      return { ...NOTHING, toMs: Date.now(), revision: inForce, ...more };
    },
    log: () => {},
  });
  link.start();
  links.push(link);
  return link;
}

const NOTHING: Omit<Collected, 'toMs' | 'revision'> = {
  fromMs: 0,
  local: null,
  counters: { packets: 1, bytes: 60, flowsOpen: 3, flowsSeen: 1 },
  flows: [],
  verdicts: [],
  findings: [],
  newcomers: [],
  elements: [],
  proposals: [],
  losses: [{ what: 'packets', count: 2 }],
  health: [],
};

const proposal = (entry: string, json: object, evidence: string): Collected['proposals'][number] => ({
  section: 'elements',
  entry,
  json: JSON.stringify(json),
  evidence,
  firstMs: 1,
  lastMs: Date.now() + 10 ** 9,
});
const CAM = { kind: 'device', address: '10.0.3.77' };

function flow(more: Partial<Collected['flows'][number]>): Collected['flows'][number] {
  const atMs = Date.now();
  return {
    minuteMs: atMs - (atMs % 60_000),
    fromElement: 'cam',
    fromAddress: '10.0.3.20',
    toElement: 'nvr',
    toAddress: '10.0.3.10',
    protocol: 'tcp',
    port: 554,
    reason: null,
    isEnforced: false,
    rule: 'one',
    openings: 1,
    packetsSent: 1,
    packetsReceived: 1,
    bytesSent: 60,
    bytesReceived: 60,
    firstMs: atMs,
    lastMs: atMs,
    ...more,
  };
}

const listed = async (state: 'open' | 'accepted' | 'rejected') =>
  (await value(client.call(routes.proposals.list, { params, query: { state } }))).items;

describe('what agents tell', () => {
  it('of proposals: the same of two is one, another content is another, and the texts stay texts', async () => {
    await agent('north', {
      proposals: [proposal('lobby', CAM, '3 times'), proposal('bad', { kind: 'device', address: '10.9.9.9' }, HOSTILE)],
      flows: [flow({}), flow({ reason: 'no-rule', isEnforced: true, rule: null, port: 80, openings: 5 })],
      verdicts: [{ by: 'kernel', reason: 'no-rule', isEnforced: true, count: 5 }],
      findings: [
        {
          atMs: Date.now(),
          kind: 'scan',
          address: '10.0.3.20',
          element: 'cam',
          subject: HOSTILE,
          evidence: 'e',
          severity: 'alarm',
          action: null,
        },
      ],
    });
    await agent('south', {
      proposals: [proposal('lobby', CAM, '9 times'), proposal('bad', { kind: 'human', login: 'x' }, 'e')],
    });
    await until('both told', async () => (await listed('open')).some(({ agents }) => agents === 2));
    const open = await listed('open');
    expect(open.map(({ entry, agents }) => `${entry} ${agents}`).toSorted()).toEqual(['bad 1', 'bad 1', 'lobby 2']);
    const lobby = open.find(({ entry }) => entry === 'lobby');
    expect(Date.parse(lobby?.lastSeen ?? '')).toBeLessThanOrEqual(Date.now());
    const shown = await value(client.call(routes.proposals.show, { params: { ...params, proposal: lobby?.id ?? '' } }));
    expect(shown.told.map(({ agent: by, evidence }) => `${by} ${evidence}`).toSorted()).toEqual([
      'gateway/north 3 times',
      'gateway/south 9 times',
    ]);
  }, 60_000);

  it('is taken into the policy as a change that waits, and open again where that was taken back', async () => {
    const ids = (await listed('open')).filter(({ entry }) => entry === 'lobby').map(({ id }) => id);
    const change = { params, body: { ids, waitSeconds: 5 } };
    const planned = await value(client.call(routes.proposals.accept, { params, body: { ids, isPlanOnly: true } }));
    expect(planned).toMatchObject({ isApplied: false, changes: [{ section: 'elements', id: 'lobby' }] });
    const first = await value(client.call(routes.proposals.accept, change));
    expect(first).toMatchObject({ isApplied: true, pending: { revision: 2 } });
    expect((await listed('accepted')).map(({ id }) => id)).toEqual(ids);
    await value(client.call(routes.policies.rollback, { params, body: { waitSeconds: 0 } }));
    expect((await listed('accepted')).length).toBe(0);
    expect((await listed('open')).map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    await value(client.call(routes.proposals.accept, { params, body: { ids, waitSeconds: 0, confirmSeconds: 0 } }));
    expect((await listed('accepted')).map(({ id }) => id)).toEqual(ids);
  }, 60_000);

  it('is rejected once, and does not come again', async () => {
    const bad = (await listed('open')).map(({ id }) => id);
    await client.call(routes.proposals.reject, { params, body: { ids: bad } });
    await agent('west', { proposals: [proposal('bad', { address: '10.9.9.9', kind: 'device' }, 'e')] });
    await agent('east', { proposals: [proposal('bad', { kind: 'device', address: '10.9.9.9' }, 'e')] });
    await until('told again', async () => (await listed('rejected')).some(({ agents }) => agents === 2));
    expect((await listed('rejected')).map(({ id }) => id).toSorted()).toEqual(bad.toSorted());
  }, 60_000);
});

it('no metric that is defined stays silent', async () => {
  await running.as(null).call(routes.logon.devicePoll, { body: { secret: 'x'.repeat(43) } });
  const { code, secret } = await value(running.as(null).call(routes.logon.deviceBegin, { body: { program: 'test' } }));
  await client.call(routes.account.decideProgram, { body: { code, isApproved: true } });
  await value(running.as(null).call(routes.logon.devicePoll, { body: { secret } }));
  const answer = await client.call(routes.metrics.show, {});
  if (answer.kind !== 'answer') throw new Error(JSON.stringify(answer));
  const text = await textOf(answer.value.content);
  const silent = Object.values(METRICS)
    .map(({ name }) => name)
    .filter((name) => !new RegExp(`^${name}(_count)?[{ ]`, 'm').test(text));
  expect(silent).toEqual([]);
  expect(text).toContain(`picket_findings_total{domain="${DOMAIN}",finding="scan"} 1`);
  expect(text).toContain('picket_logons_total{method="code",outcome="failure"} 1');
  expect(text).toContain('picket_logons_total{method="code",outcome="success"} 1');
}, 60_000);

it('events of every kind reach a receiver; denials as a roll-up at the latest when the controller ends', async () => {
  await client.call(routes.quarantines.put, { params: { ...params, element: 'cam' }, body: { reason: randomUUID() } });
  await Promise.all(links.splice(0).map((link) => link.close()));
  await until('the agents are gone', () => classes().filter((one) => one === '6002/4').length === 4);
  await running.controller.close();
  const all = classes();
  // Logon, agents that came and went, findings, policies, acts, and one event for five denied openings.
  for (const one of ['3002/1', '6002/3', '6002/4', '2004/1', '5019/1', '6003/3', '4001/5'])
    expect(all, one).toContain(one);
  expect(all.filter((one) => one === '4001/5')).toHaveLength(1);
  expect(readFileSync(told, 'utf8')).not.toContain('\u001b');
}, 60_000);

function classes(): readonly string[] {
  if (!existsSync(told)) return [];
  const lines = readFileSync(told, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const { class_uid, activity_id }: { readonly class_uid: number; readonly activity_id: number } = JSON.parse(line);
    return `${class_uid}/${activity_id}`;
  });
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
