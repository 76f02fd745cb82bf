// The help of every command, kept as goldens: a change to it is a change that users see.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';

const COMMANDS = [
  [],
  ['flows'],
  ['collect'],
  ['names'],
  ['operations'],
  ['learn'],
  ['replay'],
  ['why'],
  ['explain'],
  ['completion'],
  ['version'],
  ['help'],
  ['policy'],
  ['policy', 'init'],
  ['policy', 'check'],
  ['policy', 'fmt'],
  ['policy', 'test'],
  ['policy', 'schema'],
  ['policy', 'diff'],
  ['policy', 'plan'],
  ['doctor'],
  ['lab'],
  ['lab', 'up'],
  ['lab', 'work'],
  ['lab', 'attack'],
  ['lab', 'enforce'],
  ['lab', 'verify'],
  ['lab', 'down'],
  ['services'],
  ['status'],
  ['join'],
  ['leave'],
  ['agents', 'ls'],
  ['agents', 'show'],
  ['down'],
  ['protect'],
  ['unprotect'],
  ['mode'],
  ['rules'],
  ['proposals', 'ls'],
  ['proposals', 'show'],
  ['proposals', 'accept'],
  ['proposals', 'reject'],
  ['undo'],
  ['verdicts'],
  ['findings'],
  ['logon'],
  ['logoff'],
  ['tokens', 'enrol'],
  ['tokens', 'ls'],
  ['tokens', 'revoke'],
  ['identities', 'ls'],
  ['identities', 'show'],
  ['identities', 'revoke'],
  ['identities', 'reinstate'],
  ['identities', 'drop-renewal-key'],
  ['authority', 'show'],
  ['authority', 'rotate'],
  ['authority', 'new-issuing'],
  ['authority', 'raise'],
  ['ticket'],
  ['elements', 'ls'],
  ['elements', 'show'],
  ['elements', 'approve'],
  ['elements', 'label'],
  ['elements', 'rm'],
  ['elements', 'quarantine'],
  ['elements', 'release'],
  ['policy', 'apply'],
  ['policy', 'confirm'],
  ['policy', 'rollback'],
  ['policy', 'history'],
  ['policy', 'show'],
  ['policy', 'suggest'],
  ['policy', 'export'],
  ['policy', 'import'],
  ['up'],
  ['agent', 'run'],
  ['agent', 'wait'],
  ['agent', 'stop'],
  ['gateway', 'compile'],
  ['import', 'mud'],
  ['export', 'mud'],
  ['export', 'flows'],
  ['audit', 'ls'],
  ['audit', 'verify'],
  ['audit', 'export'],
  ['audit', 'checkpoint'],
  ['backup'],
  ['restore'],
];

function golden(name: string, text: string): void {
  const path = fileURLToPath(new URL(`./golden/help/${name}.golden.txt`, import.meta.url));
  if (process.env.PICKET_GOLDEN === 'rewrite') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
}

describe('picket --help', () => {
  test.each(COMMANDS.map((words) => [words.join(' ') || 'picket', words] as const))('%s', async (name, words) => {
    const { exit, out, err } = await new World().run(...words, '--help');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    golden(name.replaceAll(' ', '-'), out);
    const again = await new World().run('help', ...words);
    expect(again).toEqual({ exit: 0, out, err: '' });
  });

  test.each(COMMANDS.filter((words) => !['version', 'help', 'policy', 'lab'].includes(words.join(' '))))(
    'every command shows an example: %s',
    async (...words) => {
      const { out } = await new World().run(...words, '--help');
      expect(out).toContain('EXAMPLES\n  picket'.slice(0, 8));
    },
  );
});
