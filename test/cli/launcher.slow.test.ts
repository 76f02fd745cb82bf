// The real ./picket: a process with pipes, signals and files. Everything else is tested in-process.

import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cameraStream, pcap } from './packets.testing.ts';

const PICKET = fileURLToPath(new URL('../../picket', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'picket-cli-'));
const stream = join(folder, 'stream.pcap');

function picket(...argv: string[]): { exit: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(PICKET, argv, { encoding: 'utf8', cwd: folder });
  return { exit: status, out: stdout, err: stderr };
}

beforeAll(() => {
  writeFileSync(stream, pcap(cameraStream(1_700_000_000)));
  picket('version');
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('./picket', () => {
  test('runs from any folder and prints its version', () => {
    expect(picket('version')).toEqual({ exit: 0, out: expect.stringMatching(/^picket \d+\.\d+\.\d+/), err: '' });
  });

  test('runs through a symbolic link', () => {
    const link = join(folder, 'linked');
    symlinkSync(PICKET, link);
    expect(spawnSync(link, ['version'], { encoding: 'utf8' }).status).toBe(0);
  });

  test('reads standard input', () => {
    const { status, stdout } = spawnSync(PICKET, ['flows', '--format', 'csv', '-'], {
      input: gzipSync(readFileSync(stream)),
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(2);
  });

  test('reads a pipe that can be read only once, also where it looks ahead', () => {
    const policy = join(folder, 'policy.yaml');
    expect(picket('policy', 'init', '--force', '-o', policy).exit).toBe(0);
    const line = `"${PICKET}" replay <(cat "${stream}") <(cat "${stream}") --policy "${policy}" --json`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect(stderr).toMatch(/^note: time runs backwards, .*\n$/);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).totals.packets).toBe(10);
  });

  test('ends quietly when its reader goes away', () => {
    const line = `set -o pipefail; "${PICKET}" policy schema | head -c 10 >/dev/null; "${PICKET}" help | true`;
    const { stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect(stderr).toBe('');
  });

  test('writes its files although nobody reads what it prints', () => {
    const policy = join(folder, 'unread.yaml');
    const report = join(folder, 'unread.html');
    const line = `"${PICKET}" learn "${stream}" -o "${policy}" 2>&1 | true; "${PICKET}" replay "${stream}" -p "${policy}" --report "${report}" | true`;
    const { stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect(stderr.replace(/^wrote .*\n/, '')).toBe('');
    expect(readFileSync(policy, 'utf8')).toContain('rules:');
    expect(readFileSync(report, 'utf8').trimEnd()).toMatch(/<\/html>$/);
  });

  test.skipIf(!existsSync('/dev/full')).each(['flows', 'help'])(
    'says that standard output is full (or: no /dev/full here): %s',
    (word) => {
      const line = `"${PICKET}" ${word} ${word === 'flows' ? `"${stream}"` : ''} > /dev/full`;
      const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
      expect(status).toBe(1);
      expect(stderr).toBe('error[PICKET-I003]: cannot write standard output: no space left on device\n');
    },
  );

  test('keeps a link, the permissions of a file, and a device', () => {
    const target = join(folder, 'private.yaml');
    const link = join(folder, 'link.yaml');
    writeFileSync(target, 'old', { mode: 0o600 });
    symlinkSync('private.yaml', link);
    expect(picket('policy', 'init', '--force', '-o', link).exit).toBe(0);
    expect(readFileSync(target, 'utf8')).toMatch(/^# /);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(picket('learn', stream, '-o', '/dev/null', '--report', '/dev/null').exit).toBe(0);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('ends with 130 when interrupted', async () => {
    const child = spawn(PICKET, ['flows', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
    // More than a pipe holds: once all of it was taken, picket is up and reading.
    const many = pcap(cameraStream(1_700_000_000, 20_000));
    await new Promise((resolve) => child.stdin.write(many, resolve));
    child.kill('SIGINT');
    expect(await exit).toBe(130);
  });

  test('writes a file whole, with nothing left beside it', () => {
    const target = join(folder, 'written.yaml');
    expect(picket('policy', 'init', '-o', target).exit).toBe(0);
    expect(readFileSync(target, 'utf8')).toMatch(/^# /);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('says what it cannot write, and leaves nothing behind', () => {
    const { exit, err } = picket('policy', 'init', '-o', join(folder, 'absent', 'policy.yaml'));
    expect(exit).toBe(3);
    expect(err).toContain('cannot write');
  });

  test.each([
    ['of zeros', new Uint8Array(0)],
    ['with a pcap header', pcap([])],
  ])('answers a 10 GB sparse file %s quickly and in little memory', (_, head) => {
    const path = join(folder, 'sparse.pcap');
    writeFileSync(path, head);
    const file = openSync(path, 'r+');
    ftruncateSync(file, 10 * 2 ** 30);
    closeSync(file);
    const before = Date.now();
    const { exit, err } = picket('flows', path);
    expect([1, 8]).toContain(exit);
    expect(err).toMatch(/format is not known|PICKET-I006/);
    expect(Date.now() - before).toBeLessThan(15_000);
  });

  test('reads a directory, and refuses one that holds nothing and a missing file', () => {
    const full = join(folder, 'full');
    const empty = join(folder, 'empty');
    mkdirSync(join(full, 'day'), { recursive: true });
    mkdirSync(empty);
    writeFileSync(join(full, 'day', 'stream.pcap'), readFileSync(stream));
    expect(picket('flows', '--format', 'csv', full)).toMatchObject({
      exit: 0,
      out: expect.stringContaining(join(full, 'day', 'stream.pcap')),
    });
    expect(picket('flows', empty)).toMatchObject({ exit: 2, err: expect.stringContaining('PICKET-I002') });
    expect(picket('flows', join(folder, 'absent.pcap'))).toMatchObject({
      exit: 3,
      err: expect.stringContaining('PICKET-I001'),
    });
  });
});
