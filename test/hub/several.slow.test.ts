// Two controllers on one PostgreSQL: agents go where a controller is, and no revision goes back, whichever of them dies, hangs, or loses the database.

import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresBus } from '#bus';
import { busNotices, type HubOptions, storedPolicies } from '#hub';
import { missingPostgres, startPostgres, type TestPostgres } from '../store/postgres.testing.ts';
import { POLICY, type TestAgent, TestSite, until, withRule } from './site.testing.ts';
import { TestDomain } from './trust.testing.ts';

const PLANT = 'plant.example';
const missing = missingPostgres();

/** A wire that can be cut without anybody being told: bytes stop, sockets stay. */
class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  port = 0;

  constructor(to: number) {
    this.#server = createServer((near) => {
      const far = connectTcp({ host: '127.0.0.1', port: to });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => one.destroy());
        one.on('close', () => other.destroy());
        one.on('data', (part) => {
          if (!this.#isCut) other.write(part);
        });
      }
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  cut(): void {
    this.#isCut = true;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe.skipIf(missing !== null)(
  `two controllers on one PostgreSQL${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    const plant = new TestDomain(PLANT);
    const site = new TestSite([plant]);
    const wires: Wire[] = [];
    const buses: PostgresBus[] = [];
    const agents: TestAgent[] = [];
    let postgres: TestPostgres | null = null;
    let isStoreCut = false;
    let rules = 1;

    async function hub(more: Partial<HubOptions> = {}): Promise<{ readonly port: number; close(): Promise<void> }> {
      const bus = new PostgresBus({ url, bug: (error) => site.log.push(String(error)), random: Math.random });
      await bus.open();
      buses.push(bus);
      const { hub: made, port } = await site.hub({ notices: busNotices(bus), addresses: () => addresses, ...more });
      return { port, close: () => made.close() };
    }
    let url = '';
    let addresses: string[] = [];
    const nextText = (): string => {
      rules += 1;
      let text = POLICY;
      for (let at = 1; at < rules; at += 1) text = withRule(text, `more-${at}`);
      return text;
    };
    const allAt = (revision: number) => () => agents.every((agent) => agent.inForce === revision);
    const neverBack = (): void => {
      for (const agent of agents) {
        const told = agent.taken.map(({ statement }) => statement.revision);
        expect(told).toEqual(told.toSorted((one, other) => one - other));
        expect(agent.log.filter((line) => line.includes('refused'))).toEqual([]);
      }
    };

    beforeAll(async () => {
      postgres = await startPostgres();
      url = await postgres.fresh();
      await site.open(url);
    }, 90_000);
    afterAll(async () => {
      await site.close();
      for (const bus of buses) await bus.close();
      for (const wire of wires) wire.close();
      await postgres?.end();
    });

    it('serve the same policy, and agents of a dead or deaf one move to another', async () => {
      const policies = storedPolicies(site.store);
      const never = new Promise<never>(() => {});
      const cuttable = {
        ready: () => (isStoreCut ? never : policies.ready()),
        current: (domain: string) => (isStoreCut ? never : policies.current(domain)),
      };
      const one = await hub();
      const two = await hub();
      const three = await hub({ policies: cuttable });
      const wire = new Wire(two.port);
      await wire.open();
      wires.push(wire);
      const places = [`127.0.0.1:${one.port}`, `127.0.0.1:${wire.port}`, `127.0.0.1:${three.port}`];
      addresses = places;
      for (let at = 0; at < 9; at += 1) {
        const first = places[at % 3] ?? '';
        agents.push(site.agent(plant.member(`gateway/g${at}`, { addresses: [first, ...places] })).start());
      }
      await until('everybody has revision 1', allAt(1));
      expect(new Set(agents.map(({ link }) => link.view.controller)).size).toBeGreaterThan(1);

      const second = await site.apply(PLANT, nextText());
      await buses[0]?.publish('policies', { domain: PLANT });
      await until('a change at one reaches the agents of all', allAt(second));

      await one.close();
      const third = await site.apply(PLANT, nextText());
      await buses[1]?.publish('policies', { domain: PLANT });
      await until('the agents of the dead one have moved', allAt(third));

      wire.cut();
      const fourth = await site.apply(PLANT, nextText());
      await buses[1]?.publish('policies', { domain: PLANT });
      await until('the agents of the deaf one have moved', allAt(fourth), 30_000);
      expect(new Set(agents.map(({ link }) => link.view.controller))).toEqual(new Set(['controller-3']));
      neverBack();
    }, 60_000);

    it('give their agents away when they lose the database, and take none until they have it again', async () => {
      const four = await hub();
      addresses = [...addresses, `127.0.0.1:${four.port}`];
      // The agents hear of the new one from the one that they are at, when they come again.
      for (const agent of agents) await agent.close();
      const moved = agents.map((agent, at) =>
        site.agent(
          plant.member(`gateway/g${at}`, { addresses: [addresses[2] ?? '', addresses.at(-1) ?? ''] }),
          agent.folder,
        ),
      );
      agents.splice(0, agents.length, ...moved.map((agent) => agent.start()));
      await until('they are back', () => agents.every(({ link }) => link.view.isConnected));
      isStoreCut = true;
      const fifth = await site.apply(PLANT, nextText());
      await buses[1]?.publish('policies', { domain: PLANT });
      await until('they are at the one that can read', allAt(fifth), 30_000);
      isStoreCut = false;
      neverBack();
    }, 60_000);

    it('leave agents that were killed and restarted without any controller with what they took', async () => {
      for (const agent of agents) await agent.close();
      const [first] = agents;
      if (first === undefined) throw new Error('no agent');
      const held = first.taken.at(-1);
      const alone = site.agent(plant.member('gateway/g0', { addresses: ['127.0.0.1:1'] }), first.folder).start();
      await until('it has tried', () => alone.link.view.trouble !== null);
      expect(alone.link.held?.statement).toEqual(held?.statement ?? alone.link.held?.statement);
      expect(alone.link.held?.entries.length).toBeGreaterThan(0);
      expect(alone.link.view).toMatchObject({ isConnected: false, trouble: { code: 'PICKET-C660' } });
      agents.splice(0, agents.length, alone);
    });
  },
);
