// Ends a controller of this machine and waits until it has ended. Nothing is removed.

import type { Desk } from '../../context.ts';
import { EXIT } from '../../exits.ts';
import { Failure } from '../../failure.ts';

/** Requests under way are given five seconds, agents two. */
const GONE_MILLIS_MAX = 30_000;
const LOOK_MILLIS = 100;

export async function endRunning(desk: Pick<Desk, 'io'>, pid: number): Promise<void> {
  const { machine } = desk.io;
  const { status } = await machine.run(['kill', '-TERM', String(pid)]);
  if (status !== 0)
    throw new Failure({
      code: 'PICKET-C808',
      exit: EXIT.notAllowed,
      message: `process ${pid} cannot be told to end; nothing was changed`,
      help: 'it belongs to another user: ask as that one, or as root',
    });
  for (let waited = 0; waited < GONE_MILLIS_MAX; waited += LOOK_MILLIS) {
    // It says that it runs no more before its database is closed; what was ended and not yet taken away has no words left.
    if (((await machine.text(`/proc/${pid}/cmdline`)) ?? '') === '') return;
    await machine.wait(LOOK_MILLIS);
  }
  throw new Failure({
    code: 'PICKET-C808',
    exit: EXIT.failed,
    message: `process ${pid} was told to end and has not yet`,
    help: 'see its log',
  });
}
