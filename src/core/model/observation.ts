// What a decider, a learner and a meter are told of traffic: one packet, or one flow record of a log. Objects are reused.

import type { AddressId, Mac } from './addresses.ts';
import type { Instant } from './instant.ts';

/** Transport protocols by their IANA number. */
export const PROTOCOL = { icmp: 1, igmp: 2, tcp: 6, udp: 17, gre: 47, esp: 50, ah: 51, icmpv6: 58, sctp: 132 } as const;

/** Whether a protocol has ports; those of others are `NO_PORT`. */
export function hasPorts(protocol: number): boolean {
  return protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp || protocol === PROTOCOL.sctp;
}

/** TCP flag bits. */
export const TCP = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

/** Port of a protocol that has none, or of a later fragment whose first fragment was not seen. */
export const NO_PORT = -1;

/** One packet (or, from a log, one direction of a flow record). The outermost IP header counts. Fields are overwritten by the next one. */
export interface Observation {
  at: Instant;
  source: AddressId;
  destination: AddressId;
  /** MAC of each end where the link has one, else -1. */
  sourceMac: Mac;
  destinationMac: Mac;
  /** IANA protocol number after IPv6 extension headers. */
  protocol: number;
  /** Ports of TCP, UDP and SCTP, else -1. A later fragment carries its first fragment's ports when that was seen. */
  sourcePort: number;
  destinationPort: number;
  /** IP total length in bytes (all packets of a flow record together). */
  bytes: number;
  /** 1, or the packets of a flow record. */
  packets: number;
  /** IP total length of this packet, or -1 where the input cannot tell (flow records, fragments). */
  packetSize: number;
  /** Low eight TCP flag bits, or -1. */
  tcpFlags: number;
  /** Who began, where the input knows better than the first packet (a log's originator): 0 unknown, 1 source, 2 destination. */
  initiator: 0 | 1 | 2;
  /**
   * Application of the session by its first bytes as far as seen: '' nothing seen yet (or bytes not captured),
   * 'unknown' when bytes were seen that no decoder recognises, else an `APPLICATIONS` name.
   */
  application: string;
  /**
   * The tunnels this packet carries, from the outermost to the innermost with ` > ` between them, each a kind and, where it has one, its number:
   * `gre`, `gre 7`, `vxlan 42`, `gtp 0x12345678 > 4in4`. '' for none. What is closed (`esp`, `ah`, `wireguard`) is named and ends the chain.
   */
  tunnel: string;
  /** Operations this packet carries, as `<protocol> <operation>`, for instance `modbus 1/3`; empty for most. */
  operations: readonly string[];
}

/** Applications that are told by first bytes. */
export const APPLICATIONS = [
  'tls',
  'http',
  'ssh',
  'rtsp',
  'mqtt',
  'modbus',
  'dns',
  'ntp',
  'dhcp',
  'smtp',
  'ftp',
  'sip',
  'quic',
  'dtls',
  'mdns',
  'llmnr',
  'nbns',
  'ssdp',
  'wireguard',
  'dnp3',
  's7comm',
  'enip',
  'iec104',
  'opcua',
  'bacnet',
  'coap',
] as const;

export function newObservation(): Observation {
  return {
    at: 0,
    source: -1,
    destination: -1,
    sourceMac: -1,
    destinationMac: -1,
    protocol: 0,
    sourcePort: NO_PORT,
    destinationPort: NO_PORT,
    bytes: 0,
    packets: 1,
    packetSize: -1,
    tcpFlags: -1,
    initiator: 0,
    application: '',
    tunnel: '',
    operations: [],
  };
}

/** What names are told of. */
export const NAME_KINDS = [
  'dns-query',
  'dns-answer',
  'dns-cname',
  'sni',
  'http-host',
  'dhcp-host',
  'mqtt-client',
  'mqtt-topic',
  'ja4',
  'mdns-host',
  'mdns-service',
  'nbns-host',
  'ssdp-device',
  'ssdp-server',
  'hides-names',
] as const;

export type NameKind = (typeof NAME_KINDS)[number];

/**
 * One fact about a name. For `dns-answer` the client asked `name` and was given `address` (the asked name, whatever CNAME chain led there).
 * `ja4`: the fingerprint of a client's hello, its server name as value. `mdns-host`, `nbns-host`: a name the client gives itself, an address as value;
 * `mdns-service`: an instance, `host:port` as value; `ssdp-device`: a USN, its location as value; `ssdp-server`: the product text; none of them binds.
 * `hides-names`: `dot`, `doh`, `doq`, `ech` or `dnscrypt`, and the evidence as value.
 */
export interface NameFact {
  readonly kind: NameKind;
  readonly at: Instant;
  readonly client: AddressId;
  readonly server: AddressId;
  /** MAC of the client where the link has one, else -1. */
  readonly clientMac: Mac;
  /** Destination port of the client's side of the exchange (53 for DNS). */
  readonly port: number;
  /** Port of the client, where the traffic shows one. */
  readonly clientPort?: number;
  /** As written on the wire, case kept, no final dot. */
  readonly name: string;
  /** Kind-dependent second value as text: query type number, address, canonical name; '' where there is none. */
  readonly value: string;
  /** The address of a `dns-answer`, else -1; -1 too where the asked name may not be bound to it, so that nobody binds it by mistake. */
  readonly address: AddressId;
  /** Seconds, for `dns-answer`, else 0. */
  readonly ttlSeconds: number;
}

/** Where traffic facts go: names come before the packet that carried them. */
export interface TrafficSink {
  observe(observation: Observation): void;
  name(fact: NameFact): void;
}
