// Command lines that cannot be understood: exit 2, nothing on stdout, what is wrong and what would be right on stderr.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';

const WRONG: readonly (readonly [line: string, code: string, says: string])[] = [
  ['flws', 'PICKET-U001', 'did you mean "flows"'],
  ['policy chek x', 'PICKET-U001', 'did you mean "check"'],
  ['nonsense-entirely', 'PICKET-U001', 'there is no command "nonsense-entirely"'],
  ['names', 'PICKET-U002', 'FILE'],
  ['flows --tunnels', 'PICKET-U002', 'needs a capture'],
  ['flows -f x', 'PICKET-U002', 'is for the running gateway'],
  ['why a b', 'PICKET-U002', '--policy is missing'],
  ['why a b --live --at 2026-03-01', 'PICKET-U002', '--live asks what holds now'],
  ['flows --fromat csv x', 'PICKET-U002', 'did you mean "--format"'],
  ['flows --format xml x', 'PICKET-U002', 'it may be table, csv, json'],
  ['flows -z x', 'PICKET-U002', 'there is no flag -z'],
  ['replay x', 'PICKET-U002', '--policy is missing'],
  ['replay x --policy', 'PICKET-U002', 'policy'],
  ['replay x --policy a --policy b', 'PICKET-U002', 'given twice'],
  ['why a --policy p', 'PICKET-U002', 'TO is missing'],
  ['why a b c --policy p', 'PICKET-U002', 'one argument too many'],
  ['why a b:99999 --policy p', 'PICKET-U002', 'cannot read the port "99999"'],
  ['completion fish', 'PICKET-U002', 'it may be bash or zsh'],
  ['policy diff a', 'PICKET-U002', 'NEW is missing'],
  ['policy plan a b', 'PICKET-U002', '--traffic is missing'],
  ['policy fmt --check --write p', 'PICKET-U002', 'exclude each other'],
  ['policy fmt --write -', 'PICKET-U002', 'standard input'],
  ['learn - --report r.html', 'PICKET-U002', 'second time'],
];

describe('picket', () => {
  test.each(WRONG)('%s', async (line, code, says) => {
    const { exit, out, err } = await new World().run(...line.split(' '));
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(`error[${code}]: `);
    expect(err).toContain(says);
    expect(err).not.toContain('    at ');
  });

  test('explains every code it can print', async () => {
    for (const code of new Set(WRONG.map(([, one]) => one))) {
      const { exit, out } = await new World().run('explain', code);
      expect({ exit, out }).toEqual({ exit: 0, out: expect.stringContaining(code) });
    }
  });

  test('explains every code that stands in the source of the commands', async () => {
    const folder = fileURLToPath(new URL('../../src/cli', import.meta.url));
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const text = names.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
    const codes = new Set(text.match(/PICKET-[IU]\d{3}/g));
    expect(codes.size).toBeGreaterThan(10);
    for (const code of codes) expect([code, (await new World().run('explain', code)).exit]).toEqual([code, 0]);
  });

  test('explain lists every code, knows lower case, and does not know others', async () => {
    const world = new World();
    const { out } = await world.run('explain');
    for (const line of out.trim().split('\n')) {
      const code = line.split(' ')[0] ?? '';
      expect((await world.run('explain', code.toLowerCase())).exit).toBe(0);
    }
    expect(await world.run('explain', 'PICKET-I9')).toMatchObject({ exit: 3, out: '' });
    expect((await world.run('explain', 'no-rul')).err).toContain('did you mean "no-rule"');
  });

  test('version', async () => {
    expect(await new World().run('version')).toEqual({ exit: 0, out: 'picket 0.0.0-test\n', err: '' });
    expect((await new World().run('--version')).out).toContain('0.0.0-test');
  });

  test('no words at all give the help', async () => {
    const { exit, out } = await new World().run();
    expect(exit).toBe(0);
    expect(out).toContain('COMMANDS');
  });

  test.each(['bash', 'zsh'])('completion for %s asks picket itself', async (shell) => {
    const { exit, out } = await new World().run('completion', shell);
    expect(exit).toBe(0);
    expect(out).toContain('__complete');
  });

  test.each([
    [['fl'], ['flows']],
    [
      ['policy', ''],
      [
        ...['init', 'check', 'fmt', 'test', 'schema', 'diff', 'plan'],
        ...['apply', 'confirm', 'rollback', 'history', 'show', 'suggest', 'ci', 'export', 'import'],
      ],
    ],
    [['flows', '--for'], ['--format']],
    [
      ['flows', '--format', ''],
      ['table', 'csv', 'json'],
    ],
    [['completion', 'z'], ['zsh']],
  ])('completes %j', async (words, expected) => {
    const { out } = await new World().run('__complete', ...words);
    expect(out.trim().split('\n').sort()).toEqual([...expected].sort());
  });
});
