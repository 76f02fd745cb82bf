// Judges a batch in place: a few dozen rows are found at once, then row after row is decided in order, exactly as one by one.

import type { PacketBatch } from './batch.ts';
import { permitRun, type Run } from './kernel.ts';
import { findAgain, findRows, places, ROWS } from './stages.ts';
import type { State } from './state.ts';

const run: Run = { first: 0, from: 0, to: 0 };

/** Judges rows 0 to `count`; `judgeRow` is asked for each that is not permitted by numbers alone. */
export function decide(state: State, batch: PacketBatch, by: { count: number; judgeRow: (row: number) => void }): void {
  for (let first = 0; first < by.count; first += ROWS) {
    const count = Math.min(ROWS, by.count - first);
    run.first = first;
    run.from = first;
    run.to = first + count;
    findRows(state, batch, run);
    for (let row = permitRun(state, batch, run); row < run.to; row = permitRun(state, batch, run)) {
      const isMisled = lookAgain(state, row - first);
      if (!isMisled) by.judgeRow(row);
      run.from = isMisled ? row : row + 1;
    }
  }
}

/** Whether a record of another tuple with the same tag was taken for the packet's, and its own is there. */
function lookAgain(state: State, at: number): boolean {
  const before = places[at] ?? -1;
  return findAgain(state, at) >= 0 && places[at] !== before;
}
