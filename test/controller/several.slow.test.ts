// Two controller processes on one PostgreSQL, with agents. One is killed in the middle of changes, the other is cut off from the database: agents go to
// the one that can serve them, what was acknowledged is there, revisions neither fork nor go back, and whoever cannot see the database changes nothing.

import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinLink } from '#identity';
import { readRecords, verifyLedger } from '#ledger';
import { join } from '#link';
import { type Client, routes } from '#routes';
import { openStore, policyHead, policyRevision, type Store } from '#store';
import { TestAgent } from '../hub/site.testing.ts';
import { now } from '../hub/trust.testing.ts';
import { missingPostgres, startPostgres, type TestPostgres } from '../store/postgres.testing.ts';
import { DOMAIN, POLICY, person, session, temporary, until } from './controller.testing.ts';
import { built, nameOf, running, type Started, startProcess, Way } from './process.testing.ts';

const missing = missingPostgres();
const params = { domain: DOMAIN };
const ALL = { from: 1, to: Number.MAX_SAFE_INTEGER };
const AGENTS = 4;
/** Changes that the one takes before it is killed, and the other after that. */
const CHANGES = 4;

describe.skipIf(missing !== null)(`controllers of one database${missing === null ? '' : ` (${missing})`}`, () => {
  const folder = temporary();
  const agents: TestAgent[] = [];
  /** Revisions that were acknowledged, with their texts. */
  const acknowledged = new Map<number, string>();
  let postgres: TestPostgres;
  let way: Way;
  let store: Store;
  let url: string;
  let secret: string;
  let passphrase: string;
  let one: Started;
  let other: Started;
  let revoked: TestAgent;

  beforeAll(async () => {
    built();
    postgres = await startPostgres(['-c', 'fsync=off']);
    url = await postgres.fresh();
    way = new Way(pathOf(folder.path, 'way'), url);
    const through = await way.open(url);
    passphrase = pathOf(folder.path, 'passphrase');
    writeFileSync(passphrase, 'four words and a number 7\n', { mode: 0o600 });
    [one, other] = await Promise.all([
      startProcess({ folder: pathOf(folder.path, 'one'), url, passphrase }),
      startProcess({ folder: pathOf(folder.path, 'other'), url: through, passphrase }),
    ]);
    store = await openStore({ file: '', url });
    await person(store, 'ada', 'owner');
    secret = await session(store, 'ada');
    for (let at = 0; at < AGENTS; at++) agents.push(await joined(at % 2 === 0 ? one : other, `north-${at}`));
    revoked = await joined(other, 'stolen');
  }, 240_000);

  afterAll(async () => {
    await Promise.all([...agents, revoked].map((agent) => agent?.close()));
    await Promise.all([one?.kill(), other?.kill()]);
    way?.close();
    await store?.close();
    await postgres?.end();
    folder.remove();
  });

  async function joined(controller: Started, path: string): Promise<TestAgent> {
    const made = await controller
      .as(secret)
      .call(routes.enrolment.makeToken, { params, body: { kind: 'gateway', path } });
    if (made.kind !== 'answer') throw new Error(JSON.stringify(made));
    const { token, root } = made.value;
    const link = joinLink({ origin: controller.origin, token, root, domain: DOMAIN });
    const place = pathOf(folder.path, `agent-${path}`);
    mkdirSync(place);
    return new TestAgent(await join({ link, path: null, folder: place, now }), place).start();
  }

  async function current(): Promise<number> {
    return (await policyHead(store.db, DOMAIN))?.revision ?? 0;
  }

  /** A change on top of what is current; false where somebody else was faster or nobody answered. */
  async function change(client: Client): Promise<boolean> {
    const body = { text: `${POLICY}# ${randomUUID()}\n`, why: 'test', confirmSeconds: 0, waitSeconds: 0 };
    const outcome = await client.call(routes.policies.apply, { params, body, ifMatch: `r${await current()}` });
    if (outcome.kind !== 'answer' || outcome.value.revision === null) {
      if (outcome.kind === 'refused') expect(outcome.problem.code).toBe('PICKET-C412');
      return false;
    }
    // Of two controllers that give the same number to two changes one would have lied.
    expect(acknowledged.has(outcome.value.revision)).toBe(false);
    acknowledged.set(outcome.value.revision, body.text);
    return true;
  }

  async function changes(client: Client, isOver: () => boolean, onChange: () => void = () => {}): Promise<void> {
    while (!isOver()) if (await change(client)) onChange();
  }

  function allAt(controller: Started): Promise<void> {
    const isThere = ({ link: { view } }: TestAgent): boolean => view.isConnected && view.address === controller.address;
    return until(`all agents are at ${controller.address}`, () => agents.every(isThere));
  }

  async function allHaveCurrent(): Promise<void> {
    const revision = await current();
    await until('all agents have the revision', () => agents.every(({ inForce }) => inForce === revision));
  }

  it('are both known to every agent', async () => {
    const knows = ({ link: { view } }: TestAgent): boolean =>
      view.isConnected && [one, other].every(({ address }) => view.addresses.includes(address));
    await until('each agent knows both', () => [...agents, revoked].every(knows));
    const places = new Set(agents.map(({ link }) => link.view.address));
    expect(places).toEqual(new Set([one.address, other.address]));
  }, 60_000);

  it('lose nothing that was acknowledged when one is killed in the middle of changes', async () => {
    let before = 0;
    let after = 0;
    let isDead = false;
    const stop = async (): Promise<void> => {
      await until('it took changes', () => before >= CHANGES);
      // What it records from here on it cannot mark as recorded any more, as if it had died right then.
      await sql`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$`.execute(
        store.db,
      );
      await sql`CREATE TRIGGER unmarked BEFORE UPDATE ON acts FOR EACH ROW EXECUTE FUNCTION refuse()`.execute(store.db);
      const element = { params: { ...params, element: 'cam' }, body: { reason: 'scans' } };
      expect(await one.as(secret).call(routes.quarantines.put, element)).toMatchObject({ kind: 'answer' });
      const wish = { kind: 'identity', value: `spiffe://${DOMAIN}/gateway/stolen`, why: 'stolen' } as const;
      expect(await one.as(secret).call(routes.identities.revoke, { params, body: wish })).toMatchObject({
        kind: 'answer',
      });
      await one.kill();
      isDead = true;
      await sql`DROP TRIGGER unmarked ON acts`.execute(store.db);
    };
    await Promise.all([
      changes(
        one.as(secret),
        () => isDead,
        () => (before += 1),
      ),
      changes(
        other.as(secret),
        () => after >= CHANGES,
        () => (after += isDead ? 1 : 0),
      ),
      stop(),
    ]);
    await allAt(other);
    await allHaveCurrent();
    for (const [revision, text] of acknowledged)
      expect((await policyRevision(store.db, DOMAIN, revision))?.text).toBe(text);
  }, 60_000);

  it('tell all agents what the dead one took', async () => {
    const isQuarantined = ({ quarantines }: TestAgent): boolean =>
      quarantines.at(-1)?.elements.some(({ element }) => element === 'cam') ?? false;
    await until('all hold the quarantine', () => agents.every(isQuarantined));
    await until('the revoked one is out', () => !revoked.link.view.isConnected && revoked.link.view.trouble !== null);
    expect(agents.every(({ link }) => link.view.isConnected)).toBe(true);
  }, 60_000);

  it('record what the dead one left', async () => {
    const own = (await chainOf(other)) ?? '';
    const waiting = store.db.selectFrom('acts').selectAll().where('sequence', 'is', null).where('chain', '!=', own);
    const left = await waiting.execute();
    const actions = left.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['quarantine.put', 'identity.revoke']));
    // As if two minutes had gone by since its death.
    const GONE_MS = 120_000;
    for (const { id, at } of left)
      await store.db
        .updateTable('acts')
        .set({ at: at - GONE_MS })
        .where('id', '=', id)
        .execute();
    await store.db
      .updateTable('controllers')
      .set(({ eb }) => ({ seen_at: eb('seen_at', '-', GONE_MS) }))
      .where('name', '=', nameOf(one.data))
      .execute();
    const ids = left.map(({ id }) => id);
    const unrecorded = store.db.selectFrom('acts').select('id').where('id', 'in', ids).where('sequence', 'is', null);
    await until('all is recorded', async () => (await unrecorded.execute()).length === 0);
    const recorded = await recordsOf(other);
    for (const id of ids) expect(recorded).toContain(id);
  }, 60_000);

  it('take a dead one back, and tell agents where it is now', async () => {
    one = await startProcess({ folder: pathOf(folder.path, 'one'), url, passphrase });
    await until('each agent knows it', () => agents.every(({ link }) => link.view.addresses.includes(one.address)));
    expect(await change(one.as(secret))).toBe(true);
    await allHaveCurrent();
  }, 60_000);

  it('change nothing where the database cannot be seen, and let agents go to the one that sees it', async () => {
    way.cut();
    const lost = { text: `${POLICY}# lost\n`, why: 'test', confirmSeconds: 0, waitSeconds: 0 };
    const begun = performance.now();
    const asked = other.as(secret).call(routes.policies.apply, { params, body: lost, ifMatch: `r${await current()}` });
    await allAt(one);
    console.log(`agents had left it after ${Math.round(performance.now() - begun)} ms`);
    expect(await change(one.as(secret))).toBe(true);
    await allHaveCurrent();
    await until('it says so', () => running(other.data)?.codes.includes('PICKET-C810') ?? false);
    expect(await other.as(null).call(routes.health.live, {})).toMatchObject({ value: { status: 'failed' } });
    expect(await asked).toMatchObject({ kind: 'refused', problem: { status: 503, code: 'PICKET-C441' } });
    console.log(`the change was refused after ${Math.round(performance.now() - begun)} ms`);
    way.heal();
    await until('it is well again', () => running(other.data)?.codes.includes('PICKET-C810') === false);
    expect(await change(other.as(secret))).toBe(true);
    await allHaveCurrent();
  }, 90_000);

  it('say of an agent that is ahead of its domain that it takes nothing', async () => {
    const agent = 'gateway/north-0';
    await agents[0]?.close();
    const rows = store.db.selectFrom('agents').select('controller').where('agent', '=', agent);
    await until('it is known to be away', async () => (await rows.executeTakeFirst())?.controller === null);
    await store.db.updateTable('agents').set({ in_force: 999, controller: 'x' }).where('agent', '=', agent).execute();
    const shown = await one.as(secret).call(routes.agents.show, {
      params: { ...params, agent: Buffer.from(agent).toString('base64url') },
    });
    expect(shown).toMatchObject({ value: { state: 'failed', inForce: 999, problem: { code: 'PICKET-C610' } } });
  }, 60_000);

  it('have one history, which agents followed without a step back, and ledgers that verify', async () => {
    const history = await store.db
      .selectFrom('policy_revisions')
      .select(['revision', 'text'])
      .where('domain', '=', DOMAIN)
      .orderBy('revision')
      .execute();
    expect(history.map(({ revision }) => revision)).toEqual(history.map((_, at) => at + 1));
    expect(history.some(({ text }) => text.includes('# lost'))).toBe(false);
    const texts = new Map(history.map(({ revision, text }) => [revision, text]));
    for (const [revision, text] of acknowledged) expect(texts.get(revision)).toBe(text);
    const digests = new Map<number, string>();
    for (const { taken } of agents) {
      const revisions = taken.map(({ statement }) => statement.revision);
      expect(revisions).toEqual(revisions.toSorted((left, right) => left - right));
      for (const { statement } of taken) {
        expect(digests.get(statement.revision) ?? statement.digest).toBe(statement.digest);
        digests.set(statement.revision, statement.digest);
      }
    }
    const records = new Set([...(await recordsOf(one)), ...(await recordsOf(other))]);
    const acts = await store.db.selectFrom('acts').select(['id', 'action']).execute();
    expect(acts.filter(({ action }) => action === 'policy.apply').length).toBeGreaterThanOrEqual(acknowledged.size);
    for (const { id } of acts) expect(records).toContain(id);
  }, 60_000);
});

/** Ids of the acts in the ledger of a controller, whose chain verifies. */
async function recordsOf({ data }: Started): Promise<ReadonlySet<string>> {
  const path = pathOf(data, 'ledger');
  expect((await verifyLedger({ path, keys: null, kept: null })).wrong).toBeNull();
  const ids = new Set<string>();
  for await (const { id } of readRecords(path, ALL)) ids.add(id);
  return ids;
}

async function chainOf({ data }: Started): Promise<string | null> {
  for await (const { chain } of readRecords(pathOf(data, 'ledger'), ALL)) return chain;
  return null;
}
