// One end of a conversation as an engine knows it: an address and a MAC, and what the policy in force makes of them. Not the finding of its element.

import { type Element, type Mac, type Mode, prefixText } from '#model';

/** Answer when no end can be remembered any more. */
export const NO_END = -1;
export const NO_ATOMS: readonly number[] = [];

/** One end as the policy in force sees it. */
export interface End {
  readonly address: number;
  readonly mac: Mac;
  /** Number of the next end with this address and another MAC, or `NO_END`. */
  readonly next: number;
  element: number;
  /** Number of the element that outlives policies, -1 for none. */
  identity: number;
  /** Numbers of the atoms that hold for it, those of names apart. */
  atoms: readonly number[];
  /** Count of the matcher's changes up to which `atoms` is right. */
  change: number;
  isKnown: boolean;
  /** Whether a name may hold for it: only for what is outside and no element. */
  mayBeNamed: boolean;
  mode: EndMode;
}

export interface EndMode {
  readonly mode: Mode;
  /** Null for an end that is no element. */
  readonly protect: readonly string[] | null;
}

/** An end before it is recognised. */
export const UNSEEN: Omit<End, 'address' | 'mac' | 'next'> = {
  element: -1,
  identity: -1,
  atoms: NO_ATOMS,
  change: -1,
  isKnown: false,
  mayBeNamed: false,
  mode: { mode: 'enforce', protect: null },
};

/** Whether ends are recognised as this element by the same MACs and addresses. */
export function sameIdentifiers(one: Element, other: Element): boolean {
  const textOf = ({ macs, addresses }: Element): string =>
    [...macs, ...addresses.map((prefix) => `${prefix.version} ${prefixText(prefix)}`)].join();
  return textOf(one) === textOf(other);
}
