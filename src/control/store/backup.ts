// Makes a backup of a database that goes on being written: one point in time, one file that either kind of database takes back. Not the restoring.

import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { sql } from 'kysely';
import {
  BACKUP_VERSION,
  type BackupHead,
  type BackupLine,
  BackupSum,
  isSafePath,
  LINE_CHARS,
  LINE_ROWS_MAX,
  PIECE_BYTES,
  type Value,
} from './backup-format.ts';
import { type BackupSummary, checkBackup } from './backup-read.ts';
import type { Db, Store } from './db.ts';
import { syncFolder } from './disk.ts';
import { migrationsOf } from './migrations.ts';
import { withSnapshot } from './snapshot.ts';
import { type TableShape, tablesOf } from './tables.ts';
import { diskFull, reasonText, StoreError, systemCode } from './trouble.ts';

/** A folder that belongs to the database: the ledger, keys. */
export interface BackupPart {
  /** Under which it is found again. */
  readonly name: string;
  readonly folder: string;
  /** Names of files and folders in it that are taken; all where nothing is stated. */
  readonly only?: readonly string[];
}

export interface BackupOptions {
  readonly store: Store;
  /** Taken after the database: a ledger then holds everything that the database says of it. */
  readonly parts: readonly BackupPart[];
  readonly now: number;
}

/** Owner only: hashes of secrets and keys are in it. */
const FILE_MODE = 0o600;
/** Quick rather than small: the link is seldom slower than this. */
const GZIP_LEVEL = 3;

/** Writes a new file, which is there only when it is whole. */
export function backupTo(path: string, options: BackupOptions): Promise<BackupSummary> {
  let summary: BackupSummary | null = null;
  const texts = backupText(options, (made) => {
    summary = made;
  });
  return newFile(path, gzipped(texts), async () => {
    if (summary === null) throw new Error('the backup has no summary');
    return summary;
  });
}

/** The same with a backup that was sent: kept only where it is whole. */
export function keepBackup(path: string, pieces: AsyncIterable<Uint8Array>): Promise<BackupSummary> {
  return newFile(path, pieces, checkBackup);
}

async function newFile(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  check: (half: string) => Promise<BackupSummary>,
): Promise<BackupSummary> {
  const half = `${path}.part`;
  try {
    await refuseExisting(path);
    const file = await open(half, 'wx', FILE_MODE);
    try {
      for await (const piece of pieces) await file.writeFile(piece);
      await file.sync();
      const summary = await check(half);
      await rename(half, path);
      await syncFolder(dirname(path));
      return summary;
    } finally {
      await file.close().catch(() => {});
      await rm(half, { force: true });
    }
  } catch (error) {
    throw error instanceof StoreError ? error : notWritten(path, error);
  }
}

async function refuseExisting(path: string): Promise<void> {
  const there = await open(path, 'r').catch(() => null);
  if (there === null) return;
  await there.close();
  throw new StoreError({
    code: 'PICKET-C124',
    message: `cannot write the backup "${path}": the file is there already; nothing was changed`,
    help: 'choose another name',
  });
}

/** The same as bytes, to be sent: gzipped, in pieces as they are read. Errors in the middle end it without its last line, which any reader misses. */
export function backupBytes(options: BackupOptions): AsyncGenerator<Uint8Array, void, void> {
  return gzipped(backupText(options, () => {}));
}

/** What keeps a backup from beginning is told before its first byte. */
async function* gzipped(texts: AsyncGenerator<string>): AsyncGenerator<Uint8Array, void, void> {
  const head = await texts.next();
  if (head.done === true) return;
  const gzip = createGzip({ level: GZIP_LEVEL });
  const feeding = pipeline(Readable.from(following(head.value, texts)), gzip);
  // An error reaches the reader through the stream; this keeps it from being one that nobody waits for.
  feeding.catch(() => {});
  try {
    for await (const piece of gzip) if (piece instanceof Uint8Array) yield piece;
    await feeding;
  } finally {
    // Whoever stops in the middle leaves no copy of the database behind.
    await texts.return(undefined);
  }
}

async function* following(head: string, texts: AsyncGenerator<string>): AsyncGenerator<string> {
  yield head;
  yield* texts;
}

async function* backupText(options: BackupOptions, ended: (summary: BackupSummary) => void): AsyncGenerator<string> {
  const sum = new BackupSum();
  let head: BackupHead | null = null;
  for await (const line of backupLinesOf(options)) {
    if ('picket' in line) head = line;
    const text = JSON.stringify(line);
    sum.add(text, line);
    yield `${text}\n`;
  }
  const end = sum.end();
  yield `${JSON.stringify(end)}\n`;
  if (head !== null) ended({ head, rows: end.rows, bytes: end.bytes });
}

async function* backupLinesOf({ store, parts, now }: BackupOptions): AsyncGenerator<BackupLine> {
  yield* withSnapshot(store, async function* (db) {
    const tables = await tablesOf({ db, kind: store.kind });
    const migrations = [...(await migrationsOf(db))].sort();
    const names = parts.map(({ name }) => name);
    const head = { picket: 'backup', version: BACKUP_VERSION, at: now, kind: store.kind, migrations } as const;
    yield { ...head, tables, parts: names };
    for (const table of tables) yield* tableLines(db, store.kind, table);
  });
  for (const part of parts) yield* partLines(part);
}

async function* tableLines(db: Db, kind: Store['kind'], table: TableShape): AsyncGenerator<BackupLine> {
  let rows: Value[][] = [];
  let chars = 0;
  for await (const row of rowsOf(db, kind, table)) {
    const values = table.columns.map((column) => heldValue(row[column], table.name));
    rows.push(values);
    chars += values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
    if (rows.length < LINE_ROWS_MAX && chars < LINE_CHARS) continue;
    yield { table: table.name, rows };
    rows = [];
    chars = 0;
  }
  if (rows.length > 0) yield { table: table.name, rows };
}

type Row = Readonly<Record<string, unknown>>;

async function* rowsOf(db: Db, kind: Store['kind'], { name, columns }: TableShape): AsyncGenerator<Row> {
  const list = sql.join(columns.map((column) => sql.ref(column)));
  if (kind === 'sqlite') {
    const table = sql<Row>`(SELECT ${list} FROM ${sql.table(name)})`.as('held');
    yield* db.selectFrom(table).selectAll().stream();
    return;
  }
  await sql`DECLARE rows_of_table NO SCROLL CURSOR FOR SELECT ${list} FROM ${sql.table(name)}`.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`FETCH ${sql.lit(LINE_ROWS_MAX)} FROM rows_of_table`.execute(db);
    yield* rows;
    if (rows.length < LINE_ROWS_MAX) break;
  }
  await sql`CLOSE rows_of_table`.execute(db);
}

function heldValue(value: unknown, table: string): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`table "${table}" holds a ${typeof value}, which no backup can`);
}

/**
 * Files as long as they were when their turn came, names of letters before numbers: what a ledger says about itself is taken before what it speaks of.
 * Locks are left out: opening and closing one in the process that holds it would give it away.
 */
async function* partLines({ name, folder, only }: BackupPart): AsyncGenerator<BackupLine> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !/lock|-wal$|-shm$|-journal$|\.db$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => isSafePath(path) && (only === undefined || only.includes(path.split('/')[0] ?? '')))
    .sort()
    .reverse();
  for (const path of paths) yield* fileLines(name, folder, path);
}

async function* fileLines(part: string, folder: string, path: string): AsyncGenerator<BackupLine> {
  const file = await open(join(folder, path), 'r');
  try {
    const { size } = await file.stat();
    const piece = Buffer.alloc(PIECE_BYTES);
    let at = 0;
    do {
      const { bytesRead } = await file.read(piece, 0, Math.min(PIECE_BYTES, size - at), at);
      yield { part, path, base64: piece.subarray(0, bytesRead).toString('base64') };
      at += bytesRead;
      if (bytesRead === 0) break;
    } while (at < size);
  } finally {
    await file.close();
  }
}

function notWritten(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === '') return error;
  if (code === 'ENOSPC')
    return new StoreError({ ...diskFull(error), message: `the disk is full: the backup "${path}" was not written` });
  return new StoreError({
    code: 'PICKET-C124',
    message: `cannot write the backup "${path}": ${reasonText(error)}; nothing was changed`,
    help: 'name a file in a folder that is there and that you may write to',
    cause: error,
  });
}
