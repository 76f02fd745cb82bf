// The capture file of Solaris (RFC 1761): one header, then packet records, all big-endian. Version 2 only.

import { u32 } from './inspect/bytes.ts';
import { FileFormat, NEEDS_MORE, PACKET_BYTES_MAX } from './record.ts';

const HEADER_BYTES = 16;
const RECORD_BYTES = 24;
const VERSION = 2;

/** Room for the padding and what some recorders leave between packets. */
const RECORD_BYTES_MAX = PACKET_BYTES_MAX + 65_536;

/** Link types of this format by their number (RFC 1761 and Solaris), as capture files number them. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 6],
  [4, 1],
  [5, 104],
  [8, 10],
  [18, 123],
  [26, 242],
]);

/** A number of this format that has no twin: counted from here on, so that it is named and never taken for another. */
export const SNOOP_LINK = 0x1_0000;

export class SnoopFormat extends FileFormat {
  readonly name = 'snoop';

  constructor() {
    super('file header', HEADER_BYTES);
  }

  step(data: Uint8Array, at: number, to: number): number {
    return this.item === 'packet' ? this.#packet(data, at, to) : this.#header(data, at, to);
  }

  #header(data: Uint8Array, at: number, to: number): number {
    if (to - at < HEADER_BYTES) return NEEDS_MORE;
    if (u32(data, at + 4) !== 0x7000_0000)
      return this.damaged('file mark is not whole, needed "snoop" and three zeros');
    const version = u32(data, at + 8);
    if (version !== VERSION) return this.damaged(`version ${version}, needed ${VERSION}`);
    const type = u32(data, at + 12);
    this.record.linkType = LINK_TYPES.get(type) ?? SNOOP_LINK + type;
    this.item = 'packet';
    return HEADER_BYTES;
  }

  #packet(data: Uint8Array, at: number, to: number): number {
    this.hasPacket = false;
    if (to - at < RECORD_BYTES) return this.needs(RECORD_BYTES);
    const captured = u32(data, at + 4);
    const length = u32(data, at + 8);
    if (length > RECORD_BYTES_MAX) return this.damaged(`record length ${length}, needed at most ${RECORD_BYTES_MAX}`);
    if (length < RECORD_BYTES || captured > length - RECORD_BYTES)
      return this.damaged(
        `packet length ${captured}, but its record has ${length} bytes with its head of ${RECORD_BYTES}`,
      );
    if (to - at < length) return this.needs(length);
    const { record } = this;
    const micros = u32(data, at + 20);
    const carry = Math.floor(micros / 1_000_000);
    record.seconds = u32(data, at + 16) + carry;
    record.nanoseconds = (micros - carry * 1_000_000) * 1_000;
    record.wireLength = u32(data, at);
    record.data = data;
    record.from = at + RECORD_BYTES;
    record.to = record.from + captured;
    this.hasPacket = true;
    return length;
  }
}
