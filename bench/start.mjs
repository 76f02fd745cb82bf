// Cold start of `picket up --controller` in a network namespace of its own: seconds until it answers, and memory of both processes, against a bare Node in the same run. Needs root.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROUNDS = 5;
const SETTLE_MS = 2_000;
const PROGRAM = fileURLToPath(new URL('../dist/bin/picket.js', import.meta.url));

export async function bench() {
  if (process.getuid?.() !== 0) throw new Error('bench start: needs root, for a network namespace');
  const space = `pb${process.pid}`;
  execFileSync('ip', ['netns', 'add', space]);
  try {
    execFileSync('ip', ['-n', space, 'link', 'set', 'lo', 'up']);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await once(space));
    return resultOf(rounds);
  } finally {
    for (const pid of pidsOf(space)) process.kill(pid, 'SIGKILL');
    spawnSync('ip', ['netns', 'del', space]);
  }
}

async function once(space) {
  const folder = mkdtempSync(join(tmpdir(), 'picket-bench-'));
  const place = ['--state', join(folder, 'state'), '--socket', join(folder, 'state', 'run', 'agent.sock')];
  try {
    const bare = await bareNode(space);
    const before = performance.now();
    picket(space, ['up', '--controller', '--name', 'localhost', ...place]);
    const seconds = (performance.now() - before) / 1_000;
    await wait(SETTLE_MS);
    const found = pidsOf(space).map((pid) => ({ words: wordsOf(pid), memory: memoryOf(pid) }));
    const one = (word) =>
      found.find(({ words }) => words[words.indexOf(PROGRAM) + 1] === word && words.includes(PROGRAM)).memory;
    const [controller, agent] = [one('controller'), one('agent')];
    const tools = found
      .filter(({ words }) => !words.includes(PROGRAM))
      .reduce((sum, { memory }) => sum + memory.pss, 0);
    return { bare, seconds, controller, agent, tools };
  } finally {
    picket(space, ['down', '--purge', '--yes', ...place]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A Node that does nothing: what it costs to start one, and to have one. */
async function bareNode(space) {
  const before = performance.now();
  spawnSync('ip', ['netns', 'exec', space, process.execPath, '-e', '0']);
  const seconds = (performance.now() - before) / 1_000;
  const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await wait(SETTLE_MS);
  const memory = memoryOf(idle.pid);
  idle.kill('SIGKILL');
  return { seconds, ...memory };
}

function picket(space, words) {
  execFileSync('ip', ['netns', 'exec', space, process.execPath, PROGRAM, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function pidsOf(space) {
  return execFileSync('ip', ['netns', 'pids', space], { encoding: 'utf8' }).split('\n').filter(Boolean).map(Number);
}

function wordsOf(pid) {
  const path = `/proc/${pid}/cmdline`;
  return existsSync(path) ? readFileSync(path, 'utf8').split('\0') : [];
}

/** Megabytes: RSS counts pages that others hold as well, PSS a share of them, own is what no other has. */
function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1_024;
  return { rss: field('Rss'), pss: field('Pss'), own: field('Private_Dirty') };
}

function resultOf(rounds) {
  const of = (pick) => median(rounds.map(pick));
  const row = (process, pick) => ({
    process,
    'PSS MB': of((round) => pick(round).pss).toFixed(0),
    'RSS MB': of((round) => pick(round).rss).toFixed(0),
    'own MB': of((round) => pick(round).own).toFixed(0),
    'own, ratio to bare Node': of((round) => pick(round).own / round.bare.own).toFixed(1),
  });
  return {
    what: `picket up --controller from nothing, ${ROUNDS} rounds, medians; memory ${SETTLE_MS / 1_000} s later. Bars of one machine: 5 s, 150 MB`,
    rows: [
      {
        seconds: of(({ seconds }) => seconds).toFixed(2),
        'bare Node, seconds': of(({ bare }) => bare.seconds).toFixed(2),
        ratio: of(({ seconds, bare }) => seconds / bare.seconds).toFixed(1),
      },
      row('bare Node', ({ bare }) => bare),
      row('controller', ({ controller }) => controller),
      row('agent', ({ agent }) => agent),
      {
        process: 'controller and agent together',
        'MB, pages of Node once': of(({ controller, agent }) => together(controller, agent)).toFixed(0),
        'tools of the agent, PSS MB': of(({ tools }) => tools).toFixed(0),
      },
    ],
  };
}

/** What each alone has, and what they share once. PSS would be flattered by this benchmark's own Node, which shares as well. */
function together(one, other) {
  return one.own + other.own + Math.max(one.rss - one.own, other.rss - other.own);
}

function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
