// Topic flows, as plans ask it: who began how often to use what, summed over days. Not the roll-ups themselves: flows.ts, flow-pages.ts.

import type { Db } from './db.ts';
import { HOUR, OTHERS } from './flows.ts';

export interface ConversationSum {
  readonly fromElement: string | null;
  readonly fromAddress: string;
  readonly toElement: string | null;
  readonly toAddress: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly openings: number;
  readonly lastMs: number;
  /** Bytes in the hours with most of them, as one agent told them. */
  readonly busiestHour: { readonly sent: number; readonly received: number; readonly both: number };
}

export interface ConversationSums {
  readonly rows: readonly ConversationSum[];
  /** True where there are more, or older hours were not looked at. */
  readonly isCut: boolean;
}

/** Hourly rows that one question adds up: some tenths of a second. The newest count. */
const LOOKED_AT_MAX = 200_000;

/** The busiest first. The remainders of full buckets name nobody and are left out. */
export async function conversationSums(
  db: Db,
  domain: string,
  { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
): Promise<ConversationSums> {
  const newest = db
    .selectFrom('flow_rollups')
    .selectAll()
    .where('domain', '=', domain)
    .where('span', '=', HOUR)
    .where('bucket', '>=', sinceMs)
    .orderBy('bucket', 'desc')
    .limit(LOOKED_AT_MAX)
    .as('newest');
  const columns = [
    'from_end',
    'from_address',
    'from_known',
    'to_end',
    'to_address',
    'to_known',
    'protocol',
    'port',
  ] as const;
  const rows = await db
    .selectFrom(newest)
    .select(columns)
    .select((of) => [
      of.fn.sum<number>('openings').as('openings'),
      of.fn.max('last_seen').as('last'),
      of.fn.max('bytes_sent').as('sent'),
      of.fn.max('bytes_received').as('received'),
      of.fn.max(of('bytes_sent', '+', of.ref('bytes_received'))).as('both'),
      of.fn.countAll().as('count'),
    ])
    .where('from_end', '!=', OTHERS)
    .groupBy(columns)
    .orderBy('openings', 'desc')
    .limit(limit + 1)
    .execute();
  const lookedAt = rows.reduce((sum, { count }) => sum + Number(count), 0);
  return {
    rows: rows.slice(0, limit).map((row) => ({
      fromElement: row.from_known === 1 ? row.from_end : null,
      fromAddress: row.from_address,
      toElement: row.to_known === 1 ? row.to_end : null,
      toAddress: row.to_address,
      protocol: row.protocol,
      port: row.port,
      openings: Number(row.openings),
      lastMs: Number(row.last),
      busiestHour: { sent: Number(row.sent), received: Number(row.received), both: Number(row.both) },
    })),
    isCut: rows.length > limit || lookedAt >= LOOKED_AT_MAX,
  };
}

/** How often recorded conversations used one rule. */
export interface RuleUse {
  readonly openings: number;
  readonly denials: number;
  readonly lastMs: number;
}

/** By rule, of the same hours and with the same bound. */
export async function ruleUses(db: Db, domain: string, sinceMs: number): Promise<ReadonlyMap<string, RuleUse>> {
  const newest = db
    .selectFrom('flow_rollups')
    .select(['rule', 'reason', 'openings', 'last_seen'])
    .where('domain', '=', domain)
    .where('span', '=', HOUR)
    .where('bucket', '>=', sinceMs)
    .orderBy('bucket', 'desc')
    .limit(LOOKED_AT_MAX)
    .as('newest');
  const rows = await db
    .selectFrom(newest)
    .select(['rule', 'reason'])
    .select((of) => [of.fn.sum<number>('openings').as('openings'), of.fn.max('last_seen').as('last')])
    .where('rule', 'is not', null)
    .groupBy(['rule', 'reason'])
    .execute();
  const uses = new Map<string, RuleUse>();
  for (const { rule, reason, openings, last } of rows) {
    if (rule === null) continue;
    const before = uses.get(rule) ?? { openings: 0, denials: 0, lastMs: 0 };
    const count = Number(openings);
    uses.set(rule, {
      openings: before.openings + (reason === null ? count : 0),
      denials: before.denials + (reason === null ? 0 : count),
      lastMs: Math.max(before.lastMs, Number(last)),
    });
  }
  return uses;
}
