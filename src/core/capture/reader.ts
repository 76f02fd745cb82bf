// Reads a capture that comes in chunks: packets out, one reused frame at a time, and at the end how the file ended.
// Pure: no I/O and no gzip. Holds at most one block of the file.

import { type AddressTable, instantOf, NO_MAC } from '#model';
import { Datagrams } from './datagrams.ts';
import { type CaptureFormat, captureFormat, MAGIC_BYTES } from './format.ts';
import { type Frame, newFrame } from './frame.ts';
import { IpDecoder, type PacketPlace } from './ip.ts';
import { linkDecoder } from './link/decoders.ts';
import { Link, NO_IP } from './link/link.ts';
import { PcapFormat } from './pcap.ts';
import { PcapngFormat } from './pcapng.ts';
import { DAMAGED, type FileFormat, NEEDS_MORE, type PacketRecord } from './record.ts';
import { SNOOP_LINK, SnoopFormat } from './snoop.ts';
import { mayCarry, Tunnels } from './tunnel/tunnels.ts';
import { UNTAGGED_ID, VlanStacks } from './vlan-stacks.ts';

export interface FrameSink {
  frame(frame: Frame): void;
  /** After the frame: each IP header inside its tunnels, from the outside in. `inside` is reused like `outer`. */
  tunnel?(inside: Frame, outer: Frame): void;
}

/**
 * Looks into the payload of every IP frame before the sink sees it; sets its `application` and `operations`. The fragment that
 * makes a datagram whole is shown with all of the datagram's payload, every other fragment with none.
 */
export interface Inspector {
  inspect(frame: Frame): void;
}

/** Sees every frame before the inspector does. What it refuses is not looked into and not told; it may change a frame's ends. */
export interface FrameGate {
  passes(frame: Frame): boolean;
}

export interface TrafficReaderOptions {
  readonly addresses: AddressTable;
  readonly sink: FrameSink;
  readonly inspector: Inspector | null;
  readonly gate?: FrameGate;
}

interface SkippedFrames {
  readonly reason: string;
  readonly count: number;
}

/** How a capture ended. Every packet before the end was delivered, whatever the kind. */
export interface CaptureEnd {
  readonly kind: 'whole' | 'cut' | 'damaged' | 'unknown-format' | 'empty';
  readonly format: CaptureFormat | 'unknown';
  readonly packets: number;
  /** Bytes of the file that were read as whole items; where the cut or damaged one begins. */
  readonly byteOffset: number;
  /** What is wrong: what, where, found, needed. Empty when whole. */
  readonly message: string;
  /** Frames without an IP header, those of unsupported link layers included. */
  readonly nonIp: number;
  readonly unsupportedLink: number;
  /** Why frames were not looked into, and how many: link layers that have no decoder, by their number. */
  readonly skipped: readonly SkippedFrames[];
  /** Frames whose link layer announces IP but which hold no whole valid IP header. Counted in `nonIp` too. */
  readonly malformed: number;
}

/** Link types named apart; a file has one or two. Those beyond are counted together. */
const SKIPPED_MAX = 32;
const OTHERS = -1;

/** Instants are kept where doubles are exact; times beyond are those of damaged files. */
const INSTANT_MAX = Number.MAX_SAFE_INTEGER - 1;

/** What the carry buffer begins with; it grows to the block at hand. */
const CARRY_BYTES = 4_096;

/** Receivers differ in what they make of fragments that contradict each other, so what such a datagram asks for cannot be known. */
const CONTRADICTION: readonly string[] = ['ip contradiction'];

export class TrafficReader {
  readonly #sink: FrameSink;
  readonly #inspector: Inspector | null;
  readonly #gate: FrameGate | null;
  readonly #ip: IpDecoder;
  readonly #link = new Link();
  readonly #stacks = new VlanStacks();
  readonly #place: PacketPlace = { data: new Uint8Array(0), linkAt: 0, at: 0, to: 0 };
  readonly #frame: Frame;
  readonly #addresses: AddressTable;
  /** Made for the first packet that may carry a tunnel; most captures have none. */
  #tunnels: Tunnels | null = null;
  readonly #datagrams = new Datagrams();
  /** What the inspector is shown in place of a fragment. */
  readonly #whole = newFrame();
  #format: FileFormat | null = null;
  #failure: 'damaged' | 'unknown-format' | null = null;
  #carry = new Uint8Array(CARRY_BYTES);
  #carried = 0;
  /** Bytes that must be carried before the next try. */
  #needed = MAGIC_BYTES;
  #byteOffset = 0;
  #nonIp = 0;
  #unsupportedLink = 0;
  /** Frames by link type that has no decoder. */
  readonly #skipped = new Map<number, number>();
  #malformed = 0;

  constructor(options: TrafficReaderOptions) {
    this.#sink = options.sink;
    this.#inspector = options.inspector;
    this.#gate = options.gate ?? null;
    this.#addresses = options.addresses;
    this.#ip = new IpDecoder(options.addresses);
    this.#frame = frameOver(this.#place);
  }

  /** Takes the next bytes of the file. What follows damage is ignored. */
  push(bytes: Uint8Array): void {
    const chunk = plain(bytes);
    let at = 0;
    while (this.#carried > 0 && at < chunk.length && this.#failure === null) at += this.#fillCarry(chunk, at);
    if (this.#failure !== null || at >= chunk.length) return;
    at += this.#walk(chunk, at, chunk.length);
    if (this.#failure === null) this.#keep(chunk, at, chunk.length);
  }

  /** The file is over. */
  end(): CaptureEnd {
    const kind = this.#endKind();
    return {
      kind,
      format: this.#format?.name ?? 'unknown',
      packets: this.#frame.index,
      byteOffset: this.#byteOffset,
      message: this.#message(kind),
      nonIp: this.#nonIp,
      unsupportedLink: this.#unsupportedLink,
      malformed: this.#malformed,
      skipped: [...this.#skipped].map(([linkType, count]) => ({ reason: skippedText(linkType), count })),
    };
  }

  /** Completes the carried item from the chunk; answers how many bytes it took. */
  #fillCarry(chunk: Uint8Array, at: number): number {
    const count = Math.min(this.#needed - this.#carried, chunk.length - at);
    this.#keep(chunk, at, at + count);
    if (this.#carried < this.#needed) return count;
    const carried = this.#carried;
    const walked = this.#walk(this.#carry, 0, carried);
    if (walked > 0) {
      this.#carry.copyWithin(0, walked, carried);
      this.#carried = carried - walked;
    }
    return count;
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    const size = this.#carried + to - from;
    if (size > this.#carry.length) this.#growCarry(size);
    this.#carry.set(chunk.subarray(from, to), this.#carried);
    this.#carried = size;
  }

  /** Doubles, so that a block that comes byte by byte is not copied for each of them. */
  #growCarry(size: number): void {
    const grown = new Uint8Array(Math.max(size, Math.min(this.#carry.length * 2, this.#needed)));
    grown.set(this.#carry.subarray(0, this.#carried));
    this.#carry = grown;
  }

  /** Takes whole items from `from` on; answers how many bytes they had. Sets what is needed for the next. */
  #walk(data: Uint8Array, from: number, to: number): number {
    const format = this.#format ?? this.#begin(data, from, to);
    if (format === null) return 0;
    let at = from;
    while (at < to) {
      const length = format.step(data, at, to);
      if (length === NEEDS_MORE) break;
      if (length === DAMAGED) {
        this.#failure = 'damaged';
        break;
      }
      if (format.hasPacket) this.#packet(format.record);
      at += length;
      this.#byteOffset += length;
    }
    this.#needed = format.needed;
    return at - from;
  }

  #begin(data: Uint8Array, from: number, to: number): FileFormat | null {
    if (to - from < MAGIC_BYTES) return null;
    const name = captureFormat(data.subarray(from, from + MAGIC_BYTES));
    if (name === null) {
      this.#failure = 'unknown-format';
      return null;
    }
    this.#format = newFormat(name);
    return this.#format;
  }

  #packet(record: PacketRecord): void {
    const frame = this.#frame;
    frame.index++;
    frame.seconds = record.seconds;
    frame.nanoseconds = record.nanoseconds;
    const at = instantOf(record.seconds, record.nanoseconds);
    frame.at = Math.max(Math.min(at, INSTANT_MAX), -INSTANT_MAX);
    frame.wireLength = record.wireLength;
    frame.capturedLength = record.to - record.from;
    const place = this.#place;
    place.data = record.data;
    place.linkAt = record.from;
    place.to = record.to;
    const ipAt = this.#findIp(record);
    place.at = ipAt === NO_IP ? record.to : ipAt;
    frame.sourceMac = this.#link.sourceMac;
    frame.destinationMac = this.#link.destinationMac;
    frame.interfaceIndex = this.#link.interfaceIndex;
    frame.packetType = this.#link.packetType;
    frame.vlans = this.#stacks.tags(this.#stackOf());
    frame.tunnel = '';
    const isIp = this.#ip.decode(frame, place);
    if (this.#gate !== null && !this.#gate.passes(frame)) return;
    const tunnels = isIp && mayCarry(frame) ? this.#lookInside(frame) : null;
    if (isIp) {
      frame.payloadOffset -= record.from;
      if (this.#inspector !== null) this.#inspect(this.#inspector, frame);
    } else this.#countNonIp(ipAt);
    this.#sink.frame(frame);
    if (tunnels !== null && this.#sink.tunnel !== undefined) this.#tellInside(tunnels, frame);
  }

  #lookInside(frame: Frame): Tunnels {
    this.#tunnels ??= new Tunnels(this.#addresses, this.#place);
    this.#tunnels.look(frame, this.#place);
    return this.#tunnels;
  }

  #tellInside({ inside, count }: Tunnels, frame: Frame): void {
    for (let at = 0; at < count; at++) {
      const inner = inside[at];
      if (inner === undefined) return;
      inner.payloadOffset -= this.#place.linkAt;
      this.#sink.tunnel?.(inner, frame);
    }
  }

  #inspect(inspector: Inspector, frame: Frame): void {
    if (!this.#ip.isFragment) {
      inspector.inspect(frame);
      return;
    }
    const whole = Object.assign(this.#whole, frame);
    const datagram = this.#datagrams.add(this.#ip.fragment);
    if (typeof datagram === 'string') {
      whole.payloadCaptured = 0;
      whole.payloadLength = 0;
    } else this.#ip.decodeDatagram(whole, datagram);
    inspector.inspect(whole);
    frame.application = whole.application;
    frame.operations = datagram === 'contradiction' ? CONTRADICTION : whole.operations;
  }

  #findIp(record: PacketRecord): number {
    this.#link.clear();
    const decoder = linkDecoder(record.linkType);
    if (decoder !== undefined) return decoder(record.data, record.from, record.to, this.#link);
    this.#unsupportedLink++;
    const isNamed = this.#skipped.has(record.linkType) || this.#skipped.size < SKIPPED_MAX;
    const named = isNamed ? record.linkType : OTHERS;
    this.#skipped.set(named, (this.#skipped.get(named) ?? 0) + 1);
    return NO_IP;
  }

  #stackOf(): number {
    const { tags, tagCount } = this.#link;
    let stack = UNTAGGED_ID;
    for (let at = 0; at < tagCount; at++) stack = this.#stacks.push(stack, tags[at] ?? 0);
    return stack;
  }

  #countNonIp(ipAt: number): void {
    this.#nonIp++;
    if (ipAt !== NO_IP) this.#malformed++;
  }

  #endKind(): CaptureEnd['kind'] {
    if (this.#failure !== null) return this.#failure;
    if (this.#carried === 0) return this.#format === null ? 'empty' : 'whole';
    const head = this.#carry.subarray(0, this.#carried);
    return this.#format === null && captureFormat(head) === null ? 'unknown-format' : 'cut';
  }

  #message(kind: CaptureEnd['kind']): string {
    const where = `at byte ${this.#byteOffset} after ${this.#frame.index} packets`;
    const item = this.#format?.item ?? 'file header';
    switch (kind) {
      case 'whole':
        return '';
      case 'empty':
        return 'the input is empty, needed a capture';
      case 'unknown-format':
        return 'the format is not known, needed pcap, pcapng or snoop';
      case 'cut':
        return `ends inside a ${item} ${where}: found ${this.#carried} bytes, needed ${this.#needed}`;
      case 'damaged':
        return `damaged ${item} ${where}: ${this.#format?.damage ?? ''}`;
    }
  }
}

function skippedText(linkType: number): string {
  if (linkType === OTHERS) return 'further link types are not read';
  if (linkType >= SNOOP_LINK) return `snoop link type ${linkType - SNOOP_LINK} is not read`;
  return `link type ${linkType} is not read`;
}

function newFormat(name: CaptureFormat): FileFormat {
  switch (name) {
    case 'pcap':
      return new PcapFormat();
    case 'pcapng':
      return new PcapngFormat();
    case 'snoop':
      return new SnoopFormat();
  }
}

/** The same bytes as a plain array: of a Node Buffer, cutting a part out is several times slower. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** The one frame of a reader. Its bytes are cut out of the buffer only when somebody asks for them. */
function frameOver(place: PacketPlace): Frame {
  return {
    ...newFrame(),
    sourceMac: NO_MAC,
    get data(): Uint8Array {
      return place.data.subarray(place.linkAt, place.to);
    },
  };
}
