// What keeps a controller from beginning, as the failure of a command. Every room's errors have a code and a way out.

import { EXIT } from '../../exits.ts';
import { Failure, isCodeOf } from '../../failure.ts';

/** What `work` resolves with; an error that has a code is a failure, and anything else a bug. */
export async function begun<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const help = 'help' in error && typeof error.help === 'string' ? { help: error.help } : {};
  if (isCodeOf(error.code, 'C'))
    return new Failure({ code: error.code, exit: EXIT.failed, message: error.message, ...help });
  const system = new Map([
    ['EADDRINUSE', 'the address is in use by another program'],
    ['EACCES', 'the address may not be used by this user'],
    ['EADDRNOTAVAIL', 'the address is none of this machine'],
  ]).get(error.code);
  if (system === undefined) return error;
  return new Failure({
    code: 'PICKET-C802',
    exit: EXIT.failed,
    message: `cannot listen: ${system} (${error.message}); nothing was changed`,
    help: 'choose another one with --listen or --agents, or end the other program',
  });
}
