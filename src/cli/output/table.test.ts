// Tables fit the width they are given: columns go, rows stay, and no character from outside steers the terminal.

import { describe, expect, test } from 'vitest';
import { tableText } from './table.ts';

const ROWS = [
  { name: 'camera-in-the-lobby', count: '12', note: 'a long remark that goes first' },
  { name: 'nvr', count: '7', note: '' },
];
const COLUMNS = [
  { title: 'name', cell: (row: (typeof ROWS)[number]) => row.name, droppedAt: 0 },
  { title: 'count', cell: (row: (typeof ROWS)[number]) => row.count, droppedAt: 1, isRight: true },
  { title: 'note', cell: (row: (typeof ROWS)[number]) => row.note, droppedAt: 2 },
];

describe('tableText()', () => {
  test.each([20, 25, 26, 27, 40, 56, 57, 80])('holds a width of %i and keeps every row', (width) => {
    const lines = tableText(ROWS, COLUMNS, width).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
  });

  test('drops the column with the highest number first', () => {
    expect(tableText(ROWS, COLUMNS, 80)).toContain('note');
    expect(tableText(ROWS, COLUMNS, 30)).toMatch(/name +count\n/);
    expect(tableText(ROWS, COLUMNS, 20)).toMatch(/^name\n/);
  });

  test('puts numbers to the right', () => {
    expect(tableText(ROWS, COLUMNS, 30)).toContain('nvr                      7\n');
  });

  test('escapes what would steer a terminal', () => {
    const text = tableText([{ name: 'a\u001b[31mb\u202ec\n', count: '', note: '' }], COLUMNS, 80);
    expect(text).toContain('a\\x1b[31mb\\u{202e}c\\x0a');
  });
});
