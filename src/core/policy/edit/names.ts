// Names for elements made from what somebody says of itself, and the well-known names of services. Not what a policy has: that is given.

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

/** A name that may stand in a policy, made from what somebody says of itself. */
export function freeName(claim: string, taken: ReadonlySet<string>): string {
  const plain = claim
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, NAME_LETTERS_MAX);
  const base = plain === '' ? 'element' : plain;
  for (let number = 1; number <= taken.size + 1; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name) && !RESERVED.has(name)) return name;
  }
  return `${base}-${taken.size + 2}`;
}

const NAME_LETTERS_MAX = 60;
/** Words of selectors and sentences: no element is called so. */
const RESERVED: ReadonlySet<string> = new Set(['any', 'internet', 'not', 'may', 'use']);
