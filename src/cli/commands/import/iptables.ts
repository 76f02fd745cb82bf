// `picket import iptables`: a packet filter as Picket policy.

import { buildCommand } from '@stricli/core';
import { importIptables } from '#exchange';
import { command, type PicketContext } from '../../context.ts';
import { description } from '../../help.ts';
import { FIREWALL_FLAGS, type FirewallFlags, firewallOptions } from './firewall.ts';
import { FOREIGN_FILES, runImport } from './importing.ts';

export const importIptablesCommand = buildCommand<FirewallFlags, string[], PicketContext>({
  func: command((desk, flags: FirewallFlags, ...paths: string[]) =>
    runImport(desk, flags, { paths, read: (sources) => importIptables(sources, firewallOptions(flags)) }),
  ),
  parameters: { flags: FIREWALL_FLAGS, aliases: { o: 'output' }, positional: FOREIGN_FILES },
  docs: {
    brief: 'Make a policy of iptables rules',
    fullDescription: description(
      'Makes a policy of the filter tables of iptables-save and ip6tables-save and lists what could not be carried over.',
      [
        {
          line: 'picket import iptables v4.rules v6.rules --self 10.0.2.1 -o policy.yaml',
          what: 'both families of a firewall',
        },
      ],
    ),
  },
});
