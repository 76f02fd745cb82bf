// Progress on a terminal only: bytes done, packets per second, time left; nothing of the kind when piped.

import { describe, expect, test } from 'vitest';
import { FileError, type Io } from '#cli';
import { Progress } from '../../src/cli/input/progress.ts';
import { BARE_MACHINE } from '../../src/cli/machine.testing.ts';

function drawn(
  columns: number | null,
  total: number | null,
): { text: () => string; progress: Progress; wait: (seconds: number) => void } {
  let text = '';
  let now = 0;
  const io: Io = {
    stdout: { columns: null, write: () => {} },
    stderr: {
      columns,
      write: (piece) => {
        text += piece;
      },
    },
    machine: BARE_MACHINE,
    version: '',
    now: () => now,
    stat: async () => ({ kind: 'file', bytes: 0, identity: null }),
    async *read() {},
    list: async () => [],
    append: async () => ({ write: () => {}, close: () => {} }),
    listen: async () => {
      throw new FileError('failed', 'there is no network');
    },
    checkWritable: async () => {},
    writeWhole: async () => {},
  };
  const wait = (seconds: number): void => {
    now += seconds * 1e6;
  };
  return { text: () => text, progress: new Progress(io, total), wait };
}

describe('Progress', () => {
  test('is silent where stderr is no terminal', () => {
    const { text, progress, wait } = drawn(null, 1_000);
    wait(10);
    progress.bytes(500);
    progress.end();
    expect(text()).toBe('');
  });

  test('is silent while the work is short', () => {
    const { text, progress, wait } = drawn(80, 1_000);
    wait(0.9);
    progress.bytes(500);
    progress.end();
    expect(text()).toBe('');
  });

  test('shows bytes, share, time left and speed, and wipes the line at the end', () => {
    const { text, progress, wait } = drawn(80, 4_000_000);
    for (let at = 0; at < 2_000; at++) progress.packet();
    wait(2);
    progress.bytes(1_000_000);
    expect(text()).toBe('\r1.00 MB of 4.00 MB (25 %) · 6 s left · 1,000 packets/s\u001b[K');
    progress.end();
    expect(text().endsWith('\r\u001b[K')).toBe(true);
  });

  test('knows no share of a pipe, and fits a narrow terminal', () => {
    const { text, progress, wait } = drawn(20, null);
    wait(2);
    progress.bytes(1_000_000);
    expect(text()).toBe('\r1.00 MB · 0 packets\u001b[K');
  });

  test('draws at most ten times a second', () => {
    const { text, progress, wait } = drawn(80, 1_000_000);
    wait(2);
    for (let at = 0; at < 100; at++) {
      wait(0.01);
      progress.bytes(1_000);
    }
    expect(text().split('\r').length - 1).toBeLessThanOrEqual(11);
  });
});
