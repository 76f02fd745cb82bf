// Throttle: so many a second for each key, in a table that is bounded. Not who the key is.

/** Keys at once. 10,000 take about 1 MB; a site has fewer people and programs. */
const KEYS_MAX = 10_000;

export interface ThrottleOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly keysMax?: number;
}

/**
 * A token bucket for each key, kept as the time at which it is full again (GCRA), so that an idle key needs no entry.
 * When the table is full of busy keys, all new ones share one bucket: a flood of sources slows strangers down, never those who were there.
 */
export class Throttle {
  readonly #fullAt = new Map<string, number>();
  readonly #stepMs: number;
  readonly #burstMs: number;
  readonly #keysMax: number;

  constructor(options: ThrottleOptions) {
    this.#stepMs = 1_000 / options.perSecond;
    this.#burstMs = this.#stepMs * options.burst;
    this.#keysMax = options.keysMax ?? KEYS_MAX;
  }

  get size(): number {
    return this.#fullAt.size;
  }

  /** 0 where the key may go on, otherwise milliseconds to wait. A refused request costs nothing. */
  take(key: string, nowMs: number): number {
    const kept = this.#keyFor(key, nowMs);
    // A clock that was set back must not lock anybody out for longer than a full bucket takes.
    const fullAt = Math.min(Math.max(this.#fullAt.get(kept) ?? 0, nowMs), nowMs + this.#burstMs);
    const next = fullAt + this.#stepMs;
    const waitMs = next - (nowMs + this.#burstMs);
    this.#fullAt.delete(kept);
    this.#fullAt.set(kept, waitMs > 0 ? fullAt : next);
    return Math.max(0, waitMs);
  }

  /** The map is in order of last use, so the first entries are the ones most likely to be full again. */
  #keyFor(key: string, nowMs: number): string {
    if (this.#fullAt.has(key) || this.#fullAt.size < this.#keysMax) return key;
    const [oldest] = this.#fullAt;
    if (oldest !== undefined && oldest[1] <= nowMs) {
      this.#fullAt.delete(oldest[0]);
      return key;
    }
    return SHARED;
  }
}

/** No address and no actor's id has a blank. */
const SHARED = 'all others';

/** Throttling key of an address: one host has a whole /64 of IPv6. */
export function peerKey(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice('::ffff:'.length);
  return expanded(address).slice(0, 4).join(':');
}

function expanded(address: string): readonly string[] {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  const gap = Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: gap }, () => '0'), ...right];
}
