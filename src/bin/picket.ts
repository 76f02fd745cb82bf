// The `picket` program: chooses the real streams, files and clock, and hands them to the commands. No decision is made here.

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { type Io, runPicket } from '#cli';
import { appendTo, checkWritable, chunksOf, factsOf, namesIn, removeUnfinished, writeWhole } from './files.ts';
import { machine, tellToEnd } from './machine.ts';
import { listen, stopListening } from './sockets.ts';
import { endOnBrokenPipe, writerOf } from './streams.ts';

/** Exit codes of a program that was told to stop: 128 and the signal's number. */
const SIGNAL_EXITS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const isNamed = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return isNamed ? String(parsed.version) : 'unknown';
}

/** Leaves no half-written file and no progress line. What listens or holds a gateway is told to end, and the run ends by itself; a second signal ends it at once. */
function stop(exit: number): void {
  if (stopListening() || tellToEnd()) return;
  removeUnfinished();
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.exit(exit);
}

endOnBrokenPipe();
process.on('SIGHUP', () => stop(SIGNAL_EXITS.SIGHUP));
process.on('SIGINT', () => stop(SIGNAL_EXITS.SIGINT));
process.on('SIGTERM', () => stop(SIGNAL_EXITS.SIGTERM));

const now = (): number => Math.floor((performance.timeOrigin + performance.now()) * 1000);

const io: Io = {
  stdout: writerOf(process.stdout),
  stderr: writerOf(process.stderr),
  version: version(),
  now,
  stat: factsOf,
  read: chunksOf,
  list: namesIn,
  checkWritable,
  writeWhole,
  append: appendTo,
  listen: (options) => listen(options, now),
  machine,
};

process.exitCode = await runPicket(process.argv.slice(2), io);
