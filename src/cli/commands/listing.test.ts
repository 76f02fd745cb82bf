// A table that is full says so: what is missing is counted, and the run is only partly done.

import { expect, test } from 'vitest';
import { EXIT } from '../exits.ts';
import { newTextIo } from '../io.testing.ts';
import { Paper } from '../output/paper.ts';
import { list } from './listing.ts';

/** The header of a pcap file, and no packet. */
const EMPTY_CAPTURE = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');

test.each([
  [0, EXIT.done, []],
  [3, EXIT.partlyDone, ['warning: the table is full; 3 packets or facts of further rows are not in it']],
])('%i facts without a row', async (omitted, exit, said) => {
  const { io } = newTextIo({ kind: 'file', bytes: EMPTY_CAPTURE, chunk: 64 });
  let out = '';
  const lines: string[] = [];
  const paper = new Paper({ columns: null, write: (text) => (out += text) });
  const ended = await list({ io, paper, say: (line) => void lines.push(line) }, ['a.pcap'], {
    format: 'json',
    schema: 'picket.test/v1',
    name: 'rows',
    columns: ['a'],
    numbers: new Set(),
    shown: [],
    isInspecting: false,
    lists: 'flows',
    newFacts: () => ({ taker: {}, rows: () => [['x']], omitted: () => omitted }),
  });
  paper.flush();
  expect(ended).toBe(exit);
  expect(lines).toEqual(said);
  expect(JSON.parse(out)).toMatchObject({ rows: [{ a: 'x' }], omitted });
});
