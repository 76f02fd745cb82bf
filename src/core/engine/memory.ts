// Memory of the engine's tables: typed arrays whose records never straddle cache lines, and how they grow. Not what is stored in them.

/** Bytes of a cache line. */
const LINE = 64;
/** A large buffer of this runtime begins 16 bytes after a line, so views begin this far in. Elsewhere it costs speed only. */
const OFFSET = LINE - 16;
/** Records up to here are moved when the table doubles; beyond, room for the most is taken at once, which costs memory only where it is written. */
const DOUBLED_MAX = 65_536;

/** `count` zeroed words of 32 bits. */
export function words(count: number): Int32Array {
  return new Int32Array(new ArrayBuffer(count * 4 + LINE), OFFSET, count);
}

/** `count` zeroed doubles. */
export function doubles(count: number): Float64Array {
  return new Float64Array(new ArrayBuffer(count * 8 + LINE), OFFSET, count);
}

/** Records a full table of `size` gets room for, at most `max`. */
export function nextSize(size: number, max: number): number {
  return size < DOUBLED_MAX ? Math.min(size * 2, max) : max;
}

/** Copies into a fresh array of `count` numbers, or gives null where there is no memory for it. */
export function grownWords(from: Int32Array, count: number): Int32Array | null {
  return grown(from, () => words(count));
}

export function grownDoubles(from: Float64Array, count: number): Float64Array | null {
  return grown(from, () => doubles(count));
}

function grown<Column extends { set(from: Column): void }>(from: Column, make: () => Column): Column | null {
  try {
    const to = make();
    to.set(from);
    return to;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Four odd multipliers made of one seed: who does not know it can not choose keys that collide. */
export function multipliers(seed: number): readonly [number, number, number, number] {
  return [mixed(seed) | 1, mixed(seed + 0x9e3779b9) | 1, mixed(seed + 0x3c6ef372) | 1, mixed(seed + 0xdaa66d2b) | 1];
}

/** Murmur3's finisher. */
export function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
