// Every code that a command, the agent or the gateway can answer with has a page: none leads nowhere.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

function codesBelow(folder: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.name.endsWith('.ts') || /\.(test|testing)\.ts$/.test(entry.name)) continue;
    const text = readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8');
    for (const [code] of text.matchAll(/PICKET-[A-Z]\d{3}\b/g)) found.add(code);
  }
  return found;
}

test.each([...codesBelow(join(SOURCES, 'cli')), ...codesBelow(join(SOURCES, 'edge'))].map((code) => [code]))(
  'picket explain %s',
  async (code) => {
    expect(await new World().run('explain', code)).toMatchObject({ exit: 0 });
  },
);
