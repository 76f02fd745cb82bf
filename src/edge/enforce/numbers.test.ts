// The ranges of numbers, and that none is given twice.

import { describe, expect, it } from 'vitest';
import {
  CLASS_BIT,
  denial,
  ENFORCE_BIT,
  INSIDE_BIT,
  isBookFull,
  KERNEL_REASONS,
  MARKS_FROM,
  Numbers,
  numberBook,
  STRICT_BIT,
  sweepBook,
} from './numbers.ts';

describe('ranges of numbers', () => {
  it('keeps classes, marks and denials apart, so that no lookup takes one for another', () => {
    const book = numberBook();
    const mark = book.marks.of('a rule');
    const bits = [CLASS_BIT, ENFORCE_BIT, INSIDE_BIT, STRICT_BIT];
    expect(mark & CLASS_BIT).toBe(0);
    expect(new Set(bits).size).toBe(4);
    for (const reason of Object.keys(KERNEL_REASONS)) {
      const value = denial(reason === 'guardrail' ? 'guardrail' : 'no-rule', 0);
      expect(value).toBeGreaterThan(2 ** 28);
      expect(value).toBeLessThan(2 ** 32);
    }
    expect(Math.max(...Object.values(KERNEL_REASONS))).toBeLessThan(16);
    expect(denial('not-held', 2 ** 30)).toBeLessThan(2 ** 32);
  });

  it('gives marks from the start it is told, never below the reserved ones', () => {
    expect(numberBook(0).marks.of('x')).toBe(MARKS_FROM);
    expect(numberBook(5_000).marks.of('x')).toBe(5_000);
  });
});

describe('Numbers', () => {
  it('gives the same number for a key in use, and never one again that fell out of use', () => {
    const numbers = new Numbers({ from: 1, to: 100 });
    const first = numbers.of('a');
    numbers.of('b');
    numbers.sweep();
    expect(numbers.of('a')).toBe(first);
    numbers.sweep();
    expect(numbers.of('b')).toBe(3);
  });

  it('says when it is full', () => {
    const numbers = new Numbers({ from: 1, to: 3 });
    numbers.of('a');
    expect(numbers.isFull).toBe(false);
    numbers.of('b');
    expect(numbers.isFull).toBe(true);
  });

  it('fills a book only after millions of changes', () => {
    const book = numberBook(CLASS_BIT - 1);
    expect(isBookFull(book)).toBe(false);
    book.marks.of('last');
    expect(isBookFull(book)).toBe(true);
    sweepBook(book);
    expect(isBookFull(book)).toBe(true);
  });
});
