// Tables of the topic acts: the outbox of the ledger, and the list of acts that can be searched.

import type { Migration } from '../db.ts';

export const actsMigration: Migration = {
  name: '0080-acts',
  async up(db) {
    await db.schema
      .createTable('acts')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('chain', 'text', (column) => column.notNull())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('actor_kind', 'text', (column) => column.notNull())
      .addColumn('actor_id', 'text', (column) => column.notNull())
      .addColumn('actor_name', 'text', (column) => column.notNull())
      .addColumn('detail', 'text')
      .addColumn('sequence', 'bigint')
      .addColumn('hash', 'text')
      .execute();
    await db.schema.createIndex('acts_waiting').on('acts').columns(['chain', 'sequence', 'position']).execute();
    await db.schema.createIndex('acts_listed').on('acts').columns(['domain', 'at', 'id']).execute();
  },
};
