// The conversations of a replay with what was denied in each: one per 5-tuple over the whole input, as in the flow table.

import type { Observation } from '#model';

/** Conversations kept apart. A later one is counted in `others`, so no total is ever short. */
const FLOWS_MAX = 4_000_000;

/** The first denied packet of a conversation, copied out of the reused verdict. */
export interface Denial {
  readonly at: number;
  /** Number of the packet or record in its input, from 1, and which input. */
  readonly number: number;
  readonly input: number;
  readonly isEnforced: boolean;
  readonly reasons: number;
  readonly rule: number;
  readonly guardrail: number;
  /** Of the first reason, in its own unit; NaN where there is no number. */
  readonly observed: number;
  readonly limit: number;
}

/** One conversation. `a` began it as the engine saw it (the source of the first packet where nothing was decided). */
export interface FlowCount {
  readonly protocol: number;
  readonly isLaterFragments: boolean;
  a: number;
  aPort: number;
  b: number;
  bPort: number;
  aElement: number;
  bElement: number;
  /** Index of the first governing rule, or -1. */
  rule: number;
  packets: number;
  bytes: number;
  denied: number;
  recorded: number;
  deniedBytes: number;
  firstAt: number;
  lastAt: number;
  /** Every reason seen, as bits. */
  reasons: number;
  /** The first enforced denial, or the first recorded one where none was enforced. */
  denial: Denial | null;
}

export class ReplayFlows {
  readonly #byEnds = new Map<number, Map<number, FlowCount>>();
  readonly #all: FlowCount[] = [];
  #others: FlowCount | null = null;

  get size(): number {
    return this.#all.length;
  }

  /** The conversation of a packet; made when new. */
  of(observation: Observation, isLaterFragment: boolean): FlowCount {
    const { source, destination } = observation;
    const sourcePort = isLaterFragment ? -1 : observation.sourcePort;
    const destinationPort = isLaterFragment ? -1 : observation.destinationPort;
    const isLow = source < destination || (source === destination && sourcePort <= destinationPort);
    // Address numbers stay below 2^26 and ports below 2^16, so both keys are exact in a double.
    const ends = isLow ? source * 2 ** 26 + destination : destination * 2 ** 26 + source;
    const low = (isLow ? sourcePort : destinationPort) + 1;
    const high = (isLow ? destinationPort : sourcePort) + 1;
    const rest = ((isLaterFragment ? 256 : 0) + observation.protocol) * 2 ** 34 + low * 2 ** 17 + high;
    let inner = this.#byEnds.get(ends);
    const known = inner?.get(rest);
    if (known !== undefined) return known;
    if (this.#all.length >= FLOWS_MAX) return this.#theOthers(observation);
    if (inner === undefined) {
      inner = new Map();
      this.#byEnds.set(ends, inner);
    }
    const flow = newFlow(observation, { sourcePort, destinationPort, isLaterFragment });
    inner.set(rest, flow);
    this.#all.push(flow);
    return flow;
  }

  /** In the order of their first packets. */
  all(): readonly FlowCount[] {
    return this.#others === null ? this.#all : [...this.#all, this.#others];
  }

  #theOthers(observation: Observation): FlowCount {
    this.#others ??= newFlow(observation, { sourcePort: -1, destinationPort: -1, isLaterFragment: false });
    return this.#others;
  }
}

function newFlow(
  observation: Observation,
  ports: { readonly sourcePort: number; readonly destinationPort: number; readonly isLaterFragment: boolean },
): FlowCount {
  return {
    protocol: observation.protocol,
    isLaterFragments: ports.isLaterFragment,
    a: observation.source,
    aPort: ports.sourcePort,
    b: observation.destination,
    bPort: ports.destinationPort,
    aElement: -1,
    bElement: -1,
    rule: -1,
    packets: 0,
    bytes: 0,
    denied: 0,
    recorded: 0,
    deniedBytes: 0,
    firstAt: observation.at,
    lastAt: observation.at,
    reasons: 0,
    denial: null,
  };
}
