// Tables of the topic authority.

import type { Db, Migration } from '../db.ts';

export const authorityMigration: Migration = {
  name: '0030-authority',
  async up(db) {
    await keys(db);
    await enrolment(db);
    await certificates(db);
  },
};

async function keys(db: Db): Promise<void> {
  await db.schema
    .createTable('authorities')
    .addColumn('domain', 'text', (column) => column.primaryKey())
    .addColumn('bundle_sequence', 'bigint', (column) => column.notNull())
    .addColumn('revocation_sequence', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('authority_keys')
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('spki', 'text', (column) => column.notNull())
    .addColumn('certificate', 'text')
    .addColumn('sealed', 'text')
    .addColumn('signed_by', 'text')
    .addColumn('endorsement', 'text')
    .addColumn('not_after', 'bigint')
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('since_sequence', 'bigint', (column) => column.notNull())
    .addColumn('used_until', 'bigint')
    .addPrimaryKeyConstraint('authority_keys_key', ['domain', 'id'])
    .execute();
}

async function enrolment(db: Db): Promise<void> {
  await db.schema
    .createTable('enrolment_tokens')
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('is_prefix', 'integer', (column) => column.notNull())
    .addColumn('made_by', 'text', (column) => column.notNull())
    .addColumn('made_by_name', 'text', (column) => column.notNull())
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('used_by', 'text')
    .addColumn('revoked_at', 'bigint')
    .addPrimaryKeyConstraint('enrolment_tokens_key', ['domain', 'id'])
    .execute();
  await db.schema
    .createTable('identities')
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('enrolled_at', 'bigint', (column) => column.notNull())
    .addColumn('enrolled_with', 'text', (column) => column.notNull())
    .addColumn('renewal_key', 'text')
    .addColumn('serial', 'text', (column) => column.notNull())
    .addColumn('not_after', 'bigint', (column) => column.notNull())
    .addColumn('renewed_at', 'bigint', (column) => column.notNull())
    .addColumn('bundle_sequence', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addPrimaryKeyConstraint('identities_key', ['domain', 'id'])
    .execute();
}

async function certificates(db: Db): Promise<void> {
  await db.schema
    .createTable('leaves')
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('serial', 'text', (column) => column.notNull())
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('issuer_key', 'text', (column) => column.notNull())
    .addColumn('not_before', 'bigint', (column) => column.notNull())
    .addColumn('not_after', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('leaves_key', ['domain', 'serial'])
    .execute();
  await db.schema.createIndex('leaves_identity').on('leaves').columns(['domain', 'identity', 'not_after']).execute();
  await db.schema.createIndex('leaves_end').on('leaves').column('not_after').execute();
  await db.schema
    .createTable('revocations')
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addColumn('by_id', 'text', (column) => column.notNull())
    .addColumn('by_name', 'text', (column) => column.notNull())
    .addColumn('why', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('revocations_key', ['domain', 'kind', 'value'])
    .execute();
  await db.schema
    .createTable('gate_names')
    .addColumn('pseudonym', 'text', (column) => column.primaryKey())
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('gate_names_end').on('gate_names').column('expires_at').execute();
}
