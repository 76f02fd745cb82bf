// A checked policy → everything the kernel table holds at an instant, and what it does not hold. Pure, no I/O. Not the driver.

import type { Policy } from '#model';
import type { Compiled, Facts } from './compile-types.ts';
import { Memory } from './memory.ts';

export interface CompileOptions extends Facts {
  /** The same for the life of a table: only what changed since its last compile is worked out again. */
  readonly memory?: Memory;
}

/** Compiles a policy for one instant; `content.nextChange` says when to do it again. */
export function compileTable(policy: Policy, { memory, ...facts }: CompileOptions): Compiled {
  if (memory !== undefined) return memory.compile(policy, facts);
  const once = new Memory();
  const made = once.compile(policy, facts);
  once.forget();
  return made;
}
