// Judges a batch in place: hashes, directory, records and bonds are touched in separate runs over a few dozen rows, so that their misses overlap;
// then row after row is decided in order, exactly as one by one.

import type { PacketBatch } from './batch.ts';
import { BOND, BOND_WIDTH } from './bonds.ts';
import { BUDGET_WIDTH } from './budgets.ts';
import { tagOf } from './directory.ts';
import { permitRun, type Run } from './kernel.ts';
import { NO_SESSION, SESSION, SESSION_WIDTH } from './sessions.ts';
import type { State } from './state.ts';

/** Rows touched at once: enough misses to overlap, few enough to stay in the nearest cache. 32 to 512 measure alike. */
const ROWS = 64;
/** Words of the directory looked at while touching; who lies farther away is found when decided. */
const NEAR = 8;

const hashes = new Int32Array(ROWS);
const slots = new Int32Array(ROWS);
const run: Run = { first: 0, from: 0, to: 0, slots };
/** Keeps the touching of memory from being optimised away. */
const touched = new Int32Array(1);

/** Judges rows 0 to `count`; `judgeRow` is asked for each that is not permitted by numbers alone. */
export function decide(state: State, batch: PacketBatch, by: { count: number; judgeRow: (row: number) => void }): void {
  for (let first = 0; first < by.count; first += ROWS) {
    const rows = Math.min(ROWS, by.count - first);
    touch(state, batch, first, rows);
    run.first = first;
    run.from = first;
    run.to = first + rows;
    for (let row = permitRun(state, batch, run); row < run.to; row = permitRun(state, batch, run)) {
      by.judgeRow(row);
      run.from = row + 1;
    }
  }
}

function touch(state: State, batch: PacketBatch, first: number, rows: number): void {
  hashRows(state, batch, first, rows);
  touchDirectory(state, rows);
  scanDirectory(state, rows);
  touchRecords(state, rows);
  touchBonds(state, rows);
}

function hashRows({ sessions }: State, batch: PacketBatch, first: number, rows: number): void {
  for (let at = 0; at < rows; at++) hashes[at] = sessions.hashOfRow(batch, first + at);
}

function touchDirectory({ sessions }: State, rows: number): void {
  const { words, mask } = sessions.directory;
  let sum = 0;
  for (let at = 0; at < rows; at++) sum += words[(hashes[at] ?? 0) & mask] ?? 0;
  touched[0] = sum;
}

/** The first record whose tag fits; whether it is the packet's session is seen when decided. */
function scanDirectory({ sessions }: State, rows: number): void {
  const { words, mask } = sessions.directory;
  for (let at = 0; at < rows; at++) {
    const hash = hashes[at] ?? 0;
    const tag = tagOf(hash);
    slots[at] = NO_SESSION;
    for (let step = 0; step < NEAR; step++) {
      const word = words[(hash + step) & mask] ?? 0;
      if (word === 0) break;
      if (word >>> 24 !== tag) continue;
      slots[at] = word & 0xffffff;
      break;
    }
  }
}

function touchRecords({ sessions }: State, rows: number): void {
  const { words } = sessions;
  let sum = 0;
  for (let at = 0; at < rows; at++) sum += words[(slots[at] ?? 0) * SESSION_WIDTH] ?? 0;
  touched[0] = sum;
}

function touchBonds({ sessions, bonds, budgets }: State, rows: number): void {
  const { words } = sessions;
  let sum = 0;
  for (let at = 0; at < rows; at++)
    sum += bonds.words[(words[(slots[at] ?? 0) * SESSION_WIDTH + SESSION.bond] ?? 0) * BOND_WIDTH] ?? 0;
  for (let at = 0; at < rows; at++) {
    const bond = (words[(slots[at] ?? 0) * SESSION_WIDTH + SESSION.bond] ?? 0) * BOND_WIDTH;
    sum += budgets.cells[(bonds.words[bond + BOND.block] ?? 0) * BUDGET_WIDTH] ?? 0;
    sum += budgets.cells[(bonds.words[bond + BOND.ruleBlock] ?? 0) * BUDGET_WIDTH] ?? 0;
  }
  touched[0] = sum;
}
