// `picket import tailscale`: a Tailscale policy file as Picket policy.

import { buildCommand } from '@stricli/core';
import { importTailscale } from '#exchange';
import { command, type PicketContext } from '../../context.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { FOREIGN_FILES, IMPORT_FLAGS, type ImportFlags, runImport } from './importing.ts';

export const importTailscaleCommand = buildCommand<ImportFlags, string[], PicketContext>({
  func: command((desk, flags: ImportFlags, ...paths: string[]) =>
    runImport(desk, flags, {
      paths,
      read: ([source, ...more]) => {
        if (source === undefined || more.length > 0)
          throw wrongUsage('a tailnet has one policy file; import one at a time');
        return importTailscale(source);
      },
    }),
  ),
  parameters: { flags: IMPORT_FLAGS, aliases: { o: 'output' }, positional: FOREIGN_FILES },
  docs: {
    brief: 'Make a policy of a Tailscale policy file',
    fullDescription: description(
      'Makes a policy of the acls, grants and tests of a Tailscale policy file and lists what could not be carried over.',
      [{ line: 'picket import tailscale policy.hujson -o policy.yaml', what: 'a policy to read and complete' }],
    ),
  },
});
