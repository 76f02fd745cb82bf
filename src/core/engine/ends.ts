// One end of a conversation as an engine knows it: an address and a MAC, and what the policy in force makes of them. Not the finding of its element.

import { type Element, type Mac, type Mode, prefixText } from '#model';
import { NO_CLASS } from './memo.ts';

/** Answer when no end can be remembered any more. */
export const NO_END = -1;
export const NO_ATOMS: readonly number[] = [];

/** One end as the policy in force sees it. */
export interface End {
  readonly number: number;
  readonly address: number;
  readonly mac: Mac;
  element: number;
  /** Number of the element that outlives policies, -1 for none. */
  identity: number;
  /** Numbers of the atoms that hold for it, those of names apart. */
  atoms: readonly number[];
  /** Number of the class of ends of which the same atoms hold; `NO_CLASS` where names may count as well, or there are too many classes. */
  classNumber: number;
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
export const UNSEEN: Omit<End, 'number' | 'address' | 'mac'> = {
  element: -1,
  identity: -1,
  atoms: NO_ATOMS,
  classNumber: NO_CLASS,
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
