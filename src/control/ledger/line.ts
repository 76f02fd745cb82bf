// A record as one line of text, and back. Pure: bytes in, record or the reason why it is none out.

import { createHash } from 'node:crypto';
import { canonicalJson, type Json, jsonOf } from './json.ts';
import type { Entry, Head, LedgerRecord } from './types.ts';

/** A line holds one act with its detail; what is longer is refused before it is written. */
export const LINE_BYTES_MAX = 64 * 1_024;

/** Says what is hashed, so that no other text of the product can have the hash of a record. */
const RECORD_DOMAIN = 'picket ledger record 1\n';
const CHAIN_DOMAIN = 'picket ledger chain 1\n';

/** The last millisecond that a calendar of this language knows. */
const INSTANT_MAX = 8.64e15;

const HASH_DIGITS = 64;
const OPEN = Buffer.from('{"hash":"');
const MIDDLE = Buffer.from('","record":');
const BODY_AT = OPEN.length + HASH_DIGITS + MIDDLE.length;
const CLOSE = 0x7d;
const HASH = /^[0-9a-f]{64}$/;

export function hashOf(domain: string, bytes: Uint8Array | string): string {
  return createHash('sha256').update(domain).update(bytes).digest('hex');
}

/** The head of a chain that has no record yet. */
export function emptyHead(chain: string): Head {
  return { chain, sequence: 0, hash: hashOf(CHAIN_DOMAIN, chain) };
}

export interface Lined {
  readonly record: LedgerRecord;
  /** With its line end. */
  readonly line: string;
}

/** The line that follows a head. Throws a `TypeError` where the act's detail is no plain data. */
export function nextLine(head: Head, entry: Entry): Lined {
  const { id, at, act } = entry;
  const { kind, id: actorId, name } = entry.actor;
  const actor = { kind, id: actorId, name };
  const fullAct = { action: act.action, subject: act.subject, domain: act.domain, detail: act.detail ?? null };
  const body = { sequence: head.sequence + 1, at, chain: head.chain, id, actor, act: fullAct, previous: head.hash };
  const text = canonicalJson(body);
  const hash = hashOf(RECORD_DOMAIN, text);
  return { record: { ...body, hash }, line: framed(hash, text) };
}

/** The line of a record, byte for byte as it stands in the ledger. */
export function recordLine({ hash, ...body }: LedgerRecord): string {
  return framed(hash, canonicalJson({ ...body, actor: { ...body.actor }, act: { ...body.act } }));
}

function framed(hash: string, text: string): string {
  return `{"hash":"${hash}","record":${text}}\n`;
}

/** The record of a line (without its line end) that has to follow a head, or why it does not. */
export function readLine(line: Uint8Array, head: Head): LedgerRecord | string {
  const record = parseLine(line);
  if (typeof record === 'string') return record;
  if (record.chain !== head.chain) return `it is of another chain (${quoted(record.chain)}, not ${quoted(head.chain)})`;
  const wanted = head.sequence + 1;
  if (record.sequence !== wanted) return `its number is ${record.sequence}, and ${wanted} has to come here`;
  if (record.previous !== head.hash) return 'it does not follow the record before it: their hashes differ';
  return record;
}

/** The first record of a chain, which names the chain itself. */
export function firstRecord(line: Uint8Array): LedgerRecord | string {
  const record = parseLine(line);
  return typeof record === 'string' ? record : readLine(line, emptyHead(record.chain));
}

/** The record of a line by itself: form and own hash, nothing about its neighbours. */
export function parseLine(line: Uint8Array): LedgerRecord | string {
  if (line.length > LINE_BYTES_MAX) return `it has ${line.length} bytes, at most ${LINE_BYTES_MAX} are written`;
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.length);
  const hash = bytes.toString('latin1', OPEN.length, OPEN.length + HASH_DIGITS);
  const isFramed =
    bytes.length > BODY_AT + 1 &&
    bytes.subarray(0, OPEN.length).equals(OPEN) &&
    HASH.test(hash) &&
    bytes.subarray(OPEN.length + HASH_DIGITS, BODY_AT).equals(MIDDLE) &&
    bytes[bytes.length - 1] === CLOSE;
  if (!isFramed) return 'it has not the form of a record';
  const body = bytes.subarray(BODY_AT, bytes.length - 1);
  if (hashOf(RECORD_DOMAIN, body) !== hash) return 'its hash is not that of its text: one of them was changed';
  const record = recordOf(jsonOf(body.toString('utf8')), hash);
  return record ?? 'its hash is right, but its fields are not those of a record';
}

function recordOf(body: unknown, hash: string): LedgerRecord | null {
  if (!isObject(body)) return null;
  const { sequence, at, chain, id, actor, act, previous } = body;
  if (!isCount(sequence) || !isCount(at) || at > INSTANT_MAX || !isText(chain) || !isText(id) || !isText(previous))
    return null;
  if (!isObject(actor) || !isText(actor.kind) || !isText(actor.id) || !isText(actor.name)) return null;
  if (!isObject(act) || !isText(act.action) || !isText(act.subject) || !isText(act.domain)) return null;
  if (!isJson(act.detail)) return null;
  return {
    sequence,
    at,
    chain,
    id,
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    act: { action: act.action, subject: act.subject, domain: act.domain, detail: act.detail },
    previous,
    hash,
  };
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Holds for all that `JSON.parse` gives; `undefined` stands for a field that is not there. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
