// One hub, many agents over real TLS and WebSockets in a few processes, and a change of one rule: how long until all have acknowledged it, what it costs
// each side, and how many bytes it is. Then the size and time of a one-rule change by the length of the policy.

import { fork } from 'node:child_process';
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ForHub, openAuthority } from '#authority';
import { Hub, storedPolicies, storedQuarantines, storedRecords } from '#hub';
import { enrolText, fromBase64url } from '#identity';
import { openLedger, Recorder, signerOf } from '#ledger';
import { addDomain, agents as agentRows, applyRevision, beginPolicy, openStore } from '#store';
import { deltaOf, EntryTable, encode } from '#wire';
import { primitives } from '../dist/edge/link/primitives.js';

const DOMAIN = 'bench.example';
const ADA = { kind: 'person', id: 'u1', name: 'ada' };
const PROCESSES = 2;
const AT_ONCE = 25;
const WAIT_MS_MAX = 180_000;
const CHANGES = 5;
const SIZES = [100, 1_000, 10_000, 100_000];

const hash = (text) => createHash('sha256').update(text).digest('hex');
const rule = (at) => `  rule-${at}: { from: cam, to: rtsp, limits: { rate: ${1 + (at % 900)} kbit/s } }\n`;
const policyText = (count, mark) =>
  `picket: 1\nelements:\n  nvr: { kind: server, address: 10.0.3.10 }\n  cam: { kind: device, address: 10.0.3.20 }\nservices:\n  rtsp: { on: nvr, protocol: tcp, port: 554 }\nrules:\n${Array.from({ length: count }, (_, at) => rule(at)).join('')}  changed: { from: cam, to: rtsp, why: "${mark}" }\n`;

export async function bench(flags) {
  const at = flags.indexOf('--agents');
  const count = at < 0 ? 1_000 : Number(flags[at + 1]);
  const folder = mkdtempSync(join(tmpdir(), 'picket-bench-hub-'));
  // A thousand agents have a thousand disks; here they would wait for one.
  const memory = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/picket-bench-hub-') : folder;
  try {
    const rows = [...(await change(count, { folder, memory })), ...sizes()];
    return { what: `${count} agents on one hub, one rule of 100 changed`, rows };
  } finally {
    for (const path of [folder, memory]) rmSync(path, { recursive: true, force: true });
  }
}

async function change(count, { folder, memory }) {
  const store = await openStore({ file: join(folder, 'store.db'), url: null });
  const signer = signerOf(generateKeyPairSync('ed25519').privateKey);
  const ledger = await openLedger({ folder: join(folder, 'ledger'), now: Date.now, newId: randomUUID, signer });
  const recorder = await Recorder.open({ store, ledger, now: Date.now, newId: randomUUID });
  await addDomain(store.db, { id: DOMAIN, name: DOMAIN, made_at: Date.now() });
  let addresses = ['127.0.0.1:1'];
  const authority = await openAuthority({
    store,
    recorder,
    now: Date.now,
    folder: join(folder, 'keys'),
    agentAddresses: () => addresses,
  });
  await authority.establish(DOMAIN, ADA);
  await beginPolicy(store.db, DOMAIN, {
    text: policyText(100, 0),
    authorId: 'u1',
    authorName: 'ada',
    why: '',
    at: Date.now(),
  });
  const handlers = new Set();
  const notices = {
    publish: async (notice) => {
      for (const handler of handlers) handler(notice);
    },
    subscribe: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
  const hub = new Hub({
    controller: 'bench',
    listen: { host: '127.0.0.1', port: 0 },
    addresses: () => addresses,
    trust: new ForHub({ authority, name: 'bench', now: Date.now }),
    policies: storedPolicies(store),
    quarantines: storedQuarantines(store),
    records: storedRecords(store, async () => {}),
    notices,
    now: Date.now,
  });
  addresses = [`127.0.0.1:${await hub.start()}`];
  const enrolled = performance.now();
  const memberships = await enrolAll(authority, count);
  const enrolMs = performance.now() - enrolled;
  const children = Array.from({ length: PROCESSES }, () =>
    fork(fileURLToPath(new URL('./hub-agents.mjs', import.meta.url))),
  );
  const connectedAt = performance.now();
  for (const [at, child] of children.entries())
    child.send({
      kind: 'begin',
      folder: join(memory, `agents-${at}`),
      memberships: memberships.filter((_, index) => index % PROCESSES === at),
    });
  await acknowledged(store, 1, count);
  const connectMs = performance.now() - connectedAt;
  const measured = [];
  for (let revision = 2; revision < 2 + CHANGES; revision += 1)
    measured.push(await once({ store, notices, children, count, revision }));
  for (const child of children) child.send({ kind: 'end' });
  await Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
  await hub.close();
  await recorder.close();
  await ledger.close();
  await store.close();
  const median = (of) => measured.map(of).toSorted((one, other) => one - other)[Math.floor(measured.length / 2)];
  const verifyUs = verification();
  return [
    { enrolled: count, perSecond: Math.round(count / (enrolMs / 1_000)) },
    { connected: count, perSecond: Math.round(count / (connectMs / 1_000)) },
    {
      acknowledged: count,
      medianMs: Math.round(median(({ ms }) => ms)),
      hubCpuPerAgentUs: Math.round(median(({ hubUs }) => hubUs) / count),
      agentCpuPerAgentUs: Math.round(median(({ agentUs }) => agentUs) / count),
      es256VerifyUs: Math.round(verifyUs),
      hubRatioToVerify: (median(({ hubUs }) => hubUs) / count / verifyUs).toFixed(2),
    },
  ];
}

async function once({ store, notices, children, count, revision }) {
  const agentsBefore = await cpuOf(children);
  const hubBefore = process.cpuUsage();
  const begun = performance.now();
  await applyRevision(store.db, DOMAIN, {
    text: policyText(100, revision),
    authorId: 'u1',
    authorName: 'ada',
    why: '',
    at: Date.now(),
    after: revision - 1,
    deadline: null,
    session: null,
    sessionAt: null,
    needsSecond: false,
  });
  await notices.publish({ kind: 'policy', domain: DOMAIN });
  await acknowledged(store, revision, count);
  const ms = performance.now() - begun;
  const { user, system } = process.cpuUsage(hubBefore);
  return { ms, hubUs: user + system, agentUs: (await cpuOf(children)) - agentsBefore };
}

async function acknowledged(store, revision, count) {
  const begun = performance.now();
  for (;;) {
    let after = null;
    let done = 0;
    for (;;) {
      const rows = await agentRows(store.db, DOMAIN, { after, limit: 1_000 });
      done += rows.filter((row) => row.in_force >= revision).length;
      after = rows.at(-1)?.agent ?? null;
      if (rows.length < 1_000) break;
    }
    if (done >= count) return;
    if (performance.now() - begun > WAIT_MS_MAX)
      throw new Error(`only ${done} of ${count} agents acknowledged revision ${revision}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function cpuOf(children) {
  let sum = 0;
  for (const child of children) {
    const answer = new Promise((resolve) => child.once('message', resolve));
    child.send({ kind: 'cpu' });
    const { cpu } = await answer;
    sum += cpu.user + cpu.system;
  }
  return sum;
}

async function enrolAll(authority, count) {
  const memberships = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const part = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => enrolOne(authority, from + at));
    memberships.push(...(await Promise.all(part)));
  }
  return memberships;
}

async function enrolOne(authority, at) {
  const { token, root } = await authority.makeToken(DOMAIN, ADA, {
    kind: 'gateway',
    path: `g${at}`,
    isPrefix: false,
    seconds: 3_600,
  });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const text = enrolText({ domain: DOMAIN, token, spki, renewalSpki: null, root: fromBase64url(root) }, primitives);
  const issued = await authority.enrol({
    domain: DOMAIN,
    token,
    path: null,
    spki: spki.toString('base64'),
    proof: sign('sha256', text, privateKey).toString('base64'),
    renewalSpki: null,
    renewalProof: null,
    root,
  });
  return {
    schema: 'picket.membership/v1',
    domain: DOMAIN,
    id: issued.id,
    origin: 'https://127.0.0.1:1',
    addresses: issued.agents,
    leafKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    chain: issued.chain,
    renewalKey: null,
    gate: issued.gate,
    bundle: issued.bundle,
    joinedMs: Date.now(),
  };
}

/** What every agent has to do at least: one signature of the kind that statements have. */
function verification() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const signed = Buffer.alloc(400, 1);
  const signature = sign('sha256', signed, privateKey);
  const rounds = 300;
  const begun = performance.now();
  for (let round = 0; round < rounds; round += 1) primitives.verify({ signed, signature, key: { kind: 'p256', spki } });
  return ((performance.now() - begun) * 1_000) / rounds;
}

/** A one-rule change in the middle of a policy: bytes of the message but for its signed statement, and the time to take it, digest included. */
function sizes() {
  const entry = (at, json) => ({ section: 'rules', id: `rule-${at}`, json });
  let first = null;
  return SIZES.map((count) => {
    const from = Array.from({ length: count }, (_, at) =>
      entry(at, `{ "from": "cam", "to": "rtsp", "limits": { "rate": "${at} kbit/s" } }`),
    );
    const middle = Math.floor(count / 2);
    const to = from.with(middle, entry(middle, '{ "from": "cam", "to": "rtsp", "why": "changed" }'));
    const there = deltaOf(from, to);
    const back = deltaOf(to, from);
    const table = new EntryTable(from, hash);
    void table.digest;
    const rounds = 200;
    const begun = performance.now();
    for (let round = 0; round < rounds; round += 1) {
      table.apply(round % 2 === 0 ? there : back);
      void table.digest;
    }
    const us = ((performance.now() - begun) * 1_000) / rounds;
    first ??= us;
    const bytes = encode({ kind: 'delta', statement: '', from: 1, delta: there }).length;
    const snapshot = encode({ kind: 'snapshot', statement: '', entries: from }).length;
    return {
      rules: count,
      deltaBytes: bytes,
      snapshotBytes: snapshot,
      takeUs: Math.round(us),
      ratioTo100: (us / first).toFixed(2),
    };
  });
}
