// Systems that hold both ends of a connection: it passes when the initiator's side lets it out and the responder's side lets it in.

import type { Selector } from '#model';
import type { Box } from './boxes.ts';
import type { Draft } from './draft.ts';
import { ANYONE, isNobody, notOf } from './selectors.ts';
import { type Entry, judgeStage, meetStages, type Outcome, UNNAMED } from './stages.ts';
import { ALL_TRAFFIC } from './traffic.ts';

export interface Side {
  /** In the order of the foreign system: the first that matches decides. */
  readonly entries: readonly Entry[];
  /** Ends that this side holds to its entries; all others it lets through. */
  readonly held: Selector;
}

interface Meeting {
  readonly draft: Draft;
  /** What the held ends are, for instance "in one of these security groups". */
  readonly what: string;
  /** Whether connections that neither side holds are permitted, as the foreign system does, or left to the default denial. */
  readonly isOpen: boolean;
}

export function meetSides(out: Side, into: Side, { draft, what, isOpen }: Meeting): Outcome {
  const outcome = meetStages([
    judgeStage([...out.entries, ...others({ from: notOf(out.held), to: ANYONE })]),
    judgeStage([...into.entries, ...others({ from: ANYONE, to: notOf(into.held) })]),
  ]);
  if (isOpen) return outcome;
  draft.drop(
    'the whole text',
    `connections between ends that are not ${what}`,
    'the text does not hold them, and Picket denies what no rule permits; the policy permits less (--open carries them)',
  );
  return { ...outcome, permits: outcome.permits.filter(({ origin }) => origin.id !== UNNAMED) };
}

function others({ from, to }: Pick<Box, 'from' | 'to'>): readonly Entry[] {
  if (isNobody(from) || isNobody(to)) return [];
  const origin = { id: UNNAMED, place: 'ends that are not held', why: null };
  return [{ verdict: 'permit', box: { from, to, traffic: ALL_TRAFFIC, limits: null, origin } }];
}

/**
 * One end of a rule from its parts; null stands for a part that is not understood. A permission holds for the parts that are,
 * a denial with such a part holds for every end: either way the policy permits less.
 */
export function endOf(parts: readonly (Selector | null)[], verdict: Entry['verdict']): readonly Selector[] {
  const known = parts.filter((part) => part !== null);
  return verdict === 'deny' && (known.length === 0 || known.length < parts.length) ? [ANYONE] : known;
}
