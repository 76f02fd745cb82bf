// Runs one command line from its words to its exit code. Nothing here touches the process: bin does.

import { type Application, ExitCode, proposeCompletions, run } from '@stricli/core';
import type { PicketContext } from './context.ts';
import { EXIT } from './exits.ts';
import type { Io } from './io.ts';
import { safeLines } from './output/text.ts';
import { residentApp } from './resident.ts';

/** Word that the completion scripts call picket with; not a command of its own. */
const COMPLETE_WORD = '__complete';

/** The exit code, once everything is written. Rejects only on a bug. */
export async function runPicket(argv: readonly string[], io: Io): Promise<number> {
  const stderr = { write: (text: string) => io.stderr.write(safeLines(text)) };
  const process: PicketContext['process'] = { stdout: io.stdout, stderr };
  const context: PicketContext = { io, process, words: argv, again: (words) => runPicket(words, io) };
  if (argv[0] === COMPLETE_WORD) return complete(argv.slice(1), context);
  await run((await residentApp(argv, io.version)) ?? (await wholeApp(io.version)), argv, context);
  return exitOf(process.exitCode);
}

/** Loaded here and not above: processes that stay do without it. */
async function wholeApp(version: string): Promise<Application<PicketContext>> {
  return (await import('./app.ts')).picketApp(version);
}

async function complete(words: readonly string[], context: PicketContext): Promise<number> {
  const proposals = await proposeCompletions(await wholeApp(context.io.version), words, context);
  for (const { completion } of proposals) context.io.stdout.write(`${completion}\n`);
  return EXIT.done;
}

function exitOf(code: PicketContext['process']['exitCode']): number {
  if (code === ExitCode.UnknownCommand || code === ExitCode.InvalidArgument) return EXIT.wrongUsage;
  return typeof code === 'number' && code >= 0 ? code : EXIT.failed;
}
