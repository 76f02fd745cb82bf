// Handlers of the ledger. Lists come from the store, where they can be searched; proof and export from the ledger's own files.

import {
  type Checkpoint,
  chainBytes,
  csvHead,
  csvLine,
  type Json,
  jsonOf,
  type Ledger,
  type LedgerRecord,
  recordLine,
  type Verified,
  verifyLedger,
} from '#ledger';
import { type AreaHandlers, type ledgerRoutes, Refusal, timeOf } from '#routes';
import { type ActRow, acts, type Store } from '#store';
import { readCursor, writeCursor } from './cursor.ts';
import { badCursor } from './policies.ts';

export interface LedgerParts {
  readonly store: Store;
  readonly ledger: Ledger;
}

/** Acts of the controller itself have no domain. */
const CONTROLLER_DOMAIN = '';
/** Bytes that are gathered before they go out. */
const PIECE_BYTES = 64 * 1_024;

interface Asked {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
}

export function ledgerHandlers(parts: LedgerParts): AreaHandlers<typeof ledgerRoutes> {
  const { ledger } = parts;
  // One pass at a time: those who ask meanwhile get its answer, unless they bring a checkpoint of their own.
  let verifying: Promise<Verified> | null = null;
  const verifyOnce = (): Promise<Verified> => {
    verifying ??= verifyLedger({ path: ledger.folder, keys: null, kept: null }).finally(() => {
      verifying = null;
    });
    return verifying;
  };
  return {
    list: async ({ params, query }) => ({ value: await listed(parts, params.domain, query) }),
    controllerList: async ({ query }) => ({ value: await listed(parts, CONTROLLER_DOMAIN, query) }),
    export: async ({ params, query: { format, from, to } }) => ({
      value: {
        mediaType: format === 'csv' ? 'text/csv' : 'application/x-ndjson',
        name: format === 'csv' ? 'ledger.csv' : 'ledger.jsonl',
        content: pieces(exported(ledger, { domain: params.domain, from: millisOf(from), to: millisOf(to) }), format),
      },
    }),
    chain: async () => ({
      value: { mediaType: 'application/x-ndjson', name: 'ledger-chain.jsonl', content: chainBytes(ledger.folder) },
    }),
    verify: async ({ body }) => {
      const { checkpoint } = body;
      return {
        value: verificationOf(checkpoint === null ? await verifyOnce() : await held(verifyOnce, parts, checkpoint)),
      };
    },
    checkpoint: async () => {
      const newest = ledger.newestCheckpoint;
      if (newest !== null) return { value: newest };
      throw new Refusal({
        code: 'PICKET-C215',
        message: 'there is no checkpoint yet',
        help: 'ask again in some seconds',
      });
    },
  };
}

/** With a checkpoint of the asker's own: after the pass that may be under way. */
async function held(verifyOnce: () => Promise<Verified>, { ledger }: LedgerParts, kept: Checkpoint): Promise<Verified> {
  await verifyOnce();
  return verifyLedger({ path: ledger.folder, keys: null, kept });
}

async function listed({ store }: LedgerParts, domain: string, query: Asked) {
  const { limit, cursor, from, to, actor = null, action = null, subject = null } = query;
  const rows = await acts(store.db, domain, {
    limit: limit + 1,
    after: afterOf(readCursor(cursor)),
    from: millisOf(from),
    to: millisOf(to),
    actor,
    action,
    subject,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return { items: page.map(viewOf), next: isMore ? writeCursor(`${last.at} ${last.id}`) : null };
}

function afterOf(text: string | null): { readonly at: number; readonly id: string } | null {
  if (text === null) return null;
  const [, at, id] = /^(\d{1,16}) (\S{1,128})$/.exec(text) ?? [];
  if (at === undefined || id === undefined) throw badCursor();
  return { at: Number(at), id };
}

function millisOf(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text);
}

function viewOf(row: ActRow) {
  const { id, at, chain, sequence, hash, action, subject } = row;
  return {
    id,
    at: timeOf(at),
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    action,
    subject,
    detail: detailOf(row.detail),
    record: sequence === null || hash === null ? null : { chain, sequence, hash },
  };
}

function detailOf(text: string | null): Json {
  return text === null ? null : (jsonOf(text) ?? null);
}

interface ExportQuery {
  readonly domain: string;
  readonly from: number | null;
  readonly to: number | null;
}

async function* exported(ledger: Ledger, { domain, from, to }: ExportQuery): AsyncGenerator<LedgerRecord> {
  for await (const record of ledger.read()) {
    const isInTime = record.at >= (from ?? 0) && record.at < (to ?? Number.POSITIVE_INFINITY);
    if (record.act.domain === domain && isInTime) yield record;
  }
}

async function* pieces(records: AsyncIterable<LedgerRecord>, format: 'json' | 'csv'): AsyncGenerator<Uint8Array> {
  let text = format === 'csv' ? csvHead() : '';
  for await (const record of records) {
    text += format === 'csv' ? csvLine(record) : recordLine(record);
    if (text.length < PIECE_BYTES) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

function verificationOf({ wrong, chain, records, last, checkpoints, unsigned, keys }: Verified) {
  return { isSound: wrong === null, wrong, chain, records, last, checkpoints, unsigned, keys: [...keys] };
}
