// The commands below `picket import`: one file per foreign language beside this one, and one line here.

import { buildRouteMap } from '@stricli/core';
import { importIptablesCommand } from './iptables.ts';
import { importMudCommand } from './mud.ts';
import { importNetworkPolicyCommand } from './networkpolicy.ts';
import { importNftablesCommand } from './nftables.ts';
import { importSecurityGroupsCommand } from './security-groups.ts';
import { importTailscaleCommand } from './tailscale.ts';

export const importRoutes = buildRouteMap({
  routes: {
    mud: importMudCommand,
    networkpolicy: importNetworkPolicyCommand,
    tailscale: importTailscaleCommand,
    nftables: importNftablesCommand,
    iptables: importIptablesCommand,
    'security-groups': importSecurityGroupsCommand,
  },
  docs: { brief: 'Make a policy of what other systems permit' },
});
