// What a compile makes of the content in force: the commands that bring the kernel there, and the marks that live no more. Not the compiling.

import type { Instant } from '#model';
import type { Nft } from '#nft';
import type { Compiled } from './compile-types.ts';
import type { Content } from './content.ts';
import { marksGone } from './cutting.ts';
import { changeCommands, differenceCommands } from './transaction.ts';
import type { Used } from './usage.ts';

export type Made = Extract<Compiled, { kind: 'compiled' }>;

export interface Passing {
  /** Content in force. INVARIANT: what `made` changed in place, where it tells a change. */
  readonly before: Content;
  readonly made: Made;
  readonly used: Used;
  /** What has a timeout is made again: only where all was made anew. */
  readonly isClockSet: boolean;
}

export function passingCommands({ before, made, used, isClockSet }: Passing, now: Instant): readonly Nft[] {
  const { change, content } = made;
  if (change !== null) return changeCommands(change, used, now);
  return differenceCommands({ before, after: content, used, isClockSet }, now);
}

/** Marks that were live and are not. */
export function goneBetween(before: Content, { change, content }: Made): ReadonlySet<number> {
  if (change === null) return marksGone({ before: liveIn(before), after: liveIn(content) });
  const live = change.sets.get('live');
  return live === undefined ? NO_MARKS : marksGone(live);
}

const NO_MARKS: ReadonlySet<number> = new Set();

function liveIn({ sets }: Content): ReadonlyMap<string, unknown> {
  return sets.get('live') ?? new Map();
}
