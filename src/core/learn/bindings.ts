// Which name each client was given for an address, as docs/semantics.md 5 has it. Not a resolver.

import type { AddressId, Instant, NameFact } from '#model';
import { SECOND } from '#model';
import { BINDING_MIN, BINDINGS_MAX, HINTS_MAX, NAMES_MAX } from './bounds.ts';

/** Number of a name; -1 is none. */
export type NameId = number;
export const NO_NAME: NameId = -1;

export interface Binding {
  name: NameId;
  until: Instant;
}

/** Address numbers stay far below this, so that a pair fits one double. */
const PAIR = 2 ** 26;

export class Bindings {
  readonly #byPair = new Map<number, Binding>();
  readonly #hints = new Map<number, string>();
  readonly #ids = new Map<string, NameId>();
  readonly #names: string[] = [];
  readonly #clients = new Set<AddressId>();
  refused = 0;

  /** Takes an answer, or an SNI or HTTP host as a hint. Other facts say nothing of addresses. */
  learn(fact: NameFact): void {
    if (fact.kind === 'dns-answer' && fact.address >= 0) this.#bind(fact);
    if ((fact.kind === 'sni' || fact.kind === 'http-host') && this.#hints.size < HINTS_MAX)
      this.#hints.set(fact.client * PAIR + fact.server, fact.name.toLowerCase());
  }

  #bind(fact: NameFact): void {
    const pair = fact.client * PAIR + fact.address;
    const until = fact.at + Math.max(fact.ttlSeconds * SECOND, BINDING_MIN);
    const name = this.#intern(fact.name.toLowerCase());
    if (name === NO_NAME) return;
    if (this.#clients.size < BINDINGS_MAX) this.#clients.add(fact.client);
    const known = this.#byPair.get(pair);
    if (known !== undefined) {
      known.until = known.name === name ? Math.max(known.until, until) : until;
      known.name = name;
      return;
    }
    if (this.#byPair.size >= BINDINGS_MAX) this.#dropExpired(fact.at);
    if (this.#byPair.size >= BINDINGS_MAX) this.refused++;
    else this.#byPair.set(pair, { name, until });
  }

  #dropExpired(now: Instant): void {
    for (const [pair, { until }] of this.#byPair) if (until <= now) this.#byPair.delete(pair);
  }

  #intern(name: string): NameId {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    if (!isHostName(name) || this.#names.length >= NAMES_MAX) {
      this.refused++;
      return NO_NAME;
    }
    this.#ids.set(name, this.#names.length);
    this.#names.push(name);
    return this.#names.length - 1;
  }

  /** The live binding of an address for a client, or undefined. The caller may prolong it while a session lives. */
  live(pair: { readonly client: AddressId; readonly server: AddressId; readonly at: Instant }): Binding | undefined {
    const binding = this.#byPair.get(pair.client * PAIR + pair.server);
    return binding !== undefined && pair.at < binding.until ? binding : undefined;
  }

  /** Whether a client was ever given an address for a name. */
  hasAsked(client: AddressId): boolean {
    return this.#clients.has(client);
  }

  hint(client: AddressId, server: AddressId): string | undefined {
    return this.#hints.get(client * PAIR + server);
  }

  text(name: NameId): string {
    return this.#names[name] ?? '';
  }
}

/** Names that a policy can hold: a dot, and only letters, digits, hyphen and underscore in labels. */
export function isHostName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/.test(name);
}
