// The policy commands: start, check, format, test, compare, plan; each with its exit code.

import { describe, expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';
import { cameraStream, pcap } from './packets.testing.ts';

const OLD = `picket: 1
mode: enforce
elements:
  recorder: { kind: server, address: 10.0.3.10 }
  camera: { kind: device, address: 10.0.3.21 }
services:
  video: { on: recorder, protocol: tcp, port: 554 }
rules:
  stream: { from: camera, to: video }
tests:
  - camera may use recorder video
  - camera may not use recorder tcp/22
`;
const NEW = OLD.replace('port: 554', 'port: 555').replace(
  'camera may use recorder video',
  'camera may use recorder tcp/555',
);

function world(): World {
  return new World()
    .put('old.yaml', OLD)
    .put('new.yaml', NEW)
    .put('stream.pcap', pcap(cameraStream(1_700_000_000)));
}

describe('picket policy init', () => {
  test('prints a policy that is valid, formatted and passes its own tests', async () => {
    const { exit, out } = await new World().run('policy', 'init');
    expect(exit).toBe(0);
    const made = new World().put('p.yaml', out);
    expect(await made.run('policy', 'check', 'p.yaml')).toMatchObject({ exit: 0, err: '' });
    expect(await made.run('policy', 'fmt', '--check', 'p.yaml')).toMatchObject({ exit: 0, out: '' });
    expect((await made.run('policy', 'test', 'p.yaml')).exit).toBe(0);
  });

  test('writes a file, but never over another without --force', async () => {
    const made = new World();
    expect(await made.run('policy', 'init', '-o', 'p.yaml')).toMatchObject({ exit: 0, out: '' });
    made.put('p.yaml', 'mine');
    expect(await made.run('policy', 'init', '-o', 'p.yaml')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('PICKET-I011'),
    });
    expect(made.text('p.yaml')).toBe('mine');
    expect((await made.run('policy', 'init', '-o', 'p.yaml', '--force')).exit).toBe(0);
    expect(made.text('p.yaml')).toContain('picket: 1');
  });
});

describe('picket policy check', () => {
  test('says what a valid policy holds', async () => {
    const { exit, out } = await world().run('policy', 'check', 'old.yaml');
    expect(exit).toBe(0);
    expect(out).toBe('old.yaml: valid (2 elements, 1 service, 1 rule, 0 guardrails, 2 tests)\n');
  });

  test('shows errors with their place and ends with 4, also among valid ones', async () => {
    const made = world().put(
      'bad.yaml',
      OLD.replace('port: 554', 'port: 70000').replace('kind: device', 'kind: devise'),
    );
    const { exit, out, err } = await made.run('policy', 'check', 'old.yaml', 'bad.yaml');
    expect(exit).toBe(4);
    expect(out).toContain('old.yaml: valid');
    expect(err).toContain('--> bad.yaml:');
    expect(err).toContain('70000');
    expect(err).toContain('devise');
  });

  test('gives the same as JSON', async () => {
    const made = world().put('bad.yaml', 'picket: 2\n');
    const { exit, out, err } = await made.run('policy', 'check', '--json', 'old.yaml', 'bad.yaml');
    expect({ exit, err }).toEqual({ exit: 4, err: '' });
    const json = JSON.parse(out);
    expect(json).toMatchObject({
      schema: 'picket.policy-check/v1',
      files: [{ isValid: true }, { file: 'bad.yaml', isValid: false }],
    });
    expect(json.files[1].problems[0]).toMatchObject({ code: expect.stringMatching(/^PICKET-P/), place: { line: 1 } });
  });
});

describe('picket policy fmt', () => {
  const untidy = OLD.replace('{ kind: server, address: 10.0.3.10 }', '{address: 10.0.3.10,   kind: server}');

  test('prints, checks and rewrites', async () => {
    const made = world().put('p.yaml', untidy);
    const printed = await made.run('policy', 'fmt', 'p.yaml');
    expect(printed.exit).toBe(0);
    expect(await made.run('policy', 'fmt', '--check', 'p.yaml')).toMatchObject({
      exit: 4,
      out: expect.stringContaining('p.yaml: not formatted'),
    });
    expect(made.text('p.yaml')).toBe(untidy);
    expect((await made.run('policy', 'fmt', '--write', 'p.yaml')).exit).toBe(0);
    expect(made.text('p.yaml')).toBe(printed.out);
    expect((await made.run('policy', 'fmt', '--check', 'p.yaml')).exit).toBe(0);
  });

  test('leaves a policy with errors as it is', async () => {
    const made = world().put('p.yaml', 'picket: 1\nrules: 7\n');
    expect(await made.run('policy', 'fmt', '--write', 'p.yaml')).toMatchObject({ exit: 4, out: '' });
    expect(made.text('p.yaml')).toBe('picket: 1\nrules: 7\n');
  });
});

describe('picket policy test', () => {
  test('one line per test, exit 0 when all hold', async () => {
    const { exit, out } = await world().run('policy', 'test', 'old.yaml');
    expect(exit).toBe(0);
    expect(out.trim().split('\n').length).toBeGreaterThanOrEqual(2);
    expect(out).toContain('2 of 2 tests hold');
  });

  test('a test that fails ends with 4 and says why', async () => {
    const made = world().put('p.yaml', OLD.replace('camera may not use', 'camera may use'));
    const { exit, out } = await made.run('policy', 'test', 'p.yaml');
    expect(exit).toBe(4);
    expect(out).toContain('no-rule');
    expect(out).toContain('1 of 2 tests hold');
    expect((await made.run('policy', 'test', '--json', 'p.yaml')).exit).toBe(4);
  });
});

describe('picket policy schema', () => {
  test('prints a JSON Schema', async () => {
    const { exit, out } = await world().run('policy', 'schema');
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ $schema: expect.stringContaining('2020-12') });
  });
});

describe('picket policy diff', () => {
  test('names what changed, and nothing where only the layout did', async () => {
    const { exit, out } = await world().run('policy', 'diff', 'old.yaml', 'new.yaml');
    expect(exit).toBe(0);
    expect(out).toContain('video');
    const same = world().put('same.yaml', `# a comment\n${OLD}`);
    expect((await same.run('policy', 'diff', 'old.yaml', 'same.yaml')).out).toBe('no difference in meaning\n');
    expect(JSON.parse((await world().run('policy', 'diff', '--json', 'old.yaml', 'new.yaml')).out)).toMatchObject({
      schema: 'picket.policy-diff/v1',
    });
  });
});

describe('picket policy plan', () => {
  test('lists the conversations that change, with counts', async () => {
    const { exit, out } = await world().run('policy', 'plan', 'old.yaml', 'new.yaml', '--traffic', 'stream.pcap');
    expect(exit).toBe(0);
    expect(out).toContain('another verdict for 1 of 1 conversation');
    expect(out).toContain('permitted → denied');
    expect(out).toContain('0 → 5');
  });

  test('takes more files after the first, and gives JSON', async () => {
    const { exit, out } = await world().run(
      'policy',
      'plan',
      'new.yaml',
      'old.yaml',
      '--json',
      '--traffic',
      'stream.pcap',
      'stream.pcap',
    );
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'picket.plan/v1',
      complete: true,
      totals: { conversations: 1, changed: 1 },
      turns: { 'denied → permitted': 1 },
      changes: [
        {
          service: 'tcp/554',
          packets: 10,
          before: { verdict: 'denied', reasons: ['no-rule'] },
          after: { verdict: 'permitted', rule: 'stream' },
        },
      ],
    });
  });

  test('no change is an answer', async () => {
    expect(await world().run('policy', 'plan', 'old.yaml', 'old.yaml', '--traffic', 'stream.pcap')).toMatchObject({
      exit: 0,
      out: 'another verdict for 0 of 1 conversation\n',
    });
  });
});
