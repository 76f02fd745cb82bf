// The shell that ends children when nobody else can.

import { type ChildProcess, spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { WATCHDOG_SCRIPT, Watchdog } from './watchdog.ts';

function sleeper(): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const { pid } = child;
  if (pid === undefined) throw new Error('no sleep');
  return Object.assign(child, { pid });
}

function ended(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.once('close', (_code, signal) => resolve(signal));
  });
}

describe('the watchdog', () => {
  it('ends those of the last line when its input ends', async () => {
    const [old, first, second] = [sleeper(), sleeper(), sleeper()];
    const shell = spawn('sh', ['-c', WATCHDOG_SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'] });
    const ends = Promise.all([ended(first), ended(second)]);
    shell.stdin.write(`${old.pid} ${first.pid}\n${first.pid} ${second.pid}\n`);
    shell.stdin.end();
    expect(await ends).toEqual(['SIGTERM', 'SIGTERM']);
    expect(old.exitCode ?? old.signalCode).toBeNull();
    old.kill('SIGKILL');
  });

  it('ends nobody when it is closed', async () => {
    const child = sleeper();
    const watchdog = new Watchdog();
    watchdog.add(child.pid);
    await watchdog.close();
    expect(child.exitCode ?? child.signalCode).toBeNull();
    child.kill('SIGKILL');
  });

  it('takes no number that would mean more than one process', async () => {
    const watchdog = new Watchdog();
    for (const pid of [-1, 0, 1, 1.5, Number.NaN]) watchdog.add(pid);
    await watchdog.close();
  });
});
