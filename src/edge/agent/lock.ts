// One agent for one state: a lock that the kernel gives back when its holder is gone, however it went. Not a file that can be left behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { peek } from './files.ts';
import { AgentError } from './trouble.ts';

export interface Lock {
  release(): void;
  /** Told when the lock is lost while it is held: somebody ended its child process. */
  onLoss(told: () => void): void;
}

/** What flock answers where another process holds the lock. */
const TAKEN_EXIT = 77;
/** The lock of a killed agent is given back when its child reads the end of its input: milliseconds later, seconds on a loaded machine. */
const TRIES_MAX = 20;
const TRY_MS = 150;
/** Time for the child to say that it holds the lock. */
const ANSWER_MS_MAX = 20_000;
const HELD = 'held';

/** Takes the lock of a file, or refuses and names the process that has it. */
export async function takeLock(path: string): Promise<Lock> {
  for (let tried = 1; ; tried++) {
    const lock = await tryLock(path);
    if (lock !== null) {
      writeFileSync(path, `${process.pid}\n`, { mode: 0o600 });
      return lock;
    }
    if (tried >= TRIES_MAX) break;
    await new Promise((resolve) => setTimeout(resolve, TRY_MS));
  }
  const holder = /^\d+/.exec(peek(path, 32) ?? '')?.[0];
  throw new AgentError({
    code: 'PICKET-G024',
    message: `another agent runs with the same state${holder === undefined ? '' : ` (process ${holder})`}; nothing was changed`,
    help: 'ask it: picket status; end it: picket down; or name another directory',
  });
}

function tryLock(path: string): Promise<Lock | null> {
  // The child reads the agent's pipe and nothing else: it ends, and the lock with it, when the agent does.
  const child = spawn('flock', ['--exclusive', '--nonblock', '--conflict-exit-code', String(TAKEN_EXIT), path, 'cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // A signal for the agent's process group must not take the lock away first.
    detached: true,
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), ANSWER_MS_MAX);
    const settle = (work: () => void): void => {
      clearTimeout(timer);
      work();
    };
    child.stdin.on('error', () => {});
    child.on('error', () => settle(() => reject(cannotLock(path, 'the program flock is not there'))));
    child.on('close', (code) =>
      settle(() => (code === TAKEN_EXIT ? resolve(null) : reject(cannotLock(path, `flock ended with ${code}`)))),
    );
    child.stdout.once('data', () => settle(() => resolve(lockOf(child))));
    child.stdin.write(`${HELD}\n`);
  });
}

function lockOf(child: ChildProcess): Lock {
  let isReleased = false;
  return {
    release() {
      isReleased = true;
      child.stdin?.end();
    },
    onLoss(told) {
      child.on('close', () => {
        if (!isReleased) told();
      });
    },
  };
}

function cannotLock(path: string, why: string): AgentError {
  return new AgentError({
    code: 'PICKET-G033',
    message: `cannot lock "${path}": ${why}`,
    help: 'flock is part of util-linux',
  });
}
