// A capture far larger than memory through `picket flows`: peak memory and rate, against the same bytes through wc.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { mixedCapture } from './captures.mjs';

const BYTES = 10e9;
const FILE_BYTES = 24;
const PICKET = fileURLToPath(new URL('../dist/bin/picket.js', import.meta.url));

export async function bench() {
  const capture = mixedCapture(1_000_000);
  const picket = await feed(capture, [process.execPath, PICKET, 'flows', '--format', 'csv', '-']);
  const wc = await feed(capture, ['wc', '-c']);
  return {
    what: `${BYTES / 1e9} GB of one capture through a pipe`,
    rows: [
      { contender: 'picket flows', ...picket.row, 'ratio to wc': (picket.seconds / wc.seconds).toFixed(1) },
      { contender: 'wc', ...wc.row },
    ],
  };
}

/** Writes the capture, its packets over and over, into the command's standard input. */
async function feed(capture, command) {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@" >/dev/null', 'bench', ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const peak = watchMemory(child.pid);
  const packets = capture.subarray(FILE_BYTES);
  child.stdin.write(capture.subarray(0, FILE_BYTES));
  for (let sent = 0; sent < BYTES; sent += packets.length)
    if (!child.stdin.write(packets)) await once(child.stdin, 'drain');
  child.stdin.end();
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(said);
  const [user, system] = said.trim().split('\n').at(-1).split(' ').map(Number);
  const seconds = user + system;
  return { seconds, row: { 'CPU seconds': seconds.toFixed(1), 'peak MiB': peak.stop() } };
}

/** Looks at the largest resident memory of the shell's child every 200 ms; the kernel keeps the peak itself. */
function watchMemory(shell) {
  let most = 0;
  const timer = setInterval(async () => {
    try {
      const children = (await readFile(`/proc/${shell}/task/${shell}/children`, 'utf8')).trim().split(' ');
      const status = await readFile(`/proc/${children[0]}/status`, 'utf8');
      most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // The child is gone between two looks: the last one counts.
    }
  }, 200);
  return {
    stop: () => {
      clearInterval(timer);
      return (most / 1_024).toFixed(0);
    },
  };
}
