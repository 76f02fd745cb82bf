// What this host is: its interfaces, who listens, who is connected, as far as the system tells without special rights. Types only.

import type { AddressId, Mac } from '#model';

export interface HostAddress {
  readonly address: AddressId;
  readonly prefixLength: number;
}

export interface HostInterface {
  readonly name: string;
  readonly index: number;
  readonly mac: Mac;
  /** Bytes of the largest IP packet, 0 where not known. */
  readonly mtu: number;
  readonly isUp: boolean;
  readonly isLoopback: boolean;
  readonly addresses: readonly HostAddress[];
}

export interface HostRoute {
  readonly gateway: AddressId;
  readonly interface: string;
}

/** A program as the system names it; '' and -1 where this process may not see it. */
export interface HostProgram {
  readonly program: string;
  readonly pid: number;
  readonly user: number;
}

export interface HostListener extends HostProgram {
  readonly protocol: number;
  /** The address it is bound to; `0.0.0.0` or `::` for all. */
  readonly address: AddressId;
  readonly port: number;
}

export interface HostConnection extends HostProgram {
  readonly protocol: number;
  readonly local: AddressId;
  readonly localPort: number;
  readonly remote: AddressId;
  readonly remotePort: number;
  /** Whether the other end began it: the local port is one that is listened on. */
  readonly isInbound: boolean;
}

export interface HostFacts {
  readonly interfaces: readonly HostInterface[];
  readonly defaultRoutes: readonly HostRoute[];
  readonly listeners: readonly HostListener[];
  readonly connections: readonly HostConnection[];
  /** Sockets whose program could not be told, mostly because another user's process holds them. */
  readonly unnamedPrograms: number;
  /** Whether something was left out because there was too much of it. */
  readonly isCut: boolean;
}
