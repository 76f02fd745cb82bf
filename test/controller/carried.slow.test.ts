// A signed policy carried in a file from a real controller to the link of an agent that reaches none: taken when it is newer and whole, refused otherwise.

import { readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinLink } from '#identity';
import { join, Link, LinkError } from '#link';
import { type Client, routes } from '#routes';
import { type Picket, picketOf } from './commands.testing.ts';
import { DOMAIN, POLICY, person, type Running, seeded, session, start, temporary } from './controller.testing.ts';

const place = temporary();
const data = pathOf(place.path, 'data');
const params = { domain: DOMAIN };
const now = (): number => Date.now() * 1_000;

let running: Running;
let client: Client;
let asked: Picket;
/** By what they hold: signed files of the revisions of the domain. */
const files = new Map<string, string>();
let link: Link;
let folder: string;
const applied: number[] = [];

beforeAll(async () => {
  const secrets = await seeded(data, async (store) => {
    await person(store, 'ada', 'owner');
    await person(store, 'vic', 'viewer');
    return { ada: await session(store, 'ada'), vic: await session(store, 'vic') };
  });
  running = await start({ folder: data });
  client = running.as(secrets.ada);
  asked = picketOf({ folder: data, port: running.controller.port, secrets });
  // The first command loads all of them, which takes its time on a loaded machine.
  await asked('vic', ['version']);
  folder = pathOf(place.path, 'away');
  link = await joinedLink();
}, 120_000);

afterAll(async () => {
  await running?.controller.close();
  place.remove();
});

/** Joined once; it is never started, so that no controller reaches it. */
async function joinedLink(): Promise<Link> {
  const made = await client.call(routes.enrolment.makeToken, { params, body: { kind: 'gateway', path: 'away' } });
  if (made.kind !== 'answer') throw new Error(JSON.stringify(made));
  const { token, root } = made.value;
  const origin = `https://localhost:${running.controller.port}`;
  const membership = await join({ link: joinLink({ origin, token, root, domain: DOMAIN }), path: null, folder, now });
  return new Link(membership, {
    folder,
    version: 'test',
    now,
    random: () => 0,
    applier: {
      get inForce() {
        return applied.at(-1) ?? 0;
      },
      async apply({ statement }) {
        applied.push(statement.revision);
        return { outcome: 'applied', problem: null };
      },
      quarantine: async () => ({ held: [], failed: [] }),
    },
    collect: () => {
      throw new Error('nothing is reported without a controller');
    },
    log: () => {},
  });
}

async function exported(name: string): Promise<void> {
  const path = pathOf(place.path, `${name}.signed`);
  expect(await asked('vic', ['policy', 'export', '-o', path])).toMatchObject({ exit: 0, out: '' });
  files.set(name, readFileSync(path, 'utf8'));
}

const fileOf = (name: string): string => files.get(name) ?? '';
const takenFiles = () => [
  readFileSync(pathOf(folder, 'policy.json'), 'utf8'),
  readFileSync(pathOf(folder, 'floor.json'), 'utf8'),
];

async function refused(text: string, code: string): Promise<void> {
  const before = [...takenFiles(), applied.length];
  await expect(link.takeFile(text)).rejects.toSatisfy((error) => error instanceof LinkError && error.code === code);
  expect([...takenFiles(), applied.length]).toEqual(before);
}

describe('a signed policy in a file', () => {
  it('is given to a viewer, once it is confirmed, and not to a stranger', async () => {
    await exported('first');
    const shown = await client.call(routes.policies.show, { params });
    const ifMatch = shown.kind === 'answer' ? (shown.etag ?? '') : '';
    await client.call(routes.policies.apply, { params, ifMatch, body: { text: POLICY, waitSeconds: 0 } });
    expect(await asked('vic', ['policy', 'export'])).toMatchObject({ exit: 7, out: '' });
    expect((await asked('vic', ['policy', 'export'])).err).toContain('PICKET-C719');
    await client.call(routes.policies.rollback, { params, body: {} });
    await exported('third');
    expect(await running.as(null).call(routes.policies.signed, { params })).toMatchObject({ kind: 'refused' });
    expect(await asked('vic', ['policy', 'export', '--domain', 'office.example'])).toMatchObject({ exit: 3 });
    expect(await asked('vic', ['policy', 'export', '--on', 'local'])).toMatchObject({ exit: 5 });
  });

  it('is taken, again without harm, and then the newer one', async () => {
    expect(await link.takeFile(fileOf('first'))).toEqual({ revision: 1, outcome: 'applied', problem: null });
    expect(await link.takeFile(fileOf('first'))).toMatchObject({ revision: 1, outcome: 'applied' });
    expect(await link.takeFile(fileOf('third'))).toMatchObject({ revision: 3, outcome: 'applied' });
    expect(link.held?.statement.revision).toBe(3);
    expect(applied).toEqual([1, 1, 3]);
  });

  it('is refused when it is old, foreign, damaged, unsigned or something else, and nothing changes', async () => {
    const good = JSON.parse(fileOf('third'));
    const [head, payload, signature] = good.statement.split('.');
    const forged = Buffer.from(payload, 'base64url').toString().replace('"revision":3', '"revision":9');
    const cases: readonly (readonly [text: string, code: string])[] = [
      [fileOf('first'), 'PICKET-C655'],
      [fileOf('third').slice(0, -20), 'PICKET-C666'],
      ['', 'PICKET-C666'],
      ['hello', 'PICKET-C666'],
      [`${fileOf('third')}${fileOf('third')}`, 'PICKET-C666'],
      [JSON.stringify({ kind: 'pong' }), 'PICKET-C666'],
      [JSON.stringify({ kind: 'bundle', document: '{}' }), 'PICKET-C666'],
      [JSON.stringify({ ...good, entries: good.entries.slice(1) }), 'PICKET-C657'],
      [
        JSON.stringify({ ...good, statement: `${head}.${Buffer.from(forged).toString('base64url')}.${signature}` }),
        'PICKET-C654',
      ],
      [JSON.stringify({ ...good, statement: `${head}.${payload}.${signature.replace(/^../, 'AA')}` }), 'PICKET-C654'],
    ];
    for (const [text, code] of cases) await refused(text, code);
  });

  it('of another domain, signed by its own key, is refused', async () => {
    const body = { id: 'office.example', name: 'Office' };
    const made = await client.call(routes.domains.make, { body });
    expect(made.kind).toBe('answer');
    const answer = await client.call(routes.policies.signed, { params: { domain: 'office.example' } });
    if (answer.kind !== 'answer') throw new Error(JSON.stringify(answer));
    let text = '';
    for await (const piece of answer.value.content) text += Buffer.from(piece).toString();
    await refused(text, 'PICKET-C654');
  });
});
