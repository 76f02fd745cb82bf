// Policies on their way from a store to agents over real TLS and WebSockets.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agent as agentRow } from '#store';
import { POLICY, TestSite, until, withRule } from './site.testing.ts';
import { TestDomain } from './trust.testing.ts';

const PLANT = 'plant.example';

describe('a hub', () => {
  const plant = new TestDomain(PLANT);
  const site = new TestSite([plant]);
  beforeAll(async () => {
    await site.open();
    await site.hub();
  });
  afterAll(() => site.close());

  it('gives a snapshot to who comes, and a delta to who is there', async () => {
    const agent = site.agent(plant.member('gateway/north', { addresses: site.addresses })).start();
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
    expect(
      agent.taken
        .at(-1)
        ?.entries.filter(({ section }) => section === 'rules')
        .map(({ id }) => id),
    ).toEqual(['one', 'two']);
    await until('the row', async () => (await agentRow(site.store.db, PLANT, 'gateway/north'))?.in_force === revision);
    expect(agent.log.filter((line) => line.includes('refused'))).toEqual([]);
  });
});
