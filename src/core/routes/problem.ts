// Problems of the API (RFC 9457): their form on the wire, and the error that a use case throws to refuse. Not how they are printed.

import * as z from 'zod';

/** More than anybody reads; a policy with a thousand errors shows the first hundred. */
export const DETAILS_MAX = 100;

/** One of several things wrong with one request. */
export const problemDetail = z.object({
  code: z.string(),
  message: z.string(),
  /** Place in the request (`body.rules.2.from`), or in a text (`policy.yaml:6:18`). */
  where: z.string().nullable(),
  help: z.string().nullable(),
});
export type ProblemDetail = z.output<typeof problemDetail>;

export const problem = z
  .object({
    type: z.string().meta({ description: 'path of the page that explains the code' }),
    title: z.string(),
    status: z.int(),
    detail: z
      .string()
      .meta({ description: 'what went wrong this time; says that nothing was changed where that is so' }),
    code: z.string().meta({ description: 'stable; see picket explain' }),
    hint: z.string().nullable().meta({ description: 'one next step' }),
    where: z.string().nullable().meta({ description: 'place in the request' }),
    trace: z.string().meta({ description: 'names this request in the log of the controller' }),
    problems: z.array(problemDetail).meta({ description: 'all that is wrong, where there is more than one thing' }),
  })
  .meta({ id: 'Problem' });
export type ApiProblem = z.output<typeof problem>;

export interface RefusalOptions {
  /** One of the error kinds of the route. */
  readonly code: string;
  /** Action, quoted subject, found, needed, and that nothing was changed. Lower case, no full stop. */
  readonly message: string;
  readonly help?: string | null;
  readonly where?: string | null;
  readonly details?: readonly ProblemDetail[];
  /** Seconds for `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** Thrown by a handler or a use case to refuse. Any other error with a `code` that the API knows is treated alike. */
export class Refusal extends Error {
  readonly code: string;
  readonly help: string | null;
  readonly where: string | null;
  readonly details: readonly ProblemDetail[];
  readonly retryAfterSeconds: number | null;

  constructor(options: RefusalOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Refusal';
    this.code = options.code;
    this.help = options.help ?? null;
    this.where = options.where ?? null;
    this.details = (options.details ?? []).slice(0, DETAILS_MAX);
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/** Refuses because what the path names is not there. */
export function notFound(what: string): Refusal {
  return new Refusal({ code: 'PICKET-C420', message: `${what} is not there; nothing was changed` });
}
