// New connections against many rules: may this one open? The engine's check against a linear scan, a Map, and, where installed in bench/peers,
// CASL, indexed SQLite and Cedar. Same policy, same questions, verdicts compared before anything is timed.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Engine, hoursOpen, PacketBatch } from '#engine';
import { newObservation, newVerdict, TCP } from '#model';
import { interleaved } from './measure.mjs';
import { limitsOf, NOON, randomOf, worldOf } from './world.mjs';

const QUESTIONS = 20_000;
/** Each is asked so often in a round that compiling is no part of the time. */
const ASKED = 10 * QUESTIONS;
/** Questions that the slowest peers are asked, so that they end at all. */
const SLOW_QUESTIONS = { cedar: 20, 'linear scan': 200 };
const SIZES = [1_000, 100_000];
/** Peers that take minutes to load or seconds to answer at this many rules are left out there. */
const SLOW_RULES_MAX = 1_000;
const CHANGES = 20_000;

export async function bench(flags = []) {
  const sizes = flags.includes('--full') ? [...SIZES, 1_000_000] : SIZES;
  const rows = [];
  for (const size of sizes) rows.push(...(await measured(size)), changes(size));
  return {
    what: 'CPU time of one question (may this connection open?), median of interleaved rounds; and of one live change of a rule',
    rows,
  };
}

async function measured(size) {
  const world = worldOf(size, { labels: 0 });
  const labelled = worldOf(size, { labels: 3 });
  const questions = questionsOf(world, size);
  const contenders = { engine: engineOf(world), map: mapOf(world), ...(await peersOf(world, size)) };
  contenders['linear scan'] = (question) => scan(world, question);
  for (const [name, ask] of Object.entries(contenders)) compare(name, ask, { world, questions });
  const works = Object.entries(contenders).map(([name, ask]) => [
    name,
    () => askAll(ask, questions, SLOW_QUESTIONS[name]),
  ]);
  works.push(['engine, in batches', inBatches(world, questions, { isFilled: false })]);
  works.push(['engine, rows filled before', inBatches(world, questions, { isFilled: true })]);
  const ofLabels = questionsOf(labelled, size);
  works.push(['engine, 3 labels, in batches', inBatches(labelled, ofLabels, { isFilled: false })]);
  const askLabelled = engineOf(labelled);
  works.push(['engine, 3 labels an element', () => askAll(askLabelled, ofLabels)]);
  const fresh = freshOf(labelled, size);
  works.push(['engine, 3 labels, never asked before', () => fresh()]);
  const seconds = await interleaved(Object.fromEntries(works));
  const base = seconds.engine / ASKED;
  return Object.entries(seconds).map(([contender, spent]) => {
    const each = spent / (SLOW_QUESTIONS[contender] ?? ASKED);
    return {
      rules: size,
      contender,
      'ns a question': (each * 1e9).toFixed(0),
      'ratio to engine': (each / base).toFixed(1),
    };
  });
}

function askAll(ask, questions, count = ASKED) {
  for (let at = 0; at < count; at++) ask(questions[(at * 7_919) % QUESTIONS]);
}

/** A quarter at random, a quarter with one field off, half as some rule allows. */
function questionsOf({ uses, ids }, size) {
  const random = randomOf(4_242);
  return Array.from({ length: QUESTIONS }, (_, at) => {
    const rule = random(size);
    const { from, to, port } = uses[rule];
    const [, greatest] = [20, limitsOf(rule, false).sizes[0].max];
    const question = { from, to, port, protocol: 6, size: 20 + random(greatest - 20) };
    if (at % 4 === 0) return { ...question, from: random(ids.length), to: random(ids.length) };
    if (at % 4 !== 1) return question;
    const off = random(3);
    if (off === 0) return { ...question, port: port + 1 };
    return off === 1 ? { ...question, protocol: 17 } : { ...question, size: 60_000 };
  });
}

function engineOf({ policy, addresses, ids }) {
  const engine = new Engine({ policy, addresses, start: NOON });
  const packet = Object.assign(newObservation(), { at: NOON, sourcePort: 40_000, tcpFlags: TCP.syn });
  const verdict = newVerdict();
  return ({ from, to, port, protocol, size }) => {
    packet.source = ids[from];
    packet.destination = ids[to];
    packet.destinationPort = port;
    packet.protocol = protocol;
    packet.tcpFlags = protocol === 6 ? TCP.syn : -1;
    packet.packetSize = size;
    engine.check(packet, verdict);
    return verdict.reasons === 0;
  };
}

const ROWS = 2_000;

/** The same questions in the same order, a batch at a time; compared with one by one before. `isFilled`: rows are not written again for each round. */
function inBatches({ policy, addresses, ids }, questions, { isFilled }) {
  const engine = new Engine({ policy, addresses, start: NOON });
  const packet = Object.assign(newObservation(), { at: NOON, sourcePort: 40_000, initiator: 1 });
  const verdict = newVerdict();
  const put = (row, { from, to, port, protocol, size }) => {
    packet.source = ids[from];
    packet.destination = ids[to];
    packet.destinationPort = port;
    packet.protocol = protocol;
    packet.tcpFlags = protocol === 6 ? TCP.syn : -1;
    packet.packetSize = size;
    batches[Math.floor(row / ROWS) % batches.length].setCarried(row % ROWS, packet);
  };
  const batches = Array.from({ length: QUESTIONS / ROWS }, () => new PacketBatch(ROWS));
  for (let at = 0; at < QUESTIONS; at++) put(at, questions[(at * 7_919) % QUESTIONS]);
  for (const batch of batches) {
    engine.checkRows(batch, ROWS, NOON);
    engine.checkRows(batch, ROWS, NOON);
    for (let row = 0; row < ROWS; row++) {
      engine.check(batch.observation(row), verdict);
      if (batch.reasons(row) !== verdict.reasons) throw new Error('a batch answers otherwise');
    }
  }
  return () => {
    for (let first = 0; first < ASKED; first += ROWS) {
      const batch = batches[(first / ROWS) % batches.length];
      if (!isFilled) for (let at = first; at < first + ROWS; at++) put(at, questions[(at * 7_919) % QUESTIONS]);
      engine.checkRows(batch, ROWS, NOON);
    }
  };
}

/** Asks in each round what was not asked before: the memo of openings is of no use. */
function freshOf(world, size) {
  const ask = engineOf(world);
  const random = randomOf(99);
  const { uses, ids } = world;
  return () => {
    for (let at = 0; at < ASKED; at++) {
      const { from, to, port } = uses[random(size)];
      ask({ from, to: at % 2 === 0 ? to : random(ids.length), port: port + (at % 3), protocol: 6, size: 400 });
    }
  };
}

const openByHours = new Map();

/** Whether a rule's limits let the question pass at noon; hours are worked out once. */
function passes(limits, { size }) {
  if (!openByHours.has(limits.hours)) openByHours.set(limits.hours, hoursOpen(limits.hours, NOON).isOpen);
  return openByHours.get(limits.hours) && limits.sizes.every(({ min, max }) => size >= min && size <= max);
}

function scan({ policy, uses }, question) {
  const at = uses.findIndex(
    ({ from, to, port }) =>
      from === question.from && to === question.to && port === question.port && question.protocol === 6,
  );
  return at >= 0 && passes(policy.rules[at].limits, question);
}

function mapOf({ policy, uses }) {
  const rules = new Map();
  for (const [at, { from, to, port }] of uses.entries()) {
    const key = `${from}>${to}:${port}/6`;
    if (!rules.has(key)) rules.set(key, policy.rules[at]);
  }
  return (question) => {
    const rule = rules.get(`${question.from}>${question.to}:${question.port}/${question.protocol}`);
    return rule !== undefined && passes(rule.limits, question);
  };
}

function compare(name, ask, { world, questions }) {
  const first = firstRules(world);
  const count = Math.min(SLOW_QUESTIONS[name] ?? 2_000, 2_000);
  for (let at = 0; at < count; at++) {
    const question = questions[(at * 7_919) % QUESTIONS];
    const rule = first.get(`${question.from} ${question.to} ${question.port}`);
    const expected = rule !== undefined && question.protocol === 6 && passes(rule.limits, question);
    if (ask(question) !== expected) throw new Error(`${name} answers ${!expected}: ${JSON.stringify(question)}`);
  }
}

function firstRules({ policy, uses }) {
  const first = new Map();
  for (const [at, { from, to, port }] of uses.entries())
    if (!first.has(`${from} ${to} ${port}`)) first.set(`${from} ${to} ${port}`, policy.rules[at]);
  return first;
}

/** One rule taken out and put back, far inside the document. */
function changes(size) {
  const world = worldOf(size);
  const engine = new Engine({ policy: world.policy, addresses: world.addresses, start: NOON });
  const random = randomOf(77);
  const { rules } = world.policy;
  const took = [];
  const before = process.cpuUsage();
  for (let count = 0; count < CHANGES; count++) {
    const at = 1 + random(size - 2);
    // Of the processor: a pause of the engine's own, not of a machine that others use as well.
    const start = process.cpuUsage();
    engine.change({ kind: 'remove-rule', id: rules[at].id }, NOON);
    engine.change({ kind: 'add-rule', rule: rules[at], before: rules[at + 1].id }, NOON);
    const { user, system } = process.cpuUsage(start);
    took.push((user + system) / 1e3);
  }
  const { user, system } = process.cpuUsage(before);
  took.sort((one, other) => one - other);
  return {
    rules: size,
    contender: 'engine, one rule out and in again',
    'ns a change': (((user + system) * 1e3) / CHANGES / 2).toFixed(0),
    'longest ms but one in a thousand': took[Math.floor(CHANGES * 0.999)].toFixed(3),
    'longest ms': took.at(-1).toFixed(3),
  };
}

async function peersOf(world, size) {
  const folder = new URL('./peers/', import.meta.url);
  if (!existsSync(new URL('node_modules', folder))) return {};
  const require = createRequire(new URL('package.json', folder));
  const load = (name) => import(pathToFileURL(require.resolve(name)).href);
  const isSmall = size <= SLOW_RULES_MAX;
  const peers = { casl: casl(await load('@casl/ability'), world), sqlite: sqlite(require('better-sqlite3'), world) };
  if (!isSmall) return peers;
  peers.cedar = cedar(require('@cedar-policy/cedar-wasm/nodejs'), world);
  return peers;
}

function casl({ createMongoAbility, subject }, { policy, uses }) {
  const rules = uses
    .map(({ from, to, port }, at) => ({
      action: `${from}`,
      subject: `${to}`,
      conditions: { port, protocol: 6, size: { $gte: 20, $lte: policy.rules[at].limits.sizes[0].max } },
    }))
    .reverse();
  const ability = createMongoAbility(rules);
  return ({ from, to, port, protocol, size }) => ability.can(`${from}`, subject(`${to}`, { port, protocol, size }));
}

function sqlite(Database, { policy, uses }) {
  const database = new Database(':memory:');
  database.exec('create table rule (source int, destination int, port int, protocol int, least int, most int)');
  const insert = database.prepare('insert into rule values (?, ?, ?, 6, 20, ?)');
  database.transaction(() => {
    for (const [at, { from, to, port }] of uses.entries())
      insert.run(from, to, port, policy.rules[at].limits.sizes[0].max);
  })();
  database.exec('create index rule_index on rule (source, destination, port, protocol)');
  const ask = database.prepare(
    'select 1 from rule where source = ? and destination = ? and port = ? and protocol = ? and ? between least and most limit 1',
  );
  return ({ from, to, port, protocol, size }) => ask.get(from, to, port, protocol, size) !== undefined;
}

function cedar(wasm, { policy, uses }) {
  const staticPolicies = uses
    .map(
      ({ from, to, port }, at) =>
        `permit(principal == E::"${from}", action, resource == E::"${to}") when { context.port == ${port} && context.protocol == 6 && context.size >= 20 && context.size <= ${policy.rules[at].limits.sizes[0].max} };`,
    )
    .join('\n');
  wasm.preparsePolicySet?.('bench', { staticPolicies });
  const isPrepared = typeof wasm.statefulIsAuthorized === 'function';
  return ({ from, to, port, protocol, size }) => {
    const call = {
      principal: { type: 'E', id: `${from}` },
      action: { type: 'Action', id: 'open' },
      resource: { type: 'E', id: `${to}` },
      context: { port, protocol, size },
      entities: [],
    };
    const answer = isPrepared
      ? wasm.statefulIsAuthorized({ ...call, preparsedPolicySetId: 'bench' })
      : wasm.isAuthorized({ ...call, policies: { staticPolicies } });
    if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors));
    return answer.response.decision === 'allow';
  };
}
