// What a rule lets through, seen without its ends: protocols and ports as a set with union, intersection and difference.

import { hasPorts, type PortRange, PROTOCOL } from '#model';

/** One protocol (null: any) and its ports (empty: all). Only TCP, UDP and SCTP have ports. */
interface TrafficPart {
  readonly protocol: number | null;
  readonly ports: readonly PortRange[];
}

/** The union of its parts; empty is nothing. */
export type Traffic = readonly TrafficPart[];

export const ALL_TRAFFIC: Traffic = [{ protocol: null, ports: [] }];

const PORT_FIRST = 1;
const PORT_LAST = 65_535;

/** One protocol with ports as foreign texts state them: port 0 is none, and every port is no condition. */
export function trafficOf(protocol: number | null, ports: readonly PortRange[] | null): Traffic {
  if (ports === null) return [{ protocol, ports: [] }];
  const joined = joinRanges(ports);
  if (joined.length === 0) return [];
  return [{ protocol, ports: isEvery(joined) ? [] : joined }];
}

function isEvery(ports: readonly PortRange[]): boolean {
  const [only] = ports;
  return ports.length === 1 && only !== undefined && only.from <= PORT_FIRST && only.to >= PORT_LAST;
}

/** Sorted, joined where they touch, cut to the ports that exist. */
function joinRanges(ranges: readonly PortRange[]): readonly PortRange[] {
  const joined: { from: number; to: number }[] = [];
  const cut = ranges
    .map(({ from, to }) => ({ from: Math.max(from, PORT_FIRST), to: Math.min(to, PORT_LAST) }))
    .filter(({ from, to }) => from <= to)
    .toSorted((a, b) => a.from - b.from);
  for (const { from, to } of cut) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** Every port that is in none of the ranges. */
export function otherPorts(ranges: readonly PortRange[]): readonly PortRange[] {
  const others: PortRange[] = [];
  let next = PORT_FIRST;
  for (const { from, to } of joinRanges(ranges)) {
    if (from > next) others.push({ from: next, to: from - 1 });
    next = to + 1;
  }
  if (next <= PORT_LAST) others.push({ from: next, to: PORT_LAST });
  return others;
}

export function bothTraffic(a: Traffic, b: Traffic): Traffic {
  return a.flatMap((one) => b.flatMap((two) => bothParts(one, two) ?? []));
}

function bothParts(a: TrafficPart, b: TrafficPart): TrafficPart | null {
  if (a.protocol !== null && b.protocol !== null && a.protocol !== b.protocol) return null;
  const protocol = a.protocol ?? b.protocol;
  if (a.ports.length === 0) return { protocol, ports: b.ports };
  if (b.ports.length === 0) return { protocol, ports: a.ports };
  const ports = a.ports.flatMap((one) =>
    b.ports.flatMap((two) => {
      const range = { from: Math.max(one.from, two.from), to: Math.min(one.to, two.to) };
      return range.from <= range.to ? [range] : [];
    }),
  );
  return ports.length === 0 ? null : { protocol, ports: joinRanges(ports) };
}

interface TrafficRest {
  readonly traffic: Traffic;
  /** "Every protocol" lost one: what is left names only the protocols that people use. */
  readonly isNarrowed: boolean;
}

/** More parts than anybody reads in one rule: what is left of "every protocol" is then cut to the usual ones. */
export const PARTS_READABLE = 16;
const USUAL_PROTOCOLS: readonly number[] = Object.values(PROTOCOL);

export function trafficButNot(traffic: Traffic, without: Traffic): TrafficRest {
  let rest = traffic;
  for (const part of without) {
    if (part.protocol === null) return { traffic: [], isNarrowed: false };
    const spelt = rest.some(({ protocol }) => protocol === null) ? rest.flatMap(spellOut) : rest;
    rest = spelt.flatMap((one) => (one.protocol === part.protocol ? partButNot(one, part) : [one]));
  }
  const isNarrowed = rest.length > PARTS_READABLE && rest.length > traffic.length;
  return isNarrowed ? { traffic: rest.filter(isUsual), isNarrowed } : { traffic: rest, isNarrowed };
}

function isUsual({ protocol }: TrafficPart): boolean {
  return protocol !== null && USUAL_PROTOCOLS.includes(protocol);
}

/** Every protocol by its number, less these. */
export function otherProtocols(without: readonly number[]): Traffic {
  return spellOut({ protocol: null, ports: [] }).filter(
    ({ protocol }) => protocol === null || !without.includes(protocol),
  );
}

function spellOut(part: TrafficPart): readonly TrafficPart[] {
  if (part.protocol !== null) return [part];
  return Array.from({ length: 256 }, (_, protocol) => ({ protocol, ports: hasPorts(protocol) ? part.ports : [] }));
}

function partButNot(part: TrafficPart, without: TrafficPart): Traffic {
  if (without.ports.length === 0) return [];
  const ports = otherPorts(without.ports);
  const kept = bothParts(part, { protocol: part.protocol, ports });
  return kept === null || ports.length === 0 ? [] : [kept];
}

export function trafficWithin(inner: Traffic, outer: Traffic): boolean {
  return inner.every((part) => outer.some((cover) => partWithin(part, cover)));
}

function partWithin(inner: TrafficPart, outer: TrafficPart): boolean {
  if (outer.protocol !== null && outer.protocol !== inner.protocol) return false;
  if (outer.ports.length === 0) return true;
  return (
    inner.ports.length > 0 &&
    inner.ports.every(({ from, to }) => outer.ports.some((range) => range.from <= from && to <= range.to))
  );
}
