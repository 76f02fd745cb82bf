// `picket policy init`: a short policy to start from, with the reason for each line beside it.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, nameOf } from '../../failure.ts';
import { description } from '../../help.ts';
import { FileError } from '../../io.ts';
import { safeText, shellWord } from '../../output/text.ts';
import { checkOutputs, writeOut } from '../../write.ts';
import { OUTPUT_FLAG } from '../parameters.ts';

interface Flags {
  readonly output?: string;
  readonly force?: boolean;
}

export const initCommand = buildCommand<Flags, [], PicketContext>({
  func: command(init),
  parameters: {
    flags: {
      output: OUTPUT_FLAG,
      force: { kind: 'boolean', optional: true, withNegated: false, brief: 'Write over a file that exists' },
    },
    aliases: { o: 'output' },
  },
  docs: {
    brief: 'Print a policy to start from',
    fullDescription: description('Prints a small commented policy. "picket learn" writes one from your own traffic.', [
      { line: 'picket policy init -o policy.yaml', what: 'a file to edit, then: picket policy check policy.yaml' },
    ]),
  },
});

/** Valid, formatted, and passes its own tests. */
const STARTER_POLICY = `# What may talk to what. Check it with "picket policy check", try it with "picket policy test".
picket: 1
timezone: UTC

# observe: judge and record, block nothing. Elements below may state their own mode.
mode: observe

elements:
  recorder: { kind: server, address: 10.0.3.10, labels: { role: recorder }, mode: enforce }
  camera-1: { kind: device, address: 10.0.3.21, labels: { role: camera }, mode: enforce }

services:
  video: { on: role=recorder, protocol: tcp, port: 554 }

# The first rule that matches governs; what no rule allows is denied where an end enforces.
rules:
  cameras-stream:
    from: role=camera
    to: video
    limits: { hours: daily 06:00-22:00, volume: <= 2 GB per hour }
    why: video retention

# No rule can override a guardrail.
never:
  cameras-stay-home: { from: role=camera, to: internet }

tests:
  - camera-1 may use recorder video on Mon 12:00
  - camera-1 may not use recorder video on Mon 23:00 because outside-hours
  - camera-1 may not use internet tcp/443 because guardrail
`;

async function init(desk: Desk, flags: Flags): Promise<Exit> {
  const path = flags.output ?? '-';
  await checkOutputs(desk.io, [path], []);
  if (path !== '-' && flags.force !== true && (await exists(desk.io.stat(path)))) throw alreadyThere(path);
  await writeOut(desk, path, STARTER_POLICY);
  if (path !== '-') desk.say(`wrote ${safeText(path)}. Next: picket policy check ${shellWord(path)}`);
  return EXIT.done;
}

async function exists(facts: Promise<unknown>): Promise<boolean> {
  try {
    await facts;
    return true;
  } catch (error) {
    if (error instanceof FileError && error.trouble === 'missing') return false;
    throw error;
  }
}

function alreadyThere(path: string): Failure {
  return new Failure({
    code: 'PICKET-I011',
    exit: EXIT.failed,
    message: `cannot write ${nameOf(path, 'write')}: it exists already, and nothing was written`,
    help: 'add --force to write over it',
  });
}
