// Asks the agent and turns its refusals into failures of a command, each with the exit code of the output contract.

import { AgentError } from '#agent';
import { frameProblems } from '#policy';
import type { Desk } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure, isCodeOf } from '../failure.ts';

/** Refusals that are no plain failure; every other code ends with 1. */
const EXITS: ReadonlyMap<string, Exit> = new Map([
  ['PICKET-G020', EXIT.unreachable],
  ['PICKET-G021', EXIT.notAllowed],
  ['PICKET-G022', EXIT.unreachable],
  ['PICKET-G024', EXIT.refused],
  ['PICKET-G025', EXIT.refused],
  ['PICKET-G026', EXIT.refused],
  ['PICKET-G028', EXIT.notAllowed],
  ['PICKET-G029', EXIT.notFound],
  ['PICKET-G031', EXIT.refused],
  ['PICKET-G034', EXIT.refused],
  ['PICKET-G036', EXIT.policyFailed],
  ['PICKET-C654', EXIT.refused],
  ['PICKET-C655', EXIT.refused],
  ['PICKET-C656', EXIT.refused],
  ['PICKET-C657', EXIT.refused],
  ['PICKET-C666', EXIT.refused],
]);

/** The answer to what `work` asks. `text` is the policy that was sent, so that its problems can be shown in their lines. */
export async function answered<Answer>(desk: Desk, work: () => Promise<Answer>, text = ''): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    if (error.problems.length > 0) desk.say(frameProblems(error.problems, text));
    throw failureOf(error);
  }
}

export function failureOf({ code, message, help, problems }: AgentError): Failure {
  const exit = EXITS.get(code) ?? (problems.length > 0 ? EXIT.policyFailed : EXIT.failed);
  const known = isCodeOf(code, 'ACDGIU') ? code : 'PICKET-G023';
  return new Failure({ code: known, exit, message, ...(help === null ? {} : { help }) });
}
