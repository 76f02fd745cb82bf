// What the link refuses or fails at, with a code of `picket explain`. Messages hold no secret: no key, no token.

export class LinkError extends Error {
  readonly code: string;
  readonly help: string | null;

  constructor(what: { readonly code: string; readonly message: string; readonly help?: string | null }) {
    super(what.message);
    this.code = what.code;
    this.help = what.help ?? null;
  }
}

/** One line for a log or a message, whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
