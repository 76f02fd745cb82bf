// Gives every stack of VLAN tags a small number and one shared array, so that frames and flows carry no copies.

/** Stacks told apart. A site has some; a capture made of random tags must not take the memory. */
const STACKS_MAX = 65_536;

const UNTAGGED: readonly number[] = Object.freeze([]);

/** Number of the untagged stack. */
export const UNTAGGED_ID = 0;

export class VlanStacks {
  readonly #stacks: (readonly number[])[] = [UNTAGGED];
  /** From a stack and one more tag inside it (as `stack * 4096 + tag`) to the stack of both. */
  readonly #longer = new Map<number, number>();

  /** The stack that `tag` inside `stack` makes. When the table is full, the stack itself: deeper tags are then not told apart. */
  push(stack: number, tag: number): number {
    const key = stack * 4096 + tag;
    const known = this.#longer.get(key);
    if (known !== undefined) return known;
    if (this.#stacks.length >= STACKS_MAX) return stack;
    const id = this.#stacks.length;
    this.#stacks.push(Object.freeze([...this.tags(stack), tag]));
    this.#longer.set(key, id);
    return id;
  }

  /** Tags of a stack, outermost first. */
  tags(stack: number): readonly number[] {
    return this.#stacks[stack] ?? UNTAGGED;
  }
}
