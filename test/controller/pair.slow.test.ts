// Two controllers on one PostgreSQL: what one applies the other confirms, and takes back when the first is gone. Revisions never go back.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#routes';
import { openStore, policyHead, type Store } from '#store';
import { missingPostgres, startPostgres, type TestPostgres } from '../store/postgres.testing.ts';
import { DOMAIN, POLICY, person, type Running, session, start, temporary, until } from './controller.testing.ts';

const missing = missingPostgres();
const params = { domain: DOMAIN };
const { policies } = routes;

describe.skipIf(missing !== null)(`two controllers on one database${missing === null ? '' : ` (${missing})`}`, () => {
  const folder = temporary();
  let postgres: TestPostgres;
  let store: Store;
  let one: Running;
  let other: Running;
  let url: string;
  /** What a clock that both go by is ahead. */
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;

  beforeAll(async () => {
    postgres = await startPostgres(['-c', 'fsync=off']);
    url = await postgres.fresh();
    const passphrase = join(folder.path, 'passphrase');
    writeFileSync(passphrase, 'four words and a number 7\n', { mode: 0o600 });
    const more = `passphrase: ${passphrase}\n`;
    // At once, as after a power cut: one makes the domain and its authority.
    [one, other] = await Promise.all([
      start({ folder: join(folder.path, 'one'), url, now, more }),
      start({ folder: join(folder.path, 'other'), url, now, more }),
    ]);
    store = await openStore({ file: '', url });
    for (const id of ['ada', 'ben']) await person(store, id, 'owner');
  }, 120_000);

  afterAll(async () => {
    await Promise.all([one?.controller.close(), other?.controller.close()]);
    await store?.close();
    await postgres?.end();
    folder.remove();
  });

  async function revision(): Promise<number> {
    return (await policyHead(store.db, DOMAIN))?.revision ?? 0;
  }

  const body = { text: POLICY, why: 'test', waitSeconds: 0 };

  it('apply on one, confirm on the other from a later session', async () => {
    const early = await session(store, 'ada', now());
    const applied = await one.as(early).call(policies.apply, { params, body, ifMatch: `r${await revision()}` });
    expect(applied).toMatchObject({
      kind: 'answer',
      value: { isApplied: true, revision: 2, pending: { revision: 2 } },
    });
    const sooner = await other.as(early).call(policies.confirm, { params, body: { waitSeconds: 0 } });
    expect(sooner).toMatchObject({ kind: 'refused', problem: { code: 'PICKET-C716' } });
    const stranger = await session(store, 'ben', now() + 1);
    const others = await other.as(stranger).call(policies.confirm, { params, body: { waitSeconds: 0 } });
    expect(others).toMatchObject({ kind: 'refused', problem: { code: 'PICKET-C717' } });
    const late = await session(store, 'ada', now() + 1);
    const confirmed = await other.as(late).call(policies.confirm, { params, body: { waitSeconds: 0 } });
    expect(confirmed).toMatchObject({ kind: 'answer', value: { revision: 2, delivery: { state: 'none' } } });
    const shown = await one.as(early).call(policies.show, { params });
    expect(shown).toMatchObject({ kind: 'answer', etag: 'r2', value: { confirmed: 2, pending: null } });
  }, 60_000);

  it('of two applies at once on one revision exactly one wins', async () => {
    const secret = await session(store, 'ada', now());
    const ifMatch = `r${await revision()}`;
    const outcomes = await Promise.all(
      [one, other, one, other].map((each, at) =>
        each.as(secret).call(policies.apply, {
          params,
          body: { ...body, text: `${POLICY}# ${at}\n`, confirmSeconds: 0 },
          ifMatch,
        }),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'answer')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.kind !== 'answer') expect(outcome).toMatchObject({ problem: { code: 'PICKET-C412' } });
    expect(await revision()).toBe(3);
  }, 60_000);

  it('a change that nobody confirmed goes back though the controller that took it is gone', async () => {
    const secret = await session(store, 'ada', now());
    const change = { params, body: { ...body, text: `${POLICY}# pending\n`, confirmSeconds: 60 }, ifMatch: 'r3' };
    expect(await one.as(secret).call(policies.apply, change)).toMatchObject({ value: { revision: 4 } });
    await one.controller.close();
    const busy = await other.as(secret).call(policies.apply, { ...change, ifMatch: 'r4' });
    expect(busy).toMatchObject({ kind: 'refused', problem: { code: 'PICKET-C710' } });
    aheadMs += 61_000;
    await until('the other takes it back', async () => (await revision()) === 5);
    const history = await other.as(secret).call(policies.revisions, { params, query: {} });
    expect(history).toMatchObject({
      value: {
        items: [{ revision: 5, restores: 3, state: 'confirmed' }, { revision: 4, state: 'reverted' }, {}, {}, {}],
      },
    });
    const late = await other.as(await session(store, 'ada', now())).call(policies.confirm, { params, body: {} });
    expect(late).toMatchObject({ kind: 'refused', problem: { code: 'PICKET-C714' } });
  }, 60_000);

  it('says that the database is down, and goes on by itself', async () => {
    const secret = await session(store, 'ada', now());
    await postgres.stop('immediate');
    await until('it says so', () => other.controller.health.states.some(({ code }) => code === 'PICKET-C810'), 60_000);
    expect(other.controller.health.status).toBe('failed');
    const asked = await other.as(null).call(routes.health.live, {});
    expect(asked).toMatchObject({ kind: 'answer', value: { status: 'failed' } });
    const change = { params, body: { ...body, text: `${POLICY}# down\n` }, ifMatch: 'r5' };
    const refused = await other.as(secret).call(policies.apply, change);
    expect(refused).toMatchObject({ kind: 'refused', problem: { status: 503, code: 'PICKET-C441' } });
    await postgres.start();
    const isDown = (): boolean => other.controller.health.states.some(({ code }) => code === 'PICKET-C810');
    await until('it is back', () => !isDown(), 60_000);
    expect(await revision()).toBe(5);
  }, 150_000);
});
