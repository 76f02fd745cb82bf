// Answers of a controller for commands: the value, or a failure with the exit code of the output contract. Not the requests.

import type { ApiProblem, Outcome } from '#routes';
import type { Desk } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure, isCodeOf } from '../failure.ts';
import { safeText } from '../output/text.ts';

/** Refusals whose exit is another than the one of their status. */
const EXITS: ReadonlyMap<string, Exit> = new Map([
  ['PICKET-C408', EXIT.unreachable],
  ['PICKET-C417', EXIT.unreachable],
]);

const STATUS_EXITS: ReadonlyMap<number, Exit> = new Map([
  [400, EXIT.wrongUsage],
  [401, EXIT.notAllowed],
  [403, EXIT.notAllowed],
  [404, EXIT.notFound],
  [409, EXIT.refused],
  [412, EXIT.refused],
  [413, EXIT.wrongUsage],
  [422, EXIT.wrongUsage],
  [428, EXIT.refused],
  [429, EXIT.unreachable],
  [503, EXIT.unreachable],
]);

export interface Answered<Value> {
  readonly value: Value;
  readonly etag: string | null;
}

export interface AskedHow {
  /** Exits of codes that this command knows better. */
  readonly exits?: ReadonlyMap<string, Exit>;
}

/** The answer; every other outcome is told and ends the command. */
export async function answeredBy<Value>(
  desk: Desk,
  outcome: Promise<Outcome<Value>>,
  how: AskedHow = {},
): Promise<Answered<Value>> {
  const told = await outcome;
  switch (told.kind) {
    case 'answer':
      return { value: told.value, etag: told.etag };
    case 'refused':
      throw refusalOf(desk, told.problem, how);
    case 'unreachable':
    case 'unclear':
      throw new Failure({
        code: told.code,
        exit: told.kind === 'unreachable' ? EXIT.unreachable : EXIT.failed,
        message: safeText(told.message),
        help: 'see which controller is asked with: picket context ls',
      });
  }
}

/** Several things wrong are said one by one above the failure. */
export function refusalOf({ say }: Pick<Desk, 'say'>, problem: ApiProblem, { exits }: AskedHow = {}): Failure {
  if (problem.problems.length > 1)
    for (const { code, message, where, help } of problem.problems) {
      say(`error[${code}]: ${safeText(message)}${where === null ? '' : `  (${safeText(where)})`}`);
      if (help !== null) say(`   help: ${safeText(help)}`);
    }
  const { code, detail, hint, where, status } = problem;
  const exit = exits?.get(code) ?? EXITS.get(code) ?? STATUS_EXITS.get(status) ?? EXIT.failed;
  const place = where === null ? '' : ` (${safeText(where)})`;
  return new Failure({
    code: isCodeOf(code, 'ACDGIPU') ? code : 'PICKET-C450',
    exit,
    message: `${safeText(detail)}${place}`,
    ...(hint === null ? {} : { help: safeText(hint) }),
  });
}
