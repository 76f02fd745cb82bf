// `picket gateway compile`: the table on stdout, what is not held on stderr, nothing changed.

import { describe, expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';

const POLICY = `picket: 1
mode: enforce
elements:
  recorder: { kind: server, address: 10.0.3.10 }
  camera: { kind: device, address: 10.0.3.21 }
services:
  video: { on: recorder, protocol: tcp, port: 554 }
rules:
  stream: { from: camera, to: video }
  shell: { from: camera, to: { on: recorder, protocol: tcp, port: 22, logon: required } }
`;

const world = (): World => new World().put('p.yaml', POLICY).put('bad.yaml', 'picket: 1\nrules: 5\n');

describe('picket gateway compile', () => {
  test('prints a table of its own, and names what it does not hold', async () => {
    const { exit, out, err } = await world().run('gateway', 'compile', 'p.yaml');
    expect(exit).toBe(0);
    expect(out).toContain('table inet picket {');
    expect(out).toContain('add element inet picket exact {');
    expect(out).not.toMatch(/recorder|camera|stream/);
    expect(err).toContain('not held: rules.shell: logon (tighter)');
  });

  test('writes a file, whole', async () => {
    const made = world();
    expect(await made.run('gateway', 'compile', 'p.yaml', '-o', 'p.nft')).toMatchObject({ exit: 0, out: '' });
    expect(made.text('p.nft')).toContain('table inet picket {');
  });

  test('prints the same for the same instant', async () => {
    const once = await world().run('gateway', 'compile', 'p.yaml', '--at', '2026-03-01T12:00:00Z');
    expect(await world().run('gateway', 'compile', 'p.yaml', '--at', '2026-03-01T12:00:00Z')).toEqual(once);
  });

  test('prints JSON', async () => {
    const { out } = await world().run('gateway', 'compile', 'p.yaml', '--json');
    expect(JSON.parse(out)).toMatchObject({ schema: 'picket.gateway-compile/v1', notHeld: [{ where: 'rules.shell' }] });
  });

  test.each([
    [['bad.yaml'], 4],
    [['missing.yaml'], 3],
    [['p.yaml', '--at', 'noon'], 2],
    [[], 2],
  ] as const)('refuses %j with %i', async (words, exit) => {
    expect(await world().run('gateway', 'compile', ...words)).toMatchObject({ exit, out: '' });
  });
});
