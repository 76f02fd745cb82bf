// One digest over a set of leaves that are found by keys: a tree of fixed depth over the hashed keys, so that a changed leaf costs one bucket and
// three nodes, however many there are. It does not depend on the order in which leaves came. Not the order of entries: a leaf names its neighbour.

/** SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal. A port, because core computes no cryptography of its own. */
export type Hash = (text: string) => string;

/** 16^3 buckets: two dozen leaves each at the largest policy. */
const DEPTH = 3;

export class DigestTree {
  readonly #hash: Hash;
  /** Bucket (three digits) → key → hash of the leaf. */
  readonly #buckets = new Map<string, Map<string, string>>();
  /** Prefix ('' to two digits) and buckets → hash. */
  readonly #nodes = new Map<string, string>();
  readonly #dirty = new Set<string>();

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  set(key: string, leaf: string): void {
    const place = this.#placeOf(key);
    const bucket = this.#buckets.get(place) ?? new Map<string, string>();
    this.#buckets.set(place, bucket);
    bucket.set(key, this.#hash(`leaf ${leaf}`));
    this.#dirty.add(place);
  }

  delete(key: string): void {
    const place = this.#placeOf(key);
    this.#buckets.get(place)?.delete(key);
    this.#dirty.add(place);
  }

  /** Hash of the whole; only what changed since the last call is hashed again. */
  get digest(): string {
    for (const place of this.#dirty) this.#nodes.set(place, this.#bucketHash(place));
    let level = new Set([...this.#dirty].map((place) => place.slice(0, -1)));
    for (let depth = DEPTH - 1; depth >= 0; depth -= 1) {
      for (const prefix of level) this.#nodes.set(prefix, this.#nodeHash(prefix));
      level = new Set([...level].map((prefix) => prefix.slice(0, -1)));
    }
    this.#dirty.clear();
    return this.#nodes.get('') ?? this.#nodeHash('');
  }

  #placeOf(key: string): string {
    return this.#hash(`key ${key}`).slice(0, DEPTH);
  }

  /** An empty bucket has the empty text for its hash, whether it ever held something or not. */
  #bucketHash(place: string): string {
    const bucket = this.#buckets.get(place);
    if (bucket === undefined || bucket.size === 0) return '';
    return this.#hash(`bucket ${[...bucket.values()].toSorted().join(' ')}`);
  }

  #nodeHash(prefix: string): string {
    const children = DIGITS.map((digit) => this.#nodes.get(prefix + digit) ?? '');
    if (prefix !== '' && children.every((child) => child === '')) return '';
    return this.#hash(`node ${children.join(' ')}`);
  }
}

const DIGITS: readonly string[] = [...'0123456789abcdef'];
