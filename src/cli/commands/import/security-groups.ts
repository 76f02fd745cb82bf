// `picket import security-groups`: groups and firewall rules of AWS, Azure and Google Cloud as Picket policy.

import { buildCommand } from '@stricli/core';
import { importSecurityGroups } from '#exchange';
import type { Prefix } from '#model';
import { command, type PicketContext } from '../../context.ts';
import { description } from '../../help.ts';
import { FOREIGN_FILES, IMPORT_FLAGS, type ImportFlags, OPEN_FLAG, prefixFlag, runImport } from './importing.ts';

interface Flags extends ImportFlags {
  readonly network?: readonly Prefix[];
  readonly open?: boolean;
}

export const importSecurityGroupsCommand = buildCommand<Flags, string[], PicketContext>({
  func: command((desk, flags: Flags, ...paths: string[]) =>
    runImport(desk, flags, {
      paths,
      read: (sources) => importSecurityGroups(sources, { network: flags.network ?? [], isOpen: flags.open === true }),
    }),
  ),
  parameters: {
    flags: {
      ...IMPORT_FLAGS,
      open: OPEN_FLAG,
      network: {
        kind: 'parsed',
        parse: prefixFlag,
        variadic: true,
        optional: true,
        brief: 'Range of the Azure virtual network; may be given several times',
        placeholder: 'RANGE',
      },
    },
    aliases: { o: 'output' },
    positional: FOREIGN_FILES,
  },
  docs: {
    brief: 'Make a policy of cloud security groups',
    fullDescription: description(
      'Makes a policy of the JSON that the command lines of AWS, Azure or Google Cloud print, and lists what could not be carried over.',
      [
        { line: 'aws ec2 describe-security-groups | picket import security-groups - -o policy.yaml', what: 'AWS' },
        { line: 'picket import security-groups nsg.json --network 10.0.0.0/16', what: 'Azure' },
      ],
    ),
  },
});
