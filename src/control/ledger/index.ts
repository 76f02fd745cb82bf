// Door of the ledger: an append-only file of who changed what, chained by hashes, signed now and then, beside the database.
// In: acts of people and of the system, a folder, a signer. Out: records that are on the disk when the promise resolves, reading, verification, export.
// Never: a record changed, removed or repaired; a second writer; a secret in a record; an answer before the disk has it.

export { checkpointText, parseCheckpoint } from './checkpoint.ts';
export { csvHead, csvLine } from './csv.ts';
export { canonicalJson, type Json, jsonOf } from './json.ts';
export type { Ledger } from './ledger.ts';
export { recordLine } from './line.ts';
export { newestCheckpoint } from './newest.ts';
export { type LedgerOptions, openLedger } from './open.ts';
export { ledgerCodes, ledgerPage } from './pages.ts';
export { type LatestOptions, latestRecords, type ReadOptions, readRecords, recordsIn } from './read.ts';
export { type Note, Recorder, type RecorderOptions } from './recorder.ts';
export { chainBytes } from './segments.ts';
export { type CheckpointSigner, keyName, type LedgerKey, ledgerKey, signerOf } from './signer.ts';
export { LedgerError } from './trouble.ts';
export type * from './types.ts';
export { type ChainOptions, type Verified, type VerifyOptions, verifyChain, verifyLedger } from './verify.ts';
