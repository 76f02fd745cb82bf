// What the agent refuses and why, with a code that has a page. Not a bug: bugs end the process.

import type { Problem } from '#model';
import type { Refusal } from './api.ts';

export interface AgentErrorParts {
  readonly code: string;
  readonly message: string;
  readonly help?: string | null;
  readonly problems?: readonly Problem[];
}

/** The agent could not or would not do it, and nothing was changed. */
export class AgentError extends Error {
  readonly code: string;
  readonly help: string | null;
  readonly problems: readonly Problem[];

  constructor({ code, message, help = null, problems = [] }: AgentErrorParts) {
    super(message);
    this.code = code;
    this.help = help;
    this.problems = problems;
  }
}

export function refusalOf({ code, message, help, problems }: AgentError): Refusal {
  return { schema: 'picket.error/v1', code, message, help, problems };
}
