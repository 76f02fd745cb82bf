// JSON of strangers: what is read, and what is refused before anybody looks at its values.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JSON_DEPTH_MAX, readJson } from './json-text.ts';

function read(text: string) {
  return readJson(new TextEncoder().encode(text));
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

describe('readJson()', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const got = read(text);
        if (got.kind === 'value') expect(got.value).toEqual(JSON.parse(text));
        else expect(got.found).toMatch(/twice|__proto__/);
      }),
    );
  });

  test.each([
    [nested(JSON_DEPTH_MAX - 1), 'value'],
    [nested(JSON_DEPTH_MAX), 'value'],
    [nested(JSON_DEPTH_MAX + 1), 'bad'],
    [nested(200_000), 'bad'],
    ['['.repeat(200_000), 'bad'],
    [`"${'['.repeat(1_000)}"`, 'value'],
    ['{"a":1,"a":2}', 'bad'],
    ['{"a":1,"\\u0061":2}', 'bad'],
    ['{"a":{"a":1},"b":{"a":1}}', 'value'],
    ['[{"a":1},{"a":2}]', 'value'],
    ['{"a":"a","b":"a"}', 'value'],
    ['{"a" \n:1,"a"\t:2}', 'bad'],
    ['{"__proto__":{}}', 'bad'],
    ['{"\\u005f_proto__":{}}', 'bad'],
    ['["__proto__"]', 'value'],
    ['', 'bad'],
    ['{"a":1', 'bad'],
    ['{"a":1}x', 'bad'],
    ['\ufeff{}', 'bad'],
    ["{'a':1}", 'bad'],
    ['NaN', 'bad'],
  ])('%.30s: %s', (text, kind) => expect(read(text).kind).toBe(kind));

  test('refuses what is not UTF-8', () => {
    expect(readJson(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ kind: 'bad' });
    expect(readJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toMatchObject({ kind: 'bad' });
  });
});
