// Sets of VLAN stacks as small numbers: a flow keeps one number per direction for all the tags it was seen under.

import { UNTAGGED_ID, VlanStacks } from './vlan-stacks.ts';

/** Sets told apart. When full, a flow keeps the set it had: its list of tags is then short, its counts are not. */
const SETS_MAX = 65_536;

/** Stacks in one set: keeps the sets of a conversation that hops through all tags from growing without end. */
const STACKS_OF_SET_MAX = 64;

/** The set of a direction in which nothing was seen. */
const NO_STACKS = 0;

export class VlanSets {
  readonly #stacks = new VlanStacks();
  /** Stack numbers of each set, ascending in the order of their first sight. */
  readonly #members: (readonly number[])[] = [[]];
  /** From a set and a stack (as `set * 65536 + stack`) to the set of both. */
  readonly #added = new Map<number, number>();
  readonly #byMembers = new Map<string, number>();
  readonly #untagged: number;

  constructor() {
    this.#untagged = this.#join(NO_STACKS, UNTAGGED_ID);
  }

  /** The set that holds `set` and the stack of `vlans`. */
  add(set: number, vlans: readonly number[]): number {
    if (vlans.length === 0 && (set === NO_STACKS || set === this.#untagged)) return this.#untagged;
    let stack = UNTAGGED_ID;
    for (let at = 0; at < vlans.length; at++) stack = this.#stacks.push(stack, vlans[at] ?? 0);
    return this.#added.get(set * 0x1_0000 + stack) ?? this.#join(set, stack);
  }

  /** As in flow tables: `-` untagged, `|` between the tags of a stack, `;` between stacks, in the order of their texts. */
  text(set: number): string {
    const stacks = (this.#members[set] ?? []).map((stack) => this.#stacks.tags(stack).join('|') || '-');
    return stacks.sort().join(';');
  }

  #join(set: number, stack: number): number {
    const members = this.#members[set] ?? [];
    const joined = members.includes(stack)
      ? set
      : this.#intern(
          [...members, stack].sort((a, b) => a - b),
          set,
        );
    if (this.#added.size < SETS_MAX) this.#added.set(set * 0x1_0000 + stack, joined);
    return joined;
  }

  #intern(members: readonly number[], fallback: number): number {
    const key = members.join();
    const known = this.#byMembers.get(key);
    if (known !== undefined) return known;
    if (this.#members.length >= SETS_MAX || members.length > STACKS_OF_SET_MAX) return fallback;
    this.#members.push(members);
    this.#byMembers.set(key, this.#members.length - 1);
    return this.#members.length - 1;
  }
}
