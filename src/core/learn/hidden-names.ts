// Who was seen hiding which names it asks, and how: a policy by name cannot hold such an element, and its reader must know. Not a judgement.

import type { AddressId, NameFact } from '#model';

/** Clients remembered, and ways of hiding of one; beyond them nothing more is said. */
const CLIENTS_MAX = 16_384;
const WAYS_MAX = 4;

export class HiddenNames {
  readonly #ways = new Map<AddressId, Set<string>>();

  /** Takes a `hides-names` fact; others say nothing here. */
  learn({ kind, client, name, value }: NameFact): void {
    if (kind !== 'hides-names') return;
    const ways = this.#ways.get(client) ?? new Set<string>();
    if (!this.#ways.has(client)) {
      if (this.#ways.size >= CLIENTS_MAX) return;
      this.#ways.set(client, ways);
    }
    if (ways.size < WAYS_MAX) ways.add(value === '' ? name : `${name} (${value})`);
  }

  /** How the holder of these addresses hides its names, sorted; empty where it was not seen to. */
  of(addresses: Iterable<AddressId>): readonly string[] {
    const ways = new Set<string>();
    for (const address of addresses)
      for (const way of this.#ways.get(address) ?? []) if (ways.size < WAYS_MAX) ways.add(way);
    return [...ways].sort();
  }
}
