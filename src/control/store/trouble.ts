// What the store cannot do and why, with a code that has a page; and what libraries say, as such. Not a bug: bugs stay as they are.

export interface StoreErrorParts {
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly cause?: unknown;
}

export class StoreError extends Error {
  readonly code: string;
  readonly help: string;

  constructor({ code, message, help, cause }: StoreErrorParts) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'StoreError';
    this.code = code;
    this.help = help;
  }
}

/** What was being done when a library refused. */
export type Moment = 'connecting' | 'asking' | 'committing';

/** The error as one of the store where it is about the database as a whole; every other one, as a bug in a statement, stays what it is. */
export function storeTrouble(error: unknown, moment: Moment): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const code = systemCode(error);
  if (code.startsWith('SQLITE_')) return sqliteTrouble(error, code);
  const kind = postgresKind(error, code);
  if (kind === null) return error;
  if (moment === 'committing' && kind !== 'full' && kind !== 'conflict') return new StoreError(unknownEnd(error));
  return new StoreError(postgresTrouble(error, kind));
}

export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What a system or a server said, on one line, without its own prefix. */
export function reasonText(error: unknown): string {
  const text = error instanceof AggregateError ? String(error.errors[0]) : String(error);
  const plain = text
    .replace(/^\w*Error: /, '')
    .replace(/^E[A-Z]+: /, '')
    .replace(/, \w+ '.*$/, '');
  return plain.replace(/\p{Cc}+/gu, ' ').slice(0, REASON_CHARS_MAX);
}

const REASON_CHARS_MAX = 300;

export function diskFull(cause: unknown): StoreErrorParts {
  return {
    code: 'PICKET-C106',
    message: 'the disk of the database is full; nothing was changed',
    help: 'free some space on it; no restart is needed',
    cause,
  };
}

function sqliteTrouble(error: Error, code: string): unknown {
  if (code === 'SQLITE_FULL') return new StoreError(diskFull(error));
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new StoreError({
      code: 'PICKET-C101',
      message: 'the database is used by another process; nothing was changed',
      help: 'one controller uses an SQLite file; several need PostgreSQL',
      cause: error,
    });
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return new StoreError(damaged(error));
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|PERM)/.test(code))
    return new StoreError({
      code: 'PICKET-C104',
      message: `the disk refused to read or write the database (${code}): ${reasonText(error)}; nothing was changed`,
      help: 'look at the disk, and whether the controller may write to the folder',
      cause: error,
    });
  return error;
}

function damaged(cause: unknown): StoreErrorParts {
  return {
    code: 'PICKET-C105',
    message: 'the file is no database of a controller, or it is damaged; nothing was changed',
    help: 'name the right file, or restore a backup into a new place: picket restore',
    cause,
  };
}

type PostgresKind = 'away' | 'full' | 'conflict' | 'slow' | 'refused';

/** Codes of the system that mean that no connection is there, or none any more. */
const AWAY = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOENT|ENOTFOUND|EAI_|EACCES$)/;
/** Sentences of the driver that have no code. */
const AWAY_TEXT = /Connection terminated|Query read timeout|not queryable|timeout exceeded|timeout expired/i;

/** null: it is about one statement, not about the database. Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html */
function postgresKind(error: Error, code: string): PostgresKind | null {
  if (error instanceof AggregateError) return 'away';
  if (AWAY.test(code) || AWAY_TEXT.test(error.message)) return 'away';
  if (!/^[0-9A-Z]{5}$/.test(code)) return null;
  if (code === '53100') return 'full';
  if (code === '40001' || code === '40P01' || code === '55P03') return 'conflict';
  if (code === '57014') return 'slow';
  if (code.startsWith('28') || code === '3D000' || code === '42501' || code === '25006') return 'refused';
  if (/^(08|53|57|58|F0|XX)/.test(code) || code === '25P03') return 'away';
  return null;
}

function postgresTrouble(cause: Error, kind: PostgresKind): StoreErrorParts {
  switch (kind) {
    case 'full':
      return diskFull(cause);
    case 'conflict':
      return {
        code: 'PICKET-C108',
        message: 'two changes met in the database and this one gave way; nothing was changed',
        help: 'repeat it',
        cause,
      };
    case 'slow':
      return {
        code: 'PICKET-C109',
        message: 'the database took too long and was told to stop; nothing was changed',
        help: 'look at the load of the database server, or ask for less at once',
        cause,
      };
    case 'refused':
      return {
        code: 'PICKET-C110',
        message: `the database refuses the controller: ${reasonText(cause)}; nothing was changed`,
        help: 'see that user, password and database are right, and that the user may create tables',
        cause,
      };
    case 'away':
      return {
        code: 'PICKET-C102',
        message: `the database cannot be reached: ${reasonText(cause)}; nothing was changed`,
        help: 'see that it runs and that its address is right; the controller tries again by itself',
        cause,
      };
  }
}

function unknownEnd(cause: unknown): StoreErrorParts {
  return {
    code: 'PICKET-C107',
    message: 'the database went away while a change was being kept: it is not known whether it took effect',
    help: 'look at it before you repeat the change',
    cause,
  };
}
