// Reading roll-ups: pages of conversations, newest first, and verdicts over time. Every question has a bound on the rows that it looks at. Not their writing.

import type { SelectQueryBuilder } from 'kysely';
import type { Db, Tables } from './db.ts';
import { HOUR } from './flows.ts';
import type { FlowRollUpRow, Span } from './rows/flows.ts';

/** Place of a row in the order of pages; what follows is older. */
export interface FlowPosition {
  readonly bucket: number;
  readonly agent: string;
  readonly id: string;
}

export interface FlowFilter {
  /** Element or address at either end. */
  readonly end?: string;
  readonly from?: string;
  readonly to?: string;
  readonly agent?: string;
  readonly rule?: string;
  readonly reason?: string;
  readonly port?: number;
  readonly protocol?: string;
  /** Only what was denied, or only what was permitted. */
  readonly isDenied?: boolean;
}

export interface FlowAsk extends FlowFilter {
  readonly domain: string;
  readonly span: Span;
  /** Buckets from here on, and before there, in epoch milliseconds. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly before: FlowPosition | null;
  readonly limit: number;
  /** `SCAN_ROWS_MAX` if not stated. */
  readonly scanRows?: number;
}

export interface FlowPage {
  /** Newest first. May be fewer than asked for although more follow: where few rows of many are meant. */
  readonly rows: readonly FlowRollUpRow[];
  /** Where to go on, or null at the end. */
  readonly next: FlowPosition | null;
}

/** Rows that one page looks at when no index finds what is meant: some tenths of a second. */
export const SCAN_ROWS_MAX = 20_000;

/** One page. An end or a denial is found by an index; everything else by looking through a bounded number of rows. */
export async function flowPage(db: Db, ask: FlowAsk): Promise<FlowPage> {
  const pieces = await Promise.all(branchesOf(ask).map((branch) => pieceOf(db, ask, branch)));
  // Behind the nearest place where a branch stopped, what the others found may not be all.
  const stops = pieces.flatMap(({ stop }) => (stop === null ? [] : [stop]));
  const horizon = stops.sort(newestFirst)[0] ?? null;
  const found = pieces.flatMap(({ rows }) => rows).sort(newestFirst);
  const rows = found.filter((row) => horizon === null || newestFirst(row, horizon) <= 0);
  const shown = rows.slice(0, ask.limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > ask.limit && last !== undefined ? positionOf(last) : horizon };
}

/** What an index narrows: conditions that each of the pieces adds. */
interface Branch {
  readonly from: string | null;
  readonly to: string | null;
  /** Left out here because another branch has it. */
  readonly notFrom: string | null;
}

function branchesOf({ end, from, to }: FlowAsk): readonly Branch[] {
  if (end === undefined) return [{ from: from ?? null, to: from === undefined ? (to ?? null) : null, notFrom: null }];
  return [
    { from: end, to: null, notFrom: null },
    { from: null, to: end, notFrom: end },
  ];
}

interface Piece {
  readonly rows: readonly FlowRollUpRow[];
  readonly stop: FlowPosition | null;
}

async function pieceOf(db: Db, ask: FlowAsk, branch: Branch): Promise<Piece> {
  const end = isLookedThrough(ask) ? await endOfScan(db, ask, branch) : null;
  const sinceMs = Math.max(ask.sinceMs, end?.bucket ?? ask.sinceMs);
  let query = meant(ranged(db, { ...ask, sinceMs }, branch).selectAll(), ask);
  if (branch.notFrom !== null) query = query.where('from_end', '!=', branch.notFrom);
  if (end !== null)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('bucket', 'agent', 'id'), '>=', tuple(end.bucket, end.agent, end.id)),
    );
  const rows = await query.limit(ask.limit + 1).execute();
  const lastShown = rows[ask.limit - 1];
  if (rows.length <= ask.limit || lastShown === undefined) return { rows, stop: end };
  return { rows: rows.slice(0, ask.limit), stop: positionOf(lastShown) };
}

/** Whether no index finds what is meant. */
function isLookedThrough({ end, from, to, agent, rule, reason, port, protocol, isDenied }: FlowAsk): boolean {
  const hasTwoEnds = [end, from, to].filter((one) => one !== undefined).length > 1;
  return hasTwoEnds || isDenied === false || [agent, rule, reason, port, protocol].some((one) => one !== undefined);
}

/** The last row that this page looks at; null where it comes to the end before. */
async function endOfScan(db: Db, ask: FlowAsk, branch: Branch): Promise<FlowPosition | null> {
  const looked = ranged(db, ask, branch).select(['bucket', 'agent', 'id']);
  const last = await looked
    .limit(1)
    .offset(Math.max(ask.scanRows ?? SCAN_ROWS_MAX, ask.limit) - 1)
    .executeTakeFirst();
  return last ?? null;
}

type Rows = SelectQueryBuilder<Tables, 'flow_rollups', FlowRollUpRow>;

/** Rows in the order of an index, from where the page begins. */
function ranged(db: Db, ask: FlowAsk, { from, to }: Branch) {
  const { domain, span, sinceMs, before } = ask;
  // One bound on each side: of several, a planner may take the widest to search by and the others only to filter.
  const untilMs = Math.min(ask.untilMs, before === null ? ask.untilMs : before.bucket + 1);
  let query = db
    .selectFrom('flow_rollups')
    .where('domain', '=', domain)
    .where('span', '=', span)
    .where('bucket', '>=', sinceMs)
    .where('bucket', '<', untilMs);
  if (from !== null) query = query.where('from_end', '=', from);
  if (to !== null) query = query.where('to_end', '=', to);
  if (ask.isDenied === true) query = query.where('reason', 'is not', null);
  if (before !== null)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('bucket', 'agent', 'id'), '<', tuple(before.bucket, before.agent, before.id)),
    );
  return query.orderBy('bucket', 'desc').orderBy('agent', 'desc').orderBy('id', 'desc');
}

/** Of the rows that are looked at, those that are meant. */
function meant(rows: Rows, { from, to, agent, rule, reason, port, protocol, isDenied }: FlowAsk): Rows {
  let query = rows;
  if (from !== undefined) query = query.where('from_end', '=', from);
  if (to !== undefined) query = query.where('to_end', '=', to);
  if (agent !== undefined) query = query.where('agent', '=', agent);
  if (rule !== undefined) query = query.where('rule', '=', rule);
  if (reason !== undefined) query = query.where('reason', '=', reason);
  if (port !== undefined) query = query.where('port', '=', port);
  if (protocol !== undefined) query = query.where('protocol', '=', protocol);
  if (isDenied === false) query = query.where('reason', 'is', null);
  return query;
}

export function positionOf({ bucket, agent, id }: FlowPosition): FlowPosition {
  return { bucket, agent, id };
}

/** As the databases order them: texts by their bytes. */
function newestFirst(one: FlowPosition, other: FlowPosition): number {
  if (one.bucket !== other.bucket) return other.bucket - one.bucket;
  if (one.agent !== other.agent) return Buffer.compare(Buffer.from(other.agent), Buffer.from(one.agent));
  return Buffer.compare(Buffer.from(other.id), Buffer.from(one.id));
}

/** Buckets of one answer: a chart has no more points. */
export const CHART_BUCKETS_MAX = 400;

export interface VerdictAsk {
  readonly domain: string;
  readonly span: Span;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly agent?: string;
}

export interface VerdictCount {
  readonly bucket: number;
  readonly judged_by: string;
  readonly reason: string;
  readonly is_enforced: number;
  readonly count: number;
}

/** Counts of denials over time, all agents together unless one is named. Hours where minutes would be more buckets than `CHART_BUCKETS_MAX`; the oldest are left out beyond that. */
export function verdictCounts(
  db: Db,
  { domain, span, sinceMs, untilMs, agent }: VerdictAsk,
): Promise<readonly VerdictCount[]> {
  const fitting = chartSpan({ span, sinceMs, untilMs });
  const first = Math.max(sinceMs, untilMs - CHART_BUCKETS_MAX * fitting * 1_000);
  let query = db
    .selectFrom('verdict_rollups')
    .where('domain', '=', domain)
    .where('span', '=', fitting)
    .where('bucket', '>=', first)
    .where('bucket', '<', untilMs);
  if (agent !== undefined) query = query.where('agent', '=', agent);
  return query
    .select(['bucket', 'judged_by', 'reason', 'is_enforced', ({ fn }) => fn.sum<number>('count').as('count')])
    .groupBy(['bucket', 'judged_by', 'reason', 'is_enforced'])
    .orderBy('bucket')
    .orderBy('judged_by')
    .orderBy('reason')
    .orderBy('is_enforced')
    .execute();
}

/** The span that a chart of that time is drawn in. */
export function chartSpan({ span, sinceMs, untilMs }: Pick<VerdictAsk, 'span' | 'sinceMs' | 'untilMs'>): Span {
  return (untilMs - sinceMs) / (span * 1_000) > CHART_BUCKETS_MAX ? HOUR : span;
}
