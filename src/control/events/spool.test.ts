// The spool: order, bound, restart, crash.

import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Spool } from './spool.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (bytesMax = 1_000_000, fileBytesMax = 100): Promise<Spool> =>
  Spool.open({ folder, bytesMax, fileBytesMax });
const lines = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, n) => `line ${from + n}`);

async function drain(spool: Spool): Promise<readonly string[]> {
  const all: string[] = [];
  for (let taken = await spool.take(7, 64); taken !== null; taken = await spool.take(7, 64)) {
    all.push(...taken.texts);
    await spool.done(taken);
  }
  return all;
}

describe('Spool', () => {
  it('gives back what was added, in order, over many files, and leaves one', async () => {
    const spool = await open();
    for (let number = 0; number < 60; number += 3) await spool.add(lines(number, number + 3));
    expect(spool.waiting).toBe(60);
    expect(await drain(spool)).toEqual(lines(0, 60));
    expect(spool.waiting).toBe(0);
    expect(readdirSync(folder).filter((name) => /^\d/.test(name))).toHaveLength(1);
    await spool.add(['more']);
    expect(await drain(spool)).toEqual(['more']);
  });

  it('goes on after a restart where it was, and leaves a cut-off line out', async () => {
    const first = await open();
    await first.add(lines(0, 30));
    const taken = await first.take(10, 10_000);
    if (taken !== null) await first.done(taken);
    const file =
      readdirSync(folder)
        .filter((name) => /^\d/.test(name))
        .at(-1) ?? '';
    appendFileSync(join(folder, file), 'half a li');
    const second = await open();
    expect(second.waiting).toBe(20);
    await second.add(lines(30, 32));
    expect(await drain(second)).toEqual(lines(10, 32));
  });

  it('sends again what was taken and not marked as done', async () => {
    const first = await open();
    await first.add(lines(0, 3));
    await first.take(2, 1_000);
    expect(await drain(await open())).toEqual(lines(0, 3));
  });

  it('drops the oldest where it is full, says how many, and remembers it over a restart', async () => {
    const spool = await open(300, 100);
    let gone = 0;
    for (let number = 0; number < 100; number++) gone += await spool.add(lines(number, number + 1));
    expect(gone).toBeGreaterThan(50);
    expect(spool.dropped).toBe(gone);
    expect(spool.waiting).toBe(100 - gone);
    const again = await open(300, 100);
    expect(again.dropped).toBe(gone);
    expect(await drain(again)).toEqual(lines(gone, 100));
    await again.toldOfDropped(gone);
    expect((await open(300, 100)).dropped).toBe(0);
  });

  it('gives a line that is longer than what is asked for', async () => {
    const spool = await open();
    await spool.add(['x'.repeat(500), 'y']);
    expect((await drain(spool)).map((text) => text.length)).toEqual([500, 1]);
  });

  it('is not misled when what was taken was dropped in between', async () => {
    const spool = await open(300, 100);
    await spool.add(lines(0, 5));
    const taken = await spool.take(2, 1_000);
    for (let number = 5; number < 100; number++) await spool.add(lines(number, number + 1));
    if (taken !== null) await spool.done(taken);
    expect(await drain(spool)).toEqual(lines(spool.dropped, 100));
  });
});
