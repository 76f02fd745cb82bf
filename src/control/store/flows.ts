// Topic flows: what agents tell of conversations and verdicts, summed per minute and per hour within the transaction of their report. Not its reading.

import { createHash } from 'node:crypto';
import { REASONS } from '#model';
import type { Db } from './db.ts';
import type { FlowKeyColumns, FlowRollUpRow, Span, VerdictRollUpRow } from './rows/flows.ts';
import { upsert } from './upsert.ts';

export const MINUTE: Span = 60;
export const HOUR: Span = 3_600;
const SPANS: readonly Span[] = [MINUTE, HOUR];

/**
 * Roll-ups of one agent in one bucket. A scan makes a new peer with each packet: beyond these the rest of a bucket is summed
 * under `OTHERS`, one row a reason, and counted. A busy gateway has some hundreds a minute.
 */
export const ROLLUPS_MAX: Readonly<Record<Span, number>> = { 60: 2_000, 3600: 10_000 };

/** Stands for the ends of conversations beyond the bound. */
export const OTHERS = '(others)';

/** Reasons that this version does not know are counted together: an agent must not make rows by inventing them. */
export const OTHER_REASON = 'other';

/** Older rows would be taken away at once, newer ones never: an agent's clock is wrong there, and the report's own time counts. */
const PAST_MS_MAX = 8 * 86_400_000;
const FUTURE_MS_MAX = 5 * 60_000;

/** Conversations between the same ends on the same service in one minute, as an agent tells them. */
export interface ToldFlow {
  readonly minuteMs: number;
  readonly fromElement: string | null;
  readonly fromAddress: string;
  readonly toElement: string | null;
  readonly toAddress: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly reason: string | null;
  readonly isEnforced: boolean;
  readonly rule: string | null;
  readonly openings: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface ToldVerdicts {
  readonly by: string;
  readonly reason: string;
  readonly isEnforced: boolean;
  /** Since the report before. */
  readonly count: number;
}

export interface ToldTraffic {
  readonly domain: string;
  readonly agent: string;
  readonly flows: readonly ToldFlow[];
  readonly verdicts: readonly ToldVerdicts[];
  /** When it was told, in epoch milliseconds. */
  readonly atMs: number;
}

/** Adds a report to the minutes and hours it speaks of. Called in the transaction that keeps the report, so that it counts once. */
export async function noteTraffic(db: Db, told: ToldTraffic): Promise<void> {
  const groups = SPANS.flatMap((span) => [...flowGroups(told, span).values()]);
  const verdicts = verdictRows(told);
  if (groups.length === 0 && verdicts.length === 0) return;
  const { domain, agent } = told;
  for (const group of groups) await noteGroup(db, group);
  if (groups.length === 0)
    for (const { span, bucket } of verdicts) await addToBucket(db, { domain, span, bucket, agent, rows: 0 });
  await upsert(db, {
    table: 'verdict_rollups',
    key: ['domain', 'span', 'bucket', 'agent', 'judged_by', 'reason', 'is_enforced'],
    add: ['count'],
    rows: verdicts,
  });
}

/** Rows of one agent in one bucket, by id. */
interface Group {
  readonly domain: string;
  readonly span: Span;
  readonly bucket: number;
  readonly agent: string;
  readonly rows: Map<string, FlowRollUpRow>;
}

function flowGroups({ domain, agent, flows, atMs }: ToldTraffic, span: Span): ReadonlyMap<number, Group> {
  const groups = new Map<number, Group>();
  for (const flow of flows) {
    const bucket = bucketOf(timeWithin(flow.minuteMs, atMs), span);
    const group = groups.get(bucket) ?? { domain, span, bucket, agent, rows: new Map<string, FlowRollUpRow>() };
    groups.set(bucket, group);
    addRow(group.rows, rowOf(group, flow, atMs));
  }
  return groups;
}

export function bucketOf(atMs: number, span: Span): number {
  const length = span * 1_000;
  return Math.floor(atMs / length) * length;
}

function timeWithin(time: number, atMs: number): number {
  return time < atMs - PAST_MS_MAX || time > atMs + FUTURE_MS_MAX ? atMs : time;
}

function rowOf(group: Group, flow: ToldFlow, atMs: number): FlowRollUpRow {
  const { domain, span, bucket, agent } = group;
  const key: FlowKeyColumns = {
    from_end: flow.fromElement ?? flow.fromAddress,
    from_address: flow.fromAddress,
    from_known: flow.fromElement === null ? 0 : 1,
    to_end: flow.toElement ?? flow.toAddress,
    to_address: flow.toAddress,
    to_known: flow.toElement === null ? 0 : 1,
    protocol: flow.protocol,
    port: flow.port,
    reason: knownReason(flow.reason),
    is_enforced: flow.isEnforced ? 1 : 0,
    rule: flow.rule,
  };
  return {
    domain,
    span,
    bucket,
    agent,
    id: idOf(key),
    ...key,
    openings: bounded(flow.openings),
    packets_sent: bounded(flow.packetsSent),
    packets_received: bounded(flow.packetsReceived),
    bytes_sent: bounded(flow.bytesSent),
    bytes_received: bounded(flow.bytesReceived),
    first_seen: timeWithin(flow.firstMs, atMs),
    last_seen: timeWithin(flow.lastMs, atMs),
    folded: 0,
    reports: 1,
  };
}

/** A terabyte a minute in one conversation is no traffic: sums of what is below stay within 64 bits, however many reports an agent sends. */
const COUNT_MAX = 2 ** 40;

function bounded(count: number): number {
  return Math.min(Math.max(0, Math.trunc(count)), COUNT_MAX);
}

function knownReason(reason: string | null): string | null {
  return reason === null ? null : (REASONS.find((one) => one === reason) ?? OTHER_REASON);
}

/** 128 bits: two conversations that share it would need more rows than any disk holds. */
function idOf(key: FlowKeyColumns): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.values(key)))
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}

function addRow(rows: Map<string, FlowRollUpRow>, row: FlowRollUpRow): void {
  const before = rows.get(row.id);
  rows.set(row.id, before === undefined ? row : sumOf(before, row));
}

function sumOf(one: FlowRollUpRow, other: FlowRollUpRow): FlowRollUpRow {
  return {
    ...one,
    openings: one.openings + other.openings,
    packets_sent: one.packets_sent + other.packets_sent,
    packets_received: one.packets_received + other.packets_received,
    bytes_sent: one.bytes_sent + other.bytes_sent,
    bytes_received: one.bytes_received + other.bytes_received,
    first_seen: Math.min(one.first_seen, other.first_seen),
    last_seen: Math.max(one.last_seen, other.last_seen),
    folded: one.folded + other.folded,
  };
}

async function noteGroup(db: Db, group: Group): Promise<void> {
  const { domain, span, bucket, agent } = group;
  const before = await rowsIn(db, group);
  const room = ROLLUPS_MAX[span] - before;
  const rows = group.rows.size <= room ? [...group.rows.values()] : await foldedInto(db, group, room);
  const counts = await upsert(db, {
    table: 'flow_rollups',
    key: ['domain', 'span', 'bucket', 'agent', 'id'],
    add: ['openings', 'packets_sent', 'packets_received', 'bytes_sent', 'bytes_received', 'folded', 'reports'],
    least: ['first_seen'],
    greatest: ['last_seen'],
    returning: 'reports',
    rows,
  });
  const added = counts.filter((count) => count === 1).length;
  if (added > 0 || before === 0) await addToBucket(db, { domain, span, bucket, agent, rows: added });
}

async function rowsIn(db: Db, { domain, span, bucket, agent }: Omit<Group, 'rows'>): Promise<number> {
  const row = await db
    .selectFrom('rollup_buckets')
    .select('rows')
    .where('domain', '=', domain)
    .where('span', '=', span)
    .where('bucket', '=', bucket)
    .where('agent', '=', agent)
    .executeTakeFirst();
  return row?.rows ?? 0;
}

async function addToBucket(db: Db, { rows, ...key }: Omit<Group, 'rows'> & { readonly rows: number }): Promise<void> {
  const table = 'rollup_buckets';
  await upsert(db, { table, key: ['domain', 'span', 'bucket', 'agent'], add: ['rows'], rows: [{ ...key, rows }] });
}

/** What has a row already keeps it, new ones come as far as there is room, the rest becomes a remainder for each reason. */
async function foldedInto(db: Db, group: Group, room: number): Promise<readonly FlowRollUpRow[]> {
  const known = await knownIds(db, group);
  const rows = new Map<string, FlowRollUpRow>();
  let left = Math.max(0, room);
  for (const row of group.rows.values()) {
    if (known.has(row.id)) addRow(rows, row);
    else if (left-- > 0) addRow(rows, row);
    else addRow(rows, remainderOf(row));
  }
  return [...rows.values()];
}

/** At most `ROLLUPS_MAX` and the remainders. */
async function knownIds(db: Db, { domain, span, bucket, agent }: Group): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('flow_rollups')
    .select('id')
    .where('domain', '=', domain)
    .where('span', '=', span)
    .where('bucket', '=', bucket)
    .where('agent', '=', agent)
    .execute();
  return new Set(rows.map(({ id }) => id));
}

function remainderOf(row: FlowRollUpRow): FlowRollUpRow {
  return {
    ...row,
    id: `${OTHERS} ${row.reason ?? ''} ${row.is_enforced}`,
    from_end: OTHERS,
    from_address: '',
    from_known: 0,
    to_end: OTHERS,
    to_address: '',
    to_known: 0,
    protocol: '',
    port: null,
    rule: null,
    folded: 1,
  };
}

function verdictRows({ domain, agent, verdicts, atMs }: ToldTraffic): readonly VerdictRollUpRow[] {
  const rows = new Map<string, VerdictRollUpRow>();
  for (const span of SPANS)
    for (const verdict of verdicts) {
      const judged_by = verdict.by === 'kernel' ? 'kernel' : 'engine';
      const reason = knownReason(verdict.reason) ?? OTHER_REASON;
      const is_enforced = verdict.isEnforced ? 1 : 0;
      const id = `${span} ${judged_by} ${reason} ${is_enforced}`;
      const count = bounded(verdict.count) + (rows.get(id)?.count ?? 0);
      rows.set(id, { domain, span, bucket: bucketOf(atMs, span), agent, judged_by, reason, is_enforced, count });
    }
  return [...rows.values()];
}
