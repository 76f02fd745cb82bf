// Takes a backup back, into an empty place and nowhere else: all of it or none of it. Not the making of one.

import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sql } from 'kysely';
import { type BackupHead, damagedBackup, type PieceLine, type RowsLine } from './backup-format.ts';
import { type BackupSummary, backupLines, checkBackup } from './backup-read.ts';
import type { Db, Store } from './db.ts';
import { migrate } from './migrations.ts';
import { openPatient, type StoreOptions } from './open.ts';
import { type TableShape, tablesOf } from './tables.ts';
import { reasonText, StoreError, systemCode } from './trouble.ts';

export interface RestoreOptions {
  /** The backup. */
  readonly path: string;
  readonly store: StoreOptions;
  /** Name of a part → folder that it becomes. Parts that are not named are left out. */
  readonly parts: Readonly<Record<string, string>>;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What is not ready yet is called so, and taken away where it does not become so. */
const HALF = '.restoring';
/** Values of one statement: both databases take more. */
const VALUES_MAX = 16_000;

export async function restoreBackup({ path, store, parts }: RestoreOptions): Promise<BackupSummary> {
  const summary = await checkBackup(path);
  for (const name of Object.keys(parts))
    if (!summary.head.parts.includes(name)) throw damagedBackup(path, `it has no part "${name}"`);
  for (const folder of Object.values(parts)) await refuseFilled(folder);
  const file = store.url === null ? store.file : null;
  if (file !== null) refuseExisting(file);
  const half = { ...store, file: halfOf(store.file, parts) };
  try {
    await loaded(path, summary.head, { half, parts });
    for (const folder of Object.values(parts)) {
      if (existsSync(folder)) await rmdir(folder);
      await rename(`${folder}${HALF}`, folder);
    }
    // Last, because a folder of a part may hold it, and then it came with that.
    if (file !== null && !existsSync(file)) await rename(half.file, file);
  } catch (error) {
    throw error instanceof StoreError ? error : notRestored(error);
  } finally {
    if (file !== null) for (const end of ['', '-wal', '-journal']) await rm(`${half.file}${end}`, { force: true });
    for (const folder of Object.values(parts)) await rm(`${folder}${HALF}`, { recursive: true, force: true });
  }
  return summary;
}

/** Where the database lies while it is made: in the folder that it becomes part of, so that both are there at once. */
function halfOf(file: string, parts: Readonly<Record<string, string>>): string {
  const folder = Object.values(parts).find((one) => dirname(file) === one);
  return folder === undefined ? `${file}${HALF}` : join(`${folder}${HALF}`, basename(file));
}

interface Target {
  readonly half: StoreOptions;
  readonly parts: Readonly<Record<string, string>>;
}

async function loaded(path: string, head: BackupHead, { half, parts }: Target): Promise<void> {
  for (const folder of Object.values(parts)) {
    await rm(`${folder}${HALF}`, { recursive: true, force: true });
    await mkdir(`${folder}${HALF}`, { recursive: true, mode: FOLDER_MODE });
  }
  if (half.url === null) {
    await mkdir(dirname(half.file), { recursive: true, mode: FOLDER_MODE });
    await rm(half.file, { force: true });
  }
  const store = openPatient(half);
  try {
    // The tables as they were when the backup was made; what came later is done to its rows.
    await migrate(store, { only: new Set(head.migrations) });
    const tables = new Map((await tablesOf(store)).map((table) => [table.name, table]));
    await refuseRows(store, [...tables.keys()]);
    await store.transaction(async (db) => {
      for await (const { line } of backupLines(path)) {
        if ('table' in line) await addRows(db, line, shapeOf(path, head, { tables, name: line.table }));
        if ('part' in line) await addPiece(line, parts);
      }
    });
    await migrate(store);
  } finally {
    await store.close();
  }
}

interface Named {
  readonly tables: ReadonlyMap<string, TableShape>;
  readonly name: string;
}

/** INVARIANT: names of tables and columns are those of this database, so nothing of a backup stands in a statement but as a value. */
function shapeOf(path: string, head: BackupHead, { tables, name }: Named): TableShape {
  const own = tables.get(name);
  const told = head.tables.find((table) => table.name === name);
  if (own === undefined || told === undefined)
    throw damagedBackup(path, `table "${name.slice(0, 60)}" is not one of ours`);
  if (told.columns.some((column) => !own.columns.includes(column)))
    throw damagedBackup(path, `table "${name}" has other columns`);
  return told;
}

async function addRows(db: Db, { rows }: RowsLine, { name, columns }: TableShape): Promise<void> {
  const list = sql.join(columns.map((column) => sql.ref(column)));
  const piece = Math.max(1, Math.floor(VALUES_MAX / columns.length));
  for (let from = 0; from < rows.length; from += piece) {
    const values = rows
      .slice(from, from + piece)
      .map((row) => sql`(${sql.join(columns.map((_, at) => row[at] ?? null))})`);
    await sql`INSERT INTO ${sql.table(name)} (${list}) VALUES ${sql.join(values)}`.execute(db);
  }
}

async function addPiece({ part, path, base64 }: PieceLine, parts: Readonly<Record<string, string>>): Promise<void> {
  const folder = Object.hasOwn(parts, part) ? parts[part] : undefined;
  if (folder === undefined) return;
  const file = join(`${folder}${HALF}`, path);
  await mkdir(dirname(file), { recursive: true, mode: FOLDER_MODE });
  await appendFile(file, Buffer.from(base64, 'base64'), { mode: FILE_MODE, flush: true });
}

async function refuseRows({ db }: Store, tables: readonly string[]): Promise<void> {
  for (const name of tables) {
    const { rows } = await sql`SELECT 1 FROM ${sql.table(name)} LIMIT 1`.execute(db);
    if (rows.length > 0) throw filled('the database');
  }
}

function refuseExisting(file: string): void {
  if ([file, `${file}-wal`].some((path) => existsSync(path))) throw filled(`"${file}"`);
}

async function refuseFilled(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw notRestored(error);
  });
  if (names.length > 0) throw filled(`"${folder}"`);
}

function filled(what: string): StoreError {
  return new StoreError({
    code: 'PICKET-C123',
    message: `cannot restore into ${what}: there is something in it; nothing was changed`,
    help: 'name an empty place; move what is there aside first',
  });
}

function notRestored(error: unknown): unknown {
  if (systemCode(error) === '') return error;
  return new StoreError({
    code: 'PICKET-C126',
    message: `cannot restore the backup: ${reasonText(error)}; nothing was changed`,
    help: 'name a place that you may write to, with room for it',
    cause: error,
  });
}
