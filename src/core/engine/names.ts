// Name bindings: which address a client was given for which name, and how long that holds. Not a resolver.

import { type AddressId, HOUR, type Instant, SECOND } from '#model';
import { nameFits } from './selectors.ts';

/** Bindings kept at once. When full, those that ended are dropped; if none has, the new one is not kept, so its name does not hold. */
const BINDINGS_MAX = 1_000_000;
/** Names of one (client, address) pair; shared hosting gives one address many names. */
const NAMES_A_PAIR_MAX = 1_024;
const LIFE_MIN = HOUR;
/** Numbers of addresses stay far below this, so a pair fits in one exact double. */
const PAIR_RADIX = 2 ** 26;

export interface Binding {
  readonly name: string;
  until: Instant;
  /** Live sessions opened under it. */
  sessions: number;
}

export class NameBindings {
  readonly #pairs = new Map<number, Binding[]>();
  readonly #max: number;
  #count = 0;
  /** Before this instant no binding ends, so a full table need not be swept again. */
  #nextEnd: Instant = Number.NEGATIVE_INFINITY;

  constructor(max = BINDINGS_MAX) {
    this.#max = Math.min(max, BINDINGS_MAX);
  }

  bind(
    pair: { client: AddressId; server: AddressId },
    answer: { name: string; at: Instant; ttlSeconds: number },
  ): void {
    const name = answer.name.toLowerCase();
    const until = answer.at + Math.max(LIFE_MIN, answer.ttlSeconds * SECOND || 0);
    const key = pair.client * PAIR_RADIX + pair.server;
    const list = this.#pairs.get(key) ?? [];
    const known = list.find((binding) => binding.name === name);
    if (known !== undefined) {
      known.until = until;
      return;
    }
    if (this.#count >= this.#max && answer.at >= this.#nextEnd) this.#sweep(answer.at);
    if (this.#count >= this.#max || list.length >= NAMES_A_PAIR_MAX) return;
    list.push({ name, until, sessions: 0 });
    this.#pairs.set(key, list);
    this.#count++;
  }

  /** Live bindings of a pair whose name fits one of the patterns. */
  live(pair: { client: AddressId; server: AddressId }, now: Instant): readonly Binding[] {
    const list = this.#pairs.get(pair.client * PAIR_RADIX + pair.server);
    return list === undefined ? [] : list.filter((binding) => now < binding.until || binding.sessions > 0);
  }

  #sweep(now: Instant): void {
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (const [key, list] of this.#pairs) {
      for (const { until } of list) if (until > now) this.#nextEnd = Math.min(this.#nextEnd, until);
      const kept = list.filter((binding) => now < binding.until || binding.sessions > 0);
      this.#count -= list.length - kept.length;
      if (kept.length === 0) this.#pairs.delete(key);
      else if (kept.length < list.length) this.#pairs.set(key, kept);
    }
  }
}

/** Those of `bindings` whose name fits `pattern`. */
export function fitting(bindings: readonly Binding[], pattern: string): readonly Binding[] {
  return bindings.filter(({ name }) => nameFits(pattern, name));
}
