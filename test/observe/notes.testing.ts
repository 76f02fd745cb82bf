// A sink that keeps a plain copy of everything it is told, with addresses as text. For tests: it is not bounded.

import { type AddressTable, macText, type NameFact, type Observation } from '#model';
import type { FlowEvent, Neighbour, ObserverSink, VerdictRecord } from '#observe';

export interface PacketNote {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly bytes: number;
  readonly packetSize: number;
  readonly application: string;
  readonly fromMac: string;
}

export interface FlowNote {
  readonly kind: FlowEvent['kind'];
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly mark: number;
  readonly tcpState: string;
  readonly isTranslated: boolean;
  readonly isAnswered: boolean;
  readonly out: readonly [packets: number, bytes: number];
  readonly back: readonly [packets: number, bytes: number];
  readonly lastedSeconds: number;
}

export class Notes implements ObserverSink {
  readonly #addresses: AddressTable;
  readonly packets: PacketNote[] = [];
  readonly names: (Pick<NameFact, 'kind' | 'name' | 'value' | 'ttlSeconds'> & { client: string; address: string })[] =
    [];
  readonly flows: FlowNote[] = [];
  readonly verdicts: (Omit<VerdictRecord, 'source' | 'destination'> & { from: string; to: string })[] = [];
  readonly neighbours: (Pick<Neighbour, 'origin' | 'interface' | 'hostName' | 'vendorClass'> & {
    mac: string;
    address: string;
  })[] = [];
  listings = 0;

  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
  }

  observe(packet: Observation): void {
    this.packets.push({
      from: this.#end(packet.source, packet.sourcePort),
      to: this.#end(packet.destination, packet.destinationPort),
      protocol: packet.protocol,
      bytes: packet.bytes,
      packetSize: packet.packetSize,
      application: packet.application,
      fromMac: macText(packet.sourceMac),
    });
  }

  name({ kind, name, value, ttlSeconds, client, address }: NameFact): void {
    this.names.push({ kind, name, value, ttlSeconds, client: this.#text(client), address: this.#text(address) });
  }

  flow(event: FlowEvent): void {
    this.flows.push({
      kind: event.kind,
      id: event.id,
      from: this.#end(event.initiator, event.initiatorPort),
      to: this.#end(event.responder, event.responderPort),
      protocol: event.protocol,
      mark: event.mark,
      tcpState: event.tcpState,
      isTranslated: event.isTranslated,
      isAnswered: event.isAnswered,
      out: [event.packetsOut, event.bytesOut],
      back: [event.packetsBack, event.bytesBack],
      lastedSeconds: event.lastedSeconds,
    });
  }

  verdict({ source, destination, ...rest }: VerdictRecord): void {
    const from = this.#end(source, rest.sourcePort);
    this.verdicts.push({ ...rest, from, to: this.#end(destination, rest.destinationPort) });
  }

  neighbour(fact: Neighbour): void {
    this.neighbours.push({
      origin: fact.origin,
      interface: fact.interface,
      hostName: fact.hostName,
      vendorClass: fact.vendorClass,
      mac: macText(fact.mac),
      address: this.#text(fact.address),
    });
  }

  listed(): void {
    this.listings++;
  }

  #text(address: number): string {
    return address < 0 ? '' : this.#addresses.text(address);
  }

  #end(address: number, port: number): string {
    return `${this.#text(address)} ${port}`;
  }
}
