// The arrow check must see each kind of disorder; a check that finds nothing wrong anywhere would pass unnoticed.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { check } from './check.mjs';

const HEAD = '// Purpose.\n// In: x. Out: y. Never: z.\n';
const here = process.cwd();
let root = '';

afterEach(() => {
  process.chdir(here);
  rmSync(root, { recursive: true, force: true });
});

function house(files) {
  root = mkdtempSync(join(tmpdir(), 'tidy-'));
  const all = { 'src/core/model/index.ts': `${HEAD}export const one = 1;\n`, ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  process.chdir(root);
  return check(root);
}

test('check() finds nothing in a tidy house', () => {
  expect(
    house({
      'src/core/engine/index.ts': `${HEAD}export * from './a.ts';\n`,
      'src/core/engine/a.ts': `// A.\nimport { one } from '#model';\nexport const two = one;\n`,
    }),
  ).toEqual([]);
});

const DISORDER = [
  [
    'an arrow that the house lacks',
    { 'src/core/model/index.ts': `${HEAD}import '#engine';\n`, 'src/core/engine/index.ts': HEAD },
    /arrow model → engine/,
  ],
  [
    'an import past a door',
    { 'src/core/engine/index.ts': `${HEAD}import { one } from '../model/index.ts';\n` },
    /past the door of model/,
  ],
  [
    'a circle, by types too',
    {
      'src/core/engine/index.ts': `${HEAD}export * from './a.ts';\n`,
      'src/core/engine/a.ts': `// A.\nimport type { B } from './b.ts';\nexport type A = B;\n`,
      'src/core/engine/b.ts': `// B.\nimport type { A } from './a.ts';\nexport type B = A;\n`,
    },
    /circle/,
  ],
  ['a clock in core', { 'src/core/model/index.ts': `${HEAD}export const at = Date.now();\n` }, /a clock/],
  ['randomness in core', { 'src/core/model/index.ts': `${HEAD}export const at = Math.random();\n` }, /randomness/],
  ['I/O in core', { 'src/core/model/index.ts': `${HEAD}import { readFileSync } from 'node:fs';\n` }, /node: module/],
  ['a room without a door', { 'src/core/engine/a.ts': '// A.\nexport const a = 1;\n' }, /has no door/],
  [
    'a door without its words',
    { 'src/core/engine/index.ts': '// Purpose.\nexport const a = 1;\n' },
    /does not say "In:"/,
  ],
  [
    'a file nobody imports',
    { 'src/core/engine/index.ts': HEAD, 'src/core/engine/a.ts': '// A.\nexport const a = 1;\n' },
    /a.ts: nobody imports it/,
  ],
  ['a file without purpose', { 'src/core/model/index.ts': 'export const one = 1;\n' }, /opens without its purpose/],
  ['a file in no room', { 'src/attic/a.ts': '// A.\n' }, /lies in no room/],
  [
    'a package the room may not use',
    { 'src/core/model/index.ts': `${HEAD}import { parse } from 'yaml';\n` },
    /imports package yaml/,
  ],
  ['a file too long', { 'src/core/model/index.ts': `${HEAD}${'export {};\n'.repeat(400)}` }, /at most 400/],
];

test.each(DISORDER)('check() sees %s', (_, files, expected) => {
  expect(house(files).join('\n')).toMatch(expected);
});
