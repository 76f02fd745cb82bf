// Established traffic at scale: packets of live sessions under rules with hours, size, volume, rate and logon, judged in batches,
// against the limit of this machine's memory, a Map of objects that only looks up, and one packet at a time. Growth from thousands to millions.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Engine, PacketBatch } from '#engine';
import { newObservation, newVerdict, TCP } from '#model';
import { buildProbe } from './probe.mjs';
import { NOON, randomOf, worldOf } from './world.mjs';

/** Sessions and rules of each run. The last takes minutes and 6 GB. */
const SCALES = [
  [4_000, 1_000],
  [100_000, 10_000],
  [1_000_000, 100_000],
  [10_000_000, 1_000_000],
];
const ROWS = 4_096;
const ROUNDS = 5;
const PACKETS = 1 << 20;
const CHILD = '--scale';

export async function bench(flags = []) {
  const scales = flags.includes('--full') ? SCALES : SCALES.slice(0, 3);
  const rows = scales.map((scale) => inChild(scale));
  return {
    what: `CPU time a packet of a live session (uniform random; hours, size, volume, rate, logon), median of ${ROUNDS} interleaved rounds`,
    rows,
  };
}

/** Each scale in a process of its own, so that none pays for the garbage of another. */
function inChild([sessions, rules]) {
  const self = fileURLToPath(import.meta.url);
  const args = ['--expose-gc', '--max-old-space-size=12000', self, CHILD, String(sessions), String(rules)];
  const { stdout, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 20 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function measure(sessionCount, ruleCount) {
  const world = worldOf(ruleCount, { isLogonAsked: true });
  globalThis.gc();
  const { heapUsed } = process.memoryUsage();
  const before = cpu();
  const engine = new Engine({
    policy: world.policy,
    addresses: world.addresses,
    start: NOON,
    limits: { sessions: sessionCount },
    seed: 7,
  });
  const loading = cpu() - before;
  globalThis.gc();
  const objects = process.memoryUsage().heapUsed - heapUsed;
  for (const { id } of world.policy.elements) engine.setLogon({ element: id, factor: 'person', at: NOON }, NOON);
  const batch = new PacketBatch(ROWS);
  const packet = newObservation();
  Object.assign(packet, { protocol: 6, tcpFlags: TCP.ack, bytes: 400, packetSize: 400, initiator: 1 });
  // In columns: a bench that walks over objects of its own would push the engine's memory out of the caches.
  const sources = Int32Array.from(world.uses, ({ from }) => world.ids[from]);
  const destinations = Int32Array.from(world.uses, ({ to }) => world.ids[to]);
  const ports = Int32Array.from(world.uses, ({ port }) => port);
  const aim = (session, now) => {
    const use = session % ruleCount;
    packet.source = sources[use];
    packet.destination = destinations[use];
    packet.sourcePort = 1_024 + Math.floor(session / ruleCount);
    packet.destinationPort = ports[use];
    packet.at = now;
  };
  const fill = (row, session, now) => {
    aim(session, now);
    batch.setCarried(row, packet);
  };
  let now = NOON;
  let opening = 0;
  let passed = 0;
  for (let first = 0; first < sessionCount; first += ROWS) {
    const rows = Math.min(ROWS, sessionCount - first);
    for (let row = 0; row < rows; row++) fill(row, first + row, ++now);
    const start = cpu();
    engine.decide(batch, rows);
    opening += cpu() - start;
    for (let row = 0; row < rows; row++) if (batch.reasons(row) === 0) passed++;
  }
  if (passed !== sessionCount) throw new Error(`${sessionCount - passed} openings were denied`);
  const { sessions: table, bonds } = engine.memory;
  const random = randomOf(99);
  const decide = () => {
    // Collecting what another contender left runs on beside it, and would be counted here.
    globalThis.gc();
    let spent = 0;
    for (let done = 0; done < PACKETS; done += ROWS) {
      for (let row = 0; row < ROWS; row++) fill(row, random(sessionCount), ++now);
      const start = cpu();
      engine.decide(batch, ROWS);
      spent += cpu() - start;
      for (let row = 0; row < ROWS; row++) if (batch.reasons(row) !== 0) throw new Error('a packet was denied');
    }
    return spent / PACKETS;
  };
  const verdict = newVerdict();
  const order = new Int32Array(ROWS);
  const judge = () => {
    let spent = 0;
    for (let done = 0; done < PACKETS / 4; done += ROWS) {
      for (let row = 0; row < ROWS; row++) order[row] = random(sessionCount);
      const start = cpu();
      for (let row = 0; row < ROWS; row++) {
        aim(order[row], ++now);
        engine.judge(packet, verdict);
      }
      spent += cpu() - start;
    }
    return (spent * 4) / PACKETS;
  };
  let map = sessionCount <= 1_000_000 ? mapOf(world, { sessionCount, ruleCount, random }) : null;
  const probe = buildProbe();
  const footprint = table.bytes;
  const spent = { decide: [], judge: [], map: [], plain: [], prefetched: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    // Starting the probe forks this process: each page is then copied when it is first written, which is no part of the engine's time.
    decide();
    const one = { decide: decide(), judge: judge(), map: map?.() ?? Number.NaN, ...(probe?.run(footprint) ?? {}) };
    if (round > 0) for (const [name, list] of Object.entries(spent)) list.push(one[name] ?? Number.NaN);
  }
  probe?.end();
  // The peer's objects are no part of what a collection has to look at.
  map = null;
  globalThis.gc();
  const start = performance.now();
  globalThis.gc();
  const pause = performance.now() - start;
  const [batched, single, looked, plain, prefetched] = Object.values(spent).map(median);
  return {
    sessions: sessionCount,
    rules: ruleCount,
    'ns in batches': batched.toFixed(1),
    'ns one by one': single.toFixed(1),
    'ns map look-up': looked.toFixed(1),
    'map to batches': (looked / batched).toFixed(2),
    'limit ns a line': plain?.toFixed(1),
    'limit prefetched': prefetched?.toFixed(1),
    'batches to limit prefetched': (batched / prefetched).toFixed(2),
    'ns an opening': (opening / sessionCount).toFixed(0),
    'bytes a session': (table.bytes / table.count).toFixed(1),
    'bytes of bonds a session': (bonds.bytes / table.count).toFixed(1),
    'µs to load a rule': (loading / 1e3 / ruleCount).toFixed(2),
    'bytes of objects a rule': (objects / ruleCount).toFixed(0),
    'full collection ms': pause.toFixed(1),
  };
}

/** What a plain program does: a text key into a Map, and nothing judged but one counter. */
function mapOf(world, { sessionCount, ruleCount, random }) {
  const keyOf = (session) => {
    const { from, to, port } = world.uses[session % ruleCount];
    return `${world.ids[from]}:${1_024 + Math.floor(session / ruleCount)}>${world.ids[to]}:${port}/6`;
  };
  const sessions = new Map();
  for (let session = 0; session < sessionCount; session++) sessions.set(keyOf(session), { bytes: 0, packets: 0 });
  return () => {
    const start = cpu();
    for (let packet = 0; packet < PACKETS / 4; packet++) {
      const session = sessions.get(keyOf(random(sessionCount)));
      session.bytes += 400;
      session.packets++;
    }
    return ((cpu() - start) * 4) / PACKETS;
  };
}

const [, , flag, sessions, rules] = process.argv;
if (flag === CHILD) console.log(JSON.stringify(measure(Number(sessions), Number(rules))));
