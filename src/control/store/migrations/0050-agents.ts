// Tables of the topic agents: one row an agent.

import type { Migration } from '../db.ts';

export const agentsMigration: Migration = {
  name: '0050-agents',
  async up(db) {
    await db.schema
      .createTable('agents')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('controller', 'text')
      .addColumn('connected_at', 'bigint', (column) => column.notNull())
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .addColumn('program', 'text', (column) => column.notNull())
      .addColumn('in_force', 'bigint', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('problem_code', 'text')
      .addColumn('problem_message', 'text')
      .addColumn('detail', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('agents_key', ['domain', 'agent'])
      .execute();
  },
};
