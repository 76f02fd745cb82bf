// What is said of prefixes, found for an address by one look-up per distinct length. Not a routing table: all prefixes that hold are told, not the longest.

import { type Prefix, prefixHas } from '#model';

export class PrefixTable<Said> {
  /** By version and length; within, the masked bits as text. */
  readonly #lengths = new Map<number, Map<string, { readonly prefix: Prefix; readonly said: Said }>>();

  /** What is said of a prefix, first made where nothing was. */
  at(prefix: Prefix, make: () => Said): Said {
    const key = prefix.version * 256 + prefix.length;
    let byBits = this.#lengths.get(key);
    if (byBits === undefined) {
      byBits = new Map();
      this.#lengths.set(key, byBits);
    }
    const bits = maskedText(prefix.bytes, prefix.length);
    const known = byBits.get(bits);
    if (known !== undefined) return known.said;
    const said = make();
    byBits.set(bits, { prefix, said });
    return said;
  }

  /** What is said of every prefix that holds the address. */
  holding(bytes: Uint8Array): readonly Said[] {
    const found: Said[] = [];
    for (const [key, byBits] of this.#lengths) {
      const entry = byBits.get(maskedText(bytes, key % 256));
      if (entry !== undefined && prefixHas(entry.prefix, bytes)) found.push(entry.said);
    }
    return found;
  }
}

/** The first `length` bits as text, the rest zero. */
function maskedText(bytes: Uint8Array, length: number): string {
  let text = '';
  for (let at = 0; at * 16 < length; at++) {
    const bits = Math.min(16, length - at * 16);
    const group = (bytes[at * 2] ?? 0) * 256 + (bytes[at * 2 + 1] ?? 0);
    text += String.fromCharCode((group >> (16 - bits)) << (16 - bits));
  }
  return text;
}
