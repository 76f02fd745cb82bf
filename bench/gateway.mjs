// The kernel table's cost: per packet over a ruleset that only tracks connections, per update, and in memory. Needs root, nft, python3.
// Every figure is a ratio against something measured in the same run, in namespaces of its own.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileTable, Gateway, Memory, numberBook, tableFile } from '#enforce';
import { NO_LIMITS, parsePrefix } from '#model';

const ROUNDS = 7;
const PACKETS = 200_000;
const PAYLOAD_BYTES = 172;
const FLOWS = 64;
const SMALL = 1_000;
const LARGE = 100_000;
const SERVERS = 100;
const UPDATES = 41;
const NOW = Date.now() * 1_000;

const BASE =
  'table inet base {\n chain forward {\n type filter hook forward priority filter; policy accept;\n ct state invalid drop\n }\n}\n';
const ALL_WEEK = {
  zone: 'UTC',
  spans: [
    { days: 127, fromMinute: 0, toMinute: 720 },
    { days: 127, fromMinute: 700, toMinute: 1_440 },
  ],
};
const MANY = {
  ...NO_LIMITS,
  hours: ALL_WEEK,
  sizes: [{ min: null, max: 1_000, direction: 'both' }],
  volumes: [
    {
      minBytes: null,
      maxBytes: 2 ** 50,
      window: { kind: 'fixed', length: 86_400_000_000 },
      direction: 'both',
      scope: 'rule',
    },
  ],
  rates: [{ unit: 'bytes', perSecond: 2 ** 36, burst: 2 ** 36, direction: 'both', scope: 'rule' }],
};

/** Edits in memory: everything that is not told here stays the same objects. */
const EDITS = {
  'one rule': withRule,
  "an element's mode": (policy) => withElement(policy, { mode: 'observe' }),
  "an element's address": (policy) => withElement(policy, { addresses: [parsePrefix('10.3.0.1')] }),
  "an element's label": (policy) => withElement(policy, { labels: [['role', 'camera']] }),
  'a rule with a selector nobody asked': (policy) => withRule(policy, { kind: 'label', key: 'role', value: 'printer' }),
};

/** `--updates`: only what an update costs. */
export async function bench(flags = []) {
  const contenders = {
    'conntrack only': { text: BASE, from: client },
    'plain, 1k rules': { text: textOf(policyOf(SMALL)), from: client },
    'plain, 100k rules': { text: textOf(policyOf(LARGE)), from: client },
    'hours + size + quota + rate, 1k': { text: textOf(policyOf(SMALL, MANY)), from: client },
    'denied flood from outside, 1k': { text: textOf(policyOf(SMALL)), from: stranger },
    'denied flood from outside, 100k': { text: textOf(policyOf(LARGE)), from: stranger },
  };
  const sites = Object.entries(contenders).map(([name, one], at) => ({ name, ...one, site: openSite(at) }));
  try {
    const costs = flags.includes('--updates') ? [] : await packetCosts(sites);
    return {
      what: 'gateway: kernel cost, ratios',
      rows: [...costs, ...(await updateCosts(sites)), ...(flags.includes('--updates') ? [] : memory(sites[0].site))],
    };
  } finally {
    for (const { site } of sites) site.close();
  }
}

async function packetCosts(sites) {
  const seconds = new Map(sites.map(({ name }) => [name, []]));
  const arrived = new Map();
  for (const { site, text, from } of sites) {
    site.load(text);
    site.flows = Array.from({ length: FLOWS }, (_, at) => [
      site.frame('a1', from(at % 10), server(at % SERVERS)),
      site.frame('b1', server(at % SERVERS), from(at % 10)),
    ]);
    for (const [side, way] of [
      ['a1', 0],
      ['b1', 1],
    ])
      await site.send(
        side,
        site.flows.map((flow) => flow[way]),
        FLOWS,
      );
  }
  for (let round = 0; round <= ROUNDS; round++)
    for (const { site, name } of sites) {
      const done = await site.send(
        'a1',
        site.flows.map(([out]) => out),
        PACKETS,
      );
      arrived.set(name, done.arrived);
      if (round > 0) seconds.get(name).push(done.seconds);
    }
  const base = median(seconds.get('conntrack only'));
  return sites.map(({ name }) => ({
    packets: name,
    ratio: ratio(median(seconds.get(name)), base),
    arrived: arrived.get(name),
  }));
}

/**
 * One edit, the two sizes by turns: the kernel's part, which is the transaction from the line to the barrier behind it; the whole of it; and
 * the compiler alone. An element's edits move its pairs: as many rules name it at either size.
 */
async function updateCosts(sites) {
  const gateways = [];
  for (const [at, rules] of [SMALL, LARGE].entries()) gateways.push(await upGateway(sites[at].site, rules));
  const [{ up }] = gateways;
  const rows = [];
  for (const [what, edit] of Object.entries(EDITS)) rows.push(...(await editCosts(what, edit, gateways)));
  for (const { gateway } of gateways) gateway.close();
  return [...rows, ...gateways.map((one) => ({ up: `${one.rules} rules`, ratio: ratio(one.up, up) }))];
}

async function editCosts(what, edit, gateways) {
  const sides = gateways.map((one) => ({
    ...one,
    policies: [edit(one.policy), one.policy],
    times: { kernel: [], compiler: [], whole: [] },
  }));
  for (let round = 0; round < UPDATES; round++)
    for (const { gateway, compile, policies, times } of sides) {
      const policy = policies[round % 2];
      const start = performance.now();
      const { transactionMillis } = await gateway.apply(policy);
      times.whole.push(performance.now() - start);
      times.kernel.push(transactionMillis);
      const begun = performance.now();
      compile(policy);
      times.compiler.push(performance.now() - begun);
    }
  const [small] = sides;
  // The last round has an even number: the policy of the start is in force again only after one more.
  for (const { gateway, compile, policy } of gateways) {
    await gateway.apply(policy);
    compile(policy);
  }
  return sides.map(({ rules, up, times }) => ({
    update: `${what}, ${rules} rules`,
    kernel: ratio(median(times.kernel), median(small.times.kernel)),
    compiler: ratio(median(times.compiler), median(small.times.compiler)),
    whole: ratio(median(times.whole), median(small.times.whole)),
    anew: (median(times.whole) / up).toFixed(3),
  }));
}

async function upGateway(site, rules) {
  site.load('flush ruleset\n');
  const gateway = new Gateway({
    nft: [...site.inside, 'nft'],
    ip: [...site.inside, 'ip'],
    connections: ['true'],
    now: () => (performance.timeOrigin + performance.now()) * 1_000,
  });
  const less = policyOf(rules);
  const started = performance.now();
  await gateway.up(less);
  const [book, memory] = [numberBook(), new Memory()];
  const compile = (policy) => compileTable(policy, { book, memory, now: NOW });
  compile(less);
  return {
    rules,
    gateway,
    compile,
    policy: less,
    up: performance.now() - started,
  };
}

/** Memory that the kernel charges to whoever loads the table, where the machine has that account. */
function memory(site) {
  const folder = '/sys/fs/cgroup/memory/picket-bench';
  try {
    mkdirSync(folder);
  } catch {
    return [{ memory: 'no memory account on this machine' }];
  }
  try {
    const used = [SMALL, LARGE].map((rules) => chargedBytes(site, folder, textOf(policyOf(rules))));
    return [{ memory: 'bytes a plain rule', bytes: Math.round((used[1] - used[0]) / (LARGE - SMALL)) }];
  } finally {
    rmdirSync(folder);
  }
}

function chargedBytes(site, folder, text) {
  site.load('flush ruleset\n');
  const before = Number(readFileSync(`${folder}/memory.usage_in_bytes`, 'utf8'));
  const done = spawnSync(
    'sh',
    ['-c', `echo $$ > ${folder}/cgroup.procs && exec ${[...site.inside, 'nft', '-f', '-'].join(' ')}`],
    { input: text },
  );
  if (done.status !== 0) throw new Error(done.stderr.toString().slice(0, 500));
  writeFileSync(`${folder}/memory.force_empty`, '0');
  const after = Number(readFileSync(`${folder}/memory.usage_in_bytes`, 'utf8'));
  site.load('flush ruleset\n');
  return after - before;
}

function withElement(policy, change) {
  const [first, ...rest] = policy.elements;
  return { ...policy, elements: [{ ...first, ...change }, ...rest] };
}

function withRule(policy, from = policy.rules[0].from) {
  const [first] = policy.rules;
  const to = [{ ...first.to[0], ports: [{ from: 5_001, to: 5_001 }] }];
  return { ...policy, rules: [...policy.rules, { ...first, id: 'more', from, to }] };
}

function policyOf(rules, limits = NO_LIMITS) {
  const clients = Math.ceil(rules / SERVERS);
  const element = (id, address) => ({
    id,
    kind: 'device',
    macs: [],
    addresses: [parsePrefix(address)],
    login: null,
    labels: [],
    data: [],
    mode: 'enforce',
    protect: [],
    isSafetyCritical: false,
    owner: null,
  });
  const elements = [
    ...Array.from({ length: Math.max(clients, FLOWS) }, (_, at) => element(`c${at}`, client(at))),
    ...Array.from({ length: SERVERS }, (_, at) => element(`s${at}`, server(at))),
  ];
  const rule = (at) => ({
    id: `r${at}`,
    from: { kind: 'element', id: `c${Math.floor(at / SERVERS)}` },
    to: [
      {
        id: '',
        on: { kind: 'element', id: `s${at % SERVERS}` },
        protocol: 17,
        ports: [{ from: 5_000, to: 5_000 }],
        application: null,
        isLogonRequired: false,
      },
    ],
    limits,
    isAudit: false,
    owner: null,
    why: null,
    until: null,
  });
  return {
    timezone: 'UTC',
    mode: 'enforce',
    elements,
    services: [],
    rules: Array.from({ length: rules }, (_, at) => rule(at)),
    never: [],
    require: [],
    tests: [],
  };
}

function textOf(policy) {
  const made = compileTable(policy, { book: numberBook(), now: NOW });
  if (made.kind === 'refused') throw new Error(made.problem.message);
  return tableFile(made.content, NOW);
}

function client(at) {
  return `10.1.${Math.floor(at / 250)}.${(at % 250) + 1}`;
}

function server(at) {
  return `10.2.0.${at + 1}`;
}

function stranger(at) {
  return `93.184.216.${at + 1}`;
}

function openSite(number) {
  const gateway = `pkbench${process.pid}g${number}`;
  const ends = `pkbench${process.pid}e${number}`;
  const run = (...words) => execFileSync(words[0], words.slice(1), { encoding: 'utf8' });
  for (const name of [gateway, ends]) run('ip', 'netns', 'add', name);
  const inside = ['ip', 'netns', 'exec', gateway];
  run(...inside, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0');
  run(
    'ip',
    'netns',
    'exec',
    ends,
    'sysctl',
    '-qw',
    'net.ipv6.conf.all.disable_ipv6=1',
    'net.ipv6.conf.default.disable_ipv6=1',
  );
  const macs = {};
  for (const [at, side] of ['a', 'b'].entries()) {
    run('ip', 'link', 'add', `${side}0`, 'netns', gateway, 'type', 'veth', 'peer', 'name', `${side}1`, 'netns', ends);
    run('ip', '-n', ends, 'link', 'set', `${side}1`, 'up');
    run('ip', '-n', gateway, 'link', 'set', `${side}0`, 'up');
    run('ip', '-n', gateway, 'address', 'add', `10.255.${at}.1/24`, 'dev', `${side}0`);
    const mac = run('ip', 'netns', 'exec', ends, 'cat', `/sys/class/net/${side}1/address`).trim();
    run('ip', '-n', gateway, 'neigh', 'add', `10.255.${at}.2`, 'lladdr', mac, 'dev', `${side}0`, 'nud', 'permanent');
    macs[`${side}1`] = { own: mac, gateway: run(...inside, 'cat', `/sys/class/net/${side}0/address`).trim() };
  }
  for (const route of ['10.1.0.0/16', '93.184.216.0/24'])
    run('ip', '-n', gateway, 'route', 'add', route, 'via', '10.255.0.2');
  run('ip', '-n', gateway, 'route', 'add', '10.2.0.0/16', 'via', '10.255.1.2');
  const script = fileURLToPath(new URL('./gateway-load.py', import.meta.url));
  const child = spawn('ip', ['netns', 'exec', ends, 'python3', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    inside,
    load(text) {
      const done = spawnSync(inside[0], [...inside.slice(1), 'nft', '-f', '-'], { input: text });
      if (done.status !== 0) throw new Error(done.stderr.toString().slice(0, 500));
    },
    frame: (side, from, to) =>
      frameOf(macs[side], side === 'a1' ? [from, to, 40_000, 5_000] : [from, to, 5_000, 40_000]),
    async send(side, frames, count) {
      child.stdin.write(`${JSON.stringify({ side, frames, count })}\n`);
      return JSON.parse((await answers.next()).value);
    },
    close() {
      child.kill();
      for (const name of [gateway, ends]) spawnSync('ip', ['netns', 'del', name]);
    },
  };
}

/** An Ethernet frame with a UDP datagram whose checksum is left out, which IPv4 permits. */
function frameOf(macs, [from, to, sourcePort, destinationPort]) {
  const frame = Buffer.alloc(14 + 28 + PAYLOAD_BYTES);
  frame.write(macs.gateway.replaceAll(':', ''), 0, 'hex');
  frame.write(macs.own.replaceAll(':', ''), 6, 'hex');
  frame.writeUInt16BE(0x0800, 12);
  frame.writeUInt8(0x45, 14);
  frame.writeUInt16BE(28 + PAYLOAD_BYTES, 16);
  frame.writeUInt8(64, 22);
  frame.writeUInt8(17, 23);
  for (const [at, text] of [
    [26, from],
    [30, to],
  ])
    Buffer.from(text.split('.').map(Number)).copy(frame, at);
  let sum = 0;
  for (let at = 14; at < 34; at += 2) sum += frame.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame.writeUInt16BE(~sum & 0xffff, 24);
  frame.writeUInt16BE(sourcePort, 34);
  frame.writeUInt16BE(destinationPort, 36);
  frame.writeUInt16BE(8 + PAYLOAD_BYTES, 38);
  return frame.toString('hex');
}

function median(list) {
  const sorted = [...list].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

function ratio(one, other) {
  return (one / other).toFixed(2);
}
