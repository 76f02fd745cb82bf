// `picket import mud`: manufacturer usage descriptions (RFC 8520) as Picket policy.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { OUTPUT_FLAG, word } from '../parameters.ts';

interface Flags {
  readonly output?: string;
}

export const importMudCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(importMud),
  parameters: {
    flags: { output: OUTPUT_FLAG },
    aliases: { o: 'output' },
    positional: { kind: 'array', minimum: 1, parameter: { parse: word, brief: 'MUD file', placeholder: 'FILE' } },
  },
  docs: {
    brief: 'Make a policy of MUD files (RFC 8520)',
    fullDescription: description('Makes a policy of what a manufacturer says a device needs.', [
      { line: 'picket import mud bulb.json -o policy.yaml', what: 'a policy to read, complete and approve' },
    ]),
  },
});

async function importMud(_desk: Desk, _flags: Flags, ..._paths: string[]): Promise<Exit> {
  throw wrongUsage('MUD files cannot be imported by this build');
}
