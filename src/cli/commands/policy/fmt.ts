// `picket policy fmt`: the canonical layout, comments kept, meaning untouched.

import { buildCommand } from '@stricli/core';
import { formatPolicy, frameProblems } from '#policy';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit, worstExit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { readText } from '../../input/source.ts';
import { safeText, shellWord } from '../../output/text.ts';
import { writeOut } from '../../write.ts';
import { POLICY_FILES } from './check.ts';

interface Flags {
  readonly check?: boolean;
  readonly write?: boolean;
}

export const fmtCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(format),
  parameters: {
    flags: {
      check: { kind: 'boolean', optional: true, withNegated: false, brief: 'Only say which files are not formatted' },
      write: { kind: 'boolean', optional: true, withNegated: false, brief: 'Rewrite the files' },
    },
    aliases: { w: 'write' },
    positional: POLICY_FILES,
  },
  docs: {
    brief: 'Lay a policy out in the one canonical way',
    fullDescription: description(
      'Prints the formatted policy, or rewrites the file with --write. Comments stay; the meaning never changes.',
      [
        { line: 'picket policy fmt --write policy.yaml', what: 'rewrites the file, whole or not at all' },
        { line: 'picket policy fmt --check *.yaml', what: 'exit code 4 when a file is not formatted' },
      ],
    ),
  },
});

async function format(desk: Desk, flags: Flags, ...paths: string[]): Promise<Exit> {
  if (flags.check === true && flags.write === true) throw wrongUsage('--check and --write exclude each other');
  if (flags.write === true && paths.includes('-')) throw wrongUsage('--write needs a file, and "-" is standard input');
  const exits: Exit[] = [];
  for (const path of paths) exits.push(await formatOne(desk, flags, path));
  return worstExit(exits);
}

async function formatOne(desk: Desk, flags: Flags, path: string): Promise<Exit> {
  const text = await readText(desk.io, path);
  const formatted = formatPolicy(text, path);
  if (formatted.text === null) {
    desk.say(frameProblems(formatted.problems, text));
    return EXIT.policyFailed;
  }
  if (flags.check === true) {
    if (formatted.text === text) return EXIT.done;
    desk.paper.line(`${safeText(path)}: not formatted; run picket policy fmt --write ${shellWord(path)}`);
    return EXIT.policyFailed;
  }
  if (flags.write !== true) desk.paper.exact(formatted.text);
  else if (formatted.text !== text) {
    await writeOut(desk, path, formatted.text);
    desk.say(`formatted ${safeText(path)}`);
  }
  return EXIT.done;
}
