// Counts of a replay: totals, by rule, by reason, by element, by conversation. Verdicts come from outside.

import { NO_PORT, type Observation, type Policy, REASONS, type Verdict } from '#model';
import { type Denial, type FlowCount, ReplayFlows } from './flows.ts';
import { packetsOf } from './packets.ts';

/** `denied` packets were held; `recorded` ones would be where the ends enforce, and passed. */
export interface Counts {
  packets: number;
  bytes: number;
  denied: number;
  recorded: number;
}

/** Packets of one reason: where it was named first, and wherever it was given at all. */
interface ReasonCounts {
  denied: number;
  recorded: number;
  given: number;
}

/** Where a packet stands in its input. */
export interface PacketPlace {
  readonly number: number;
  readonly input: number;
  readonly isLaterFragment: boolean;
  /** Zeek's own id of a log's record; absent for packets. */
  readonly uid?: string;
}

const newCounts = (): Counts => ({ packets: 0, bytes: 0, denied: 0, recorded: 0 });

export class Tally {
  readonly totals = newCounts();
  readonly flows = new ReplayFlows();
  /** By index of `policy.rules`; packets under no rule are in `noRule`. */
  readonly rules: readonly Counts[];
  readonly noRule = newCounts();
  /** By guardrail index: `never` first, then `require`. */
  readonly guardrails: readonly Counts[];
  readonly elements: readonly Counts[];
  readonly reasons: readonly ReasonCounts[] = REASONS.map(() => ({ denied: 0, recorded: 0, given: 0 }));

  constructor(policy: Policy) {
    this.rules = policy.rules.map(newCounts);
    this.guardrails = [...policy.never, ...policy.require].map(newCounts);
    this.elements = policy.elements.map(newCounts);
  }

  /** Counts one judged packet or record and returns its conversation. */
  add(observation: Observation, verdict: Verdict, place: PacketPlace): FlowCount {
    const flow = this.flows.of(observation, place.isLaterFragment);
    count(this.totals, observation, verdict);
    count(this.rules[verdict.rule] ?? this.noRule, observation, verdict);
    count(this.elements[verdict.initiator], observation, verdict);
    if (verdict.responder !== verdict.initiator) count(this.elements[verdict.responder], observation, verdict);
    if (verdict.guardrail >= 0) count(this.guardrails[verdict.guardrail], observation, verdict);
    this.#countFlow(flow, observation, verdict);
    if (verdict.reasons !== 0) this.#countDenial(flow, observation, verdict, place);
    return flow;
  }

  #countFlow(flow: FlowCount, observation: Observation, verdict: Verdict): void {
    if (flow.packets === 0 || (flow.rule < 0 && verdict.rule >= 0)) orient(flow, verdict, observation);
    if (flow.rule < 0) flow.rule = verdict.rule;
    flow.packets += packetsOf(observation, verdict);
    flow.bytes += observation.bytes;
    flow.firstAt = Math.min(flow.firstAt, observation.at);
    flow.lastAt = Math.max(flow.lastAt, observation.at);
  }

  #countDenial(flow: FlowCount, observation: Observation, verdict: Verdict, place: PacketPlace): void {
    const first = firstReason(verdict.reasons);
    const packets = packetsOf(observation, verdict);
    for (let at = first; at < REASONS.length; at++) {
      const counts = this.reasons[at];
      if (counts === undefined || ((verdict.reasons >> at) & 1) === 0) continue;
      counts.given += packets;
      if (at !== first) continue;
      if (verdict.isEnforced) counts.denied += packets;
      else counts.recorded += packets;
    }
    flow.reasons |= verdict.reasons;
    if (verdict.isEnforced) {
      flow.denied += packets;
      flow.deniedBytes += observation.bytes;
    } else flow.recorded += packets;
    if (flow.denial === null || (verdict.isEnforced && !flow.denial.isEnforced))
      flow.denial = denialOf(observation, verdict, place);
  }
}

/** Index in REASONS of the reason that is named, or -1. */
export function firstReason(reasons: number): number {
  return reasons === 0 ? -1 : 31 - Math.clz32(reasons & -reasons);
}

function count(counts: Counts | undefined, observation: Observation, verdict: Verdict): void {
  if (counts === undefined) return;
  const packets = packetsOf(observation, verdict);
  counts.packets += packets;
  counts.bytes += observation.bytes;
  if (verdict.reasons === 0) return;
  if (verdict.isEnforced) counts.denied += packets;
  else counts.recorded += packets;
}

/** Puts the end that began first, as the engine saw it. */
function orient(flow: FlowCount, verdict: Verdict, observation: Observation): void {
  flow.aElement = verdict.initiator;
  flow.bElement = verdict.responder;
  const sourcePort = flow.isLaterFragments ? NO_PORT : observation.sourcePort;
  const destinationPort = flow.isLaterFragments ? NO_PORT : observation.destinationPort;
  flow.a = verdict.isFromInitiator ? observation.source : observation.destination;
  flow.b = verdict.isFromInitiator ? observation.destination : observation.source;
  flow.aPort = verdict.isFromInitiator ? sourcePort : destinationPort;
  flow.bPort = verdict.isFromInitiator ? destinationPort : sourcePort;
}

function denialOf(observation: Observation, verdict: Verdict, place: PacketPlace): Denial {
  const first = firstReason(verdict.reasons);
  return {
    at: observation.at,
    number: place.number,
    input: place.input,
    isEnforced: verdict.isEnforced,
    reasons: verdict.reasons,
    rule: verdict.rule,
    guardrail: verdict.guardrail,
    observed: verdict.observed[first] ?? Number.NaN,
    limit: verdict.limit[first] ?? Number.NaN,
  };
}
