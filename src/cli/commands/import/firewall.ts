// What both packet filters take on the command line. No command of its own.

import type { FirewallOptions } from '#exchange';
import type { Prefix } from '#model';
import { word } from '../parameters.ts';
import { IMPORT_FLAGS, type ImportFlags, interfaceFlag, interfacesOf, type Placed, prefixFlag } from './importing.ts';

export interface FirewallFlags extends ImportFlags {
  readonly self?: readonly Prefix[];
  readonly interface?: readonly Placed[];
  readonly timezone?: string;
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
  timezone: {
    kind: 'parsed',
    parse: word,
    optional: true,
    brief: 'Zone in which the rules state hours; UTC unless given',
    placeholder: 'ZONE',
  },
} as const;

export function firewallOptions(flags: FirewallFlags): FirewallOptions {
  return {
    self: flags.self ?? [],
    interfaces: interfacesOf(flags.interface ?? []),
    ...(flags.timezone === undefined ? {} : { timezone: flags.timezone }),
  };
}
