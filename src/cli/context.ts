// What every command is given, and how a command ends: with an exit code, or with a failure that is told on stderr.

import type { CommandContext } from '@stricli/core';
import type { Exit } from './exits.ts';
import { Failure, failureText, fileFailure } from './failure.ts';
import { FileError, type Io } from './io.ts';
import { Paper } from './output/paper.ts';
import { safeLines } from './output/text.ts';

export interface PicketContext extends CommandContext {
  readonly io: Io;
  /** Runs picket again with other words; for `help`. */
  readonly again: (argv: readonly string[]) => Promise<number>;
  /** The words after `picket`; completion reads the policy that they name. */
  readonly words: readonly string[];
  readonly process: CommandContext['process'] & { exitCode?: number | string | null };
}

/** What a command works with. `paper` is stdout; `say` is stderr, one line at a time. */
export interface Desk {
  readonly io: Io;
  readonly paper: Paper;
  readonly say: (line: string) => void;
}

/** Makes the function stricli calls: runs the command, prints its failure, flushes stdout and sets the exit code. */
export function command<Flags, Args extends readonly (string | undefined)[]>(
  work: (desk: Desk, flags: Flags, ...args: Args) => Promise<Exit> | Exit,
): (this: PicketContext, flags: Flags, ...args: Args) => Promise<void> {
  return async function (this: PicketContext, flags: Flags, ...args: Args): Promise<void> {
    const { io } = this;
    const paper = new Paper(io.stdout);
    const say = (line: string): void => io.stderr.write(`${safeLines(line)}\n`);
    try {
      this.process.exitCode = await flushed(paper, () => work({ io, paper, say }, flags, ...args));
    } catch (error) {
      // Troubles with files are failures by now, but for those of standard output itself.
      const failure = error instanceof FileError ? fileFailure('write', '-', error) : error;
      if (!(failure instanceof Failure)) throw failure;
      io.stderr.write(safeLines(failureText(failure)));
      this.process.exitCode = failure.exit;
    }
  };
}

/** What was put on paper goes out, also where the work failed. */
async function flushed(paper: Paper, work: () => Promise<Exit> | Exit): Promise<Exit> {
  try {
    return await work();
  } finally {
    paper.flush();
  }
}

/** Width that tables are made for: the terminal's, at least 40; 80 columns elsewhere. */
export function tableWidth(io: Io): number {
  return Math.max(40, io.stdout.columns ?? 80);
}
