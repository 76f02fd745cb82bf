// The README's tour as a newcomer types it: every command works as printed, the change shows, the example policy holds.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPolicyTests } from '#engine';
import { parsePolicy } from '#policy';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const tour = readme.slice(readme.indexOf('## The tour'), readme.indexOf('## Your own traffic'));
const folder = mkdtempSync(join(tmpdir(), 'picket-readme-'));

/** The commands of the tour, in order, as printed. */
const commands = [...tour.matchAll(/^ {3}(\.\/picket .*|sed .*)$/gm)].map((match) => match[1] ?? '');

function shell(command: string): { readonly status: number | null; readonly text: string } {
  const result = spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' });
  return { status: result.status, text: result.stdout + result.stderr };
}

beforeAll(() => {
  mkdirSync(join(folder, 'demo'));
  for (const name of ['picket', 'lab']) symlinkSync(join(root, name), join(folder, name));
  execFileSync('./picket', ['learn', 'lab/captures/site-normal.pcap', '-o', 'demo/policy.yaml'], {
    cwd: folder,
    stdio: 'ignore',
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the tour: every command works as printed and the changed limit changes verdicts', () => {
  const replay = './picket replay lab/captures/site-attack.pcap --policy demo/policy.yaml';
  expect(commands).toContain(replay);
  expect(shell(replay).text).not.toContain('packet-size');
  const said = commands.map((command) => ({ command, ...shell(command) }));
  expect(said.filter(({ status }) => status !== 0).map(({ command, text }) => `${command}\n${text}`)).toEqual([]);
  const of = (start: string): string => said.find(({ command }) => command.startsWith(start))?.text ?? '';
  expect(of(replay)).toContain('packet-size');
  expect(of('./picket why camera')).toContain('blocked[packet-size]');
  expect(of('./picket why pc')).toContain('blocked[no-rule]');
  expect(of('./picket why scada')).toContain('blocked[wrong-operation]');
  expect(of('./picket policy plan')).toContain('permitted → denied');
}, 180_000);

test('the example policy is valid and passes its own tests', () => {
  const text = readme.match(/^```yaml\n(picket: 1[\s\S]*?)^```/m)?.[1] ?? '';
  const { policy, problems } = parsePolicy(text, 'README.md');
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const results = runPolicyTests(policy ?? expect.unreachable('the example is no policy'), { now: 0 });
  expect(results.map(({ isPassed }) => isPassed)).toEqual([true, true]);
});
