// Commands against a real controller over TLS: the policy and its entries changed, quarantines, what is listed, and what is refused to whom.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Picket, picketOf, type Said } from './commands.testing.ts';
import { POLICY, person, type Running, seeded, session, start, temporary } from './controller.testing.ts';

const folder = temporary();
let running: Running;
let policy: string;
let asked: Picket;

beforeAll(async () => {
  const secrets = await seeded(folder.path, async (store) => {
    await person(store, 'ada', 'owner');
    await person(store, 'vic', 'viewer');
    // A session that begins after the change, as one of a new logon would.
    return {
      early: await session(store, 'ada'),
      late: await session(store, 'ada', Date.now() + 300_000),
      viewer: await session(store, 'vic'),
    };
  });
  running = await start({ folder: folder.path });
  asked = picketOf({ folder: folder.path, port: running.controller.port, secrets });
  // The first command loads all of them, which takes its time on a loaded machine.
  await asked('viewer', ['version']);
  policy = join(folder.path, 'policy.yaml');
  writeFileSync(policy, POLICY);
}, 120_000);

afterAll(async () => {
  await running?.controller.close();
  folder.remove();
});

const picket = (who: string, ...words: readonly string[]): Promise<Said> => asked(who, words);

test('a dry run shows the plan and changes nothing; silence is no yes; a viewer may not', async () => {
  const dry = await picket('early', 'policy', 'apply', policy, '--dry-run');
  expect(dry).toMatchObject({ exit: 0, err: '' });
  expect(dry.out).toMatch(/Plan:[\s\S]*added +rules\.one[\s\S]*Nothing was changed/);
  expect(await picket('early', 'policy', 'apply', policy)).toMatchObject({ exit: 7 });
  expect(await picket('viewer', 'policy', 'apply', policy, '--yes')).toMatchObject({ exit: 5 });
  expect((await picket('early', 'policy', 'show')).out).not.toContain('cam may use');
  expect((await picket('early', 'policy', 'rollback', '--yes')).out).toContain('nothing waits');
});

test('a policy with an error ends with exit code 4', async () => {
  const broken = join(folder.path, 'broken.yaml');
  writeFileSync(broken, POLICY.replace('cam may use', 'cam may not use'));
  expect(await picket('early', 'policy', 'apply', broken, '--yes')).toMatchObject({ exit: 4 });
});

test('an apply is taken back, or confirmed from a later session alone', async () => {
  const applied = await picket('early', 'policy', 'apply', policy, '--yes', '--why', 'day one', '--on', 'here');
  expect(applied).toMatchObject({ exit: 0 });
  expect(applied.out).toContain('Applied as revision 2.');
  expect(applied.out).toContain('picket policy confirm --on here');
  expect(applied.out).toContain('No agent belongs to the domain yet.');
  expect((await picket('early', 'policy', 'confirm')).err).toContain('PICKET-C716');
  expect((await picket('early', 'policy', 'rollback')).exit).toBe(7);
  expect((await picket('early', 'policy', 'rollback', '--yes')).out).toContain('is in force again, as revision 3');
  const again = JSON.parse((await picket('early', 'policy', 'apply', policy, '--yes', '--json')).out);
  expect(again).toMatchObject({ schema: 'picket.domain-change/v1', revision: 4, pending: { revertsTo: 3 } });
  expect((await picket('late', 'policy', 'confirm')).out).toContain('revision 4 is confirmed');
  expect((await picket('early', 'policy', 'show')).out).toBe(POLICY);
  expect((await picket('early', 'policy', 'history')).out).toMatch(/2 +reverted .*day one/);
});

test('undo brings the revision before back; the agent is meant where it is said', async () => {
  const undone = await picket('early', 'undo', '--yes', '--confirm', 'none');
  expect(undone).toMatchObject({ exit: 0 });
  expect((await picket('early', 'policy', 'show')).out).not.toContain('cam may use');
  expect((await picket('early', 'policy', 'show', '4')).out).toBe(POLICY);
  expect(await picket('early', 'policy', 'show', '99')).toMatchObject({ exit: 3 });
  const socket = ['--socket', join(folder.path, 'none.sock')];
  expect((await picket('early', 'policy', 'history', '--on', 'local', ...socket)).err).toContain('PICKET-G020');
  expect((await picket('early', 'policy', 'history', ...socket)).err).toContain('PICKET-G020');
});

test('modes, services, labels and elements are changed with the words of the agent, and not by a viewer', async () => {
  expect(await picket('early', 'policy', 'apply', policy, '--yes', '--confirm', 'none')).toMatchObject({ exit: 0 });
  const changes: readonly (readonly [words: readonly string[], found: string])[] = [
    [['mode', 'nvr', 'observe'], 'mode: observe'],
    [['protect', 'rtsp', 'on', 'nvr', '--allow', 'cam'], 'protect:'],
    [['unprotect', 'rtsp', 'on', 'nvr'], 'nvr'],
    [['elements', 'label', 'cam', 'role=camera'], 'role: camera'],
    [['elements', 'rm', 'lift'], 'nvr'],
    [['mode', 'nvr', 'enforce'], 'mode: enforce'],
  ];
  for (const [words, found] of changes) {
    const before = (await picket('early', 'policy', 'show')).out;
    expect(await picket('viewer', ...words, '--yes'), words.join(' ')).toMatchObject({ exit: 5 });
    expect(await picket('early', ...words), words.join(' ')).toMatchObject({ exit: 7 });
    expect((await picket('early', ...words, '--dry-run')).out).toContain('Nothing was changed (--dry-run)');
    expect((await picket('early', 'policy', 'show')).out).toBe(before);
    expect(await picket('early', ...words, '--yes', '--confirm', 'none'), words.join(' ')).toMatchObject({ exit: 0 });
    expect((await picket('early', 'policy', 'show')).out, words.join(' ')).toContain(found);
  }
  expect((await picket('early', 'policy', 'show')).out).not.toContain('lift');
  expect((await picket('early', 'mode', 'nvr', 'enforce', '--yes')).out).toContain('Nothing would change.');
});

test('what a controller cannot know is asked for', async () => {
  expect(await picket('early', 'protect', 'rtsp', '--yes')).toMatchObject({ exit: 2 });
  expect(await picket('early', 'mode', 'nobody', 'enforce', '--yes')).toMatchObject({ exit: 3 });
  expect(await picket('early', 'elements', 'approve', '02:00:00:00:00:09', '--yes')).toMatchObject({ exit: 3 });
  expect(await picket('early', 'elements', 'rm', 'nobody', '--yes')).toMatchObject({ exit: 3 });
});

test('an element is put in quarantine and released', async () => {
  expect(await picket('viewer', 'elements', 'quarantine', 'cam', '--yes')).toMatchObject({ exit: 5 });
  const done = await picket('early', 'elements', 'quarantine', 'cam', '--for', '2h', '--reason', 'scans', '--yes');
  expect(done.out).toMatch(/cam is in quarantine until .*\nUndo: picket elements release cam/);
  expect((await picket('viewer', 'elements', 'ls')).out).toContain('QUARANTINED');
  expect((await picket('viewer', 'elements', 'show', 'cam')).out).toMatch(/quarantine +by ada, until .*: scans/);
  expect((await picket('early', 'elements', 'release', 'cam', '--yes')).out).toContain('cam is released');
  expect(await picket('early', 'elements', 'release', 'cam', '--yes')).toMatchObject({ exit: 3 });
});

test('elements, services, rules, flows, verdicts and findings are listed for a viewer', async () => {
  const listings: readonly (readonly [words: readonly string[], schema: string, rows: string])[] = [
    [['elements', 'ls'], 'picket.domain-elements/v1', 'elements'],
    [['services'], 'picket.domain-services/v1', 'services'],
    [['rules'], 'picket.rules/v1', 'rules'],
    [['flows', '--since', '2d', '--per', 'hour'], 'picket.domain-flows/v1', 'flows'],
    [['verdicts'], 'picket.domain-verdicts/v1', 'verdicts'],
    [['findings'], 'picket.domain-findings/v1', 'findings'],
  ];
  for (const [words, schema, rows] of listings) {
    const json = words.some((word) => ['flows', 'verdicts', 'findings'].includes(word)) ? '--format=json' : '--json';
    const told = await picket('viewer', ...words, json);
    expect(told, words.join(' ')).toMatchObject({ exit: 0, err: '' });
    expect(JSON.parse(told.out), words.join(' ')).toMatchObject({ schema, [rows]: expect.any(Array) });
    expect((await picket('viewer', ...words)).exit).toBe(0);
  }
  expect((await picket('viewer', 'elements', 'ls')).out).toMatch(/nvr +server +.*10\.0\.3\.10/);
  expect((await picket('viewer', 'elements', 'ls', '--new')).out).toContain('Nobody was seen');
  expect((await picket('viewer', 'rules')).out).toMatch(/one +rule +cam +rtsp/);
  expect((await picket('viewer', 'rules', 'one')).out).toMatch(/one: cam may use rtsp[\s\S]*used +0 times/);
  expect((await picket('viewer', 'services', 'rtsp')).out).toContain('rtsp (tcp/554) on nvr');
});

test('what is not there, or asked in a way that a controller has no answer to, is told', async () => {
  expect(await picket('viewer', 'rules', 'none')).toMatchObject({ exit: 3 });
  expect(await picket('viewer', 'services', 'none')).toMatchObject({ exit: 3 });
  expect(await picket('viewer', 'elements', 'show', 'none')).toMatchObject({ exit: 3 });
  expect(await picket('viewer', 'verdicts', '--from', 'cam')).toMatchObject({ exit: 2 });
  expect(await picket('viewer', 'findings', '-f')).toMatchObject({ exit: 2 });
  expect(await picket('viewer', 'flows', '--since', 'yesterday')).toMatchObject({ exit: 2 });
  expect(await picket('viewer', 'flows', '--since', '1h', '--on', 'local')).toMatchObject({ exit: 2 });
  expect(await picket('viewer', 'elements', 'ls', '--on', 'nowhere')).toMatchObject({ exit: 3 });
});

test('why judges by the policy in force in the domain', async () => {
  expect((await picket('viewer', 'why', 'cam', 'nvr:554')).out).toContain('permitted: cam may use nvr:554');
  expect((await picket('viewer', 'why', 'cam', 'nvr:22')).out).toContain('blocked[no-rule]');
  expect(await picket('viewer', 'why', 'cam', 'nvr:22', '--policy', policy, '--on', 'here')).toMatchObject({ exit: 2 });
  expect(await picket('viewer', 'why', 'cam', 'nvr:22', '--live', '--on', 'here')).toMatchObject({ exit: 2 });
  expect(await picket('viewer', 'why', 'cam', 'nvr:22', '--on', 'local')).toMatchObject({ exit: 2 });
});
