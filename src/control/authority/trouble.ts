// What the authority refuses or cannot do, with a code that has a page. Not a bug: bugs end the process.

import type { Refusal } from '#identity';

export interface AuthorityErrorParts {
  readonly code: string;
  readonly message: string;
  readonly help?: string | null;
  readonly cause?: unknown;
}

export class AuthorityError extends Error {
  readonly code: string;
  readonly help: string | null;

  constructor({ code, message, help = null, cause }: AuthorityErrorParts) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'AuthorityError';
    this.code = code;
    this.help = help;
  }
}

/** A refusal of the identity room, thrown. */
export function refusedBy({ code, message, help }: Refusal): AuthorityError {
  return new AuthorityError({ code, message: `${message}; nothing was changed`, help });
}
