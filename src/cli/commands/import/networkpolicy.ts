// `picket import networkpolicy`: Kubernetes NetworkPolicy as Picket policy.

import { buildCommand } from '@stricli/core';
import { importNetworkPolicies } from '#exchange';
import { command, type PicketContext } from '../../context.ts';
import { description } from '../../help.ts';
import { FOREIGN_FILES, IMPORT_FLAGS, type ImportFlags, OPEN_FLAG, runImport } from './importing.ts';

interface Flags extends ImportFlags {
  readonly open?: boolean;
}

export const importNetworkPolicyCommand = buildCommand<Flags, string[], PicketContext>({
  func: command((desk, flags: Flags, ...paths: string[]) =>
    runImport(desk, flags, {
      paths,
      read: (sources) => importNetworkPolicies(sources, { isOpen: flags.open === true }),
    }),
  ),
  parameters: { flags: { ...IMPORT_FLAGS, open: OPEN_FLAG }, aliases: { o: 'output' }, positional: FOREIGN_FILES },
  docs: {
    brief: 'Make a policy of Kubernetes network policies',
    fullDescription: description(
      'Makes a policy of NetworkPolicy objects (YAML or JSON; all files are one cluster) and lists what could not be carried over.',
      [
        {
          line: 'kubectl get networkpolicy -A -o yaml | picket import networkpolicy - -o policy.yaml',
          what: 'every network policy of a cluster',
        },
      ],
    ),
  },
});
