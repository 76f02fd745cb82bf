// Policies and quarantines on their way from a store to agents over real TLS and WebSockets, reports on their way back, and hostile members.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { agent as agentRow, findings, putQuarantine } from '#store';
import { UP_BYTES_MAX } from '#wire';
import { enter } from './raw.testing.ts';
import { POLICY, TestSite, until, withRule } from './site.testing.ts';
import { TestDomain } from './trust.testing.ts';

const PLANT = 'plant.example';
const plant = new TestDomain(PLANT);
const site = new TestSite([plant]);
let port = 0;
beforeAll(async () => {
  await site.open();
  ({ port } = await site.hub());
});
afterAll(() => site.close());
const member = (path: string) => plant.member(path, { addresses: site.addresses });

describe('a hub', () => {
  it('gives a snapshot to who comes, and a delta to who is there', async () => {
    const agent = site.agent(member('gateway/north')).start();
    await until('revision 1', () => agent.inForce === 1);
    expect(agent.link.view).toMatchObject({
      domain: PLANT,
      isConnected: true,
      controller: 'controller-1',
      revision: 1,
      trouble: null,
    });
    const revision = await site.apply(PLANT, withRule(POLICY, 'two'));
    await until('the next revision', () => agent.inForce === revision);
    const rules = agent.taken.at(-1)?.entries.filter(({ section }) => section === 'rules');
    expect(rules?.map(({ id }) => id)).toEqual(['one', 'two']);
    await until('the row', async () => (await agentRow(site.store.db, PLANT, 'gateway/north'))?.in_force === revision);
    await agent.close();
    await until(
      'the row says that it left',
      async () => (await agentRow(site.store.db, PLANT, 'gateway/north'))?.controller === null,
    );
  });

  it('tells what waits, that it was confirmed, and that it went back', async () => {
    const agent = site.agent(member('gateway/waits')).start();
    await until('the first', () => agent.inForce > 0);
    const one = await site.apply(PLANT, withRule(POLICY, 'three'), 60_000);
    await until('the change', () => agent.inForce === one);
    expect(agent.taken.at(-1)?.statement.pendingUntilMs).toBeGreaterThan(Date.now());
    await site.confirm(PLANT, one);
    await until('the confirmation', () => agent.taken.at(-1)?.statement.pendingUntilMs === null);
    expect(agent.taken.at(-1)?.statement.revision).toBe(one);
    const before = agent.taken.at(-1)?.statement.digest;
    const two = await site.apply(PLANT, withRule(POLICY, 'four'), 60_000);
    await site.revert(PLANT, two);
    await until('the revert', () => agent.inForce === two + 1);
    expect(agent.taken.at(-1)?.statement).toMatchObject({ revision: two + 1, digest: before, pendingUntilMs: null });
    await agent.close();
  });

  it('tells quarantines at once, and keeps findings before it answers the report', async () => {
    const agent = site.agent(member('gateway/quarantine'));
    agent.rows = {
      findings: [
        {
          atMs: 1,
          kind: 'scan',
          address: '10.0.3.20',
          element: 'cam',
          subject: 's',
          evidence: 'e',
          severity: 'alarm',
          action: null,
        },
      ],
    };
    agent.start();
    await until('the first', () => agent.inForce > 0);
    await putQuarantine(site.store.db, {
      domain: PLANT,
      element: 'cam',
      since: 1,
      until: null,
      reason: 'scan',
      by: 'ann',
    });
    await site.notices.publish({ kind: 'quarantine', domain: PLANT });
    await until('the list', () => agent.quarantines.at(-1)?.elements[0]?.element === 'cam');
    const query = { limit: 10, after: null, state: null, isWithMuted: false, now: Date.now() };
    await until('the finding', async () => (await findings(site.store.db, PLANT, query)).length === 1);
    await agent.close();
  });

  it('renews a certificate over the connection, and the agent comes again with it', async () => {
    const soon = plant.member('gateway/renews', {
      addresses: site.addresses,
      wishes: { notBefore: Date.now() * 1_000 - 3_600_000_000, notAfter: Date.now() * 1_000 + 3_600_000_000 / 2 },
    });
    const agent = site.agent(soon).start();
    await until('the renewal', () => agent.log.some((line) => line.includes('certificate renewed')));
    const ends = soon.chain[0];
    await until(
      'the new connection',
      () => agent.link.view.isConnected && agent.log.filter((line) => line.includes('link connected')).length === 2,
    );
    expect(agent.link.view.certificateEndsMs).toBeGreaterThan(Date.now() + 3_000_000);
    expect(ends).toBeDefined();
    await agent.close();
  });
});

describe('a hostile member', () => {
  const HELLO = {
    kind: 'hello',
    boot: 'b1',
    versions: [1],
    program: 'x',
    revision: null,
    digest: null,
    highest: 0,
    quarantineSequence: 0,
    bundleSequence: 1,
  };

  async function inside(path: string): Promise<{
    readonly webSocket: WebSocket;
    readonly said: Record<string, unknown>[];
    readonly closed: () => boolean;
  }> {
    const { webSocket } = await enter(port, member(path));
    if (webSocket === null) throw new Error('not let in');
    const said: Record<string, unknown>[] = [];
    let isClosed = false;
    webSocket.on('message', (data) => said.push(JSON.parse(String(data))));
    webSocket.on('close', () => {
      isClosed = true;
    });
    return { webSocket, said, closed: () => isClosed };
  }

  it.each<[string, string | null, (webSocket: WebSocket) => void]>([
    ['no JSON', 'PICKET-C602', (webSocket) => webSocket.send('{')],
    ['a binary message', 'PICKET-C602', (webSocket) => webSocket.send(Buffer.from(JSON.stringify(HELLO)))],
    [
      'a claim to be another',
      'PICKET-C602',
      (webSocket) => webSocket.send(JSON.stringify({ ...HELLO, domain: 'office.example' })),
    ],
    [
      'a version that nobody speaks',
      'PICKET-C601',
      (webSocket) => webSocket.send(JSON.stringify({ ...HELLO, versions: [99] })),
    ],
    ['a report before hello', 'PICKET-C609', (webSocket) => webSocket.send(JSON.stringify({ kind: 'ping', id: 1 }))],
    [
      'hello twice',
      'PICKET-C609',
      (webSocket) => {
        webSocket.send(JSON.stringify(HELLO));
        webSocket.send(JSON.stringify(HELLO));
      },
    ],
    [
      'a flood',
      'PICKET-C603',
      (webSocket) => {
        webSocket.send(JSON.stringify(HELLO));
        for (let id = 0; id < 200; id += 1) webSocket.send(JSON.stringify({ kind: 'ping', id }));
      },
    ],
    [
      'snapshots without end',
      'PICKET-C603',
      (webSocket) => {
        webSocket.send(JSON.stringify(HELLO));
        const wanted = JSON.stringify({ kind: 'wanted', what: 'snapshot', why: { code: 'PICKET-C657', message: '' } });
        for (let id = 0; id < 3; id += 1) webSocket.send(wanted);
      },
    ],
    // The WebSocket library itself ends it, with its own close code.
    ['a message that is too long', null, (webSocket) => webSocket.send('x'.repeat(UP_BYTES_MAX + 1))],
  ])('is sent away with %s', async (what, code, attack) => {
    const { webSocket, said, closed } = await inside(`gateway/hostile-${what.replaceAll(/[^a-z]/g, '-')}`);
    attack(webSocket);
    await until('the end', closed);
    if (code !== null) expect(said.at(-1)).toMatchObject({ kind: 'bye', code });
    expect(site.hubs[0]?.hub.size).toBeLessThan(5);
  });

  it('gives way to a newer connection with the same certificate', async () => {
    const first = await inside('gateway/twice');
    first.webSocket.send(JSON.stringify(HELLO));
    await until('welcome', () => first.said.some(({ kind }) => kind === 'welcome'));
    const second = await inside('gateway/twice');
    second.webSocket.send(JSON.stringify(HELLO));
    await until('the end of the first', first.closed);
    expect(first.said.at(-1)).toMatchObject({ kind: 'bye', code: 'PICKET-C604' });
    await until('welcome', () => second.said.some(({ kind }) => kind === 'welcome'));
    second.webSocket.terminate();
  });

  it('that reads nothing is skipped to the newest policy, and keeps nobody waiting', async () => {
    const slow = await inside('gateway/slow');
    slow.webSocket.send(JSON.stringify(HELLO));
    await until('welcome', () => slow.said.some(({ kind }) => kind === 'welcome'));
    slow.webSocket.pause();
    const agent = site.agent(member('gateway/fast')).start();
    await until('the first', () => agent.inForce > 0);
    const text = (mark: number): string =>
      `${POLICY}${Array.from({ length: 3_000 }, (_, at) => `  rule-${at}: { from: cam, to: rtsp, why: ${'x'.repeat(200)}${mark} }\n`).join('')}`;
    let revision = 0;
    for (let mark = 0; mark < 12; mark += 1) revision = await site.apply(PLANT, text(mark));
    await until('the fast one has the newest', () => agent.inForce === revision);
    slow.webSocket.resume();
    await until('the slow one ends with the newest or is gone', () => slow.closed() || slow.said.length > 2);
    const policies = slow.said.filter(({ kind }) => kind === 'delta' || kind === 'snapshot');
    expect(policies.length).toBeLessThan(12);
    slow.webSocket.terminate();
    await agent.close();
  });
});
