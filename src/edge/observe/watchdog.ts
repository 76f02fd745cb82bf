// Ends the children when this process is killed and cannot: a small shell that waits for its input to end. Without it a child would live on
// until its next output fails, and hold the log group, which only one process may have. Not a supervisor.

import { type ChildProcess, spawn } from 'node:child_process';

/** Each line holds the process ids that live now. The last line is kept; when the input ends, those are ended. No text but digits comes in. */
export const WATCHDOG_SCRIPT = 'pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill $pids';

export class Watchdog {
  readonly #pids = new Set<number>();
  #shell: ChildProcess | null = null;

  add(pid: number): void {
    if (!Number.isInteger(pid) || pid <= 1) return;
    this.#pids.add(pid);
    this.#tell();
  }

  remove(pid: number): void {
    if (this.#pids.delete(pid)) this.#tell();
  }

  /** Ends the shell; it ends nobody, because nobody is left. */
  async close(): Promise<void> {
    const shell = this.#shell;
    this.#shell = null;
    this.#pids.clear();
    if (shell === null || shell.exitCode !== null || shell.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      shell.once('close', () => resolve());
      shell.stdin?.end('\n');
    });
  }

  #tell(): void {
    this.#shell ??= this.#begin();
    this.#shell.stdin?.write(`${[...this.#pids].join(' ')}\n`);
  }

  /** Own session, so that a signal for this process's group does not end the shell before it can act. */
  #begin(): ChildProcess {
    const shell = spawn('sh', ['-c', WATCHDOG_SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    const forget = (): void => {
      if (this.#shell === shell) this.#shell = null;
    };
    // Where there is no shell, children of a killed process end at their next output.
    shell.on('error', forget);
    shell.on('close', forget);
    shell.stdin?.on('error', forget);
    return shell;
  }
}
