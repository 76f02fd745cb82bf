// Puts datagrams that were sent in fragments together again, so that their payload can be looked into. Bounded in every way.
// Not a receiver: of a datagram that contradicts itself nothing is told (the attitude of RFC 5722, for IPv4 too).

import type { AddressId, Instant } from '#model';

/** One fragment. Reused by the caller. */
export interface Fragment {
  at: Instant;
  ipVersion: 4 | 6;
  source: AddressId;
  destination: AddressId;
  /** Type of what the datagram begins with; in IPv6 only the first fragment's counts (RFC 8200, 4.5). */
  protocol: number;
  id: number;
  /** Place of its first byte in the datagram. */
  offset: number;
  isLast: boolean;
  /** Bytes of it were not captured. */
  isCut: boolean;
  /** Its bytes behind the IP headers are `data[from]` up to `data[to]`. */
  data: Uint8Array;
  from: number;
  to: number;
}

/** What was put together: all bytes behind the IP headers, and the type of what they begin with. */
export interface Datagram {
  readonly data: Uint8Array;
  readonly protocol: number;
}

/** The length field of IP has 16 bits; more is an attack on receivers. */
export const DATAGRAM_BYTES_MAX = 65_535;
/** Datagrams under way; when there are more, the oldest is given up and nothing is told of it. */
export const DATAGRAMS_MAX = 1_024;
/** Memory of all parts together, what Linux gives to it as well; when full, the oldest datagrams are given up. */
export const DATAGRAMS_BYTES_MAX = 4 * 2 ** 20;
/** What a part takes beside its bytes, counted so that many tiny ones cannot take more memory than a few long ones. */
const PART_BYTES = 128;
/** How long receivers wait for the rest: Linux for IPv4, RFC 8200 for IPv6. To wait longer or shorter than they do would hide datagrams. */
const LIFETIME_MICROS = { 4: 30_000_000, 6: 60_000_000 } as const;

interface Part {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A datagram under way. */
interface Pending {
  readonly at: Instant;
  /** By offset, none over another. */
  readonly parts: Part[];
  /** Type of what the first fragment begins with. */
  protocol: number;
  /** Bytes of all parts. */
  bytes: number;
  /** Bytes of the whole, -1 until the last part came. */
  length: number;
}

export class Datagrams {
  /** In the order in which they began. The key is text: fragments are rare, and their bytes are copied anyway. */
  readonly #pending = new Map<string, Pending>();
  #bytes = 0;

  /** Datagrams under way. */
  get size(): number {
    return this.#pending.size;
  }

  /** The whole datagram when this was the last part missing; whether the part contradicts those before it; else that more must come. */
  add(fragment: Fragment): Datagram | 'waiting' | 'contradiction' {
    const key = keyOf(fragment);
    const bytes = bytesOf(fragment);
    if (fragment.isCut || bytes.length === 0) return 'waiting';
    const pending = this.#open(key, fragment);
    if (!this.#place(pending, { offset: fragment.offset, bytes }, fragment.isLast)) {
      // The key is free again at once, as in Linux: what is sent anew under it is whole for a receiver and must be for us.
      this.#drop(key);
      return 'contradiction';
    }
    if (fragment.offset === 0) pending.protocol = fragment.protocol;
    if (pending.bytes === pending.length) {
      this.#drop(key);
      return { data: joined(pending), protocol: pending.protocol };
    }
    while (this.#bytes > DATAGRAMS_BYTES_MAX) this.#dropOldest();
    return 'waiting';
  }

  #open(key: string, fragment: Fragment): Pending {
    const known = this.#pending.get(key);
    if (known !== undefined) {
      if (Math.abs(fragment.at - known.at) < LIFETIME_MICROS[fragment.ipVersion]) return known;
      this.#drop(key);
    }
    if (this.#pending.size >= DATAGRAMS_MAX) this.#dropOldest();
    const pending: Pending = { at: fragment.at, parts: [], protocol: -1, bytes: 0, length: -1 };
    this.#pending.set(key, pending);
    return pending;
  }

  /** Puts a part where it belongs, a copy of it; one that came before is passed over. False when it contradicts the others. */
  #place(pending: Pending, part: Part, isLast: boolean): boolean {
    if (!endsWithin(pending, part, isLast)) return false;
    if (isLast) pending.length = endOf(part);
    const at = placeOf(pending.parts, part.offset);
    const next = pending.parts[at];
    const before = pending.parts[at - 1];
    if (next !== undefined && isSame(next, part)) return true;
    if (next !== undefined && next.offset < endOf(part)) return false;
    if (before !== undefined && endOf(before) > part.offset) return false;
    pending.parts.splice(at, 0, { offset: part.offset, bytes: part.bytes.slice() });
    pending.bytes += part.bytes.length;
    this.#bytes += part.bytes.length + PART_BYTES;
    return true;
  }

  #drop(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#bytes -= pending.bytes + pending.parts.length * PART_BYTES;
    this.#pending.delete(key);
  }

  #dropOldest(): void {
    for (const key of this.#pending.keys()) {
      this.#drop(key);
      return;
    }
  }
}

function keyOf({ ipVersion, source, destination, protocol, id }: Fragment): string {
  return `${ipVersion} ${source} ${destination} ${ipVersion === 6 ? 0 : protocol} ${id}`;
}

/** All but the last count in units of eight bytes; receivers leave the rest of a longer one out. */
function bytesOf({ data, from, to, isLast }: Fragment): Uint8Array {
  const length = Math.max(to - from, 0);
  return data.subarray(from, from + (isLast ? length : length - (length % 8)));
}

function endOf({ offset, bytes }: Part): number {
  return offset + bytes.length;
}

/** Whether the part ends where a part of this datagram can end. */
function endsWithin({ parts, length }: Pending, part: Part, isLast: boolean): boolean {
  const end = endOf(part);
  if (end > DATAGRAM_BYTES_MAX) return false;
  if (!isLast) return length < 0 || end <= length;
  const highest = parts.at(-1);
  return (length < 0 || end === length) && (highest === undefined || endOf(highest) <= end);
}

/** Where a part of this offset stands or would stand. */
function placeOf(parts: readonly Part[], offset: number): number {
  let from = 0;
  let to = parts.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((parts[middle]?.offset ?? 0) < offset) from = middle + 1;
    else to = middle;
  }
  return from;
}

function isSame(known: Part, part: Part): boolean {
  if (known.offset !== part.offset || known.bytes.length !== part.bytes.length) return false;
  return part.bytes.every((byte, at) => byte === known.bytes[at]);
}

function joined({ parts, length }: Pending): Uint8Array {
  const data = new Uint8Array(length);
  for (const { offset, bytes } of parts) data.set(bytes, offset);
  return data;
}
