// Taking away roll-ups that are too old, in pieces that hold nobody up. Not when that is done.

import type { Db } from './db.ts';
import { HOUR, MINUTE } from './flows.ts';

export interface Kept {
  readonly minutesMs: number;
  readonly hoursMs: number;
}

/** A week of minutes, a year and a month of hours: last year's same month can be compared. */
export const KEPT: Kept = { minutesMs: 7 * 86_400_000, hoursMs: 396 * 86_400_000 };

/** Rows of one piece: some tens of milliseconds. One bucket of one agent is never split and may be more, by its own bound. */
const PIECE_ROWS = 5_000;
const PIECE_BUCKETS = 500;

/**
 * Takes the oldest piece away, in one transaction of the caller. True where more waits: call again, after others had their turn.
 * Several controllers may do it at once; each bucket is taken once.
 */
export async function forgetOldTraffic(db: Db, now: number, { minutesMs, hoursMs }: Kept = KEPT): Promise<boolean> {
  let isMore = false;
  for (const [span, keptMs] of [[MINUTE, minutesMs] as const, [HOUR, hoursMs] as const]) {
    const old = await db
      .selectFrom('rollup_buckets')
      .selectAll()
      .where('span', '=', span)
      .where('bucket', '<', now - keptMs)
      .orderBy('bucket')
      .limit(PIECE_BUCKETS)
      .execute();
    let rows = 0;
    for (const { domain, bucket, agent, rows: own } of old) {
      if (rows > PIECE_ROWS) break;
      for (const table of ['flow_rollups', 'verdict_rollups', 'rollup_buckets'] as const)
        await db
          .deleteFrom(table)
          .where('domain', '=', domain)
          .where('span', '=', span)
          .where('bucket', '=', bucket)
          .where('agent', '=', agent)
          .execute();
      rows += own + 1;
    }
    isMore ||= rows > PIECE_ROWS || old.length === PIECE_BUCKETS;
  }
  return isMore;
}
