// Names of logs as packets give them: printable whatever they hold, and equal to what the wire would show.

import { expect, test } from 'vitest';
import { wireName } from './facts.ts';

test.each([
  ['Api.Example.com', 'Api.Example.com'],
  ['a.example.', 'a.example'],
  ['.', '.'],
  ['caf\u00e9.example', 'caf\\xc3\\xa9.example'],
  ['\ud83d\ude00', '\\xf0\\x9f\\x98\\x80'],
  ['a\\x00b', 'a\\x00b'],
  ['a\\XAB', 'a\\x5cXAB'],
  ['a\\xAB', 'a\\xab'],
  ['a\\b', 'a\\x5cb'],
  ['\u001b[31m', '\\x1b[31m'],
  ['\0', '\\x00'],
])('%j is %j', (text, wire) => {
  expect(wireName(text)).toBe(wire);
});
