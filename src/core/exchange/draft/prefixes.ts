// Ranges of addresses as other systems write them: host bits may be set, and a range may go from one address to another.

import { type AddressBytes, addressText, type Prefix, parseAddress, parsePrefix } from '#model';

/** `10.0.0.7/8` is `10.0.0.0/8`: every system read here takes it so. Null for what is no address or prefix. */
export function looseRange(text: string): Prefix | null {
  const [address = '', bits] = text.split('/');
  if (bits === undefined) return parsePrefix(address);
  const bytes = parseAddress(address);
  const most = address.includes(':') ? 128 : 32;
  if (bytes === null || !/^[0-9]{1,3}$/.test(bits) || Number(bits) > most) return null;
  return cutTo(bytes, { version: most === 32 ? 4 : 6, length: Number(bits) + 128 - most });
}

function cutTo(bytes: AddressBytes, { version, length }: { version: 4 | 6; length: number }): Prefix {
  const cut = bytes.map((byte, at) => byte & (0xff << Math.max(0, Math.min(8, (at + 1) * 8 - length))));
  return { version, bytes: cut, length };
}

/** The fewest prefixes that hold exactly the addresses from the first to the last, or null where that is no range. At most 254 of them. */
export function rangePrefixes(first: string, last: string): readonly Prefix[] | null {
  const [from, to] = [parseAddress(first), parseAddress(last)];
  if (from === null || to === null || first.includes(':') !== last.includes(':')) return null;
  const version = first.includes(':') ? 6 : 4;
  const prefixes: Prefix[] = [];
  let low = numberOf(from);
  const high = numberOf(to);
  if (low > high) return null;
  while (low <= high) {
    let bits = 0;
    while (bits < (version === 4 ? 32 : 128)) {
      const size = 1n << BigInt(bits + 1);
      if (low % size !== 0n || low + size - 1n > high) break;
      bits++;
    }
    prefixes.push({ version, bytes: bytesOf(low), length: 128 - bits });
    low += 1n << BigInt(bits);
  }
  return prefixes;
}

function numberOf(bytes: AddressBytes): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function bytesOf(value: bigint): AddressBytes {
  return Uint8Array.from({ length: 16 }, (_, at) => Number((value >> BigInt(8 * (15 - at))) & 255n));
}

export function everyAddress(version: 4 | 6): Prefix {
  const bytes = parseAddress(version === 4 ? '0.0.0.0' : '::') ?? new Uint8Array(16);
  return { version, bytes, length: version === 4 ? 96 : 0 };
}

/** First and last address of a prefix, as text. */
export function edgesOf(prefix: Prefix): { readonly first: string; readonly last: string } {
  const high = numberOf(prefix.bytes) + (1n << BigInt(128 - prefix.length)) - 1n;
  return { first: addressText(prefix.bytes), last: addressText(bytesOf(high)) };
}
