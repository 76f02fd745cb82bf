// Watches the kernel's table for changes that are not ours, by generation: one `nft monitor`. Never lists anything.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Watcher {
  /** Whether a change of ours was seen: from then on none is missed. */
  hasHeard(): boolean;
  close(): void;
}

export interface WatchOptions {
  /** How nft is called. */
  readonly command: readonly string[];
  /** Whether a process is one of ours. */
  readonly isOurs: (pid: number) => boolean;
  /** Somebody else changed Picket's table. */
  readonly onDrift: () => void;
  /** The watch ended, so drift can pass unseen until another one is begun. */
  readonly onEnd: () => void;
}

/** Begins to watch. A generation is told after the changes that it made, with the process that made it. */
export function watchTable({ command, isOurs, onDrift, onEnd }: WatchOptions): Watcher {
  const [program = 'nft', ...words] = command;
  const child: ChildProcess = spawn(program, [...words, 'monitor'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let isTouched = false;
  let isClosed = false;
  let hasHeard = false;
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const generation = /^# new generation \d+ by process (\d+) /.exec(line);
      if (generation === null) {
        // Traces of packets are told as well, and change nothing.
        isTouched ||= !line.startsWith('trace id ') && / inet picket( |$)/.test(line);
        return;
      }
      const isOwn = isOurs(Number(generation[1]));
      hasHeard ||= isTouched && isOwn;
      if (isTouched && !isOwn) onDrift();
      isTouched = false;
    });
  const end = (): void => {
    if (!isClosed) onEnd();
    isClosed = true;
  };
  child.on('error', end);
  child.on('close', end);
  return {
    hasHeard: () => hasHeard,
    close() {
      isClosed = true;
      child.kill();
    },
  };
}
