// The block-structured capture file. Byte order per section, several interfaces, all three packet blocks; other blocks are skipped.

import { MICROSECOND_SCALE, readTime, type TimeScale, timeScale } from './pcapng-time.ts';
import { DAMAGED, FileFormat, PACKET_BYTES_MAX, read16, read32 } from './record.ts';

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 2, simple: 3, enhanced: 6 } as const;
const OPTION = { end: 0, timeResolution: 9, timeOffset: 14 } as const;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Type, length and the length again. */
const BLOCK_BYTES_MIN = 12;
const SECTION_BYTES_MIN = 28;
/** Room for the longest packet and its options. */
const BLOCK_BYTES_MAX = PACKET_BYTES_MAX + 1024 * 1024;
/** Interfaces of one section; a file has a handful, and each costs memory. */
const INTERFACES_MAX = 65_536;

interface CaptureInterface {
  readonly linkType: number;
  /** Longest packet kept; 0 for no limit. */
  readonly snapshotBytes: number;
  readonly scale: TimeScale;
}

/** Where one block lies: its body without the frame of type and lengths. */
interface Body {
  data: Uint8Array;
  from: number;
  to: number;
}

export class PcapngFormat extends FileFormat {
  readonly name = 'pcapng';
  #isBig = false;
  #interfaces: CaptureInterface[] = [];
  readonly #body: Body = { data: this.record.data, from: 0, to: 0 };

  constructor() {
    super('section header', BLOCK_BYTES_MIN);
  }

  step(data: Uint8Array, at: number, to: number): number {
    this.hasPacket = false;
    if (to - at < BLOCK_BYTES_MIN) return this.needs(BLOCK_BYTES_MIN);
    // The type of a section header reads the same in both byte orders.
    const type = read32(data, at, this.#isBig);
    if (type === BLOCK.section && !this.#readByteOrder(data, at)) return DAMAGED;
    const claimed = read32(data, at + 4, this.#isBig);
    const least = type === BLOCK.section ? SECTION_BYTES_MIN : BLOCK_BYTES_MIN;
    if (claimed < least) return this.damaged(`block length ${claimed}, needed at least ${least}`);
    if (claimed > BLOCK_BYTES_MAX) return this.damaged(`block length ${claimed}, needed at most ${BLOCK_BYTES_MAX}`);
    // Some writers forget to count the padding; readers round up.
    const length = Math.ceil(claimed / 4) * 4;
    if (to - at < length) return this.needs(length);
    const again = read32(data, at + length - 4, this.#isBig);
    if (again !== claimed && again !== length)
      return this.damaged(`block length ${claimed} at its start but ${again} at its end`);
    const { section } = BLOCK;
    this.#body.data = data;
    this.#body.from = at + 8;
    this.#body.to = at + length - 4;
    if (type === section) this.#beginSection();
    else if (!this.#block(type)) return DAMAGED;
    return length;
  }

  #readByteOrder(data: Uint8Array, at: number): boolean {
    const isBig = read32(data, at + 8, true) === BYTE_ORDER_MAGIC;
    if (!isBig && read32(data, at + 8, false) !== BYTE_ORDER_MAGIC) {
      this.damage = `byte-order mark ${read32(data, at + 8, true).toString(16)}, needed 1a2b3c4d in either order`;
      return false;
    }
    this.#isBig = isBig;
    return true;
  }

  #beginSection(): void {
    this.#interfaces = [];
    this.item = 'block';
  }

  #block(type: number): boolean {
    if (type === BLOCK.enhanced) return this.#enhanced(20, this.#read32(0));
    if (type === BLOCK.packet) return this.#enhanced(20, this.#read16(0));
    if (type === BLOCK.simple) return this.#simple();
    if (type === BLOCK.interface) return this.#interface();
    return true;
  }

  /** Enhanced and obsolete packet blocks: same places but for the width of the interface number. */
  #enhanced(headBytes: number, interfaceNumber: number): boolean {
    if (!this.#hasBody(headBytes)) return false;
    const captured = this.#read32(12);
    if (!this.#isCapturedInside(captured, headBytes)) return false;
    const origin = this.#origin(interfaceNumber);
    if (origin === null) return false;
    readTime(this.#read32(4), this.#read32(8), origin.scale, this.record);
    this.#fill(origin, { headBytes, captured, wireLength: this.#read32(16) });
    return true;
  }

  /** A simple packet has no time and no captured length: both follow from the first interface. */
  #simple(): boolean {
    if (!this.#hasBody(4)) return false;
    const origin = this.#origin(0);
    if (origin === null) return false;
    const wireLength = this.#read32(0);
    const kept = origin.snapshotBytes === 0 ? wireLength : Math.min(wireLength, origin.snapshotBytes);
    if (!this.#isCapturedInside(kept, 4)) return false;
    this.record.seconds = 0;
    this.record.nanoseconds = 0;
    this.#fill(origin, { headBytes: 4, captured: kept, wireLength });
    return true;
  }

  #fill(
    origin: CaptureInterface,
    place: { readonly headBytes: number; readonly captured: number; readonly wireLength: number },
  ): void {
    const { record } = this;
    record.linkType = origin.linkType;
    record.wireLength = place.wireLength;
    record.data = this.#body.data;
    record.from = this.#body.from + place.headBytes;
    record.to = record.from + place.captured;
    this.hasPacket = true;
  }

  #origin(interfaceNumber: number): CaptureInterface | null {
    const origin = this.#interfaces[interfaceNumber];
    if (origin !== undefined) return origin;
    this.damage = `packet of interface ${interfaceNumber}, but ${this.#interfaces.length} are described`;
    return null;
  }

  #interface(): boolean {
    if (!this.#hasBody(8)) return false;
    if (this.#interfaces.length >= INTERFACES_MAX) {
      this.damage = `more than ${INTERFACES_MAX} interfaces in one section`;
      return false;
    }
    this.#interfaces.push({
      linkType: this.#read16(0),
      snapshotBytes: this.#read32(4),
      scale: this.#timeScale(),
    });
    return true;
  }

  /** Walks the options; one that runs past the block ends the walk, as it can only be about time. */
  #timeScale(): TimeScale {
    const { data, to } = this.#body;
    let at = this.#body.from + 8;
    let resolution = 6;
    let offsetSeconds = 0;
    while (at + 4 <= to) {
      const code = read16(data, at, this.#isBig);
      const length = read16(data, at + 2, this.#isBig);
      if (code === OPTION.end || at + 4 + length > to) break;
      if (code === OPTION.timeResolution && length >= 1) resolution = data[at + 4] ?? 0;
      if (code === OPTION.timeOffset && length >= 8) offsetSeconds = this.#readSigned64(at + 4);
      at += 4 + Math.ceil(length / 4) * 4;
    }
    return resolution === 6 && offsetSeconds === 0 ? MICROSECOND_SCALE : timeScale(resolution, offsetSeconds);
  }

  #readSigned64(at: number): number {
    const { data } = this.#body;
    const high = read32(data, this.#isBig ? at : at + 4, this.#isBig) | 0;
    return high * 0x1_0000_0000 + read32(data, this.#isBig ? at + 4 : at, this.#isBig);
  }

  #hasBody(bytes: number): boolean {
    const found = this.#body.to - this.#body.from;
    if (found >= bytes) return true;
    this.damage = `block with a body of ${found} bytes, needed at least ${bytes}`;
    return false;
  }

  #isCapturedInside(captured: number, headBytes: number): boolean {
    const room = this.#body.to - this.#body.from - headBytes;
    if (captured <= room) return true;
    this.damage = `packet length ${captured}, but its block has room for ${room}`;
    return false;
  }

  #read16(at: number): number {
    return read16(this.#body.data, this.#body.from + at, this.#isBig);
  }

  #read32(at: number): number {
    return read32(this.#body.data, this.#body.from + at, this.#isBig);
  }
}
