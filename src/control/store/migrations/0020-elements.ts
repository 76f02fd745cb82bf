// Tables of the topic elements.

import type { Migration } from '../db.ts';

export const elementsMigration: Migration = {
  name: '0020-elements',
  async up(db) {
    await db.schema
      .createTable('elements_seen')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('element', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('first_seen', 'bigint', (column) => column.notNull())
      .addColumn('last_seen', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('elements_seen_key', ['domain', 'element', 'agent'])
      .execute();
    await db.schema
      .createTable('newcomers')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('mac', 'text')
      .addColumn('addresses', 'text', (column) => column.notNull())
      .addColumn('names', 'text', (column) => column.notNull())
      .addColumn('interface', 'text')
      .addColumn('proposed_name', 'text', (column) => column.notNull())
      .addColumn('first_seen', 'bigint', (column) => column.notNull())
      .addColumn('last_seen', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('newcomers_key', ['domain', 'id'])
      .execute();
    await db.schema
      .createTable('proposals')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('section', 'text', (column) => column.notNull())
      .addColumn('entry', 'text', (column) => column.notNull())
      .addColumn('json', 'text', (column) => column.notNull())
      .addColumn('evidence', 'text', (column) => column.notNull())
      .addColumn('first_seen', 'bigint', (column) => column.notNull())
      .addColumn('last_seen', 'bigint', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('decided_by', 'text')
      .addColumn('decided_at', 'bigint')
      .addPrimaryKeyConstraint('proposals_key', ['domain', 'id'])
      .execute();
  },
};
