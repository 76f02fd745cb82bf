// Tables of the topic controllers: which of them live.

import type { Migration } from '../db.ts';

export const controllersMigration: Migration = {
  name: '0085-controllers',
  async up(db) {
    await db.schema
      .createTable('controllers')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('addresses', 'text', (column) => column.notNull())
      .addColumn('chain', 'text')
      .addColumn('begun_at', 'bigint', (column) => column.notNull())
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
