// Tables of the topic agents: which report of each was kept last.

import type { Migration } from '../db.ts';

export const reportsMigration: Migration = {
  name: '0051-reports',
  async up(db) {
    await db.schema
      .createTable('agent_reports')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('boot', 'text', (column) => column.notNull())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('agent_reports_key', ['domain', 'agent'])
      .execute();
  },
};
