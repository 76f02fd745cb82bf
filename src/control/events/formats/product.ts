// Who speaks: the names under which receivers file the events.

export interface Product {
  readonly version: string;
  /** Name of this controller, as people know it. */
  readonly host: string;
}

export const VENDOR = 'Picket';
export const PRODUCT = 'Picket';

/** IANA's names of the protocols that policies speak of. */
const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [47, 'gre'],
  [50, 'esp'],
  [58, 'ipv6-icmp'],
  [132, 'sctp'],
]);

export function protocolName(protocol: number): string | null {
  return PROTOCOLS.get(protocol) ?? null;
}

/** Leaves out what is null: receivers take an empty field for a value. */
export function known(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
