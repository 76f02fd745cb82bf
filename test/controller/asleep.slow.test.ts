// Machines that slept past the end of their certificates, and a rotation meanwhile: enrolled under a clock that is thirty hours behind at a real controller, woken
// by links with the real time. OpenSSL knows no other time, so it is the past that is made up.

import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinLink } from '#identity';
import { join as joinDomain, type Membership, readMembership } from '#link';
import { type Client, controllerClient, routes } from '#routes';
import { openStore } from '#store';
import { TestAgent } from '../hub/site.testing.ts';
import {
  authorityOf,
  DOMAIN,
  person,
  type Running,
  sender,
  session,
  start,
  temporary,
  until,
} from './controller.testing.ts';

const PICKET = fileURLToPath(new URL('../../picket', import.meta.url));
const SLEPT_MS = 30 * 3_600_000;
const { authority, enrolment, identities } = routes;
const params = { domain: DOMAIN };
const folder = temporary();
const data = join(folder.path, 'controller');
const agents: TestAgent[] = [];
let port: number;
let secret: string;
let running: Running;

/** A process of its own, while the controller in this one answers. */
async function picket(...words: readonly string[]): Promise<void> {
  const env = { ...process.env, HOME: folder.path, XDG_CONFIG_HOME: folder.path, NO_COLOR: '1' };
  await promisify(execFile)(PICKET, [...words], { env, timeout: 120_000 });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Under the clock of the past the certificate of the port has ended for everybody else: it is not what is tested. */
function client(isPast = false): Client {
  const ca = isPast ? null : authorityOf(data);
  return controllerClient(sender({ port, ca }), { authorization: `Bearer ${secret}` });
}

async function newLink(of: Client): Promise<string> {
  const body = { kind: 'gateway', path: 'hall', isPrefix: true, seconds: 3_600 } as const;
  const made = await of.call(enrolment.makeToken, { params, body });
  if (made.kind !== 'answer') throw new Error(JSON.stringify(made));
  return joinLink({ origin: `https://localhost:${port}`, domain: DOMAIN, ...made.value });
}

async function up(): Promise<void> {
  running = await start({ folder: data, port });
}

const stateOf = (name: string): string => join(folder.path, name, 'link');

function membershipOf(name: string): Membership {
  const membership = readMembership(stateOf(name));
  if (membership === null) throw new Error('it did not join');
  return membership;
}

function agentOf(name: string): TestAgent {
  const agent = new TestAgent(membershipOf(name), stateOf(name));
  agents.push(agent);
  return agent.start();
}

describe('a machine that slept', () => {
  beforeAll(async () => {
    port = await freePort();
    const now = (): number => Date.now() - SLEPT_MS;
    await start({ folder: data, now, port }).then(({ controller }) => controller.close());
    const store = await openStore({ file: join(data, 'picket.db'), url: null });
    await person(store, 'ada', 'owner');
    secret = await session(store, 'ada', now());
    await store.close();
    const past = await start({ folder: data, now, port });
    for (const name of ['north', 'south', 'west']) {
      const link = await newLink(client(true));
      await joinDomain({ link, path: `hall/${name}`, folder: stateOf(name), now: () => now() * 1_000 });
    }
    const dropped = await client(true).call(identities.dropRenewalKey, {
      params: { ...params, identity: Buffer.from(idOf('south')).toString('base64url') },
    });
    expect(dropped).toMatchObject({ kind: 'answer' });
    await past.controller.close();
    const again = await openStore({ file: join(data, 'picket.db'), url: null });
    secret = await session(again, 'ada');
    await again.close();
    await up();
  }, 120_000);

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.close()));
    await running?.controller.close();
    folder.remove();
  }, 120_000);

  it('comes back by its renewal key, by itself', async () => {
    const before = readMembership(stateOf('north'));
    const agent = agentOf('north');
    await until('it is connected', () => agent.link.view.isConnected && agent.taken.length > 0);
    const after = readMembership(stateOf('north'));
    expect(after?.id).toBe(idOf('north'));
    expect(after?.leafKey).not.toBe(before?.leafKey);
    expect(agent.link.view.trouble).toBeNull();
  });

  it('whose renewal key was taken away says that it has to join again, and does not dial', async () => {
    const { link, log } = agentOf('south');
    await until('it is refused', () => link.view.trouble !== null);
    expect(link.view.trouble).toMatchObject({ code: 'PICKET-C330' });
    expect(log.join()).not.toContain('link connected');
    expect(link.view.certificateEndsMs).toBeLessThan(Date.now());
  });

  it('is known to the command by the name that the link leaves open', async () => {
    const words = ['join', await newLink(client()), '--yes', '--state', join(folder.path, 'east')];
    await picket(...words, '--name', 'hall/east');
    expect(readMembership(stateOf('east'))?.id).toBe(idOf('east'));
    const elsewhere = ['join', 'https://localhost:1/join#v1.x', ...words.slice(2)];
    await expect(picket(...elsewhere)).rejects.toThrow('PICKET-C');
  }, 180_000);

  it("through a whole rotation of root and policy key believes today's root by the word of the one it knew, and the policy by today's key", async () => {
    const of = client();
    for (const purpose of ['root', 'policy'] as const)
      for (const step of ['publish', 'activate'] as const) {
        const taken = await of.call(authority.rotate, { params, body: { purpose, step, force: true } });
        expect(taken).toMatchObject({ kind: 'answer' });
      }
    const [north] = agents;
    await until('the rotation is known to who is there', () => (north?.taken.length ?? 0) > 1);
    expect(north?.link.view.trouble).toBeNull();
    await of.call(authority.rotate, { params, body: { purpose: 'policy', step: 'retire', force: true } });
    await running.controller.close();
    await up();
    const west = agentOf('west');
    await until('it is connected', () => west.link.view.isConnected && west.taken.length > 0);
    expect(west.link.view.trouble).toBeNull();
  }, 120_000);

  it('waits with a code that says so while no controller answers', async () => {
    const away = new TestAgent({ ...membershipOf('south'), origin: 'https://localhost:1' }, stateOf('lost'));
    agents.push(away.start());
    await until('it has tried', () => away.link.view.trouble !== null);
    expect(away.link.view.trouble?.code).toBe('PICKET-C329');
  });
});

function idOf(name: string): string {
  return `spiffe://${DOMAIN}/gateway/hall/${name}`;
}
