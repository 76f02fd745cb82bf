// Reads a backup line by line, and says whether it is whole. Changes nothing.

import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import {
  BACKUP_VERSION,
  type BackupEnd,
  type BackupHead,
  type BackupLine,
  BackupSum,
  damagedBackup,
  isSafePath,
  LINE_CHARS_MAX,
  noBackup,
  type PieceLine,
  type RowsLine,
  type Value,
} from './backup-format.ts';
import { strangeMigration } from './migrations.ts';
import { reasonText, StoreError } from './trouble.ts';

export interface BackupSummary {
  readonly head: BackupHead;
  readonly rows: number;
  readonly bytes: number;
}

/** Reads all of it. Rejects where a byte is missing, changed or added. */
export async function checkBackup(path: string): Promise<BackupSummary> {
  const sum = new BackupSum();
  let head: BackupHead | null = null;
  let end: BackupEnd | null = null;
  for await (const { text, line } of backupLines(path)) {
    if (end !== null) throw damagedBackup(path, 'something follows its end');
    if ('end' in line) end = line;
    else sum.add(text, line);
    if ('picket' in line) head = line;
  }
  if (head === null) throw noBackup(path, 'it is empty');
  if (end === null) throw damagedBackup(path, 'its end is missing');
  const found = sum.end();
  if (end.sha256 !== found.sha256 || end.rows !== found.rows || end.bytes !== found.bytes)
    throw damagedBackup(path, 'its checksum is another one');
  return { head, rows: found.rows, bytes: found.bytes };
}

export interface ReadLine {
  readonly text: string;
  readonly line: BackupLine;
}

/** The lines of a backup, the first of which is its head. */
export async function* backupLines(path: string): AsyncGenerator<ReadLine> {
  let number = 0;
  for await (const text of textLines(path)) {
    number++;
    const line = lineOf(text);
    if (number === 1) yield { text, line: headOf(path, line) };
    else if (line === null || 'picket' in line) throw damagedBackup(path, `line ${number} is not one of a backup`);
    else yield { text, line };
  }
}

async function* textLines(path: string): AsyncGenerator<string> {
  const source = createReadStream(path);
  const plain = source.pipe(createGunzip());
  source.on('error', (error) => plain.destroy(error));
  let held = '';
  try {
    // A decoder that refuses would be better still; what is no UTF-8 is found by the checksum.
    plain.setEncoding('utf8');
    for await (const piece of plain) {
      held += String(piece);
      const lines = held.split('\n');
      held = lines.pop() ?? '';
      if (held.length > LINE_CHARS_MAX) throw damagedBackup(path, 'a line is too long');
      yield* lines;
    }
  } catch (error) {
    throw error instanceof StoreError ? error : unreadable(path, error);
  } finally {
    source.destroy();
  }
  if (held !== '') throw damagedBackup(path, 'it ends in the middle of a line');
}

function unreadable(path: string, error: unknown): StoreError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_DATA_ERROR' && String(error).includes('incorrect header'))
    return noBackup(path, 'it is another kind of file');
  if (code.startsWith('Z_')) return damagedBackup(path, reasonText(error));
  return noBackup(path, reasonText(error));
}

function headOf(path: string, line: BackupLine | null): BackupHead {
  if (line === null || !('picket' in line)) throw noBackup(path, 'it is another kind of file');
  const strange = line.version > BACKUP_VERSION ? `version ${line.version}` : strangeMigration(line.migrations);
  if (strange === null) return line;
  throw new StoreError({
    code: 'PICKET-C122',
    message: `the backup "${path}" was made by a newer version: it has "${strange}"; nothing was changed`,
    help: 'restore it with the version that made it, or a newer one',
  });
}

/** null: it is none of the forms. */
function lineOf(text: string): BackupLine | null {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return null;
  if (isHead(value) || isRows(value) || isPiece(value) || isEnd(value)) return value;
  return null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isHead(value: object): value is BackupHead {
  return (
    'picket' in value &&
    value.picket === 'backup' &&
    'version' in value &&
    typeof value.version === 'number' &&
    'migrations' in value &&
    areTexts(value.migrations) &&
    'parts' in value &&
    areTexts(value.parts) &&
    value.parts.every(isSafePath) &&
    'tables' in value &&
    Array.isArray(value.tables) &&
    value.tables.every(isTable)
  );
}

function isTable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('columns' in value)) return false;
  return typeof value.name === 'string' && areTexts(value.columns);
}

function isRows(value: object): value is RowsLine {
  return (
    'table' in value &&
    typeof value.table === 'string' &&
    'rows' in value &&
    Array.isArray(value.rows) &&
    value.rows.every((row) => Array.isArray(row) && row.every(isValue))
  );
}

function isPiece(value: object): value is PieceLine {
  return (
    'part' in value &&
    typeof value.part === 'string' &&
    'path' in value &&
    typeof value.path === 'string' &&
    isSafePath(value.path) &&
    'base64' in value &&
    typeof value.base64 === 'string'
  );
}

function isEnd(value: object): value is BackupEnd {
  return 'end' in value && value.end === true && 'sha256' in value && 'rows' in value && 'bytes' in value;
}

function isValue(value: unknown): value is Value {
  return typeof value === 'string' || typeof value === 'number' || value === null;
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
