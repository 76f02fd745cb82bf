// An agent as a process of its own, for tests that end it: options from the environment, one line on stdout when it answers.

import process from 'node:process';
import { AgentError, runAgent } from '#agent';

const setting = (name: string): string => process.env[`PICKET_TEST_${name}`] ?? '';

/** Ends the process as a crash does, at the step that the test names. */
function dieAt(step: string): void {
  if (step === setting('DIE_AT')) process.kill(process.pid, 'SIGKILL');
}

const shift = { micros: 0 };
process.on('SIGUSR2', () => {
  shift.micros += Number(setting('SHIFT_SECONDS')) * 1_000_000;
});

try {
  const how = await runAgent({
    stateDirectory: setting('STATE'),
    runDirectory: setting('RUN'),
    version: '0.0.0-test',
    now: () => Date.now() * 1_000 + shift.micros,
    timezone: 'UTC',
    confirmSeconds: Number(setting('CONFIRM') || 90),
    quarantineSeconds: setting('QUARANTINE') === '' ? null : Number(setting('QUARANTINE')),
    ...(setting('ADDRESSES') === '' ? {} : { addressesMax: Number(setting('ADDRESSES')) }),
    log: (line) => process.stderr.write(`${line}\n`),
    onStep: (step) => {
      process.stderr.write(`step ${step}\n`);
      dieAt(step);
    },
    onReady: (socket) => process.stdout.write(`ready ${socket}\n`),
  });
  process.stdout.write(`ended ${how}\n`);
} catch (error) {
  if (!(error instanceof AgentError)) throw error;
  process.stdout.write(`refused ${error.code} ${error.message}\n`);
  process.exitCode = 1;
}
