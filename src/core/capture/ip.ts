// Decodes the outermost IP header of a frame and the ports behind it. Writes into the frame; allocates nothing for a known address.

import { type AddressTable, hasPorts, NO_PORT, PROTOCOL } from '#model';
import type { Datagram, Fragment } from './datagrams.ts';
import { type DatagramKey, FragmentPorts } from './fragments.ts';
import type { Frame } from './frame.ts';
import { u8, u16, u32 } from './inspect/bytes.ts';
import { Sixes } from './sixes.ts';

const NONE: readonly string[] = Object.freeze([]);

const IP4_BYTES = 20;
const IP6_BYTES = 40;

/**
 * IPv6 extension headers that are walked through (IANA). An authentication header is not: as with IPv4, the protocol is then 51
 * and there are no ports, which permits less; flow tables count it so too.
 */
const EXTENSION = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  destination: 60,
  mobility: 135,
  hip: 139,
  shim6: 140,
};

/** Extension headers looked at in one packet. Each is legal once, destination options twice; more are an attack on readers. */
const EXTENSIONS_MAX = 16;

/** Where the packet lies: `linkAt` the first captured byte of the frame, `at` that of the IP header, `to` behind the last captured. */
export interface PacketPlace {
  data: Uint8Array;
  linkAt: number;
  at: number;
  to: number;
}

/** The transport part of a fragment. */
interface Part {
  readonly data: Uint8Array;
  readonly to: number;
  /** Offset in units of eight bytes, and "more" above it, as IPv4 has them. */
  readonly fragment: number;
  readonly id: number;
  /** Where the bytes of a fragment begin, and the type of what a whole datagram of them begins with. */
  readonly from: number;
  readonly protocol: number;
}

export class IpDecoder {
  /** Whether the packet last decoded is a fragment; `fragment` then tells which. */
  isFragment = false;
  readonly fragment: Fragment = newFragment();
  readonly #addresses: AddressTable;
  readonly #sixes: Sixes;
  readonly #fragments = new FragmentPorts();
  readonly #datagram: DatagramKey = { source: -1, destination: -1, protocol: 0, id: 0 };
  /** Offset behind the headers walked so far, and of the end of the IP packet by its own length (may lie beyond the capture). */
  #next = 0;
  #end = 0;

  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
    this.#sixes = new Sixes(addresses);
  }

  /** Fills the IP fields of `frame`. False when what lies there is no whole IP header. */
  decode(frame: Frame, place: PacketPlace): boolean {
    const version = u8(place.data, place.at) >> 4;
    clearIp(frame);
    const isRead = version === 4 ? this.#four(frame, place) : version === 6 && this.#six(frame, place);
    if (!isRead) frame.ipVersion = 0;
    return isRead;
  }

  #four(frame: Frame, { data, linkAt, at, to }: PacketPlace): boolean {
    if (to - at < IP4_BYTES) return false;
    const headerBytes = (u8(data, at) & 0x0f) * 4;
    const claimed = u16(data, at + 2);
    if (headerBytes < IP4_BYTES || (claimed !== 0 && claimed < headerBytes)) return false;
    frame.ipVersion = 4;
    frame.bytes = claimed === 0 ? frame.wireLength - (at - linkAt) : claimed;
    frame.protocol = u8(data, at + 9);
    frame.source = this.#addresses.intern4(u32(data, at + 12));
    frame.destination = this.#addresses.intern4(u32(data, at + 16));
    this.#next = at + headerBytes;
    this.#end = at + frame.bytes;
    const fragment = u16(data, at + 6) & 0x3fff;
    this.isFragment = fragment !== 0;
    if (!this.isFragment) this.#whole(frame, data, to);
    else {
      const { protocol } = frame;
      this.#part(frame, { data, to, fragment, id: u16(data, at + 4), from: this.#next, protocol });
    }
    return true;
  }

  #six(frame: Frame, { data, linkAt, at, to }: PacketPlace): boolean {
    if (to - at < IP6_BYTES) return false;
    const claimed = u16(data, at + 4);
    frame.ipVersion = 6;
    frame.bytes = claimed === 0 ? Math.max(frame.wireLength - (at - linkAt), 0) : claimed + IP6_BYTES;
    frame.protocol = u8(data, at + 6);
    frame.source = this.#sixes.intern(data, at + 8);
    frame.destination = this.#sixes.intern(data, at + 24);
    this.#next = at + IP6_BYTES;
    this.#end = at + IP6_BYTES + claimed;
    const fragmentAt = this.#walkExtensions(frame, data, to);
    this.isFragment = fragmentAt >= 0 && !isWhole(data, fragmentAt);
    if (!this.isFragment) this.#whole(frame, data, to);
    else {
      const bits = u16(data, fragmentAt + 2);
      // Offset and "more", moved to where IPv4 has them, in units of eight bytes.
      const fragment = (bits >> 3) | ((bits & 1) << 13);
      const id = u32(data, fragmentAt + 4);
      this.#part(frame, { data, to, fragment, id, from: fragmentAt + 8, protocol: u8(data, fragmentAt) });
    }
    return true;
  }

  /**
   * Fills the transport fields of `frame` from a datagram that was put together. Behind fragments another fragment header is
   * refused by receivers; what follows one has no ports here either.
   */
  decodeDatagram(frame: Frame, { data, protocol }: Datagram): void {
    clearTransport(frame);
    frame.data = data;
    frame.protocol = protocol;
    this.#next = 0;
    this.#end = data.length;
    if (frame.ipVersion === 6 && this.#walkExtensions(frame, data, data.length) >= 0) return;
    this.#readTransport(frame, data, data.length);
    this.#setPayload(frame, data.length);
  }

  /** Leaves protocol and `#next` at the upper layer. The place of the fragment header, the first that is one of a part, or -1. */
  #walkExtensions(frame: Frame, data: Uint8Array, to: number): number {
    let fragmentAt = -1;
    for (let count = 0; count < EXTENSIONS_MAX; count++) {
      const at = this.#next;
      const type = frame.protocol;
      if (!isExtension(type) || at >= to) return fragmentAt;
      if (to - at < 8) {
        // A cut header still says what follows it, but nothing of that is there.
        if (type !== EXTENSION.fragment) frame.protocol = u8(data, at);
        this.#next = at + 8;
        return fragmentAt;
      }
      frame.protocol = u8(data, at);
      if (type === EXTENSION.fragment) {
        if (fragmentAt < 0 || isWhole(data, fragmentAt)) fragmentAt = at;
        this.#next = at + 8;
        if ((u16(data, at + 2) & 0xfff8) !== 0) return fragmentAt;
      } else {
        this.#next = at + (u8(data, at + 1) + 1) * 8;
      }
    }
    return fragmentAt;
  }

  #whole(frame: Frame, data: Uint8Array, to: number): void {
    frame.packetSize = frame.bytes;
    this.#readTransport(frame, data, Math.min(to, this.#end));
    this.#setPayload(frame, to);
  }

  #part(frame: Frame, part: Part): void {
    frame.isLaterFragment = (part.fragment & 0x1fff) !== 0;
    this.#setFragment(frame, part);
    if (frame.isLaterFragment) this.#borrowPorts(frame, part.id);
    else {
      this.#readTransport(frame, part.data, Math.min(part.to, this.#end));
      if (frame.sourcePort !== NO_PORT) {
        this.#setDatagram(frame, part.id);
        this.#fragments.remember(this.#datagram, frame.at, frame);
      }
    }
    this.#setPayload(frame, part.to);
  }

  #setPayload(frame: Frame, to: number): void {
    frame.payloadOffset = Math.min(this.#next, to);
    frame.payloadLength = Math.max(this.#end - this.#next, 0);
    frame.payloadCaptured = Math.max(Math.min(to, this.#end) - this.#next, 0);
  }

  #setFragment(frame: Frame, part: Part): void {
    const { fragment } = this;
    fragment.at = frame.at;
    fragment.ipVersion = frame.ipVersion === 6 ? 6 : 4;
    fragment.source = frame.source;
    fragment.destination = frame.destination;
    fragment.protocol = part.protocol;
    fragment.id = part.id;
    fragment.offset = (part.fragment & 0x1fff) * 8;
    fragment.isLast = (part.fragment & 0x2000) === 0;
    fragment.isCut = this.#end > part.to;
    fragment.data = part.data;
    fragment.from = part.from;
    fragment.to = Math.min(part.to, this.#end);
  }

  #borrowPorts(frame: Frame, id: number): void {
    if (!hasPorts(frame.protocol)) return;
    this.#setDatagram(frame, id);
    const slot = this.#fragments.find(this.#datagram, frame.at);
    if (slot < 0) return;
    frame.sourcePort = this.#fragments.sourcePort(slot);
    frame.destinationPort = this.#fragments.destinationPort(slot);
  }

  #setDatagram(frame: Frame, id: number): void {
    this.#datagram.source = frame.source;
    this.#datagram.destination = frame.destination;
    this.#datagram.protocol = frame.protocol;
    this.#datagram.id = id;
  }

  #readTransport(frame: Frame, data: Uint8Array, to: number): void {
    const at = this.#next;
    if (!hasPorts(frame.protocol)) return;
    if (to - at < 4) {
      this.#next = this.#end;
      return;
    }
    frame.sourcePort = u16(data, at);
    frame.destinationPort = u16(data, at + 2);
    if (frame.protocol === PROTOCOL.tcp) this.#readTcp(frame, data, to);
    else this.#next = Math.min(at + (frame.protocol === PROTOCOL.udp ? 8 : 12), this.#end);
    if (frame.protocol === PROTOCOL.udp && to - at >= 8) this.#end = udpEnd(u16(data, at + 4), at, this.#end);
  }

  /** A header length below 20 or beyond the packet leaves no payload. */
  #readTcp(frame: Frame, data: Uint8Array, to: number): void {
    const at = this.#next;
    if (to - at < 14) {
      this.#next = this.#end;
      return;
    }
    frame.tcpFlags = u8(data, at + 13);
    frame.tcpSequence = u32(data, at + 4);
    const headerBytes = (u8(data, at + 12) >> 4) * 4;
    this.#next = headerBytes < 20 ? this.#end : Math.min(at + headerBytes, this.#end);
  }
}

/** UDP length 0 stands for a jumbogram or offload; one that claims more than the packet has is cut to it. */
function udpEnd(claimed: number, at: number, end: number): number {
  return claimed < 8 ? end : Math.min(at + claimed, end);
}

function isExtension(type: number): boolean {
  switch (type) {
    case EXTENSION.hopByHop:
    case EXTENSION.routing:
    case EXTENSION.fragment:
    case EXTENSION.destination:
    case EXTENSION.mobility:
    case EXTENSION.hip:
    case EXTENSION.shim6:
      return true;
    default:
      return false;
  }
}

/** Whether the fragment header says that nothing is missing. */
function isWhole(data: Uint8Array, at: number): boolean {
  return (u16(data, at + 2) & 0xfff9) === 0;
}

function newFragment(): Fragment {
  return {
    at: 0,
    ipVersion: 4,
    source: -1,
    destination: -1,
    protocol: 0,
    id: 0,
    offset: 0,
    isLast: false,
    isCut: false,
    data: new Uint8Array(0),
    from: 0,
    to: 0,
  };
}

function clearIp(frame: Frame): void {
  frame.source = -1;
  frame.destination = -1;
  frame.bytes = 0;
  frame.packetSize = -1;
  frame.application = '';
  frame.operations = NONE;
  clearTransport(frame);
}

function clearTransport(frame: Frame): void {
  frame.protocol = 0;
  frame.sourcePort = NO_PORT;
  frame.destinationPort = NO_PORT;
  frame.tcpFlags = -1;
  frame.tcpSequence = 0;
  frame.isLaterFragment = false;
  frame.payloadOffset = 0;
  frame.payloadCaptured = 0;
  frame.payloadLength = 0;
}
