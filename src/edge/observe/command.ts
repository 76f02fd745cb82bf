// Runs a command to its end and gives what it printed. For short answers; what is read as it comes is a `Child`.

import { execFile } from 'node:child_process';

/** Longest that one command may take; none of those used here waits for anything. */
const COMMAND_MS_MAX = 10_000;

/** The command's output; rejects when it fails, prints too much or takes too long. */
export function commandText(command: readonly string[], charsMax: number): Promise<string> {
  const [program = '', ...words] = command;
  return new Promise((resolve, reject) => {
    execFile(
      program,
      words,
      { encoding: 'utf8', maxBuffer: charsMax, timeout: COMMAND_MS_MAX, killSignal: 'SIGKILL' },
      (error, output) => {
        if (error === null) resolve(output);
        else reject(error);
      },
    );
  });
}
