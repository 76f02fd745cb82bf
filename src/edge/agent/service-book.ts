// Services as traffic shows them: who was answered where, and by whom it was asked. Not a list of who listens: that is a fact of the host.

import type { AddressId, Instant } from '#model';
import type { FlowEvent } from '#observe';
import type { FlowRow } from './flow-book.ts';

/** Services kept; a further one is only counted, so that answers to a scan do not push out what is used. */
const SERVICES_MAX = 4_096;
/** Peers of one service; further ones are counted together. */
const PEERS_MAX = 256;

export interface SeenPeer {
  readonly address: AddressId;
  readonly element: string | null;
  connections: number;
  denied: number;
}

export interface SeenService {
  readonly address: AddressId;
  readonly element: string | null;
  readonly protocol: number;
  readonly port: number;
  application: string;
  connections: number;
  readonly peers: Map<AddressId, SeenPeer>;
  /** Peers beyond the bound, each time they came. */
  unlistedPeers: number;
  lastSeen: Instant;
}

export class ServiceBook {
  readonly #services = new Map<string, SeenService>();
  #unlisted = 0;

  get services(): readonly SeenService[] {
    return [...this.#services.values()];
  }

  /** Services that found no room. */
  get unlisted(): number {
    return this.#unlisted;
  }

  at(address: AddressId, protocol: number, port: number): SeenService | null {
    return this.#services.get(`${address}|${protocol}/${port}`) ?? null;
  }

  /** A flow was answered for the first time. */
  answered(row: FlowRow): void {
    const service = this.at(row.destination, row.protocol, row.destinationPort) ?? this.#begin(row);
    if (service === null) return;
    service.connections++;
    service.lastSeen = Math.max(service.lastSeen, row.at);
    if (row.application !== '') service.application = row.application;
    const peer = this.#peer(service, row);
    if (peer !== null) peer.connections++;
  }

  /** An opening was denied: told of services that are known, and of no others. */
  denied(row: FlowRow): void {
    const service = this.at(row.destination, row.protocol, row.destinationPort);
    const peer = service === null ? null : this.#peer(service, row);
    if (peer !== null) peer.denied++;
  }

  #begin(row: FlowRow): SeenService | null {
    if (this.#services.size >= SERVICES_MAX) {
      this.#unlisted++;
      return null;
    }
    const service: SeenService = {
      address: row.destination,
      element: row.destinationElement,
      protocol: row.protocol,
      port: row.destinationPort,
      application: row.application,
      connections: 0,
      peers: new Map(),
      unlistedPeers: 0,
      lastSeen: row.at,
    };
    this.#services.set(`${row.destination}|${row.protocol}/${row.destinationPort}`, service);
    return service;
  }

  #peer(service: SeenService, row: FlowRow): SeenPeer | null {
    const known = service.peers.get(row.source);
    if (known !== undefined) return known;
    if (service.peers.size >= PEERS_MAX) {
      service.unlistedPeers++;
      return null;
    }
    const peer: SeenPeer = { address: row.source, element: row.sourceElement, connections: 0, denied: 0 };
    service.peers.set(row.source, peer);
    return peer;
  }
}

/** Whether the responder answered as a service does: a TCP reset is an answer of nobody. */
export function isServed({ isAnswered, tcpState }: FlowEvent): boolean {
  return isAnswered && tcpState !== 'closed' && tcpState !== 'syn-sent';
}
