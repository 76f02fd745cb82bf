// `picket version` and `picket help`: what this is, and the same help that --help prints.

import { buildCommand } from '@stricli/core';
import { command, type PicketContext } from '../context.ts';
import { EXIT } from '../exits.ts';
import { word } from './parameters.ts';

export const versionCommand = buildCommand<Record<never, never>, [], PicketContext>({
  func: command(({ io, paper }) => {
    paper.line(`picket ${io.version}`);
    return EXIT.done;
  }),
  parameters: {},
  docs: { brief: 'Print the version' },
});

export const helpCommand = buildCommand<Record<never, never>, string[], PicketContext>({
  async func(_flags, ...words) {
    this.process.exitCode = await this.again([...words, '--help']);
  },
  parameters: {
    positional: { kind: 'array', parameter: { parse: word, brief: 'command to explain', placeholder: 'COMMAND' } },
  },
  docs: { brief: 'Print help, of picket or of one command' },
});
