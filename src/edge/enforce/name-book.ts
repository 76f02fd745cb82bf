// Which client was given which internet address for which name, and until when that holds (docs/semantics.md 5). It makes the elements of
// the two maps of names, and knows what of them the kernel holds. Not a resolver, and not the observer of answers.

import {
  type AddressBytes,
  addressText,
  END_OF_TIME,
  HOUR,
  type Instant,
  isInternet,
  type Micros,
  type Policy,
  parseAddress,
  SECOND,
} from '#model';
import { mark, type Nft } from '#nft';
import type { Content, SetElement } from './content.ts';
import { type Naming, namedKey, namingOf, patternsOf } from './named-classes.ts';
import { elementCommands } from './transaction.ts';
import { ContentWalk } from './walk.ts';

/** One answer that a client was given. */
export interface NameAnswer {
  /** Addresses as text. */
  readonly client: string;
  readonly server: string;
  readonly name: string;
  readonly ttlSeconds: number;
}

/** Pairs of client and server that names lead to. When full, no further name opens anything until some end. */
export const PAIRS_NAMED_MAX = 65_536;
/** Pairs of one client, so that one that asks for everything leaves room to the others. */
export const PAIRS_A_CLIENT_MAX = 4_096;
/** Names of one pair; shared hosting gives one address many. Further ones do not open it. */
const NAMES_A_PAIR_MAX = 64;
/** Different sets of names that the table tells apart. Further ones open nothing. */
export const NAME_SETS_MAX = 1_024;
/** Answers for names that no rule asks for, kept for the next policy. When full, the oldest go. */
const OTHERS_MAX = 65_536;
/** Names of one of these. A client chooses how many it asks for; with more, the first go. */
export const OTHER_NAMES_MAX = 8;
const LIFE_MIN = HOUR;
const NAME_CHARS_MAX = 253;

interface Pair {
  readonly client: AddressBytes;
  readonly server: AddressBytes;
  readonly version: 4 | 6;
  readonly key: string;
  /** Until when each name holds. */
  readonly names: Map<string, Instant>;
}

/** Class of an address, and the number of a class with names. */
export interface NamedTable {
  classOf(address: AddressBytes): number;
  readonly named: ReadonlyMap<string, number>;
}

export function tableOf({ content, named }: { readonly content: Content } & Pick<NamedTable, 'named'>): NamedTable {
  const walk = new ContentWalk(content);
  return { classOf: (address) => walk.classOf(address), named };
}

export class NameBook {
  /** Answers that opened nothing because there was no room. */
  refused = 0;
  /** Changes whenever what names names does, so that marks of rules with names begin anew. */
  epoch = 0;
  #patterns: ReadonlySet<string> = new Set();
  #naming: readonly Naming[] = [];
  readonly #pairs = new Map<string, Pair>();
  readonly #others = new Map<string, Pair>();
  readonly #byClient = new Map<string, number>();
  readonly #sets = new Map<string, readonly string[]>();
  #inKernel = new Map<string, SetElement>();
  /** A full table is not swept again for every answer. */
  #sweepFrom: Instant = Number.NEGATIVE_INFINITY;
  /** When a name ends while others of its pair may not: the pair has to be looked at again then. */
  nextEnd: Instant = END_OF_TIME;
  readonly #due = new Set<string>();

  /** Every set of names that an answer had under this policy. It only grows, so that no class goes while its sessions live. */
  get sets(): readonly (readonly string[])[] {
    return [...this.#sets.values()];
  }

  /** Whether something waits to be put into the kernel. */
  get isDue(): boolean {
    return this.#due.size > 0;
  }

  /** Sorts all answers by what another policy asks for, where it asks for other names. */
  setPolicy(policy: Policy): void {
    const naming = namingOf(policy);
    if (naming.length === this.#naming.length && naming.every((one, at) => one === this.#naming[at])) return;
    this.epoch++;
    this.#naming = naming;
    this.#patterns = patternsOf(naming);
    const all = [...this.#others.values(), ...this.#pairs.values()];
    this.#pairs.clear();
    this.#others.clear();
    this.#byClient.clear();
    this.#sets.clear();
    for (const pair of all) this.#file(pair);
  }

  /** Takes an answer; whether it may open something that was not open as long. Nothing is taken for what is no internet address. */
  bind({ client, server, name, ttlSeconds }: NameAnswer, now: Instant): boolean {
    const from = parseAddress(client);
    const to = parseAddress(server);
    if (from === null || to === null || !isInternet(to) || name.length > NAME_CHARS_MAX) return false;
    if (client.includes(':') !== server.includes(':')) return false;
    const key = `${addressText(from)} . ${addressText(to)}`;
    const version = client.includes(':') ? 6 : 4;
    const pair = this.#pairs.get(key) ??
      this.#others.get(key) ?? { client: from, server: to, version, key, names: new Map() };
    const lower = name.toLowerCase();
    if (pair.names.size >= NAMES_A_PAIR_MAX && !pair.names.has(lower)) forgetEnded(pair, now);
    if (pair.names.size >= NAMES_A_PAIR_MAX && !pair.names.has(lower)) {
      this.refused++;
      return false;
    }
    pair.names.set(lower, now + Math.max(LIFE_MIN, ttlSeconds * SECOND || 0));
    this.#noteEnd(pair);
    return this.#file(pair, now);
  }

  /** Commands that bring the kernel up to all answers, or to those that wait; `settle` says that they took effect. */
  commands(table: NamedTable, now: Instant, isAll: boolean): { readonly commands: readonly Nft[]; settle(): void } {
    const keys = isAll ? new Set([...this.#inKernel.keys(), ...this.#pairs.keys()]) : new Set(this.#due);
    const maps = { named4: changes(), named6: changes() };
    for (const key of keys) {
      const held = this.#inKernel.get(key);
      const pair = this.#pairs.get(key);
      const wanted = pair === undefined ? null : this.#elementOf(pair, table, now);
      const map = key.includes(':') ? maps.named6 : maps.named4;
      if (held !== undefined) map.before.set(key, held);
      if (wanted !== null) map.after.set(key, wanted);
    }
    const commands = [...elementCommands('named4', maps.named4, now), ...elementCommands('named6', maps.named6, now)];
    return {
      commands,
      settle: () => {
        for (const key of keys) {
          const now4 = maps.named4.after.get(key) ?? maps.named6.after.get(key);
          if (now4 === undefined) this.#inKernel.delete(key);
          else this.#inKernel.set(key, now4);
          this.#due.delete(key);
        }
      },
    };
  }

  /** The class that the client's names make of the address in the kernel, or null. */
  classBetween(client: AddressBytes, server: AddressBytes): number | null {
    const held = this.#inKernel.get(`${addressText(client)} . ${addressText(server)}`);
    return held?.value == null ? null : Number(held.value.nft);
  }

  /** The kernel's table was made anew and holds none. */
  forgetKernel(): void {
    this.#inKernel = new Map();
  }

  /** The clock was set by so much: what holds for an hour goes on for what is left of it, as it does in the kernel. */
  shift(jump: Micros): void {
    for (const pair of [...this.#pairs.values(), ...this.#others.values()])
      for (const [name, until] of pair.names) pair.names.set(name, until + jump);
    for (const [key, element] of this.#inKernel)
      if (element.until !== null) this.#inKernel.set(key, { ...element, until: element.until + jump });
    this.#sweepFrom = Number.NEGATIVE_INFINITY;
    this.nextEnd = END_OF_TIME;
    for (const pair of this.#pairs.values()) this.#noteEnd(pair);
  }

  /** Looks at every pair again: some of their names ended. */
  wake(now: Instant): void {
    this.nextEnd = END_OF_TIME;
    for (const pair of this.#pairs.values()) {
      if (pair.names.size > 1) this.#due.add(pair.key);
      forgetEnded(pair, now);
      this.#noteEnd(pair);
    }
  }

  #noteEnd({ names }: Pair): void {
    if (names.size > 1) for (const until of names.values()) this.nextEnd = Math.min(this.nextEnd, until);
  }

  #elementOf(pair: Pair, { classOf, named }: NamedTable, now: Instant): SetElement | null {
    forgetEnded(pair, now);
    const fitting = this.#fitting(pair);
    const number = named.get(namedKey(classOf(pair.server), fitting));
    const ends = [...pair.names].flatMap(([name, until]) => (this.#patternsFor(name).length > 0 ? [until] : []));
    if (number === undefined || ends.length === 0) return null;
    return { key: { nft: pair.key }, statement: null, value: mark(number), until: Math.min(...ends) };
  }

  #file(pair: Pair, now: Instant | null = null): boolean {
    const { key } = pair;
    const fitting = this.#fitting(pair);
    if (fitting.length === 0) {
      this.#others.delete(key);
      this.#others.set(key, pair);
      for (const name of pair.names.keys()) {
        if (pair.names.size <= OTHER_NAMES_MAX) break;
        pair.names.delete(name);
      }
      const [oldest] = this.#others.keys();
      if (this.#others.size > OTHERS_MAX && oldest !== undefined) this.#others.delete(oldest);
      return false;
    }
    this.#others.delete(key);
    if (!this.#pairs.has(key) && !this.#hasRoom(pair, now)) {
      this.refused++;
      return false;
    }
    this.#pairs.set(key, pair);
    this.#due.add(key);
    const set = JSON.stringify(fitting);
    if (this.#sets.has(set)) return true;
    if (this.#sets.size >= NAME_SETS_MAX) this.refused++;
    else this.#sets.set(set, fitting);
    return true;
  }

  #hasRoom({ client }: Pair, now: Instant | null): boolean {
    const owner = addressText(client);
    const isFull = (): boolean =>
      this.#pairs.size >= PAIRS_NAMED_MAX || (this.#byClient.get(owner) ?? 0) >= PAIRS_A_CLIENT_MAX;
    if (isFull() && now !== null) this.#sweep(now);
    if (isFull()) return false;
    this.#byClient.set(owner, (this.#byClient.get(owner) ?? 0) + 1);
    return true;
  }

  #sweep(now: Instant): void {
    if (now < this.#sweepFrom) return;
    this.#sweepFrom = now + SWEEP_EVERY;
    for (const [key, pair] of this.#pairs) {
      forgetEnded(pair, now);
      if (pair.names.size > 0) continue;
      const owner = addressText(pair.client);
      this.#pairs.delete(key);
      this.#due.add(key);
      this.#byClient.set(owner, (this.#byClient.get(owner) ?? 1) - 1);
    }
  }

  #fitting({ names }: Pair): readonly string[] {
    return [...new Set([...names.keys()].flatMap((name) => this.#patternsFor(name)))].sort();
  }

  /** `*.x.y` fits every name below x.y. */
  #patternsFor(name: string): readonly string[] {
    const found = this.#patterns.has(name) ? [name] : [];
    for (let dot = name.indexOf('.', 1); dot > 0; dot = name.indexOf('.', dot + 1)) {
      const pattern = `*${name.slice(dot)}`;
      if (this.#patterns.has(pattern)) found.push(pattern);
    }
    return found;
  }
}

const SWEEP_EVERY = 10 * SECOND;

function forgetEnded({ names }: Pair, now: Instant): void {
  for (const [name, until] of names) if (until <= now) names.delete(name);
}

function changes(): { before: Map<string, SetElement>; after: Map<string, SetElement> } {
  return { before: new Map(), after: new Map() };
}
