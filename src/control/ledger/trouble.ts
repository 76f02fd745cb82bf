// What the ledger refuses and why, with a code that has a page. Not a bug: bugs end the process.

export interface LedgerErrorParts {
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly cause?: unknown;
}

/** The ledger could not or would not do it. The message says what holds all the same. */
export class LedgerError extends Error {
  readonly code: string;
  readonly help: string;

  constructor({ code, message, help, cause }: LedgerErrorParts) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.help = help;
  }
}

/** What the system said, without its own codes. */
export function reasonText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^E[A-Z]+: |, \w+( '.*')?$/g, '');
}

export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function nothingThere(path: string): LedgerError {
  return new LedgerError({
    code: 'PICKET-C212',
    message: `there is no ledger in "${path}"`,
    help: 'name the ledger folder in the data folder of a controller, or a file that "picket audit export" wrote',
  });
}

/** The failure for a path that was to be read. */
export function unreadable(path: string, error: unknown): LedgerError {
  if (systemCode(error) === 'ENOENT') return nothingThere(path);
  return new LedgerError({
    code: 'PICKET-C202',
    message: `cannot read the ledger in "${path}": ${reasonText(error)}`,
    help: 'make it readable for you, or run as its owner',
    cause: error,
  });
}
