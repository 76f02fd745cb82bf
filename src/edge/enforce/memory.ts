// What a compiler knows of its last compile, for the life of a table. Where the next one differs in little, only that is worked out again; else,
// and after anything that went wrong, all is. INVARIANT: the answer is the same in either case, but for the choice of numbers.

import type { Policy } from '#model';
import type { Compiled, Facts } from './compile-types.ts';
import { sweepBook } from './numbers.ts';
import { beginTable, type TableState } from './table-state.ts';

export class Memory {
  /** INVARIANT: as a compile that ended well left it, or null. */
  #state: TableState | null = null;
  #isChange = false;

  compile(policy: Policy, facts: Facts): Compiled {
    const before = this.#state;
    if (before?.follow(policy, facts) !== true) return this.#anew(policy, facts);
    const problem = before.settle(policy, facts);
    if (problem !== null) {
      this.#isChange = true;
      this.undo();
      return problem;
    }
    return this.#end(before, facts, true);
  }

  /** The last compile came to nothing: content that it changed in place is again what it was. */
  undo(): void {
    if (this.#isChange) this.#state?.store.undo();
    this.forget();
  }

  /** The next compile works everything out. Content made so far is changed no more. */
  forget(): void {
    this.#state?.release();
    this.#state = null;
  }

  #anew(policy: Policy, facts: Facts): Compiled {
    const state = beginTable(policy, facts);
    const problem = state.kind === 'refused' ? state : state.settle(policy, facts);
    // What the earlier state holds is let go only now, so that what stays the same keeps its number.
    this.forget();
    if (state.kind === 'refused') return state;
    if (problem === null) return this.#end(state, facts, false);
    state.release();
    return problem;
  }

  #end(state: TableState, { book }: Facts, isChange: boolean): Compiled {
    sweepBook(book);
    this.#state = state;
    this.#isChange = isChange;
    return { ...state.compiled(), change: isChange ? state.store.change() : null };
  }
}
