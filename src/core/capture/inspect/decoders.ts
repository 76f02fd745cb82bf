// The decoders, and which of them are asked about a packet: those of its application, its ports and its first byte. A new protocol is a file and a line here.
// Few are asked, however many there are; and none that could read the bytes on its own port is left out because of what a conversation began as.

import { bacnetDecoder } from './bacnet.ts';
import { u8 } from './bytes.ts';
import { coapDecoder } from './coap.ts';
import type { Decoder, Span } from './decoder.ts';
import { dhcpDecoder } from './dhcp.ts';
import { dnp3Decoder } from './dnp3.ts';
import { dnsDecoder } from './dns.ts';
import { dnscryptDecoder } from './dnscrypt.ts';
import { dtlsDecoder } from './dtls.ts';
import { enipDecoder } from './enip.ts';
import { httpDecoder } from './http.ts';
import { iec104Decoder } from './iec104.ts';
import { mdnsDecoder } from './mdns.ts';
import { modbusDecoder } from './modbus.ts';
import { mqttDecoder } from './mqtt.ts';
import { nbnsDecoder } from './nbns.ts';
import { opcuaDecoder } from './opcua.ts';
import { s7commDecoder } from './s7comm.ts';
import { ssdpDecoder } from './ssdp.ts';
import { tlsDecoder } from './tls.ts';

/** At most 31, since the bits of one number say which are asked. Those with strong first bytes come before those that lean on a port. */
export const DECODERS: readonly Decoder[] = [
  tlsDecoder,
  dtlsDecoder,
  dnscryptDecoder,
  ssdpDecoder,
  httpDecoder,
  dhcpDecoder,
  modbusDecoder,
  mqttDecoder,
  dnp3Decoder,
  s7commDecoder,
  enipDecoder,
  iec104Decoder,
  opcuaDecoder,
  bacnetDecoder,
  coapDecoder,
  nbnsDecoder,
  mdnsDecoder,
  dnsDecoder,
];

/** Which decoders are asked over one transport, as bits over the list. */
class Candidates {
  readonly #byPort = new Uint32Array(65_536);
  readonly #byFirstByte = new Uint32Array(256);
  readonly #byApplication = new Map<string, number>();

  constructor(decoders: readonly Decoder[], isTcp: boolean) {
    for (const [at, decoder] of decoders.entries()) {
      if (isTcp ? !decoder.isOverTcp : !decoder.isOverUdp) continue;
      const bit = 1 << at;
      this.#byApplication.set(decoder.protocol, bit);
      for (const port of decoder.ports ?? []) this.#byPort[port] = (this.#byPort[port] ?? 0) | bit;
      const isAlways = decoder.ports === undefined && decoder.firstBytes === undefined;
      for (let byte = 0; byte < 256; byte++)
        if (isAlways || decoder.firstBytes?.includes(byte) === true)
          this.#byFirstByte[byte] = (this.#byFirstByte[byte] ?? 0) | bit;
    }
  }

  byApplication(application: string): number {
    return this.#byApplication.get(application) ?? 0;
  }

  byPorts({ sourcePort, destinationPort }: Span): number {
    return (this.#byPort[sourcePort] ?? 0) | (this.#byPort[destinationPort] ?? 0);
  }

  byFirstByte({ data, from }: Span): number {
    return this.#byFirstByte[u8(data, from)] ?? 0;
  }
}

/** Says which decoders may know what begins at `span.from`. Made for a list of decoders, so that a benchmark can leave one out. */
export class Dispatch {
  readonly #decoders: readonly Decoder[];
  readonly #tcp: Candidates;
  readonly #udp: Candidates;
  /** The decoder of the application, which is asked before all others: bytes that it could read are not another's. */
  #preferred = 0;

  constructor(decoders: readonly Decoder[]) {
    this.#decoders = decoders;
    this.#tcp = new Candidates(decoders, true);
    this.#udp = new Candidates(decoders, false);
  }

  /** The decoders to be asked, as bits for `first` and `without`. */
  candidates(span: Span): number {
    const candidates = span.isTcp ? this.#tcp : this.#udp;
    this.#preferred = candidates.byApplication(span.application);
    return candidates.byPorts(span) | candidates.byFirstByte(span) | this.#preferred;
  }

  /** The decoder that is asked next. */
  first(bits: number): Decoder | null {
    return this.#decoders[31 - Math.clz32(this.#bitOf(bits))] ?? null;
  }

  /** The decoders that are left when `first` was asked. */
  without(bits: number): number {
    return bits & ~this.#bitOf(bits);
  }

  #bitOf(bits: number): number {
    return (bits & this.#preferred) === 0 ? bits & -bits : this.#preferred;
  }

  /**
   * The decoder for which bytes that cannot be read may be an operation, or null. On a protocol's own port that holds whatever the conversation
   * began as: nobody hides an operation by beginning with something else.
   */
  asking(span: Span): Decoder | null {
    const candidates = span.isTcp ? this.#tcp : this.#udp;
    let bits = candidates.byApplication(span.application) | candidates.byPorts(span);
    for (; bits !== 0; bits &= bits - 1) {
      const decoder = this.#decoders[31 - Math.clz32(bits & -bits)];
      if (decoder?.mayAsk?.(span) === true) return decoder;
    }
    return null;
  }
}
