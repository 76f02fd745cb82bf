// Boxes: who, to whom, what traffic. A foreign rule becomes a box, and boxes are cut and joined until they are Picket rules.

import type { Limits, Selector } from '#model';
import { allOf, butNot, isNobody, isWithin, keyOf, mayMeet, sizeOf } from './selectors.ts';
import { bothTraffic, type Traffic, trafficButNot, trafficWithin } from './traffic.ts';

/** Where a box comes from, so that a rule can say so. */
export interface Origin {
  /** Becomes the rule's id. */
  readonly id: string;
  /** Where in the foreign text, as its users would name it. */
  readonly place: string;
  readonly why: string | null;
}

export interface Box {
  readonly from: Selector;
  readonly to: Selector;
  readonly traffic: Traffic;
  /** Null for none. */
  readonly limits: Limits | null;
  readonly origin: Origin;
}

export function isEmpty({ from, to, traffic }: Box): boolean {
  return traffic.length === 0 || isNobody(from) || isNobody(to);
}

/** False only where no connection is in both. */
export function boxesMayMeet(a: Box, b: Box): boolean {
  return bothTraffic(a.traffic, b.traffic).length > 0 && mayMeet(a.from, b.from) && mayMeet(a.to, b.to);
}

export function boxWithin(inner: Box, outer: Box): boolean {
  return (
    isWithin(inner.from, outer.from) && isWithin(inner.to, outer.to) && trafficWithin(inner.traffic, outer.traffic)
  );
}

/** Connections in both; of the names and limits, the first box's, or the second's where the first has no limits. Null when both have limits, which no one rule can say. */
export function bothBoxes(a: Box, b: Box): Box | null {
  if (a.limits !== null && b.limits !== null) return null;
  return {
    from: allOf([a.from, b.from]),
    to: allOf([a.to, b.to]),
    traffic: bothTraffic(a.traffic, b.traffic),
    limits: a.limits ?? b.limits,
    origin: a.origin,
  };
}

interface BoxRest {
  readonly boxes: readonly Box[];
  readonly isNarrowed: boolean;
}

/** The box without another one: at most three boxes, which may overlap. */
export function boxButNot(box: Box, without: Box): BoxRest {
  if (!boxesMayMeet(box, without)) return { boxes: [box], isNarrowed: false };
  const { traffic, isNarrowed } = trafficButNot(box.traffic, without.traffic);
  const boxes = [
    { ...box, from: butNot(box.from, without.from) },
    { ...box, to: butNot(box.to, without.to) },
    { ...box, traffic },
  ].filter((part) => !isEmpty(part));
  return { boxes, isNarrowed: isNarrowed && traffic.length > 0 };
}

/** Work of comparing it with one condition. */
export function boxSize({ from, to, traffic }: Box): number {
  return sizeOf(from) + sizeOf(to) + traffic.length;
}

export function boxKey({ from, to, traffic, limits }: Box): string {
  return `${keyOf(from)} → ${keyOf(to)} ${JSON.stringify(traffic)} ${JSON.stringify(limits)}`;
}
