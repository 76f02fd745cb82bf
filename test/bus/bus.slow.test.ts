// Both buses: what is published arrives in order at every subscriber of every controller, and a loss is told.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Bus, type BusMessage, openBus, PAYLOAD_BYTES_MAX } from '#bus';
import { missingPostgres, startPostgres, type TestPostgres } from '../store/postgres.testing.ts';

const missing = missingPostgres();
const WAIT = { timeout: 30_000, interval: 20 };
let postgres: TestPostgres | null = null;

beforeAll(async () => {
  if (missing === null) postgres = await startPostgres();
}, 90_000);
afterAll(async () => {
  await postgres?.end();
});

const bugs: unknown[] = [];

function opened(url: string | null): Promise<Bus> {
  return openBus({ url, bug: (error) => void bugs.push(error), random: () => 0 });
}

/** What a subscriber of one topic hears. */
function heard(bus: Bus): BusMessage[] {
  const messages: BusMessage[] = [];
  bus.subscribe('policies', (message) => void messages.push(message));
  return messages;
}

const told = (revision: number): BusMessage => ({ kind: 'told', payload: { domain: 'plant.example', revision } });

describe.each(['alone', 'over PostgreSQL'])('a bus %s', (kind) => {
  const isShared = kind !== 'alone';
  const url = async (): Promise<string | null> => (isShared ? ((await postgres?.fresh()) ?? null) : null);

  it.skipIf(isShared && missing !== null)('carries messages in their order, and of other topics none', async () => {
    const bus = await opened(await url());
    const messages = heard(bus);
    const others: BusMessage[] = [];
    bus.subscribe('findings', (message) => void others.push(message));
    for (let revision = 1; revision <= 50; revision++)
      await bus.publish('policies', { domain: 'plant.example', revision });
    expect(messages.length).toBeLessThanOrEqual(50);
    await vi.waitFor(() => expect(messages).toHaveLength(50), WAIT);
    expect(messages).toEqual(Array.from({ length: 50 }, (_, at) => told(at + 1)));
    expect(others).toEqual([]);
    await bus.close();
  });

  it.skipIf(isShared && missing !== null)('tells nobody who left, and others although one throws', async () => {
    const bus = await opened(await url());
    const gone: BusMessage[] = [];
    const leave = bus.subscribe('policies', (message) => void gone.push(message));
    leave();
    const before = bugs.length;
    bus.subscribe('policies', () => {
      throw new Error('on purpose');
    });
    const messages = heard(bus);
    await bus.publish('policies', { domain: 'plant.example', revision: 1 });
    await vi.waitFor(() => expect(messages).toEqual([told(1)]), WAIT);
    expect(gone).toEqual([]);
    expect(bugs.length - before).toBe(1);
    await bus.close();
  });

  it.skipIf(isShared && missing !== null)(
    'refuses contents: a payload may be as large as it says, and not a byte more',
    async () => {
      const bus = await opened(await url());
      const messages = heard(bus);
      const frame = Buffer.byteLength(JSON.stringify({ topic: 'policies', payload: { id: '' } }));
      await bus.publish('policies', { id: 'x'.repeat(PAYLOAD_BYTES_MAX - frame) });
      await vi.waitFor(() => expect(messages).toHaveLength(1), WAIT);
      await expect(bus.publish('policies', { id: 'x'.repeat(PAYLOAD_BYTES_MAX - frame + 1) })).rejects.toThrow('ids');
      await bus.close();
    },
  );
});

describe.skipIf(missing !== null)('controllers of one PostgreSQL', () => {
  it('hear each other, and of a database that was away as a loss', async () => {
    const url = (await postgres?.fresh()) ?? null;
    const [one, other] = [await opened(url), await opened(url)];
    const messages = [heard(one), heard(other)];
    await one.publish('policies', { domain: 'plant.example', revision: 1 });
    await vi.waitFor(() => expect(messages).toEqual([[told(1)], [told(1)]]), WAIT);
    await postgres?.stop('immediate');
    await expect(other.publish('policies', { domain: 'plant.example', revision: 2 })).rejects.toThrow();
    await postgres?.start();
    await vi.waitFor(
      () => expect(messages.map((list) => list.some(({ kind }) => kind === 'lost'))).toEqual([true, true]),
      WAIT,
    );
    await vi.waitFor(() => other.publish('policies', { domain: 'plant.example', revision: 3 }), WAIT);
    await vi.waitFor(() => expect(messages.map((list) => list.at(-1))).toEqual([told(3), told(3)]), WAIT);
    await Promise.all([one.close(), other.close()]);
  });

  it('are told to read anew once what could not be sent can be', async () => {
    const url = (await postgres?.fresh()) ?? '';
    const other = await opened(url);
    const messages = heard(other);
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    // Only who sends is cut off: both still listen, and neither hears of a loss by itself.
    await client.query('REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC');
    await client.query('CREATE ROLE poor LOGIN');
    const poor = await opened(url.replace('picket@', 'poor@'));
    await expect(poor.publish('policies', { domain: 'plant.example', revision: 1 })).rejects.toThrow();
    await client.query('GRANT EXECUTE ON FUNCTION pg_notify(text, text) TO PUBLIC');
    await client.end();
    await vi.waitFor(() => expect(messages).toEqual([{ kind: 'lost' }]), WAIT);
    await Promise.all([poor.close(), other.close()]);
  });

  it('pass over what somebody else notifies', async () => {
    const url = (await postgres?.fresh()) ?? '';
    const bus = await opened(url);
    const messages = heard(bus);
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const text of [
      '',
      'no json',
      '[]',
      '{"topic":"nothing","payload":{}}',
      '{"topic":"policies","payload":{"a":{}}}',
    ])
      await client.query('SELECT pg_notify($1, $2)', ['picket', text]);
    await client.end();
    await bus.publish('policies', { domain: 'plant.example', revision: 1 });
    await vi.waitFor(() => expect(messages).toEqual([told(1)]), WAIT);
    await bus.close();
  });

  it('cannot begin where there is no database', async () => {
    await expect(opened('postgres://picket@localhost/none?host=%2Fnowhere')).rejects.toThrow();
  });
});
