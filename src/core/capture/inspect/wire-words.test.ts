// Words from the wire: numbers, text, and bounds.

import { expect, test } from 'vitest';
import { bytes } from './inspect.testing.ts';
import { NO_WORD, WireWords, WORD_BYTES_MAX, WORDS_MAX } from './wire-words.ts';

function numberOf(words: WireWords, text: string): number {
  const data = bytes('..', text, '..');
  return words.numberOf(data, 2, 2 + text.length);
}

test.each([
  ['search_docs', 'search_docs'],
  ['a.b/c:d-E9', 'a.b/c:d-E9'],
  ['a b', 'a%20b'],
  ['a%20b', 'a%2520b'],
  ['*', '%2a'],
  ['\u00c3\u00bc\u0000', '%c3%bc%00'],
  ['a,b', 'a%2cb'],
])('the text of %j is %j', (word, text) => {
  const words = new WireWords();
  expect(words.text(numberOf(words, word))).toBe(text);
});

test('a word has one number, another word has another', () => {
  const words = new WireWords();
  const first = numberOf(words, 'one');
  expect(numberOf(words, 'two')).not.toBe(first);
  expect(numberOf(words, 'one')).toBe(first);
});

test.each([
  [0, true],
  [1, false],
  [WORD_BYTES_MAX, false],
  [WORD_BYTES_MAX + 1, true],
])('of %d bytes is no word: %s', (length, isNone) => {
  const words = new WireWords();
  expect(numberOf(words, 'a'.repeat(length)) === NO_WORD).toBe(isNone);
  expect(words.text(NO_WORD)).toBe('?');
});

test('when the table is full, known words stay and new ones are none', () => {
  const words = new WireWords();
  for (let word = 0; word < WORDS_MAX; word++) expect(numberOf(words, `w${word}`)).not.toBe(NO_WORD);
  expect(numberOf(words, 'more')).toBe(NO_WORD);
  expect(words.text(numberOf(words, 'w7'))).toBe('w7');
});
