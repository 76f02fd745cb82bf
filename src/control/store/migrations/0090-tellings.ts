// What each agent told of each proposal, apart from the proposal itself: two agents that learn the same tell of one.

import { sql } from 'kysely';
import type { Migration } from '../db.ts';

export const tellingsMigration: Migration = {
  name: '0090-tellings',
  async up(db) {
    await db.schema
      .createTable('proposal_tellings')
      .addColumn('domain', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('section', 'text', (column) => column.notNull())
      .addColumn('entry', 'text', (column) => column.notNull())
      .addColumn('proposal', 'text', (column) => column.notNull())
      .addColumn('evidence', 'text', (column) => column.notNull())
      .addColumn('first_seen', 'bigint', (column) => column.notNull())
      .addColumn('last_seen', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('proposal_tellings_key', ['domain', 'agent', 'section', 'entry'])
      .execute();
    await db.schema
      .createIndex('proposal_tellings_of')
      .on('proposal_tellings')
      .columns(['domain', 'proposal'])
      .execute();
    await sql`INSERT INTO proposal_tellings (domain, agent, section, entry, proposal, evidence, first_seen, last_seen)
      SELECT domain, agent, section, entry, id, evidence, first_seen, last_seen FROM proposals`.execute(db);
    await db.schema.alterTable('proposals').addColumn('revision', 'bigint').execute();
  },
};
