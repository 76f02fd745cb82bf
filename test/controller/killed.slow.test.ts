// A controller that is killed over and over while its policy is edited: whatever it acknowledged is there afterwards, in the policy's history and in the
// ledger, whose chain verifies. A real process from its built files, killed as a power cut would; two lanes of rounds, so that both cores have work.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRecords, verifyLedger } from '#ledger';
import { type Client, controllerClient, routes } from '#routes';
import { policyRevision } from '#store';
import {
  authorityOf,
  DOMAIN,
  POLICY,
  person,
  seeded,
  sender,
  session,
  temporary,
  until,
} from './controller.testing.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LANES = 2;
/** Each is a start and a death of a real process; PICKET_KILLS sets another number in all. */
const ROUNDS = Math.ceil(Number(process.env.PICKET_KILLS ?? 6) / LANES);
/** Edits that a round gets through before it is killed: from none to a few, each round another number. */
const EDITS_MAX = 4;
const params = { domain: DOMAIN };

const folders = Array.from({ length: LANES }, () => temporary());
const children = new Set<ChildProcess>();

beforeAll(() => {
  // Builds where the built files are older than the source.
  const built = spawnSync(join(ROOT, 'picket'), ['version'], { encoding: 'utf8', timeout: 170_000 });
  if (built.status !== 0) throw new Error(built.stderr);
}, 180_000);

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) folder.remove();
});

interface Lane {
  readonly folder: string;
  readonly secret: string;
  /** Revisions that were acknowledged, with their texts. */
  readonly acknowledged: Map<number, string>;
  revision: number;
  readonly startMs: number[];
}

async function round(lane: Lane, number: number): Promise<void> {
  const data = join(lane.folder, 'data');
  rmSync(join(data, 'running.json'), { force: true });
  const words = ['dist/bin/picket.js', 'controller', 'run', '--config', join(lane.folder, 'controller.yaml')];
  const begun = performance.now();
  const child = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = once(child, 'exit');
  await until('it is ready', () => said.includes('"message":"ready"') || child.exitCode !== null, 60_000);
  if (child.exitCode !== null) throw new Error(said);
  lane.startMs.push(performance.now() - begun);
  const port = Number(/"url":"https:\/\/localhost:(\d+)"/.exec(said)?.[1]);
  await until('it says who it is', () => authorityKnown(data));
  const client = controllerClient(sender({ port, ca: authorityOf(data) }), { authorization: `Bearer ${lane.secret}` });
  const shown = await client.call(routes.policies.show, { params });
  if (shown.kind !== 'answer') throw new Error(JSON.stringify(shown));
  // What was under way when it was killed may have happened without being acknowledged; nothing that was may be gone.
  expect(shown.value.revision.revision).toBeGreaterThanOrEqual(lane.revision);
  lane.revision = shown.value.revision.revision;
  const kill = number % EDITS_MAX;
  for (let edit = 0; ; edit++) {
    const text = `${POLICY}# ${number}.${edit}\n`;
    const asked = apply(client, text, lane.revision);
    // The last edit is under way when the process dies.
    if (edit === kill) child.kill('SIGKILL');
    note(lane, await asked, text);
    if (edit === kill) break;
  }
  await ended;
  children.delete(child);
}

type Applied = Awaited<ReturnType<typeof apply>>;

function note(lane: Lane, outcome: Applied, text: string): void {
  if (outcome.kind !== 'answer' || outcome.value.revision === null) return;
  lane.revision = outcome.value.revision;
  lane.acknowledged.set(lane.revision, text);
}

function apply(client: Client, text: string, revision: number) {
  const body = { text, confirmSeconds: 0, waitSeconds: 0 };
  return client.call(routes.policies.apply, { params, body, ifMatch: `r${revision}` });
}

function authorityKnown(data: string): boolean {
  try {
    return authorityOf(data) !== null;
  } catch {
    return false;
  }
}

it(`${LANES * ROUNDS} kills lose nothing that was acknowledged, and the chain verifies`, async () => {
  const lanes = await Promise.all(
    folders.map(async ({ path }): Promise<Lane> => {
      const data = join(path, 'data');
      const text = `picket: 1\ndata: ${data}\ndomain: ${DOMAIN}\nnames: [localhost]\nlisten: 127.0.0.1:0\nagents: 127.0.0.1:0\n`;
      writeFileSync(join(path, 'controller.yaml'), text);
      const secret = await seeded(data, async (store) => {
        await person(store, 'ada', 'owner');
        return session(store, 'ada');
      });
      return { folder: path, secret, acknowledged: new Map(), revision: 1, startMs: [] };
    }),
  );
  await Promise.all(
    lanes.map(async (lane) => {
      for (let number = 0; number < ROUNDS; number++) await round(lane, number);
    }),
  );
  for (const lane of lanes) {
    const data = join(lane.folder, 'data');
    expect(lane.acknowledged.size).toBeGreaterThan(ROUNDS / 2);
    await seeded(data, async (store) => {
      for (const [revision, text] of lane.acknowledged)
        expect((await policyRevision(store.db, DOMAIN, revision))?.text).toBe(text);
    });
    const verified = await verifyLedger({ path: join(data, 'ledger'), keys: null, kept: null });
    expect(verified.wrong).toBeNull();
    const subjects = new Set<string>();
    for await (const record of readRecords(join(data, 'ledger'), { from: 1, to: Number.MAX_SAFE_INTEGER }))
      if (record.act.action === 'policy.apply') subjects.add(record.act.subject);
    for (const revision of lane.acknowledged.keys()) expect(subjects).toContain(`revision ${revision}`);
  }
  const starts = lanes.flatMap(({ startMs }) => startMs).sort((left, right) => left - right);
  console.log(`cold starts: median ${Math.round(starts[Math.floor(starts.length / 2)] ?? 0)} ms of ${starts.length}`);
}, 600_000);
