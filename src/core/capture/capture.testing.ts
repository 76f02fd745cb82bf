// Makes captures and packets for tests: every kind of file this room reads, in either byte order. Not a writer for users.

/** A growing run of bytes with numbers in one byte order. */
export class Bytes {
  readonly #isBig: boolean;
  readonly #all: number[] = [];

  constructor(isBig: boolean) {
    this.#isBig = isBig;
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.#put(value, 2);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.#put(value, 4);
    return this;
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#all.push(byte);
    return this;
  }

  pad(): this {
    while (this.#all.length % 4 !== 0) this.#all.push(0);
    return this;
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#all);
  }

  #put(value: number, size: number): void {
    for (let at = 0; at < size; at++) {
      const shift = this.#isBig ? size - 1 - at : at;
      this.#all.push(Math.floor(value / 256 ** shift) % 256);
    }
  }
}

export interface PcapOptions {
  readonly isBig?: boolean;
  readonly magic?: number;
  readonly linkType?: number;
  readonly minorVersion?: number;
  readonly snapshotBytes?: number;
}

export interface TestPacket {
  readonly data: Uint8Array;
  readonly seconds?: number;
  readonly fraction?: number;
  readonly wireLength?: number;
}

export const MICRO_MAGIC = 0xa1b2c3d4;
export const NANO_MAGIC = 0xa1b23c4d;
export const MODIFIED_MAGIC = 0xa1b2cd34;

export function pcapBytes(packets: readonly TestPacket[], options: PcapOptions = {}): Uint8Array {
  const out = new Bytes(options.isBig ?? false);
  const magic = options.magic ?? MICRO_MAGIC;
  out
    .u32(magic)
    .u16(2, options.minorVersion ?? 4)
    .u32(0, 0, options.snapshotBytes ?? 65_535, options.linkType ?? 1);
  for (const { data, seconds = 1, fraction = 0, wireLength = data.length } of packets) {
    out.u32(seconds, fraction, data.length, wireLength);
    if (magic === MODIFIED_MAGIC) out.u32(0, 0);
    out.raw(data);
  }
  return out.bytes;
}

export function block(isBig: boolean, type: number, body: Uint8Array): Uint8Array {
  const length = 12 + Math.ceil(body.length / 4) * 4;
  return new Bytes(isBig).u32(type, length).raw(body).pad().u32(length).bytes;
}

export function section(isBig: boolean): Uint8Array {
  return block(isBig, 0x0a0d0d0a, new Bytes(isBig).u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff).bytes);
}

export interface TestInterface {
  readonly linkType?: number;
  readonly snapshotBytes?: number;
  /** Value of if_tsresol. */
  readonly resolution?: number;
  /** Value of if_tsoffset, as its high and low half. */
  readonly offset?: readonly [number, number];
}

export function interfaceBlock(isBig: boolean, options: TestInterface = {}): Uint8Array {
  const body = new Bytes(isBig).u16(options.linkType ?? 1, 0).u32(options.snapshotBytes ?? 0);
  if (options.resolution !== undefined) body.u16(9, 1).raw([options.resolution]).pad();
  if (options.offset !== undefined) {
    const [high, low] = options.offset;
    body.u16(14, 8).u32(...(isBig ? [high, low] : [low, high]));
  }
  return block(isBig, 1, body.u16(0, 0).bytes);
}

export interface TestTime {
  readonly high: number;
  readonly low: number;
  readonly origin?: number;
}

export function enhancedBlock(isBig: boolean, data: Uint8Array, { high, low, origin = 0 }: TestTime): Uint8Array {
  return block(isBig, 6, new Bytes(isBig).u32(origin, high, low, data.length, data.length).raw(data).bytes);
}

export function obsoleteBlock(isBig: boolean, data: Uint8Array, { high, low, origin = 0 }: TestTime): Uint8Array {
  return block(isBig, 2, new Bytes(isBig).u16(origin, 7).u32(high, low, data.length, data.length).raw(data).bytes);
}

export function simpleBlock(isBig: boolean, data: Uint8Array, wireLength = data.length): Uint8Array {
  return block(isBig, 3, new Bytes(isBig).u32(wireLength).raw(data).bytes);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export interface Ip4Options {
  readonly protocol?: number;
  readonly source?: readonly number[];
  readonly destination?: readonly number[];
  readonly id?: number;
  /** Flags and offset as they stand in the header. */
  readonly fragment?: number;
  readonly totalLength?: number;
  readonly options?: readonly number[];
}

export function ip4(payload: Uint8Array, options: Ip4Options = {}): Uint8Array {
  const { protocol = 17, source = [10, 0, 0, 1], destination = [10, 0, 0, 2], options: extra = [] } = options;
  const headerBytes = 20 + extra.length;
  const out = new Bytes(true).raw([0x40 + headerBytes / 4, 0]);
  out.u16(options.totalLength ?? headerBytes + payload.length, options.id ?? 0, options.fragment ?? 0);
  return out.raw([64, protocol, 0, 0, ...source, ...destination, ...extra]).raw(payload).bytes;
}

export function ip6(next: number, payload: Uint8Array, payloadLength = payload.length): Uint8Array {
  const out = new Bytes(true).u32(0x60000000).u16(payloadLength).raw([next, 64]);
  out.u32(0x20010db8, 0, 0, 1).u32(0x20010db8, 0, 0, 2);
  return out.raw(payload).bytes;
}

export function udp(payload: Uint8Array, sourcePort = 1000, destinationPort = 53): Uint8Array {
  return new Bytes(true).u16(sourcePort, destinationPort, payload.length + 8, 0).raw(payload).bytes;
}

export function tcp(payload: Uint8Array, flags = 0x18, sequence = 7): Uint8Array {
  return new Bytes(true).u16(1000, 80).u32(sequence, 0).raw([0x50, flags, 0, 0, 0, 0, 0, 0]).raw(payload).bytes;
}

export const SOURCE_MAC = 0x020000000001;
export const DESTINATION_MAC = 0x020000000002;

/** An Ethernet frame; `tags` are pairs of EtherType and VLAN id. */
export function ethernet(
  type: number,
  payload: Uint8Array,
  tags: readonly (readonly [number, number])[] = [],
): Uint8Array {
  const out = new Bytes(true).raw([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]);
  for (const [tagType, id] of tags) out.u16(tagType, id);
  return out.u16(type).raw(payload).bytes;
}
