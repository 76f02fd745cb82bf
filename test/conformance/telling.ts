// Tells a story to a decider and writes down what it answers, as plain data that compares by text.

import {
  AddressTable,
  type Decider,
  type DeciderEvent,
  newObservation,
  newVerdict,
  type Policy,
  REASONS,
  type Reason,
  reasonsOf,
  type Verdict,
} from '#model';
import type { Packet, Step, Story } from './stories.ts';

export type DeciderFactory = (options: { policy: Policy; addresses: AddressTable; start: number }) => Decider;

export interface Answer {
  readonly reasons: readonly string[];
  readonly isEnforced: boolean;
  readonly rule: number;
  readonly guardrail: number;
  readonly isFromInitiator: boolean;
  readonly initiator: number;
  readonly responder: number;
  readonly isOpening: boolean;
  /** `reason observed/limit` for each reason given that has numbers. */
  readonly numbers: readonly string[];
}

export interface Told {
  readonly step: Step;
  readonly answer: Answer | null;
  readonly events: readonly string[];
}

export function tellStory(story: Story, factory: DeciderFactory): readonly Told[] {
  const addresses = new AddressTable();
  const decider = factory({ policy: story.policy, addresses, start: story.start });
  const verdict = newVerdict();
  return story.steps.map((step) => {
    const answer = take(decider, { step, addresses, verdict });
    return {
      step,
      answer,
      events: decider
        .takeEvents()
        .map((event) => eventText(event, addresses))
        .sort(),
    };
  });
}

function take(decider: Decider, more: { step: Step; addresses: AddressTable; verdict: Verdict }): Answer | null {
  const { step, addresses, verdict } = more;
  switch (step.kind) {
    case 'packet':
      decider.judge(observationOf(step, addresses), verdict);
      return answerOf(verdict);
    case 'name':
      decider.bindName({ ...step, client: addresses.intern(step.client), server: addresses.intern(step.server) });
      return null;
    case 'logon':
      decider.setLogon({ element: step.element, factor: step.factor, at: step.since }, step.at);
      return null;
    case 'quarantine':
      decider.setQuarantine(step.element, step.isQuarantined, step.at);
      return null;
    case 'apply':
      decider.apply(step.policy, step.at);
      return null;
    case 'advance':
      decider.advance(step.at);
      return null;
  }
}

function observationOf(packet: Packet, addresses: AddressTable) {
  const { kind: _, source, destination, ...rest } = packet;
  return { ...newObservation(), ...rest, source: addresses.intern(source), destination: addresses.intern(destination) };
}

function answerOf(verdict: Verdict): Answer {
  const { isEnforced, rule, guardrail, isFromInitiator, initiator, responder, isOpening } = verdict;
  const reasons = reasonsOf(verdict.reasons);
  const numbers = reasons.filter(isNumbered).map((reason) => {
    const at = REASONS.indexOf(reason);
    return `${reason} ${verdict.observed[at]}/${verdict.limit[at]}`;
  });
  return { reasons, isEnforced, rule, guardrail, isFromInitiator, initiator, responder, isOpening, numbers };
}

/** The reasons for which docs/semantics.md says what is counted; the page leaves the numbers of the others open. */
function isNumbered(reason: Reason): boolean {
  return ['session-expired', 'too-many-connections', 'packet-size', 'over-rate', 'over-volume'].includes(reason);
}

/** Sessions that end at the same instant have no order among themselves, so events are compared as sorted text. */
function eventText(event: DeciderEvent, addresses: AddressTable): string {
  const at = String(event.at).padStart(17, '0');
  if (event.kind === 'under-volume')
    return `${at} under-volume rule ${event.rule}: ${event.initiator} to ${event.responder}, ${event.observedBytes} below ${event.minBytes}`;
  return `${at} cut rule ${event.rule}: ${addresses.text(event.source)} to ${addresses.text(event.destination)}, ${event.reason}`;
}
