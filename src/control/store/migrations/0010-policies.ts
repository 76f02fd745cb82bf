// Tables of the topic policies.

import type { Migration } from '../db.ts';

export const policiesMigration: Migration = {
  name: '0010-policies',
  async up(db) {
    await db.schema
      .createTable('policies')
      .addColumn('domain', 'text', (column) => column.primaryKey())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('confirmed', 'bigint', (column) => column.notNull())
      .addColumn('pending', 'bigint')
      .addColumn('deadline', 'bigint')
      .execute();
    await db.schema.createIndex('policies_deadline').on('policies').column('deadline').execute();
    await db.schema
      .createTable('policy_revisions')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('author_id', 'text', (column) => column.notNull())
      .addColumn('author_name', 'text', (column) => column.notNull())
      .addColumn('why', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('restores', 'bigint')
      .addColumn('session', 'text')
      .addColumn('session_at', 'bigint')
      .addColumn('needs_second', 'integer', (column) => column.notNull())
      .addColumn('ended_by', 'text')
      .addColumn('ended_at', 'bigint')
      .addPrimaryKeyConstraint('policy_revisions_key', ['domain', 'revision'])
      .execute();
  },
};
