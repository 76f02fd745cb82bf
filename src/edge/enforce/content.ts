// What fills the table's sets and maps, as data that can be compared; and the one list of their names. Not the chains.

import type { Instant } from '#model';
import type { Nft } from '#nft';

/** Sets and maps that the control plane fills, in the order in which they are declared. */
export const SET_NAMES = [
  'eid4',
  'eid6',
  'net4',
  'net6',
  'exact',
  'wide',
  'ranges',
  'anyport',
  'anyproto',
  'free',
  'live',
  'proven',
  'audit',
  'open',
  'drains',
  'gates',
  'rails',
  'fresh',
  'leased',
  'tickets',
  'redeems',
  'sizes_sent',
  'sizes_received',
  'quota_sent0',
  'quota_sent1',
  'quota_sent2',
  'quota_sent3',
  'quota_received0',
  'quota_received1',
  'quota_received2',
  'quota_received3',
  'rate_sent0',
  'rate_sent1',
  'rate_sent2',
  'rate_sent3',
  'rate_received0',
  'rate_received1',
  'rate_received2',
  'rate_received3',
  'conns0',
  'conns1',
  'conncount',
  'periods0',
  'periods1',
  'tallies0',
  'tallies1',
  'lives',
  'mss4',
  'mss6',
] as const;

export type SetName = (typeof SET_NAMES)[number];

export interface SetElement {
  readonly key: Nft;
  /** What stands between key and value, for instance a connection count. */
  readonly statement: Nft | null;
  readonly value: Nft | null;
  /** When the kernel drops it by itself, or null for never. */
  readonly until: Instant | null;
}

/** A window of a budget, for whoever keeps what was used of it. */
export interface Budget {
  readonly rule: string;
  readonly kind: 'volume' | 'openings';
  readonly windowStart: Instant;
  readonly windowEnd: Instant;
  readonly max: number;
}

/** An object with a name of its own; one with a budget is named by what the budget is. */
export interface KernelObject {
  readonly kind: 'quota' | 'limit' | 'counter';
  readonly name: string;
  readonly body: Nft;
  readonly budget: Budget | null;
  /** Of a limit that holds openings: the counter that says how many there were. */
  readonly tally: string | null;
}

export interface Content {
  readonly sets: ReadonlyMap<SetName, ReadonlyMap<string, SetElement>>;
  readonly objects: ReadonlyMap<string, KernelObject>;
  /** Lifetimes in seconds by their class, from 1: each is one line of a chain. */
  readonly lifetimes: readonly number[];
  /** When some of this ends or begins by itself, so that it has to be made again: at or before this instant. */
  readonly nextChange: Instant;
}

/** Whatever takes elements and objects of content. */
export interface ContentWriter {
  put(name: SetName, key: Nft, more?: Partial<Omit<SetElement, 'key'>>): void;
  object(made: KernelObject): void;
}

export function elementOf(key: Nft, { statement, value, until }: Partial<Omit<SetElement, 'key'>>): SetElement {
  return { key, statement: statement ?? null, value: value ?? null, until: until ?? null };
}
