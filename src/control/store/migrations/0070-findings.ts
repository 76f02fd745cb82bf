// Tables of the topic findings: findings, mutes, quarantines.

import type { Migration } from '../db.ts';

export const findingsMigration: Migration = {
  name: '0070-findings',
  async up(db) {
    await db.schema
      .createTable('findings')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('address', 'text', (column) => column.notNull())
      .addColumn('element', 'text')
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('evidence', 'text', (column) => column.notNull())
      .addColumn('severity', 'text', (column) => column.notNull())
      .addColumn('action', 'text')
      .addColumn('count', 'bigint', (column) => column.notNull())
      .addColumn('first_seen', 'bigint', (column) => column.notNull())
      .addColumn('last_seen', 'bigint', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('acked_by', 'text')
      .addColumn('acked_at', 'bigint')
      .addPrimaryKeyConstraint('findings_key', ['domain', 'id'])
      .execute();
    await db.schema.createIndex('findings_last_seen').on('findings').columns(['domain', 'last_seen']).execute();
    await db.schema
      .createTable('mutes')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('address', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('until', 'bigint', (column) => column.notNull())
      .addColumn('why', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('mutes_key', ['domain', 'id'])
      .execute();
    await db.schema
      .createTable('quarantines')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('element', 'text', (column) => column.notNull())
      .addColumn('since', 'bigint', (column) => column.notNull())
      .addColumn('until', 'bigint')
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('quarantines_key', ['domain', 'element'])
      .execute();
    await db.schema.createIndex('quarantines_until').on('quarantines').column('until').execute();
    await db.schema
      .createTable('quarantine_lists')
      .addColumn('domain', 'text', (column) => column.primaryKey())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .execute();
  },
};
