// Tables of the topic domains.

import type { Migration } from '../db.ts';

export const domainsMigration: Migration = {
  name: '0001-domains',
  async up(db) {
    await db.schema
      .createTable('domains')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('made_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('settings')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();
  },
};
