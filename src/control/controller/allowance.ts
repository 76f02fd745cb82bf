// How many events of a kind a domain may cause in a minute: strangers and agents cause them, and a receiver is not to be flooded. Counts what was left out.

const MINUTE_MS = 60_000;
/** Kinds and domains that are counted at once; beyond these nothing is let through until the minute is over. */
const KEYS_MAX = 10_000;

export interface LeftOut {
  readonly domain: string;
  readonly kind: string;
  readonly count: number;
}

export class Allowance {
  readonly #max: number;
  #since: number;
  readonly #counts = new Map<string, { readonly domain: string; readonly kind: string; count: number }>();

  constructor(max: number, now: number) {
    this.#max = max;
    this.#since = now;
  }

  /** Whether one more may go out. */
  take(domain: string, kind: string): boolean {
    const key = `${kind} ${domain}`;
    const known = this.#counts.get(key);
    if (known === undefined && this.#counts.size >= KEYS_MAX) return false;
    const counted = known ?? { domain, kind, count: 0 };
    this.#counts.set(key, counted);
    counted.count += 1;
    return counted.count <= this.#max;
  }

  /** Begins the next minute where this one is over; answers what was left out of it. */
  turn(now: number): readonly LeftOut[] {
    // A clock that was set back begins anew as well.
    if (now - this.#since < MINUTE_MS && now >= this.#since) return [];
    this.#since = now;
    const over = [...this.#counts.values()].filter(({ count }) => count > this.#max);
    this.#counts.clear();
    return over.map(({ domain, kind, count }) => ({ domain, kind, count: count - this.#max }));
  }
}
