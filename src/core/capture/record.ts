// What a file format hands to the reader: one packet record inside a buffer, and how a format says what it needs. No decoding.

/** One packet of a file. Reused; its bytes are `data[from]` up to `data[to]`. */
export interface PacketRecord {
  data: Uint8Array;
  from: number;
  to: number;
  wireLength: number;
  linkType: number;
  /** Whole seconds since 1970 and nanoseconds 0 to 999,999,999. */
  seconds: number;
  nanoseconds: number;
}

function newPacketRecord(): PacketRecord {
  return { data: new Uint8Array(0), from: 0, to: 0, wireLength: 0, linkType: 0, seconds: 0, nanoseconds: 0 };
}

/** Answers of `FileFormat.step` other than a count of bytes taken. */
export const NEEDS_MORE = 0;
export const DAMAGED = -1;

/** Walks one file, one item (header, record or block) a step. */
export abstract class FileFormat {
  abstract readonly name: 'pcap' | 'pcapng' | 'snoop';
  /** What the packets of `step` are put in. */
  readonly record = newPacketRecord();
  /** Whether the last step put a packet into `record`. */
  hasPacket = false;
  /** After NEEDS_MORE: bytes of the item that must be there for the next try. */
  needed: number;
  /** After DAMAGED: what is wrong; found and needed. */
  damage = '';
  /** What the item under way is called in messages. */
  item: string;

  constructor(item: string, needed: number) {
    this.item = item;
    this.needed = needed;
  }

  /** Takes the item that begins at `at`: its length, NEEDS_MORE or DAMAGED. */
  abstract step(data: Uint8Array, at: number, to: number): number;

  protected needs(bytes: number): number {
    this.needed = bytes;
    return NEEDS_MORE;
  }

  protected damaged(text: string): number {
    this.damage = text;
    return DAMAGED;
  }
}

/** A packet as long as this is refused: nothing on a wire is, and a damaged length would take the memory. */
export const PACKET_BYTES_MAX = 64 * 1024 * 1024;

/** Reads integers in the byte order of a file. */
export function read16(data: Uint8Array, at: number, isBig: boolean): number {
  const a = data[at] ?? 0;
  const b = data[at + 1] ?? 0;
  return isBig ? (a << 8) | b : (b << 8) | a;
}

export function read32(data: Uint8Array, at: number, isBig: boolean): number {
  const first = read16(data, at, isBig);
  const second = read16(data, at + 2, isBig);
  return isBig ? first * 0x1_0000 + second : second * 0x1_0000 + first;
}
