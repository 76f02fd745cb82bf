// A stage is one ordered list in which the first entry that matches decides. Several stages permit what all of them permit.
// What an earlier denial takes from a later permission becomes a guardrail where that is exact, and is cut out of the permission elsewhere.

import type { Prefix } from '#model';
import { type Box, bothBoxes, boxButNot, boxesMayMeet, boxKey, boxSize, boxWithin, isEmpty } from './boxes.ts';
import { hasStranger } from './strangers.ts';
import { PARTS_READABLE } from './traffic.ts';

export interface Entry {
  readonly box: Box;
  readonly verdict: 'permit' | 'deny';
}

export interface Outcome {
  readonly permits: readonly Box[];
  /** Denials that nothing permitted before them, so that a guardrail says the same. */
  readonly never: readonly Box[];
  /** Permissions that came out smaller than in the foreign text. */
  readonly losses: readonly Loss[];
}

export interface Loss {
  readonly place: string;
  readonly what: string;
  readonly why: string;
}

/** Parts into which denials may cut one permission: more would be no text that people read. */
const PARTS_MAX = 64;
/** Boxes of one stage, and pairs of two: as many rules as the policy room compares with each other. */
const BOXES_MAX = 1_000;

/** Comparisons of conditions in one stage: some seconds. Real texts need thousands; a text that needs more permits less. */
const WORK_MAX = 100_000_000;

/** What an ordered list permits; whatever no entry matches is denied. `own`: addresses of elements that the policy has already. */
export function judgeStage(entries: readonly Entry[], own: readonly Prefix[] = []): Outcome {
  const permits: Box[] = [];
  const cuts: Box[] = [];
  const never: Box[] = [];
  const losses: Loss[] = [];
  let work = 0;
  const sizes = { permit: 0, deny: 0 };
  for (const { box, verdict } of entries) {
    if (isEmpty(box)) continue;
    const size = boxSize(box);
    work += size * sizes[verdict === 'deny' ? 'permit' : 'deny'];
    sizes[verdict] += size;
    if (work > WORK_MAX) {
      // Denials that are not held do no harm here: nothing is permitted after them either.
      if (verdict === 'permit') losses.push(tooMany(box));
      continue;
    }
    if (verdict === 'deny') {
      const isLate = permits.some((permit) => boxesMayMeet(permit, box));
      const isLong = box.traffic.length > PARTS_READABLE;
      (isLate || isLong || !hasStranger(box.from, own) || !hasStranger(box.to, own) ? cuts : never).push(box);
      continue;
    }
    const parts = without(box, cuts, losses);
    if (permits.length + parts.length > BOXES_MAX) losses.push(tooMany(box));
    else permits.push(...parts);
  }
  return { permits, never: never.filter((box) => permits.some((permit) => boxesMayMeet(permit, box))), losses };
}

/** The box less every cut, or nothing where that takes too many parts. */
export function without(box: Box, cuts: readonly Box[], losses: Loss[]): readonly Box[] {
  let parts: readonly Box[] = [box];
  for (const cut of cuts) {
    const rests = parts.map((part) => boxButNot(part, cut));
    if (rests.some(({ isNarrowed }) => isNarrowed)) losses.push(narrowed(box));
    parts = distinct(rests.flatMap(({ boxes }) => boxes));
    if (parts.length > PARTS_MAX) {
      losses.push({
        place: box.origin.place,
        what: 'a permission with many denials before it',
        why: `it falls into more than ${PARTS_MAX} parts, so it was left out; the policy permits less`,
      });
      return [];
    }
  }
  return parts;
}

function narrowed({ origin }: Box): Loss {
  return {
    place: origin.place,
    what: 'a permission for every protocol, less a few',
    why: 'only the usual protocols are named (tcp, udp, icmp, icmpv6, sctp, gre, esp, ah, igmp); the policy permits less',
  };
}

function tooMany({ origin }: Box): Loss {
  return {
    place: origin.place,
    what: 'a permission',
    why: `there are more than ${BOXES_MAX} already, so it was left out; the policy permits less`,
  };
}

/** Boxes looked at for covering each other; with more, some rules say what others say already. */
const COMPARED_MAX = 300;

/** Without parts that stand twice or lie within another. */
export function distinct(boxes: readonly Box[]): readonly Box[] {
  const kept = [...new Map(boxes.map((box) => [boxKey(box), box])).values()];
  if (kept.length > COMPARED_MAX) return kept;
  return kept.filter((box) => !kept.some((other) => isCovered(box, other, kept)));
}

/** Whether another box with no limits says all that this one says; of two that say the same, the earlier stays. */
function isCovered(box: Box, other: Box, all: readonly Box[]): boolean {
  if (other === box || other.limits !== null || !boxWithin(box, other)) return false;
  return box.limits !== null || !boxWithin(other, box) || all.indexOf(other) < all.indexOf(box);
}

/** What all stages permit. */
export function meetStages(stages: readonly Outcome[]): Outcome {
  const losses: Loss[] = stages.flatMap((stage) => stage.losses);
  const [first, ...others] = stages;
  let permits = first?.permits ?? [];
  for (const stage of others) permits = meet(permits, stage.permits, losses);
  const never = stages.flatMap((stage) => stage.never).filter((box) => permits.some((one) => boxesMayMeet(one, box)));
  return { permits: distinct(permits), never: distinct(never), losses };
}

function meet(a: readonly Box[], b: readonly Box[], losses: Loss[]): readonly Box[] {
  const met: Box[] = [];
  let work = 0;
  for (const one of a)
    for (const two of b) {
      work += boxSize(one) * boxSize(two);
      if (work > WORK_MAX) {
        losses.push(tooMany(one));
        return met;
      }
      if (!boxesMayMeet(one, two)) continue;
      const box = bothBoxes(...named(one, two));
      const place = placeOf(one, two);
      if (box !== null && isEmpty(box)) continue;
      if (box === null)
        losses.push({
          place: one.origin.place,
          what: 'two limits on one connection',
          why: `"${two.origin.place}" has a limit of its own; the connection was left out, so the policy permits less`,
        });
      else if (met.length >= BOXES_MAX) {
        losses.push(tooMany(one));
        return met;
      } else met.push({ ...box, origin: { ...box.origin, place } });
    }
  return met;
}

function placeOf({ origin: a }: Box, { origin: b }: Box): string {
  if (a.id === UNNAMED || a.place === b.place) return b.place;
  return b.id === UNNAMED ? a.place : `${a.place} and ${b.place}`;
}

/** Of two boxes, the one that says more of whom and what gives the rule its name. */
function named(a: Box, b: Box): readonly [Box, Box] {
  return a.origin.id === UNNAMED ? [b, a] : [a, b];
}

/** Origin of a box that stands for "not held by this stage": it never gives a rule its name while another can. */
export const UNNAMED = 'everything-else';
