// Where results are written: refused before any work where it is bound to fail, never over an input, whole or not at all.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeWhole } from '../../src/bin/files.ts';
import { BARE_MACHINE } from '../../src/cli/machine.testing.ts';
import { World } from './fake-io.testing.ts';
import { cameraStream, pcap } from './packets.testing.ts';

const STREAM = pcap(cameraStream(1_700_000_000));
const POLICY = 'picket: 1\nelements:\n  camera: { kind: device, address: 10.0.3.21 }\n';

function world(): World {
  const made = new World().put('a.pcap', STREAM).put('b.pcap', STREAM).put('policy.yaml', POLICY);
  made.directories.add('folder');
  return made;
}

const REFUSED: readonly (readonly [line: string, exit: number, says: string])[] = [
  ['learn a.pcap -o folder', 2, 'cannot write "folder": it is a directory'],
  ['learn a.pcap -o /absent/p.yaml', 3, 'its folder does not exist'],
  ['learn a.pcap -o /denied/p.yaml', 1, 'permission denied'],
  ['learn a.pcap -o a.pcap', 2, 'it is an input too'],
  ['learn a.pcap --report a.pcap', 2, 'it is an input too'],
  ['learn a.pcap -o x --report x', 2, 'it is an output too'],
  ['replay a.pcap --policy policy.yaml --report policy.yaml', 2, 'it is an input too'],
  ['replay a.pcap --policy policy.yaml --report folder', 2, 'it is a directory'],
  ['replay a.pcap --policy policy.yaml --labels b.pcap --report b.pcap', 2, 'it is an input too'],
  ['policy init -o folder', 2, 'it is a directory'],
  ['policy init -o a.pcap', 1, 'it exists already'],
];

describe('refuses before any work', () => {
  test.each(REFUSED)('%s', async (line, exit, says) => {
    const made = world();
    const before = new Map(made.files);
    const ran = await made.run(...line.split(' '));
    expect(ran).toMatchObject({ exit, out: '' });
    expect(ran.err).toContain(says);
    expect(made.files).toEqual(before);
  });
});

describe('a disk that is full at the end', () => {
  test('leaves no policy and says so', async () => {
    const made = world();
    const ran = await made.run('learn', 'a.pcap', '-o', '/full/p.yaml');
    expect(ran).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('no space left on device') });
    expect(ran.err).not.toContain('wrote');
    expect(made.files.has('/full/p.yaml')).toBe(false);
  });

  test('leaves no report, but the result is still printed', async () => {
    const made = world();
    const ran = await made.run('replay', 'a.pcap', '--policy', 'policy.yaml', '--report', '/full/r.html');
    expect(ran).toMatchObject({ exit: 1, out: expect.stringContaining('5 packets') });
    expect(ran.err).toContain('cannot write "/full/r.html"');
    expect(made.files.has('/full/r.html')).toBe(false);
  });
});

describe('writes', () => {
  test('"-" as standard output', async () => {
    const made = world();
    const { out } = await made.run('policy', 'init', '-o', '-');
    expect(out).toContain('picket: 1');
    expect((await made.run('learn', 'a.pcap', '-o', '-')).out).toBe((await made.run('learn', 'a.pcap')).out);
    expect(made.files.has('-')).toBe(false);
  });

  test('what to do next so that a shell can read it', async () => {
    const made = world().put("it's a.pcap", STREAM);
    const { err } = await made.run('learn', "it's a.pcap", '-o', 'my policy.yaml');
    expect(err).toContain(`Next: picket replay 'it'\\''s a.pcap' --policy 'my policy.yaml'`);
  });
});

describe('traffic that would mislead is told', () => {
  const notes = async (...line: string[]): Promise<string> => {
    const late = pcap(cameraStream(1_700_000_100));
    const back = pcap([...cameraStream(1_700_000_050), ...cameraStream(1_700_000_000)]);
    return (
      await world()
        .put('late.pcap', late)
        .put('back.pcap', back)
        .run(...line)
    ).err;
  };

  test('the same file twice', async () => {
    const told = await notes('learn', 'a.pcap', 'a.pcap', 'a.pcap');
    expect(told.split('note: "a.pcap" is named more than once')).toHaveLength(2);
    expect(await notes('flows', 'a.pcap', 'b.pcap')).toBe('');
  });

  test('time that runs backwards, in a capture or over captures', async () => {
    expect(await notes('replay', 'back.pcap', '--policy', 'policy.yaml')).toContain(
      'note: time runs backwards, by up to 53 s, first at packet 6 of "back.pcap"',
    );
    expect(await notes('replay', 'a.pcap', 'b.pcap', '--policy', 'policy.yaml')).toContain('by up to 3 s');
    expect(await notes('replay', 'late.pcap', 'a.pcap', '--policy', 'policy.yaml')).toBe('');
    expect(await notes('flows', 'back.pcap')).toBe('');
  });
});

const ROW = '{"from":"cam","note":"\u202e"}\n';

/** Sends rows in pieces that split a character, then breaks off where it is told to. */
async function* sent(isWhole: boolean): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(ROW + ROW);
  yield bytes.subarray(0, 24);
  yield bytes.subarray(24);
  if (!isWhole) throw new Error('aborted');
}

/** A world with a controller that sends rows. */
function controllerThat(isWhole: boolean): World {
  const one = {
    url: 'https://site.example:7443',
    authority: null,
    domain: 'plant.example',
    secret: 'pks_x',
    who: 'ada',
  };
  const contexts = JSON.stringify({ schema: 'picket.contexts/v1', current: 'site', contexts: { site: one } });
  const world = new World();
  world.machine = {
    ...BARE_MACHINE,
    environment: (name) => (name === 'PICKET_CONTEXTS' ? '/contexts.json' : null),
    entry: async () => ({ kind: 'file', uid: 1000, mode: 0o600, modified: 0 }),
    text: async () => contexts,
    https: () => async () => ({ status: 200, header: () => 'application/x-ndjson', body: sent(isWhole) }),
  };
  return world;
}

test('rows are passed on as they came, whatever piece they came in', async () => {
  const world = controllerThat(true);
  expect(await world.run('export', 'flows')).toEqual({ exit: 0, out: ROW + ROW, err: '2 rows\n' });
  expect(await world.run('export', 'flows', '-o', 'all.jsonl')).toMatchObject({ exit: 0, out: '' });
  expect(world.text('all.jsonl')).toBe(ROW + ROW);
});

test('on a terminal what it would obey is escaped', async () => {
  const world = controllerThat(true);
  world.columns = 80;
  expect((await world.run('export', 'flows')).out).toBe((ROW + ROW).replaceAll('\u202e', '\\u202e'));
});

test('an export that breaks off ends with exit code 6, says after how many rows, and writes no file', async () => {
  const world = controllerThat(false).put('all.jsonl', 'before');
  const toStdout = await world.run('export', 'flows');
  expect(toStdout).toMatchObject({ exit: 6, out: ROW + ROW });
  expect(toStdout.err).toContain('error[PICKET-C451]: what the controller sent broke off after 2 lines: aborted');
  const toFile = await world.run('export', 'flows', '-o', 'all.jsonl');
  expect(toFile).toMatchObject({ exit: 6, out: '' });
  expect(toFile.err).toContain('PICKET-C451');
  expect(world.text('all.jsonl')).toBe('before');
  expect((await controllerThat(true).run('export', 'flows', '-o', '/full/all.jsonl')).err).toContain('no space left');
});

test('a file on disk is replaced by pieces that all came, and by no others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-pieces-'));
  const path = join(folder, 'all.jsonl');
  writeFileSync(path, 'before');
  await expect(writeWhole(path, sent(false))).rejects.toThrow('aborted');
  expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['all.jsonl'], 'before']);
  await writeWhole(path, sent(true));
  expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['all.jsonl'], ROW + ROW]);
  rmSync(folder, { recursive: true });
});
