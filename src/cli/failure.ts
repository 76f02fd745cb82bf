// A failure that a command ends with: what went wrong in the user's words, what was not done, one next step, and a code.

import { EXIT, type Exit } from './exits.ts';
import { FileError, type FileTrouble } from './io.ts';
import { safeText } from './output/text.ts';

/** Codes of failures outside a policy. Each has a page in pages.ts. */
export type FailureCode = `PICKET-${'A' | 'C' | 'D' | 'G' | 'I' | 'P' | 'U'}${string}`;

/** Whether a code from elsewhere is one of these letters: only those have a page that the user is sent to. */
export function isCodeOf(code: string, letters: string): code is FailureCode {
  const letter = /^PICKET-([A-Z])\d{3}$/.exec(code)?.[1];
  return letter !== undefined && letters.includes(letter);
}

interface FailureParts {
  readonly code: FailureCode;
  readonly exit: Exit;
  readonly message: string;
  readonly help?: string;
}

export class Failure extends Error {
  readonly code: FailureCode;
  readonly exit: Exit;
  readonly help: string | null;

  constructor(parts: FailureParts) {
    super(parts.message);
    this.code = parts.code;
    this.exit = parts.exit;
    this.help = parts.help ?? null;
  }
}

/** Text of a failure on stderr. */
export function failureText(failure: Failure): string {
  const help = failure.help === null ? '' : `   help: ${failure.help}\n`;
  return `error[${failure.code}]: ${failure.message}\n${help}`;
}

export function wrongUsage(message: string, help?: string): Failure {
  return new Failure({ code: 'PICKET-U002', exit: EXIT.wrongUsage, message, ...(help === undefined ? {} : { help }) });
}

type Trouble = Omit<FailureParts, 'message'> & { readonly why: string };

const READ_TROUBLES: Readonly<Record<FileTrouble, Trouble>> = {
  missing: {
    code: 'PICKET-I001',
    exit: EXIT.notFound,
    why: 'no such file',
    help: 'check the name; "-" reads standard input',
  },
  directory: {
    code: 'PICKET-I002',
    exit: EXIT.wrongUsage,
    why: 'it is a directory',
    help: 'name a file in it',
  },
  denied: {
    code: 'PICKET-I003',
    exit: EXIT.failed,
    why: 'permission denied',
    help: 'make it readable for you, or run as its owner',
  },
  failed: { code: 'PICKET-I003', exit: EXIT.failed, why: 'the system refused' },
};

const WRITE_TROUBLES: Readonly<Record<FileTrouble, Trouble>> = {
  ...READ_TROUBLES,
  missing: {
    code: 'PICKET-I001',
    exit: EXIT.notFound,
    why: 'its folder does not exist',
    help: 'make the folder first',
  },
  denied: { ...READ_TROUBLES.denied, help: 'name another place, or run as its owner' },
};

/** The failure for a file that could not be read or written; anything that is no `FileError` is a bug and passes through. */
export function fileFailure(action: 'read' | 'write', path: string, error: unknown): unknown {
  if (!(error instanceof FileError)) return error;
  const { why, ...parts } = (action === 'read' ? READ_TROUBLES : WRITE_TROUBLES)[error.trouble];
  const reason = error.trouble === 'failed' ? error.message : why;
  return new Failure({ ...parts, message: `cannot ${action} ${nameOf(path, action)}: ${reason}` });
}

/** A path as messages show it. */
export function nameOf(path: string, action: 'read' | 'write' = 'read'): string {
  if (path === '-') return action === 'read' ? 'standard input' : 'standard output';
  return `"${safeText(path)}"`;
}
