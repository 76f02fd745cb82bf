// Protocols as words, and words as protocols and ports: what a person types for a service. Not a service of a policy.

import { PROTOCOL } from '#model';

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(PROTOCOL).map(([name, number]) => [number, name]));

export function protocolText(protocol: number): string {
  return NAMES.get(protocol) ?? String(protocol);
}

/** A service by protocol and port. */
export interface Door {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** Services that people protect by name. IANA's names and ports, and those that programs are known by. */
const WELL_KNOWN: ReadonlyMap<string, Door> = new Map(
  (
    [
      ['ssh', 'tcp', 22],
      ['telnet', 'tcp', 23],
      ['smtp', 'tcp', 25],
      ['dns', 'udp', 53],
      ['http', 'tcp', 80],
      ['ntp', 'udp', 123],
      ['snmp', 'udp', 161],
      ['ldap', 'tcp', 389],
      ['https', 'tcp', 443],
      ['smb', 'tcp', 445],
      ['modbus', 'tcp', 502],
      ['rtsp', 'tcp', 554],
      ['mssql', 'tcp', 1_433],
      ['mqtt', 'tcp', 1_883],
      ['mysql', 'tcp', 3_306],
      ['rdp', 'tcp', 3_389],
      ['postgresql', 'tcp', 5_432],
      ['vnc', 'tcp', 5_900],
      ['redis', 'tcp', 6_379],
      ['mongodb', 'tcp', 27_017],
    ] as const
  ).map(([name, protocol, port]) => [name, { protocol, port }]),
);

/** `ssh`, `22`, `22/tcp`, `53/udp`, `tcp/22`; null for anything else. */
export function doorOf(text: string): Door | null {
  const known = WELL_KNOWN.get(text.toLowerCase());
  if (known !== undefined) return known;
  const found =
    /^(?<port>\d{1,5})(\/(?<protocol>tcp|udp))?$/.exec(text) ?? /^(?<protocol>tcp|udp)\/(?<port>\d{1,5})$/.exec(text);
  const port = Number(found?.groups?.port ?? -1);
  if (port < 0 || port > 65_535) return null;
  return { protocol: found?.groups?.protocol === 'udp' ? 'udp' : 'tcp', port };
}

/** The name that a port is known by, or null. */
export function wellKnownName({ protocol, port }: Door): string | null {
  for (const [name, door] of WELL_KNOWN) if (door.protocol === protocol && door.port === port) return name;
  return null;
}
