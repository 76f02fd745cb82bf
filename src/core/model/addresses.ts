// Internet addresses: strict parsing, printing, prefixes, and the table that turns an address into a small number.
// Not a resolver: names are bound to addresses elsewhere.

/** Number of one address in an `AddressTable`. Numbers start at 0 and are dense. */
export type AddressId = number;

/** No address: used where a field may be empty. */
export const NO_ADDRESS: AddressId = -1;

/** An address as 16 bytes; IPv4 as ::ffff:a.b.c.d. */
export type AddressBytes = Uint8Array;

/** A range of addresses with a common prefix. `length` counts bits of the 16-byte form, so IPv4 /24 is 120. */
export interface Prefix {
  readonly version: 4 | 6;
  readonly bytes: AddressBytes;
  readonly length: number;
}

/** Texts whose numbers are kept: logs name the same few again and again, and parsing one costs more than the rest of its record. When full, all are forgotten. */
const TEXTS_KEPT_MAX = 65_536;

/** Number of `0.0.0.0` in a bounded table. */
const UNTOLD: AddressId = 0;

/** Interns addresses: the same address always gives the same number, so tables can be keyed by integers. */
export class AddressTable {
  readonly #ids4 = new Map<number, AddressId>();
  readonly #ids6 = new Map<string, AddressId>();
  readonly #idsByText = new Map<string, AddressId>();
  readonly #bytes: AddressBytes[] = [];
  readonly #texts: (string | undefined)[] = [];
  readonly #sizeMax: number;

  /**
   * `sizeMax` bounds the table where traffic never ends: anybody can make up addresses. When it is full every further address has the number of
   * `0.0.0.0`, which is no element's and not of the internet, so nothing is permitted by it.
   */
  constructor(sizeMax: number = Number.POSITIVE_INFINITY) {
    this.#sizeMax = sizeMax;
    if (Number.isFinite(sizeMax)) this.intern4(0);
  }

  /** Whether further addresses can no longer be told apart. */
  get isFull(): boolean {
    return this.#bytes.length >= this.#sizeMax;
  }

  /** How many different addresses are known. */
  get size(): number {
    return this.#bytes.length;
  }

  /** The number of the IPv4 address whose 32 bits are `value` (unsigned, network order). */
  intern4(value: number): AddressId {
    const known = this.#ids4.get(value);
    if (known !== undefined) return known;
    if (this.isFull) return UNTOLD;
    const bytes = new Uint8Array(16);
    bytes[10] = 0xff;
    bytes[11] = 0xff;
    new DataView(bytes.buffer).setUint32(12, value);
    const id = this.#append(bytes);
    this.#ids4.set(value, id);
    return id;
  }

  /** The number of the IPv6 address at `offset` in `data`. An IPv4-mapped address stays apart from its IPv4 twin's text but shares its number. */
  intern6(data: Uint8Array, offset: number): AddressId {
    const view = new DataView(data.buffer, data.byteOffset + offset, 16);
    if (isMapped(data, offset)) return this.intern4(view.getUint32(12));
    const key = `${view.getUint32(0)}.${view.getUint32(4)}.${view.getUint32(8)}.${view.getUint32(12)}`;
    const known = this.#ids6.get(key);
    if (known !== undefined) return known;
    if (this.isFull) return UNTOLD;
    const id = this.#append(data.slice(offset, offset + 16));
    this.#ids6.set(key, id);
    return id;
  }

  /** The number of an address given as text, or `NO_ADDRESS` when the text is no address. */
  intern(text: string): AddressId {
    const known = this.#idsByText.get(text);
    if (known !== undefined) return known;
    const bytes = parseAddress(text);
    if (bytes === null) return NO_ADDRESS;
    const id = this.intern6(bytes, 0);
    if (this.#idsByText.size >= TEXTS_KEPT_MAX) this.#idsByText.clear();
    this.#idsByText.set(text, id);
    return id;
  }

  /** The 16 bytes of an address; do not change them. */
  bytes(id: AddressId): AddressBytes {
    const bytes = this.#bytes[id];
    if (bytes === undefined) throw new RangeError(`address number ${id} is not in the table`);
    return bytes;
  }

  /** 4 or 6. */
  version(id: AddressId): 4 | 6 {
    return isMapped(this.bytes(id), 0) ? 4 : 6;
  }

  /** The canonical text (dotted quad, or RFC 5952). */
  text(id: AddressId): string {
    const known = this.#texts[id];
    if (known !== undefined) return known;
    const text = addressText(this.bytes(id));
    this.#texts[id] = text;
    return text;
  }

  #append(bytes: AddressBytes): AddressId {
    this.#bytes.push(bytes);
    return this.#bytes.length - 1;
  }
}

function isMapped(data: Uint8Array, offset: number): boolean {
  for (let at = 0; at < 10; at++) if (data[offset + at] !== 0) return false;
  return data[offset + 10] === 0xff && data[offset + 11] === 0xff;
}

/** Strict: four decimal numbers without leading zeros, or RFC 4291 text without a zone. Anything else is null (`010.1.1.1`, `1.2.3`, `0x7f.1`). */
export function parseAddress(text: string): AddressBytes | null {
  if (text.includes(':')) return parseSix(text);
  const four = parseFour(text);
  if (four === null) return null;
  const bytes = new Uint8Array(16);
  bytes[10] = 0xff;
  bytes[11] = 0xff;
  bytes.set(four, 12);
  return bytes;
}

function parseFour(text: string): readonly number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const numbers = parts.map((part) => (/^(0|[1-9][0-9]{0,2})$/.test(part) ? Number(part) : 256));
  return numbers.every((value) => value <= 255) ? numbers : null;
}

function parseSix(text: string): AddressBytes | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...new Array<number>(halves.length === 2 ? missing : 0).fill(0), ...tail];
  const bytes = new Uint8Array(16);
  for (const [at, group] of groups.entries()) {
    bytes[at * 2] = group >> 8;
    bytes[at * 2 + 1] = group & 0xff;
  }
  return bytes;
}

/** Sixteen-bit groups of one half; a dotted quad may stand last where `mayEndDotted`. */
function groupsOf(text: string, mayEndDotted: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (part.includes('.') && mayEndDotted && at === parts.length - 1) {
      const four = parseFour(part);
      if (four === null) return null;
      const [a = 0, b = 0, c = 0, d = 0] = four;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups.length <= 8 ? groups : null;
}

/** Canonical text of 16 bytes: dotted quad for IPv4, RFC 5952 for IPv6. */
export function addressText(bytes: AddressBytes): string {
  if (isMapped(bytes, 0)) return bytes.subarray(12, 16).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[at * 2] ?? 0) * 256 + (bytes[at * 2 + 1] ?? 0));
  const run = longestZeroRun(groups);
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return run.length < 2 ? hex(0, 8) : `${hex(0, run.start)}::${hex(run.start + run.length, 8)}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let at = 0; at <= groups.length; at++) {
    if (at < groups.length && groups[at] === 0) continue;
    if (at - start > best.length) best = { start, length: at - start };
    start = at + 1;
  }
  return best;
}

/** `10.0.0.0/8`, `2001:db8::/32` or a bare address (its own prefix). Null when the text is neither or host bits are set. */
export function parsePrefix(text: string): Prefix | null {
  const [address = '', bits, ...rest] = text.split('/');
  const bytes = parseAddress(address);
  if (bytes === null || rest.length > 0) return null;
  const version = address.includes(':') ? 6 : 4;
  const width = version === 4 ? 32 : 128;
  if (bits !== undefined && !/^(0|[1-9][0-9]{0,2})$/.test(bits)) return null;
  const length = bits === undefined ? width : Number(bits);
  if (length > width) return null;
  const prefix: Prefix = { version, bytes, length: length + 128 - width };
  return hostBitsAreZero(prefix) ? prefix : null;
}

function hostBitsAreZero(prefix: Prefix): boolean {
  for (let bit = prefix.length; bit < 128; bit++)
    if (((prefix.bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) return false;
  return true;
}

/** Text of a prefix; a whole address is printed without its length. */
export function prefixText(prefix: Prefix): string {
  const text = addressText(prefix.bytes);
  if (prefix.length === 128) return text;
  return `${text}/${prefix.version === 4 ? prefix.length - 96 : prefix.length}`;
}

/** Whether the address lies in the prefix. An IPv4 prefix holds no IPv6 address and the reverse. */
export function prefixHas(prefix: Prefix, bytes: AddressBytes): boolean {
  if (prefix.version !== (isMapped(bytes, 0) ? 4 : 6)) return false;
  const whole = prefix.length >> 3;
  for (let at = 0; at < whole; at++) if (prefix.bytes[at] !== bytes[at]) return false;
  const bits = prefix.length & 7;
  if (bits === 0) return true;
  const shift = 8 - bits;
  return (prefix.bytes[whole] ?? 0) >> shift === (bytes[whole] ?? 0) >> shift;
}

/** RFC 6890 special-purpose blocks that are not reachable over the internet, and multicast and broadcast. */
export const SPECIAL_PREFIXES: readonly Prefix[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  '::/127',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
].flatMap((text) => parsePrefix(text) ?? []);

/** Whether an address belongs to the internet: public unicast, whoever holds it. Documentation blocks count as internet. */
export function isInternet(bytes: AddressBytes): boolean {
  return !SPECIAL_PREFIXES.some((prefix) => prefixHas(prefix, bytes));
}

/** IPv4 multicast or broadcast (224.0.0.0/3 less the unused block counts too), IPv6 ff00::/8. Subnet broadcasts cannot be told without a mask. */
export function isGroupAddress(bytes: AddressBytes): boolean {
  return isMapped(bytes, 0) ? (bytes[12] ?? 0) >= 224 : bytes[0] === 0xff;
}

/** A MAC address as a 48-bit integer, `-1` where there is none. */
export type Mac = number;
export const NO_MAC: Mac = -1;

/** `02:42:ac:11:00:05` (also with `-`), or null. */
export function parseMac(text: string): Mac | null {
  if (!/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/.test(text)) return null;
  return Number.parseInt(text.replace(/[:-]/g, ''), 16);
}

/** Lower-case text with colons. */
export function macText(mac: Mac): string {
  const hex = mac.toString(16).padStart(12, '0');
  return hex.replace(/..(?!$)/g, '$&:');
}

/** Whether the group bit is set (multicast or broadcast). */
export function isGroupMac(mac: Mac): boolean {
  return mac >= 0 && Math.floor(mac / 2 ** 40) % 2 === 1;
}
