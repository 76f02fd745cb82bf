// Starts an agent apart from this process and waits until it holds its table. What keeps it from beginning is found first, and told.

import { AgentError, type StatusAnswer } from '#agent';
import type { Desk } from '../context.ts';
import type { Checked, Surroundings } from '../doctor/checked.ts';
import { checkBeginning } from '../doctor/doctor.ts';
import { linesOf } from '../doctor/print.ts';
import { EXIT } from '../exits.ts';
import { Failure } from '../failure.ts';
import type { Started } from '../machine.ts';
import { safeText } from '../output/text.ts';
import { failureOf } from './asking.ts';
import { agentOf } from './place.ts';

/** A large policy takes seconds to compile; a machine that needs longer has other troubles. */
const READY_MILLIS_MAX = 60_000;
const LOOK_MILLIS = 100;
const LOG_LINES_SHOWN = 8;
const TERMINAL_WIDTH = 80;

/** The status of the agent behind the socket; null where none is there, or one of `others` keeps it from being asked. Other refusals are failures. */
export async function statusOrNull(
  desk: Desk,
  socket: string,
  others: readonly string[] = [],
): Promise<StatusAnswer | null> {
  try {
    return await agentOf(desk, { socket }).ask('status', {});
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    if (error.code === 'PICKET-G020' || others.includes(error.code)) return null;
    throw failureOf(error);
  }
}

/** Fails, with every check that does, where a gateway cannot begin here. Nothing was changed then. */
export async function refuseUnfit(desk: Desk, surroundings: Surroundings): Promise<void> {
  const failed = (await checkBeginning(surroundings)).filter(({ state }) => state === 'fail');
  const [first] = failed;
  if (first === undefined) return;
  for (const check of failed)
    for (const line of linesOf(check, desk.io.stderr.columns ?? TERMINAL_WIDTH)) desk.say(line);
  throw unfit(failed, first);
}

function unfit(failed: readonly Checked[], first: Checked): Failure {
  const what = failed.length === 1 ? `${first.name}: ${first.found}` : `${failed.length} checks fail (above)`;
  return new Failure({
    code: failed.length === 1 ? first.code : 'PICKET-A005',
    exit: EXIT.failed,
    message: `cannot begin: ${what}; nothing was changed`,
    help: failed.length === 1 && first.help !== null ? first.help : 'see them all with: picket doctor',
  });
}

/** Starts it and waits; its log is what it says. */
export async function beginAgent(desk: Desk, { stateFolder, socket }: Surroundings): Promise<StatusAnswer> {
  const logPath = logOf(stateFolder);
  const words = ['agent', 'run', '--checked', '--state', stateFolder, '--socket', socket];
  const started = await desk.io.machine.startPicket(words, logPath);
  const status = await untilReady(desk, socket, started);
  if (status !== null) return status;
  throw new Failure({
    code: 'PICKET-A006',
    exit: EXIT.failed,
    message: `the agent did not begin: ${await lastWords(desk, logPath)}`,
    help: `its log is ${safeText(logPath)}; see also: picket doctor`,
  });
}

export function logOf(stateFolder: string): string {
  return `${stateFolder}/agent.log`;
}

/** Null where it ended, or the time was over. `started` null: somebody else starts it. */
export async function untilReady({ io }: Desk, socket: string, started: Started | null): Promise<StatusAnswer | null> {
  const { machine } = io;
  for (let waited = 0; waited < READY_MILLIS_MAX; waited += LOOK_MILLIS) {
    const status = await readyStatus({ io }, socket);
    if (status !== null) return status;
    if (started !== null && started.ended() !== null) return null;
    await machine.wait(LOOK_MILLIS);
  }
  return null;
}

async function readyStatus(desk: Pick<Desk, 'io'>, socket: string): Promise<StatusAnswer | null> {
  try {
    const status = await agentOf(desk, { socket }).ask('status', {});
    return status.table.isUp ? status : null;
  } catch (error) {
    // Not listening yet, or not ready to answer: it is asked again until the time is over.
    if (error instanceof AgentError) return null;
    throw error;
  }
}

async function lastWords({ io, say }: Desk, logPath: string): Promise<string> {
  const lines = ((await io.machine.text(logPath)) ?? '').split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.slice(-LOG_LINES_SHOWN)) say(`   ${line}`);
  return lines.length === 0 ? 'it said nothing' : 'its last words are above';
}

/** Waits until nobody listens at the socket any more; false where somebody still does. */
export async function untilGone(desk: Desk, socket: string): Promise<boolean> {
  for (let waited = 0; waited < READY_MILLIS_MAX; waited += LOOK_MILLIS) {
    if (await isGone(desk, socket)) return true;
    await desk.io.machine.wait(LOOK_MILLIS);
  }
  return false;
}

/** An agent that ends while it is asked drops the question: it is asked once more, and then nobody is there. */
async function isGone(desk: Desk, socket: string): Promise<boolean> {
  try {
    await agentOf(desk, { socket }).ask('status', {});
    return false;
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    if (error.code === 'PICKET-G022') return false;
    if (error.code === 'PICKET-G020') return true;
    throw failureOf(error);
  }
}
