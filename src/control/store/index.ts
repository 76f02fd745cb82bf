// Door of the store: the database of the controller, one file a topic.
// In: a file or a URL, rows. Out: rows that were acknowledged only when they are on the disk. Never: a decision; a row of another domain than was asked for.

export * from './acts.ts';
export * from './agents.ts';
export * from './authority.ts';
export { type BackupOptions, type BackupPart, backupBytes, backupTo, keepBackup } from './backup.ts';
export { type BackupSummary, checkBackup } from './backup-read.ts';
export * from './conversations.ts';
export type { Db, Store, Tables } from './db.ts';
export { syncFolder } from './disk.ts';
export * from './domains.ts';
export * from './elements.ts';
export * from './findings.ts';
export * from './flow-age.ts';
export * from './flow-pages.ts';
export * from './flows.ts';
export * from './identities.ts';
export * from './logon.ts';
export * from './measures.ts';
export { openStore, type StoreOptions } from './open.ts';
export { storeCodes, storePage } from './pages.ts';
export * from './people.ts';
export * from './policies.ts';
export * from './proposals.ts';
export { type RestoreOptions, restoreBackup } from './restore.ts';
export * from './revocations.ts';
export type * from './rows/acts.ts';
export type * from './rows/agents.ts';
export type * from './rows/authority.ts';
export type * from './rows/domains.ts';
export type * from './rows/elements.ts';
export type * from './rows/findings.ts';
export type * from './rows/flows.ts';
export type * from './rows/people.ts';
export type * from './rows/policies.ts';
export * from './sessions.ts';
export { type TableShape, tablesOf } from './tables.ts';
export { StoreError } from './trouble.ts';
