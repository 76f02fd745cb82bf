// Where results are written: refused before any work where it is bound to fail, never over an input, whole or not at all.

import { describe, expect, test } from 'vitest';
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
