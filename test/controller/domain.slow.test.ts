// What commands tell of a domain that has agents, traffic, findings and newcomers: one look, lists with rows, what is followed, and who is taken in.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Db,
  noteFindings,
  noteNewcomers,
  noteProposals,
  noteTraffic,
  type Store,
  saveAgents,
  type ToldFlow,
} from '#store';
import { type Picket, picketOf, type Said } from './commands.testing.ts';
import { DOMAIN, person, type Running, seeded, session, start, temporary, until } from './controller.testing.ts';

const folder = temporary();
/** The time of the controller, which stands still: what agents told stays as old as it is. */
const NOW = Date.now();
const MAC = '02:00:00:00:00:09';
let running: Running;
let asked: Picket;

beforeAll(async () => {
  const secrets = await seeded(folder.path, async (store) => {
    await person(store, 'ada', 'owner');
    await person(store, 'vic', 'viewer');
    await tell(store);
    return { ada: await session(store, 'ada', NOW), vic: await session(store, 'vic', NOW) };
  });
  running = await start({ folder: folder.path, now: () => NOW });
  asked = picketOf({ folder: folder.path, port: running.controller.port, secrets });
  // The first command loads all of them, which takes its time on a loaded machine.
  await asked('vic', ['version']);
}, 120_000);

afterAll(async () => {
  await running?.controller.close();
  folder.remove();
});

/** What agents told before: one that has the revision, one that could not put it in force and went away. */
async function tell(store: Store): Promise<void> {
  const detail = JSON.stringify({
    local: null,
    counters: { packets: 9, bytes: 99, flowsOpen: 1, flowsSeen: 2 },
    losses: [],
    health: [],
  });
  const row = { domain: DOMAIN, controller: null, connected_at: NOW, seen_at: NOW, program: '0.0.0', detail };
  const well = { in_force: 1, revision: 1, outcome: 'applied' as const, problem_code: null, problem_message: null };
  const broken = {
    ...well,
    in_force: 0,
    outcome: 'failed' as const,
    problem_code: 'PICKET-G007',
    problem_message: 'no table',
  };
  await saveAgents(store.db, [
    { ...row, ...well, agent: 'gateway/north' },
    { ...row, ...broken, agent: 'gateway/south' },
  ]);
  await store.transaction(async (db) => {
    // More than one page of an export has.
    const many = Array.from({ length: 1_200 }, (_, port) => flow({ protocol: 'udp', port: 1_000 + port }));
    const denied = flow({ fromElement: 'lift', reason: 'no-rule', rule: null, port: 22 });
    await traffic(db, [flow({}), denied, flow({ reason: 'over-volume' }), ...many]);
    const finding = { agent: 'gateway/north', address: '10.0.3.20', element: 'cam', action: null, at: NOW };
    await noteFindings(db, DOMAIN, [
      { ...finding, id: 'k3v9x2m7', kind: 'scan', subject: '10.0.4.0/24', evidence: '64 addresses', severity: 'alarm' },
      { ...finding, id: 'k3v9x2m8', kind: 'silence', subject: '', evidence: 'an hour', severity: 'note' },
      { ...finding, id: 'k3v9x2m9', kind: 'silence', subject: 'nvr', evidence: '2 hours', severity: 'note' },
    ]);
    const times = { first_seen: NOW, last_seen: NOW };
    const newcomer = { id: MAC, mac: MAC, addresses: '["10.0.3.77"]', names: '["cam-9"]', interface: 'eth1' };
    await noteNewcomers(db, DOMAIN, {
      agent: 'gateway/north',
      rows: [{ ...newcomer, ...times, proposed_name: 'cam-9' }],
    });
    const rule = {
      section: 'rules' as const,
      entry: 'cam-rtsp',
      json: '{"from":"cam","to":"nvr"}',
      evidence: '9 times',
    };
    await noteProposals(db, DOMAIN, {
      agent: 'gateway/north',
      revision: 1,
      rows: [{ ...rule, ...times, id: 'p5t8w2q1' }],
    });
  });
}

function flow(more: Partial<ToldFlow>): ToldFlow {
  const ends = { fromElement: 'cam', fromAddress: '10.0.3.20', toElement: 'nvr', toAddress: '10.0.3.10' };
  const sums = { openings: 1, packetsSent: 2, packetsReceived: 3, bytesSent: 4, bytesReceived: 5 };
  const times = { minuteMs: NOW - (NOW % 60_000), firstMs: NOW - 2, lastMs: NOW - 1 };
  return {
    ...ends,
    ...sums,
    ...times,
    protocol: 'tcp',
    port: 554,
    reason: null,
    isEnforced: true,
    rule: 'one',
    ...more,
  };
}

function traffic(db: Db, flows: readonly ToldFlow[]): Promise<void> {
  const verdicts = [
    { by: 'kernel', reason: 'no-rule', isEnforced: true, count: 7 },
    { by: 'engine', reason: 'over-volume', isEnforced: false, count: 2 },
  ];
  return noteTraffic(db, { domain: DOMAIN, agent: 'gateway/north', flows, verdicts, atMs: NOW });
}

const picket = (who: string, ...words: readonly string[]): Promise<Said> => asked(who, words);

test('status tells a viewer at one look what is in force, what is wrong, and what to look at', async () => {
  const { exit, out, err } = await picket('vic', 'status', '--on', 'here');
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  const told = out.replace(/\n +/g, ' ');
  for (const line of [
    /^plant\.example at https:\/\/localhost:\d+$/m,
    /^controller +\w+, version 0\.0\.0$/m,
    /^policy +revision 1 by picket .*; 0 rules, 0 services; new elements observe$/m,
    /^elements +0 observe, 0 protect, 0 enforce; 1 new: picket elements ls --new --on here$/m,
    /^agents +2 away: picket agents ls --on here gateway\/north away, holds revision 1 of 1, seen \S+ \S+ gateway\/south away, holds none of 1, seen \S+ \S+: no table \[PICKET-G007\]$/m,
    /^findings +1 alarm, 2 notes open \(scan\): picket alerts ls --on here$/m,
    /^proposals +1 to decide on: picket proposals ls --on here$/m,
  ])
    expect(told).toMatch(line);
  expect(out).not.toContain('WAITING');
});

test('status for programs counts what has a list of its own; nothing of the policy text, and no other domain', async () => {
  const { out } = await picket('vic', 'status', '--json');
  const status = JSON.parse(out);
  expect(status).toMatchObject({
    schema: 'picket.domain-status/v1',
    domain: DOMAIN,
    controller: { states: expect.any(Array) },
    policy: { pending: null, revision: { revision: 1 } },
    agents: {
      count: 2,
      isCut: false,
      states: { away: 2 },
      behind: [{ agent: 'gateway/north' }, { agent: 'gateway/south' }],
    },
    findings: { alarm: 1, note: 2, isCut: false },
    quarantines: [],
    inbox: { count: 1, isCut: false },
    proposals: { count: 1, isCut: false },
  });
  expect(status.policy.text).toBeUndefined();
  expect(await picket('vic', 'status', '--domain', 'office.example')).toMatchObject({ exit: 3, out: '' });
});

test('the agent is meant where it is said, or its folder or socket named', async () => {
  for (const flags of [['--on', 'local'], ['--state', folder.path], []])
    expect((await picket('vic', 'status', ...flags, '--socket', `${folder.path}/none`)).err).toContain('PICKET-G020');
  expect((await picket('vic', 'status', '--state', folder.path)).err).not.toContain('plant.example');
});

test('all conversations are exported as lines of JSON or CSV, to stdout or a file, filtered as the list is', async () => {
  const json = await picket('vic', 'export', 'flows');
  expect(json).toMatchObject({ exit: 0, err: '1,203 rows\n' });
  const rows = json.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toHaveLength(1_203);
  expect(rows).toContainEqual(expect.objectContaining({ from: 'lift', port: 22, reason: 'no-rule' }));
  const out = join(folder.path, 'flows.csv');
  const denied = ['--denied', '--since', '2d', '--per', 'hour', '--reason', 'no-rule', '--to', 'nvr'];
  const csv = await picket('vic', 'export', 'flows', '--format', 'csv', ...denied, '-o', out);
  expect(csv).toMatchObject({ exit: 0, out: '', err: `1 row in ${out}\n` });
  expect(readFileSync(out, 'utf8')).toMatch(
    /^minuteOrHour,span,[^\r]*\r\n[^\r]*,hour,gateway\/north,[^\r]*lift[^\r]*\r\n$/,
  );
  expect(await picket('vic', 'export', 'flows', '--agent', 'nobody')).toMatchObject({
    exit: 0,
    out: '',
    err: '0 rows\n',
  });
  expect((await picket('vic', 'export', 'flows', '--since', '2d', '--until', '1d')).err).toBe('0 rows\n');
});

test('an export that cannot be is refused, and its file not made', async () => {
  const out = join(folder.path, 'never.jsonl');
  expect(await picket('vic', 'export', 'flows', '--until', '1d', '-o', out)).toMatchObject({ exit: 2 });
  expect(await picket('vic', 'export', 'flows', '--until', '1d', '--since', '1d', '-o', out)).toMatchObject({
    exit: 2,
  });
  expect(await picket('vic', 'export', 'flows', '--domain', 'office.example', '-o', out)).toMatchObject({ exit: 3 });
  expect((await picket('vic', 'export', 'flows', '--on', 'local', '-o', out)).err).toContain('PICKET-C900');
  expect(existsSync(out)).toBe(false);
});

test('a newcomer is approved as at the agent: not by a viewer, not in silence, and then it is an element', async () => {
  expect((await picket('vic', 'elements', 'ls', '--new')).out).toMatch(/cam-9/);
  expect((await picket('vic', 'elements', 'show', MAC)).out).toContain('10.0.3.77');
  expect(await picket('vic', 'elements', 'approve', MAC, '--yes')).toMatchObject({ exit: 5 });
  expect(await picket('ada', 'elements', 'approve', MAC)).toMatchObject({ exit: 7 });
  const dry = await picket('ada', 'elements', 'approve', MAC, '--dry-run', '--name', 'cam-9', '--label', 'role=camera');
  expect(dry.out).toMatch(/added +elements\.cam-9[\s\S]*Nothing was changed/);
  expect((await picket('vic', 'elements', 'ls', '--new')).out).toMatch(/cam-9/);
});

test('a change that waits, and who is in quarantine, stand on the status', async () => {
  expect((await picket('ada', 'elements', 'approve', MAC, '--yes', '--name', 'cam-9')).out).toContain(
    'Applied as revision 2.',
  );
  expect((await picket('ada', 'elements', 'quarantine', 'cam-9', '--for', '2h', '--yes')).exit).toBe(0);
  expect((await picket('vic', 'elements', 'ls', '--new')).out).toContain('Nobody was seen');
  const { out } = await picket('ada', 'status');
  expect(out.replace(/\n +/g, ' ')).toMatch(
    /^WAITING +revision 2 by ada reverts to 1 at \S+ unless ada confirms it from a new session: picket policy confirm$/m,
  );
  expect(out).toMatch(/^quarantine +cam-9 until \S+ \S+ by hand \(by ada\)$/m);
});

test('lists have the rows that agents told, with the filters of the agent', async () => {
  const flows = await picket('vic', 'flows', '--denied', '--to', 'nvr');
  expect(flows.out).toMatch(/✕ no-rule +tcp +lift +nvr:22 /);
  expect(flows.out).toMatch(/✕ over-volume +tcp +cam +nvr:554 /);
  expect(flows.out.trimEnd().split('\n')).toHaveLength(3);
  const json = JSON.parse((await picket('vic', 'flows', '--rule', 'one', '--format', 'json')).out);
  expect(json).toMatchObject({ isCut: false });
  expect(json.flows).toHaveLength(1_202);
  const findings = await picket('vic', 'findings');
  expect(findings.out).toMatch(/! +scan +cam +64 addresses/);
  expect(JSON.parse((await picket('vic', 'findings', '--format', 'json')).out).findings).toHaveLength(3);
});

test('verdicts are denials alone, with --denied or without, and counted by reason', async () => {
  const verdicts = await picket('vic', 'verdicts');
  expect(verdicts.out).toMatch(/✕ no-rule +kernel +7\n/);
  expect(verdicts.out).toMatch(/~ over-volume +engine +2\n/);
  expect(await picket('vic', 'verdicts', '--denied')).toEqual(verdicts);
  const one = await picket('vic', 'verdicts', '--denied', '--reason', 'over-volume', '--format', 'csv');
  expect(one.out).toMatch(/^at,by,reason,enforced,count\n[^,]+,engine,over-volume,false,2\n$/);
});

test('the ledger of a domain is listed and exported as it is in its folder', async () => {
  await until('every act to be in the ledger', async () => {
    const all = JSON.parse((await picket('vic', 'audit', 'ls', '--json')).out).records;
    return all.every(({ sequence }: { readonly sequence: number | null }) => sequence !== null);
  });
  const ls = await picket('vic', 'audit', 'ls', '--action', 'quarantine');
  expect(ls).toMatchObject({ exit: 0, err: '' });
  expect(ls.out).toMatch(
    /record +at +by +action +subject +domain\n *\d+ +\S+ \S+ +ada +quarantine\.put +.*plant\.example/,
  );
  const told = JSON.parse((await picket('vic', 'audit', 'ls', '--json', '--last', '2', '--actor', 'ada')).out);
  expect(told).toMatchObject({ schema: 'picket.domain-audit/v1', isCut: expect.any(Boolean) });
  expect(told.records).toHaveLength(2);
  expect(told.records[0].sequence).toBeLessThan(told.records[1].sequence);
  const exported = await picket('vic', 'audit', 'export', '--actor', 'ada');
  expect(exported.out).toContain(`{"hash":"${told.records[1].hash}","record":{`);
  expect((await picket('vic', 'audit', 'export', '--format', 'csv')).out).toMatch(/^[^\n]*action[^\n]*\n/);
  expect(await picket('vic', 'audit', 'ls', '--from', '3')).toMatchObject({ exit: 2 });
  expect(await picket('vic', 'audit', 'ls', folder.path, '--on', 'here')).toMatchObject({ exit: 2 });
  expect(await picket('vic', 'audit', 'ls', '--domain', 'office.example')).toMatchObject({ exit: 3 });
});

test('a whole chain is fetched by its owner alone, and verified here, against what was kept', async () => {
  const kept = join(folder.path, 'monday.json');
  expect(await picket('vic', 'audit', 'verify')).toMatchObject({ exit: 5, out: '' });
  expect(await picket('vic', 'audit', 'export', '--all')).toMatchObject({ exit: 5, out: '' });
  // Signed within seconds of a record, or at the end of the process that this one followed.
  await until('a checkpoint', async () => (await picket('ada', 'audit', 'checkpoint', '-o', kept)).exit === 0);
  const sound = await picket('ada', 'audit', 'verify', '--checkpoint', kept);
  expect(sound).toMatchObject({ exit: 0, err: '' });
  expect(sound.out).toMatch(/^https:\/\/localhost:\d+: sound, records 1 to \d+ of chain /);
  expect(sound.out).toMatch(/ 1 checkpoint, the newest at record \d+\n +signed by sha256:/);
  const whole = join(folder.path, 'chain.jsonl');
  writeFileSync(whole, (await picket('ada', 'audit', 'export', '--all')).out);
  expect(await picket('ada', 'audit', 'verify', whole, '--checkpoint', kept)).toMatchObject({ exit: 0 });
  writeFileSync(kept, readFileSync(kept, 'utf8').replace(/"hash":"../, '"hash":"zz'));
  expect((await picket('ada', 'audit', 'verify', '--checkpoint', kept)).exit).toBeGreaterThan(0);
});

test('a ledger that was changed on the disk of a controller that says nothing of it is found here', async () => {
  const file = join(folder.path, 'ledger', '000000000001.jsonl');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"name":"ada"', '"name":"eve"'));
  const found = JSON.parse((await picket('ada', 'audit', 'verify', '--json')).out);
  writeFileSync(file, text);
  expect(found).toMatchObject({ isSound: false, wrong: { why: expect.stringContaining('its hash is not that') } });
});

test('followed conversations come as they are told, filtered, until the controller ends', async () => {
  let seen = () => {};
  const came = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const words = ['flows', '-f', '--denied', '--from', 'lift', '--format', 'json'];
  const following = asked('vic', words, () => seen());
  await Promise.race([came, following]);
  await running.controller.close();
  const { exit, out, err } = await following;
  expect({ exit, err }).toEqual({ exit: 6, err: 'the controller ended the stream\n' });
  expect(JSON.parse(out)).toMatchObject({
    schema: 'picket.domain-flows-row/v1',
    from: 'lift',
    port: 22,
    reason: 'no-rule',
  });
});
