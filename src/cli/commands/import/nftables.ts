// `picket import nftables`: a packet filter as Picket policy.

import { buildCommand } from '@stricli/core';
import { importNftables } from '#exchange';
import { command, type PicketContext } from '../../context.ts';
import { description } from '../../help.ts';
import { FIREWALL_FLAGS, type FirewallFlags, firewallOptions, TIMEZONE_FLAG } from './firewall.ts';
import { FOREIGN_FILES, runImport } from './importing.ts';

interface Flags extends FirewallFlags {
  readonly timezone?: string;
}

export const importNftablesCommand = buildCommand<Flags, string[], PicketContext>({
  func: command((desk, flags: Flags, ...paths: string[]) =>
    runImport(desk, flags, {
      paths,
      read: (sources) =>
        importNftables(sources, {
          ...firewallOptions(flags),
          ...(flags.timezone === undefined ? {} : { timezone: flags.timezone }),
        }),
    }),
  ),
  parameters: {
    flags: { ...FIREWALL_FLAGS, timezone: TIMEZONE_FLAG },
    aliases: { o: 'output' },
    positional: FOREIGN_FILES,
  },
  docs: {
    brief: 'Make a policy of an nftables ruleset',
    fullDescription: description(
      'Makes a policy of the filter chains of "nft list ruleset" (text or JSON) and lists what could not be carried over.',
      [
        {
          line: 'nft list ruleset | picket import nftables - --self 10.0.2.1 -o policy.yaml',
          what: 'a firewall at 10.0.2.1',
        },
        {
          line: 'picket import nftables fw.nft --interface eth1=10.0.2.0/24 --interface eth0=internet',
          what: 'rules that name interfaces',
        },
      ],
    ),
  },
});
