// The form of a backup: lines of JSON, gzipped, the same whatever database they came from. First says what is in it, the last one that it is whole. Not the writing.

import { createHash } from 'node:crypto';
import { StoreError } from './trouble.ts';

export const BACKUP_VERSION = 1;

/** Rows and characters of one line: what a reader holds at once is a few of them. */
export const LINE_ROWS_MAX = 500;
export const LINE_CHARS = 1_000_000;
/** A row may hold one long text, as a policy of 4 Mi characters; twice for its quoting. */
export const LINE_CHARS_MAX = 32 * 1_024 * 1_024;
/** Bytes of a file in one line. */
export const PIECE_BYTES = 512 * 1_024;

export type Value = string | number | null;

export interface BackupHead {
  readonly picket: 'backup';
  readonly version: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: 'sqlite' | 'postgres';
  /** Steps by which the tables came to be. */
  readonly migrations: readonly string[];
  readonly tables: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** Folders beside the database that are in it, by name. */
  readonly parts: readonly string[];
}

export interface RowsLine {
  readonly table: string;
  readonly rows: readonly (readonly Value[])[];
}

/** A piece of a file; pieces of one file follow each other. */
export interface PieceLine {
  readonly part: string;
  readonly path: string;
  readonly base64: string;
}

export interface BackupEnd {
  readonly end: true;
  readonly rows: number;
  readonly bytes: number;
  /** Of every line before, with their line breaks. */
  readonly sha256: string;
}

export type BackupLine = BackupHead | RowsLine | PieceLine | BackupEnd;

/** Counts and sums up lines as they are written or read. */
export class BackupSum {
  readonly #hash = createHash('sha256');
  rows = 0;
  bytes = 0;

  add(text: string, line: BackupLine): void {
    this.#hash.update(text).update('\n');
    if ('table' in line) this.rows += line.rows.length;
    if ('part' in line) this.bytes += Buffer.byteLength(line.base64, 'base64');
  }

  end(): BackupEnd {
    return { end: true, rows: this.rows, bytes: this.bytes, sha256: this.#hash.digest('hex') };
  }
}

/** Relative, downwards, plain names: a backup can not write beside the folder it is restored into. */
export function isSafePath(path: string): boolean {
  const names = path.split('/');
  return names.length <= 8 && names.every((name) => /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,199}$/.test(name));
}

export function noBackup(path: string, why: string): StoreError {
  return new StoreError({
    code: 'PICKET-C120',
    message: `cannot read "${path}" as a backup: ${why}; nothing was changed`,
    help: 'name a file that picket backup wrote',
  });
}

export function damagedBackup(path: string, why: string): StoreError {
  return new StoreError({
    code: 'PICKET-C121',
    message: `the backup "${path}" is damaged: ${why}; nothing was changed`,
    help: 'take another copy of it, or an older backup',
  });
}
