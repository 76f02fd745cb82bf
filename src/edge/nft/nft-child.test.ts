// The child that runs lines, with other programs in nft's place: what it is given, and when it has had enough.

import process from 'node:process';
import { afterEach, expect, it } from 'vitest';
import { NftChild } from './nft-child.ts';

/** Says where its home is, and answers the barrier behind each line. */
const PROGRAM = `console.log(process.env.HOME);
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'describe tcp dport') console.log('payload expression, datatype inet_service');
});`;
const open: NftChild[] = [];
afterEach(() => {
  for (const child of open.splice(0)) child.close();
});

function childOf(): NftChild {
  const child = new NftChild([process.execPath, '-e', PROGRAM, '--']);
  open.push(child);
  return child;
}

it('has no home in which lines would be kept', async () => {
  expect(await childOf().run('list tables')).toBe('/dev/null\n');
});

it('is worn after 32 MiB of lines, and not while one waits', async () => {
  const child = childOf();
  const half = 'a'.repeat(16 * 1_024 * 1_024);
  await child.run(half);
  await child.run(half);
  expect(child.isWorn).toBe(false);
  const last = child.run('a');
  expect(child.isWorn).toBe(false);
  await last;
  expect(child.isWorn).toBe(true);
});
