// For the truth tests of names and operations: reads every capture once and compares its rows with the truth.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { NamesTable, OperationsTable, PayloadInspector, TrafficReader } from '#capture';
import { AddressTable } from '#model';

const TRAFFIC = join(process.env.PICKET_SHARED ?? '../shared', 'traffic');
export const HAS_TRAFFIC = existsSync(join(TRAFFIC, 'truth', 'names.csv'));

/** Rows by what they say: `file kind client server port name value`, and count and first frame behind. */
export type Rows = ReadonlyMap<string, string>;

export interface Facts {
  readonly names: Rows;
  readonly operations: Rows;
}

/** Names and operations of every capture in the truth, by the product. */
export function readFacts(): Facts {
  const names = new Map<string, string>();
  const operations = new Map<string, string>();
  for (const file of column(readTruth('files.csv'), 'file')) {
    const addresses = new AddressTable();
    const nameTable = new NamesTable(addresses);
    const operationTable = new OperationsTable(addresses);
    const facts = {
      name: nameTable.add.bind(nameTable),
      operation: operationTable.add.bind(operationTable),
    };
    const inspector = new PayloadInspector({ addresses, facts, conversationsMax: 65_536 });
    const reader = new TrafficReader({ addresses, inspector, sink: { frame: () => {} } });
    reader.push(bytesOf(file));
    reader.end();
    for (const cells of nameTable.rows()) names.set([file, ...cells.slice(0, 6)].join(','), cells.slice(6).join(','));
    for (const cells of operationTable.rows())
      operations.set([file, ...cells.slice(0, 5)].join(','), cells.slice(5).join(','));
  }
  return { names, operations };
}

function bytesOf(file: string): Uint8Array {
  const raw = readFileSync(join(TRAFFIC, 'captures', file));
  return raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
}

/** Rows of a truth table; the last `counts` columns are set apart. */
export function truthRows(file: string, counts: number, isWanted: (cells: readonly string[]) => boolean): Rows {
  const rows = readTruth(file).slice(1).filter(isWanted);
  return new Map(rows.map((cells) => [cells.slice(0, -counts).join(','), cells.slice(-counts).join(',')]));
}

function readTruth(file: string): readonly (readonly string[])[] {
  const text = readFileSync(join(TRAFFIC, 'truth', file), 'utf8');
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split(','));
}

function column(rows: readonly (readonly string[])[], name: string): readonly string[] {
  const at = rows[0]?.indexOf(name) ?? -1;
  return rows.slice(1).map((cells) => cells[at] ?? '');
}

/** One line per row that differs: `-` only in the truth, `+` only ours, `~` counted or first seen otherwise (ours, then truth). */
export function differences(ours: Rows, truth: Rows): readonly string[] {
  const lines: string[] = [];
  for (const [row, counts] of truth) {
    const own = ours.get(row);
    if (own === undefined) lines.push(`- ${row}`);
    else if (own !== counts) lines.push(`~ ${row}: ${own}; ${counts}`);
  }
  for (const row of ours.keys()) if (!truth.has(row)) lines.push(`+ ${row}`);
  return lines.sort();
}
