// The ledger's handlers on a real store and ledger: one domain sees its own acts and no other's, and the proof is that of the file.

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ledger, openLedger, Recorder, signerOf } from '#ledger';
import { NOBODY, routes } from '#routes';
import { openStore, type Store } from '#store';
import { ledgerHandlers } from './ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'picket-api-ledger-'));
const path = join(folder, 'ledger');
let store: Store;
let ledger: Ledger;
let recorder: Recorder;

beforeAll(async () => {
  let time = 1_790_000_000_000;
  let ids = 0;
  const now = (): number => time++;
  const newId = (): string => `id-${ids++}`;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  store = await openStore({ file: join(folder, 'picket.db'), url: null });
  ledger = await openLedger({ folder: path, now, newId, signer: signerOf(privateKey) });
  recorder = await Recorder.open({ store, ledger, now, newId });
  for (let number = 0; number < 5; number++)
    for (const domain of ['plant.example', 'other.example', ''])
      await recorder.record({ kind: 'person', id: 'u1', name: '=ada,"' }, [
        {
          action: number % 2 === 0 ? 'policy.apply' : 'users.invite',
          subject: `${number}`,
          domain,
          detail: { number },
        },
      ]);
  await recorder.close();
  await ledger.checkpoint();
});
afterAll(async () => {
  await ledger.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const params = { domain: 'plant.example' };
const facts = {
  authorization: null,
  cookie: null,
  origin: null,
  userAgent: null,
  peerAddress: '127.0.0.1',
  certificate: null,
};
const base = {
  facts,
  actor: NOBODY,
  ifMatch: '',
  lastEventId: null,
  trace: 't',
  signal: new AbortController().signal,
};

async function textOf(content: unknown): Promise<string> {
  let text = '';
  if (typeof content === 'object' && content !== null && Symbol.asyncIterator in content)
    for await (const piece of asPieces(content)) text += Buffer.from(piece).toString();
  return text;
}

function asPieces(content: object): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => Reflect.get(content, Symbol.asyncIterator).call(content) };
}

describe('the ledger over the API', () => {
  it('lists one domain, newest first, a page at a time, as the route says', async () => {
    const handlers = ledgerHandlers({ store, ledger });
    const ask = (query: object) => handlers.list({ ...base, params, query: { limit: 2, ...query }, body: undefined });
    const first = (await ask({})).value;
    expect(routes.ledger.list.answer.schema.safeParse(first).success).toBe(true);
    expect(first.items.map(({ subject }) => subject)).toEqual(['4', '3']);
    expect(first.items[0]?.record?.chain).toBe(ledger.head?.chain);
    const second = (await ask({ cursor: first.next ?? '' })).value;
    expect(second.items.map(({ subject }) => subject)).toEqual(['2', '1']);
    expect((await ask({ limit: 9, action: 'policy' })).value.items).toHaveLength(3);
    expect((await ask({ limit: 9, actor: 'nobody' })).value).toEqual({ items: [], next: null });
    await expect(ask({ cursor: 'bm8' })).rejects.toMatchObject({ code: 'PICKET-C422' });
  });

  it('lists what was done to the controller itself apart', async () => {
    const handlers = ledgerHandlers({ store, ledger });
    const { value } = await handlers.controllerList({ ...base, params: {}, query: { limit: 9 }, body: undefined });
    expect(value.items).toHaveLength(5);
  });

  it('exports the records of one domain, each with its own hash, and a CSV that no spreadsheet runs', async () => {
    const handlers = ledgerHandlers({ store, ledger });
    const ask = (format: 'json' | 'csv') => handlers.export({ ...base, params, query: { format }, body: undefined });
    const text = await textOf((await ask('json')).value.content);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ record }) => record.act.domain)).toEqual(Array.from({ length: 5 }, () => 'plant.example'));
    const csv = await textOf((await ask('csv')).value.content);
    expect(csv).toContain(`,"'=ada,""",policy.apply,0,plant.example,`);
  });

  it('gives the whole chain as its files have it, for whoever verifies it elsewhere', async () => {
    const handlers = ledgerHandlers({ store, ledger });
    const { content } = (await handlers.chain({ ...base, params: {}, query: {}, body: undefined })).value;
    expect(await textOf(content)).toBe(readFileSync(join(path, '000000000001.jsonl'), 'utf8'));
  });

  it('verifies the chain, also against a checkpoint that was kept, and says what is wrong', async () => {
    const handlers = ledgerHandlers({ store, ledger });
    const kept = (await handlers.checkpoint({ ...base, params: {}, query: {}, body: undefined })).value;
    const ask = (checkpoint: typeof kept | null) =>
      handlers.verify({ ...base, params: {}, query: {}, body: { checkpoint } });
    expect((await ask(null)).value).toMatchObject({ isSound: true, records: 16, unsigned: 0 });
    expect((await ask(kept)).value).toMatchObject({ isSound: true });
    expect((await ask({ ...kept, hash: '0'.repeat(64) })).value).toMatchObject({ isSound: false });
    writeFileSync(join(path, '000000000001.jsonl'), 'x', { flag: 'a' });
    writeFileSync(join(path, '000000000001.jsonl'), '\n', { flag: 'a' });
    expect((await ask(null)).value).toMatchObject({ isSound: false, wrong: { line: 17 } });
  });
});
