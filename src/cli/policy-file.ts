// Reads a policy file for a command: all problems framed on stderr, warnings too; errors end the command.

import type { Policy } from '#model';
import { frameProblems, parsePolicy } from '#policy';
import type { Desk } from './context.ts';
import { EXIT } from './exits.ts';
import { Failure, nameOf } from './failure.ts';
import { readText } from './input/source.ts';

/** The policy in the file. Warnings are shown unless `isQuiet`; with an error the command ends and nothing is judged. */
export async function readPolicy(
  desk: Desk,
  path: string,
  options: { readonly isQuiet?: boolean } = {},
): Promise<Policy> {
  const text = await readText(desk.io, path);
  const { policy, problems } = parsePolicy(text, path);
  if (policy === null) {
    desk.say(frameProblems(problems, text));
    throw new Failure({
      code: 'PICKET-I009',
      exit: EXIT.policyFailed,
      message: `cannot use the policy ${nameOf(path)}: it has errors (above), so nothing was judged`,
    });
  }
  if (problems.length > 0 && options.isQuiet !== true) desk.say(frameProblems(problems, text));
  return policy;
}
