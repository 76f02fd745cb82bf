// The engine at full rate for minutes: sessions come, speak and idle out, rules are taken out and put back all the while. Is its memory flat, its cost steady,
// and every verdict of a sample of rules the reference's? `--minutes=20`; one minute where nothing is said.

import { Engine, PacketBatch, Reference } from '#engine';
import { HOUR, newObservation, newVerdict, SECOND } from '#model';
import { NOON, randomOf, worldOf } from './world.mjs';

const RULES = 20_000;
/** Sessions that a rule may have at once at most, by their source ports. */
const PORTS = 10;
/** Room for all: the reference of the sampled rules knows of no full table. */
const SESSIONS = RULES * PORTS;
const ROWS = 4_096;
/** Rules taken out and put back between two batches. */
const CHANGES = 8;
/** Rules whose packets the reference judges as well. */
const SAMPLED = 8;
/** One packet in so many is of a sampled rule, else the reference would hardly be asked. */
const SAMPLED_ONE_OF = 200;
/** Time between two packets: idle sessions end after nine hundred thousand of them. */
const STEP = 200;
const PARTS = 10;
/** Growth of memory from the second half of the soak's first third to its end that still counts as flat. */
const FLAT = 1.1;

export async function bench(flags = []) {
  const told = flags.find((flag) => flag.startsWith('--minutes='))?.slice('--minutes='.length);
  const minutes = told === undefined ? 1 : Number(told);
  if (!(minutes > 0)) throw new Error(`--minutes needs a number above 0, got "${told}"`);
  const soak = new Soak();
  const rows = [];
  for (let part = 1; part <= PARTS; part++) rows.push(soak.run((minutes * 60_000) / PARTS, part));
  const warm = rows[Math.floor(PARTS / 3)];
  const growth = rows.at(-1)['MB in all'] / warm['MB in all'];
  if (growth > FLAT) throw new Error(`memory grew ${growth.toFixed(2)} times since part ${PARTS / 3}`);
  return {
    what: `${minutes} minutes of packets, openings, expiry and ${CHANGES} rules out and in again every ${ROWS} packets; ${soak.compared} verdicts compared with the reference, 0 differ; memory at the end ${growth.toFixed(2)} times that of a third of the way`,
    rows,
  };
}

class Soak {
  compared = 0;
  sampled = [];
  #world = worldOf(RULES, { labels: 0 });
  #random = randomOf(4_711);
  #batch = new PacketBatch(ROWS);
  #packet = Object.assign(newObservation(), { protocol: 17 });
  #verdict = newVerdict();
  #expected = newVerdict();
  #sampledRows = new Map();
  #now = NOON;
  #engine;
  #reference;
  #policy;

  constructor() {
    const { policy, addresses, uses } = this.#world;
    const rules = policy.rules.map((rule, at) => ({
      ...rule,
      to: rule.to.map((service) => ({ ...service, protocol: 17 })),
      limits: limitsOf(rule.limits, at),
    }));
    this.#policy = { ...policy, rules };
    // None is governed by an earlier rule.
    const isFirst = (at) => uses.findIndex((use) => isSame(use, uses[at])) === at;
    for (let at = 0; this.sampled.length < SAMPLED; at++) if (isFirst(at)) this.sampled.push(at);
    const limits = { sessions: SESSIONS };
    this.#engine = new Engine({ policy: this.#policy, addresses, start: NOON, limits, seed: 7 });
    this.#reference = new Reference({ policy: this.#sampledPolicy(() => true), addresses, start: NOON });
  }

  /** Runs for so long and tells what it was like. */
  run(lengthMs, part) {
    const end = performance.now() + lengthMs;
    let packets = 0;
    let spent = 0;
    let denied = 0;
    let changes = 0;
    let changing = 0;
    while (performance.now() < end) {
      for (let row = 0; row < ROWS; row++) this.#fill(row);
      const start = cpu();
      this.#engine.decide(this.#batch, ROWS);
      spent += cpu() - start;
      packets += ROWS;
      for (let row = 0; row < ROWS; row++) if (this.#batch.reasons(row) !== 0) denied++;
      this.#compare();
      const before = cpu();
      for (let at = 0; at < CHANGES; at++) this.#change(RULES - 2 - this.#random(RULES / 2));
      changing += cpu() - before;
      changes += 2 * CHANGES;
      if (packets % (ROWS * 64) === 0) this.#changeSampled();
      this.#engine.takeEvents();
      this.#reference.takeEvents();
    }
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return {
      part,
      packets,
      sessions: this.#engine.sessionCount,
      'denied %': ((100 * denied) / packets).toFixed(1),
      'ns a packet': (spent / packets).toFixed(0),
      'ns a change': (changing / changes).toFixed(0),
      'MB of objects': (heapUsed / 1e6).toFixed(1),
      'MB in all': ((heapUsed + arrayBuffers) / 1e6).toFixed(1),
      compared: this.compared,
    };
  }

  #fill(row) {
    const isSampled = this.#random(SAMPLED_ONE_OF) === 0;
    const rule = isSampled ? this.sampled[this.#random(SAMPLED)] : this.#random(RULES);
    const { from, to, port } = this.#world.uses[rule];
    const packet = this.#packet;
    const isBack = this.#random(4) === 0;
    const client = { id: this.#world.ids[from], port: 1_024 + this.#random(PORTS) };
    const server = { id: this.#world.ids[to], port };
    this.#now += STEP;
    packet.at = this.#now;
    packet.source = isBack ? server.id : client.id;
    packet.destination = isBack ? client.id : server.id;
    packet.sourcePort = isBack ? server.port : client.port;
    packet.destinationPort = isBack ? client.port : server.port;
    packet.initiator = isBack ? 2 : 1;
    packet.bytes = 64 + this.#random(1_500);
    packet.packetSize = packet.bytes;
    this.#batch.set(row, packet);
    if (this.sampled.includes(rule)) this.#sampledRows.set(row, rule);
    else this.#sampledRows.delete(row);
  }

  #compare() {
    const expected = this.#expected;
    const verdict = this.#verdict;
    for (let row = 0; row < ROWS; row++) {
      if (!this.#sampledRows.has(row)) continue;
      this.#reference.judge(this.#batch.observation(row), expected);
      this.#batch.read(row, verdict);
      this.compared++;
      const isAlike = verdict.reasons === expected.reasons && verdict.isEnforced === expected.isEnforced;
      if (!isAlike || verdict.isOpening !== expected.isOpening)
        throw new Error(`packet ${this.compared}: engine ${verdict.reasons}, reference ${expected.reasons}`);
    }
  }

  #change(at) {
    if (this.sampled.includes(at)) return;
    const { rules } = this.#policy;
    this.#take(at);
    this.#engine.change({ kind: 'add-rule', rule: rules[at], before: rules[at + 1].id }, this.#now);
  }

  #take(at) {
    this.#engine.change({ kind: 'remove-rule', id: this.#policy.rules[at].id }, this.#now);
  }

  /** A sampled rule goes, and comes back. */
  #changeSampled() {
    const at = this.sampled[this.#random(SAMPLED)];
    const { rules } = this.#policy;
    this.#take(at);
    this.#reference.apply(
      this.#sampledPolicy((other) => other !== at),
      this.#now,
    );
    this.#engine.change({ kind: 'add-rule', rule: rules[at], before: rules[at + 1].id }, this.#now);
    this.#reference.apply(
      this.#sampledPolicy(() => true),
      this.#now,
    );
  }

  /** The policy of the sampled rules that are kept, with the elements they name. */
  #sampledPolicy(isKept) {
    const { rules, elements } = this.#policy;
    const kept = this.sampled.filter(isKept).sort((one, other) => one - other);
    const used = new Set(this.sampled.flatMap((at) => [this.#world.uses[at].from, this.#world.uses[at].to]));
    return {
      ...this.#policy,
      rules: kept.map((at) => rules[at]),
      elements: elements.filter((_, at) => used.has(at)),
    };
  }
}

function isSame(one, other) {
  return one.from === other.from && one.to === other.to && one.port === other.port;
}

/** Tight enough that some packets are denied of each kind. */
function limitsOf(limits, at) {
  const window = { kind: 'fixed', length: 60 * SECOND };
  return {
    ...limits,
    hours: at % 3 === 0 ? limits.hours : null,
    lifetime: at % 5 === 0 ? HOUR / 12 : null,
    volumes: [{ minBytes: null, maxBytes: 40_000 + at, window, direction: 'both', scope: 'rule' }],
    rates: [{ unit: 'bytes', perSecond: 20_000, burst: 4_000, direction: 'sent', scope: 'pair' }],
    connections: at % 2 === 0 ? [{ kind: 'open', max: PORTS / 2, scope: 'rule' }] : [],
  };
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}
