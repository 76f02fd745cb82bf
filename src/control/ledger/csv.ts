// Records as CSV (RFC 4180) that a spreadsheet cannot be tricked by. Not the proof: that is the ledger's own form.

import { canonicalJson } from './json.ts';
import type { LedgerRecord } from './types.ts';

const COLUMNS = [
  'sequence',
  'at',
  'actor_kind',
  'actor_id',
  'actor_name',
  'action',
  'subject',
  'domain',
  'detail',
  'id',
  'chain',
  'previous',
  'hash',
] as const;

export function csvHead(): string {
  return `${COLUMNS.join(',')}\r\n`;
}

export function csvLine(record: LedgerRecord): string {
  const { actor, act } = record;
  const cells = [
    String(record.sequence),
    new Date(record.at).toISOString(),
    actor.kind,
    actor.id,
    actor.name,
    act.action,
    act.subject,
    act.domain,
    act.detail === null ? '' : canonicalJson(act.detail),
    record.id,
    record.chain,
    record.previous,
    record.hash,
  ];
  return `${cells.map(cell).join(',')}\r\n`;
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
