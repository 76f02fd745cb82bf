// Outcomes of pairs as entries of the lookup maps: single ports, ranges of ports, any port, any protocol. Not the numbers of marks.

import type { Service } from '#model';
import { type Judge, NO_PORT, OTHER_PROTOCOLS, type Outcome, type Pair, TCP } from './outcome.ts';

export type LookupMap = 'exact' | 'ranges' | 'anyport' | 'anyproto';

export interface Entry {
  readonly map: LookupMap;
  readonly pair: Pair;
  readonly protocol: number;
  readonly from: number;
  readonly to: number;
  readonly outcome: Outcome;
}

const PORTS_LAST = 65_535;
/** Protocols whose ports the kernel reads at the same place. */
const WITH_PORTS: ReadonlySet<number> = new Set([TCP, 17, 132]);
/** A range of at most so many ports becomes single entries: a hash finds them in one step. */
const EXPAND_MAX = 16;

/** The entries of one pair. INVARIANT: they do not overlap within a map, so that no order between them matters. */
export function entriesOf(judge: Judge, pair: Pair): readonly Entry[] {
  const services = judge.services(pair);
  const ground = judge.outcome(pair, { protocol: OTHER_PROTOCOLS, port: NO_PORT });
  const entries = protocolsOf(services, pair).flatMap((protocol) =>
    protocolEntries({ judge, pair, protocol, services, ground }),
  );
  return isSilent(ground, pair)
    ? entries
    : [...entries, { ...WHOLE, map: 'anyproto', pair, protocol: OTHER_PROTOCOLS, outcome: ground }];
}

const WHOLE = { from: 0, to: PORTS_LAST } as const;

/** Protocols that must be told apart from the rest. */
function protocolsOf(services: readonly Service[], pair: Pair): readonly number[] {
  const named = new Set(services.flatMap(({ protocol }) => protocol ?? []));
  const needsPorts = services.some(({ protocol, ports }) => protocol === null && ports.length > 0);
  const isAnyApart = pair.candidates.some(({ service }) => service.protocol === null);
  if (needsPorts) for (const protocol of WITH_PORTS) named.add(protocol);
  // TCP differs from other protocols in sizes and applications.
  if (isAnyApart) named.add(TCP);
  return [...named].sort((one, other) => one - other);
}

interface Work {
  readonly judge: Judge;
  readonly pair: Pair;
  readonly protocol: number;
  readonly services: readonly Service[];
  /** What stands when no entry of the protocol does. */
  readonly ground: Outcome;
}

function protocolEntries(work: Work): readonly Entry[] {
  const { judge, pair, protocol } = work;
  if (!WITH_PORTS.has(protocol)) {
    const outcome = judge.outcome(pair, { protocol, port: NO_PORT });
    return isSame(outcome, work.ground) ? [] : [{ ...WHOLE, map: 'anyport', pair, protocol, outcome }];
  }
  const segments = segmentsOf(work);
  const usual = segments.reduce((best, one) => (sizeOf(one) > sizeOf(best) ? one : best)).outcome;
  const entries = segments
    .filter(({ outcome }) => !isSame(outcome, usual))
    .flatMap((segment) => portEntries(work, segment));
  // The marks of TCP differ from those of other protocols: sizes are held by the segment size that the ends agree on.
  const isGround = isSame(usual, work.ground) && (protocol !== TCP || usual.kind !== 'admit');
  return isGround ? entries : [...entries, { ...WHOLE, map: 'anyport', pair, protocol, outcome: usual }];
}

interface Segment {
  readonly from: number;
  readonly to: number;
  readonly outcome: Outcome;
}

/** Ports cut where any service begins or ends, neighbours with the same outcome joined. */
function segmentsOf({ judge, pair, protocol, services }: Work): readonly [Segment, ...Segment[]] {
  const starts = new Set([0]);
  for (const { ports } of services)
    for (const { from, to } of ports) {
      starts.add(from);
      if (to < PORTS_LAST) starts.add(to + 1);
    }
  const sorted = [...starts].sort((one, other) => one - other);
  const joined: [Segment, ...Segment[]] = [
    { from: 0, to: PORTS_LAST, outcome: judge.outcome(pair, { protocol, port: 0 }) },
  ];
  for (const [at, from] of sorted.entries()) {
    const to = (sorted[at + 1] ?? PORTS_LAST + 1) - 1;
    const outcome = judge.outcome(pair, { protocol, port: from });
    const last = joined[joined.length - 1];
    if (at === 0) joined[0] = { from, to, outcome };
    else if (last !== undefined && isSame(last.outcome, outcome)) joined[joined.length - 1] = { ...last, to };
    else joined.push({ from, to, outcome });
  }
  return joined;
}

function portEntries({ pair, protocol }: Work, { from, to, outcome }: Segment): readonly Entry[] {
  if (to - from >= EXPAND_MAX) return [{ map: 'ranges', pair, protocol, from, to, outcome }];
  return Array.from({ length: to - from + 1 }, (_, at) => ({
    map: 'exact',
    pair,
    protocol,
    from: from + at,
    to: from + at,
    outcome,
  }));
}

function sizeOf({ from, to }: Segment): number {
  return to - from;
}

/** Whether the class bits alone give this outcome, so that no entry is needed. */
function isSilent(outcome: Outcome, pair: Pair): boolean {
  const isEnforcing = pair.from.mode.mode === 'enforce' || pair.to.mode.mode === 'enforce';
  return outcome.kind === 'deny'
    ? outcome.reason === 'no-rule' && isEnforcing
    : outcome.kind === 'free' && !isEnforcing;
}

function isSame(one: Outcome, other: Outcome): boolean {
  if (one.kind === 'admit' && other.kind === 'admit')
    return (
      one.rule === other.rule &&
      one.service === other.service &&
      one.isHeld === other.isHeld &&
      one.gates.length === other.gates.length &&
      one.gates.every((gate, at) => gate === other.gates[at]) &&
      one.rails.length === other.rails.length &&
      one.rails.every((rail, at) => rail === other.rails[at])
    );
  if (one.kind === 'deny' && other.kind === 'deny') return one.reason === other.reason && one.rule === other.rule;
  return one.kind === 'free' && other.kind === 'free';
}
