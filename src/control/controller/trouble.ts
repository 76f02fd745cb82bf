// Why a controller cannot begin, with a code that has a page. What goes wrong while it runs is a health state.

export interface ControllerErrorParts {
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly cause?: unknown;
}

export class ControllerError extends Error {
  readonly code: string;
  readonly help: string;

  constructor({ code, message, help, cause }: ControllerErrorParts) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.help = help;
  }
}

/** What the system said. */
export function reasonText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
