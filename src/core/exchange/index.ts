// Door of the exchange room: policies of other systems in, Picket policies out, and the other way where there is one.
// In: text of a foreign policy. Out: a policy, comments for its entries, what could not be carried over, what a person must say.
// Never: I/O, a guess that permits more than the foreign text did without saying so.

export { importSecurityGroups, type SecurityGroupOptions } from './cloud/security-groups.ts';
export { isRefusal, type OpenOptions, type Source } from './draft/refusal.ts';
export type { Imported, NotCarried } from './imported.ts';
export { importNetworkPolicies } from './kubernetes/networkpolicy.ts';
export { exportMud, type MudExported, type MudExportOptions } from './mud/export.ts';
export type { MudProblem } from './mud/file.ts';
export { GENERIC, type Generic } from './mud/generic.ts';
export { importMud, type MudOptions, type MudResult, type MudText } from './mud/import.ts';
export type { FirewallOptions } from './netfilter/filter.ts';
export { importIptables } from './netfilter/iptables.ts';
export { importNftables } from './netfilter/nftables.ts';
export { importTailscale } from './tailscale/tailscale.ts';
