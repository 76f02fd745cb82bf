// Tables of the topic flows: roll-ups of conversations and of verdicts.

import { sql } from 'kysely';
import type { Migration } from '../db.ts';

/** In SQLite the rows lie in the tree of their key, so that a page of time is read in one piece. */
const CLUSTERED = sql`WITHOUT ROWID`;
const PLAIN = sql``;

/**
 * Rows of a large site, in all and for each column of an index (https://www.sqlite.org/fileformat2.html#stat1tab). Without them SQLite takes the index of
 * the order for every page, and looks through all rows for those of one end.
 */
const STATISTICS = [
  ['flow_rollups', '10000000 10000000 9000000 20000 1000 1'],
  ['flow_rollups_from', '10000000 10000000 2000 2000 2 1 1'],
  ['flow_rollups_to', '10000000 10000000 20000 20000 10 2 1'],
  ['flow_rollups_denied', '200000 200000 190000 400 20 1'],
] as const;

export const flowsMigration: Migration = {
  name: '0060-flows',
  async up(db, kind) {
    const end = kind === 'sqlite' ? CLUSTERED : PLAIN;
    await db.schema
      .createTable('flow_rollups')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('span', 'integer', (column) => column.notNull())
      .addColumn('bucket', 'bigint', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('from_end', 'text', (column) => column.notNull())
      .addColumn('from_address', 'text', (column) => column.notNull())
      .addColumn('from_known', 'integer', (column) => column.notNull())
      .addColumn('to_end', 'text', (column) => column.notNull())
      .addColumn('to_address', 'text', (column) => column.notNull())
      .addColumn('to_known', 'integer', (column) => column.notNull())
      .addColumn('protocol', 'text', (column) => column.notNull())
      .addColumn('port', 'integer')
      .addColumn('reason', 'text')
      .addColumn('is_enforced', 'integer', (column) => column.notNull())
      .addColumn('rule', 'text')
      .addColumn('openings', 'bigint', (column) => column.notNull())
      .addColumn('packets_sent', 'bigint', (column) => column.notNull())
      .addColumn('packets_received', 'bigint', (column) => column.notNull())
      .addColumn('bytes_sent', 'bigint', (column) => column.notNull())
      .addColumn('bytes_received', 'bigint', (column) => column.notNull())
      .addColumn('first_seen', 'bigint', (column) => column.notNull())
      .addColumn('last_seen', 'bigint', (column) => column.notNull())
      .addColumn('folded', 'bigint', (column) => column.notNull())
      .addColumn('reports', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('flow_rollups_key', ['domain', 'span', 'bucket', 'agent', 'id'])
      .modifyEnd(end)
      .execute();
    await db.schema
      .createIndex('flow_rollups_from')
      .on('flow_rollups')
      .columns(['domain', 'from_end', 'span', 'bucket'])
      .execute();
    await db.schema
      .createIndex('flow_rollups_to')
      .on('flow_rollups')
      .columns(['domain', 'to_end', 'span', 'bucket'])
      .execute();
    await db.schema
      .createIndex('flow_rollups_denied')
      .on('flow_rollups')
      .columns(['domain', 'span', 'bucket', 'agent', 'id'])
      .where(sql.ref('reason'), 'is not', null)
      .execute();
    await db.schema
      .createTable('verdict_rollups')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('span', 'integer', (column) => column.notNull())
      .addColumn('bucket', 'bigint', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('judged_by', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('is_enforced', 'integer', (column) => column.notNull())
      .addColumn('count', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('verdict_rollups_key', [
        'domain',
        'span',
        'bucket',
        'agent',
        'judged_by',
        'reason',
        'is_enforced',
      ])
      .modifyEnd(end)
      .execute();
    await db.schema
      .createTable('rollup_buckets')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('span', 'integer', (column) => column.notNull())
      .addColumn('bucket', 'bigint', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('rows', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('rollup_buckets_key', ['domain', 'span', 'bucket', 'agent'])
      .modifyEnd(end)
      .execute();
    await db.schema.createIndex('rollup_buckets_age').on('rollup_buckets').columns(['span', 'bucket']).execute();
    if (kind !== 'sqlite') return;
    await sql`ANALYZE`.execute(db);
    for (const [index, rows] of STATISTICS)
      await sql`INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('flow_rollups', ${index}, ${rows})`.execute(db);
    await sql`ANALYZE sqlite_schema`.execute(db);
  },
};
