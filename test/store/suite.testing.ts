// What a suite of a topic is: cases that get an empty store of either kind and leave what they saw, which has to be the same on both.

import type { Store } from '#store';

/** Answers what it read: compared between the stores. Expects by itself what the topic promises. */
export type Case = (store: Store) => Promise<unknown>;

export interface Suite {
  readonly topic: string;
  readonly cases: Readonly<Record<string, Case>>;
}
