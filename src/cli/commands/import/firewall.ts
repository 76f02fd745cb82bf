// What both packet filters take on the command line. No command of its own.

import type { FirewallOptions } from '#exchange';
import type { Prefix } from '#model';
import { IMPORT_FLAGS, type ImportFlags, interfaceFlag, interfacesOf, type Placed, prefixFlag } from './importing.ts';

export interface FirewallFlags extends ImportFlags {
  readonly self?: readonly Prefix[];
  readonly interface?: readonly Placed[];
}

export const FIREWALL_FLAGS = {
  ...IMPORT_FLAGS,
  self: {
    kind: 'parsed',
    parse: prefixFlag,
    variadic: true,
    optional: true,
    brief: "The firewall's own address; may be given several times",
    placeholder: 'ADDRESS',
  },
  interface: {
    kind: 'parsed',
    parse: interfaceFlag,
    variadic: true,
    optional: true,
    brief: 'What is behind an interface: eth1=10.0.2.0/24, or eth0=internet',
    placeholder: 'NAME=RANGE',
  },
} as const;

/** nft prints hours in the zone of its host; iptables has them in UTC. */
export const TIMEZONE_FLAG = {
  kind: 'parsed',
  parse: zoneFlag,
  optional: true,
  brief: 'Zone in which nft printed hours; UTC unless given',
  placeholder: 'ZONE',
} as const;

function zoneFlag(input: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: input }).resolvedOptions().timeZone;
  } catch (error) {
    throw new Error('it is not a time zone; write Europe/Berlin or UTC', { cause: error });
  }
}

export function firewallOptions(flags: FirewallFlags): FirewallOptions {
  return {
    self: flags.self ?? [],
    interfaces: interfacesOf(flags.interface ?? []),
  };
}
