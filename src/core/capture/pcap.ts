// The classic capture file: one header, then packet records. Both byte orders, micro- and nanoseconds, and the modified kind.

import { FileFormat, NEEDS_MORE, PACKET_BYTES_MAX, read16, read32 } from './record.ts';

const HEADER_BYTES = 24;
const RECORD_BYTES = 16;
/** The modified kind adds interface, protocol and packet type to each record. */
const MODIFIED_RECORD_BYTES = 24;

/** Packets longer than this are taken for damage unless the header announces longer ones, as libpcap does (MAXIMUM_SNAPLEN). */
const USUAL_PACKET_BYTES_MAX = 262_144;

/** The upper bits of the link-type field tell the length of the frame check sequence. */
const LINK_TYPE_MASK = 0xffff;

export class PcapFormat extends FileFormat {
  readonly name = 'pcap';
  #isBig = false;
  /** Fractions of a second in one second. */
  #fractions = 1_000_000;
  #recordBytes = RECORD_BYTES;
  #packetBytesMax = USUAL_PACKET_BYTES_MAX;
  #minorVersion = 4;

  constructor() {
    super('file header', HEADER_BYTES);
  }

  step(data: Uint8Array, at: number, to: number): number {
    return this.item === 'packet' ? this.#packet(data, at, to) : this.#header(data, at, to);
  }

  #header(data: Uint8Array, at: number, to: number): number {
    if (to - at < HEADER_BYTES) return NEEDS_MORE;
    this.#isBig = data[at] === 0xa1;
    const magic = read32(data, at, this.#isBig);
    if (magic === 0xa1b23c4d) this.#fractions = 1_000_000_000;
    if (magic === 0xa1b2cd34) this.#recordBytes = MODIFIED_RECORD_BYTES;
    this.#minorVersion = read16(data, at + 6, this.#isBig);
    const snapshotBytes = read32(data, at + 16, this.#isBig);
    this.#packetBytesMax = Math.min(Math.max(snapshotBytes, USUAL_PACKET_BYTES_MAX), PACKET_BYTES_MAX);
    this.record.linkType = read32(data, at + 20, this.#isBig) & LINK_TYPE_MASK;
    this.item = 'packet';
    return HEADER_BYTES;
  }

  #packet(data: Uint8Array, at: number, to: number): number {
    if (to - at < this.#recordBytes) return this.needs(this.#recordBytes);
    const first = read32(data, at + 8, this.#isBig);
    const second = read32(data, at + 12, this.#isBig);
    const isSwapped = this.#areLengthsSwapped(first, second);
    const captured = isSwapped ? second : first;
    if (captured > this.#packetBytesMax) {
      return this.damaged(`packet length ${captured}, needed at most ${this.#packetBytesMax}`);
    }
    const length = this.#recordBytes + captured;
    if (to - at < length) return this.needs(length);
    const { record } = this;
    const fraction = read32(data, at + 4, this.#isBig);
    const carry = Math.floor(fraction / this.#fractions);
    record.seconds = read32(data, at, this.#isBig) + carry;
    record.nanoseconds = (fraction - carry * this.#fractions) * (1_000_000_000 / this.#fractions);
    record.wireLength = isSwapped ? first : second;
    record.data = data;
    record.from = at + this.#recordBytes;
    record.to = at + length;
    this.hasPacket = true;
    return length;
  }

  /** Version 2.3 changed the order of the lengths, and not all writers of 2.3 knew; before it the length on the wire came first. */
  #areLengthsSwapped(first: number, second: number): boolean {
    return this.#minorVersion < 3 || (this.#minorVersion === 3 && first > second);
  }
}
