// What nft prints of lifetimes, read and written again.

import { expect, it } from 'vitest';
import { bornCommands, bornIn } from './born.ts';

const LISTING = `table inet picket {
	set born {
		typeof ct id
		size 65536
		flags dynamic,timeout
		elements = { 1234567 timeout 12h expires 11h59m58s996ms, 0x10 timeout 1m expires 3s,
			     77 timeout 1m expires 9ms }
	}
}`;

it('reads each session with what it has left, and leaves out what is as good as over', () => {
  expect(bornIn(LISTING)).toEqual([
    { id: 1_234_567, leftMs: 43_198_996 },
    { id: 16, leftMs: 3_000 },
  ]);
  expect(bornIn('')).toEqual([]);
});

it('writes them as elements that run out by themselves', () => {
  expect(bornCommands(bornIn(LISTING)).map(({ nft }) => nft)).toEqual([
    'add element inet picket born { 1234567 timeout 43198s996ms, 16 timeout 3s0ms }',
  ]);
  expect(bornCommands([])).toEqual([]);
});
