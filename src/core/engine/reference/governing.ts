// Semantics 7 and 11 to 14: who began, which rule governs, which guardrail denies. The limits of the rule are judged elsewhere.

import type { Observation, Require, Service } from '#model';
import { hasName } from './bindings.ts';
import type { Ends } from './ends.ts';
import { isOpenAt } from './hours.ts';
import { logonOf } from './logon.ts';
import { holds, NO_NAME } from './selectors.ts';
import { endsOf, isReset, isSynWithAck, isSynWithoutAck, isWithoutSyn } from './sessions.ts';
import { elementIdOf, type RuleState, type State } from './state.ts';

/** A conversation to be matched: its ends, and what it speaks. */
export interface Contact {
  readonly ends: Ends;
  readonly protocol: number;
}

export interface Governing {
  readonly governor: RuleState;
  readonly service: Service;
}

/** Who began (7). */
export function contactOf(state: State, observation: Observation): Contact {
  const { source, destination } = endsOf(state, observation);
  const { protocol } = observation;
  const forward: Contact = { ends: { initiator: source, responder: destination }, protocol };
  const backward: Contact = { ends: { initiator: destination, responder: source }, protocol };
  if (observation.initiator !== 0) return observation.initiator === 1 ? forward : backward;
  if (isSynWithoutAck(observation)) return forward;
  if (isSynWithAck(observation) || isReset(observation)) return backward;
  if (!isWithoutSyn(observation)) return forward;
  return governing(state, forward) === null && governing(state, backward) !== null ? backward : forward;
}

/** Whether the service is what the contact uses, whatever its application. */
export function isUsing(state: State, contact: Contact, service: Service): boolean {
  return (service.protocol === null || service.protocol === contact.protocol) && isUsingPort(state, contact, service);
}

function isUsingPort(state: State, contact: Contact, service: Service): boolean {
  const { port } = contact.ends.responder;
  const isPort = service.ports.length === 0 || service.ports.some((range) => range.from <= port && port <= range.to);
  return isPort && holdsForResponder(state, contact, service);
}

function holdsForResponder(state: State, contact: Contact, service: Service): boolean {
  return holds(service.on, contact.ends.responder, {
    policy: state.policy,
    hasName: (pattern) => hasName(state, contact.ends, pattern),
  });
}

/** The governing rule (13): the first whose from holds and one of whose services is used. */
export function governing(state: State, contact: Contact): Governing | null {
  for (const governor of standing(state, contact)) {
    const service = governor.rule.to.find((one) => isUsing(state, contact, one));
    if (service !== undefined) return { governor, service };
  }
  return null;
}

/** Whether a rule would govern if the protocol were not looked at (14). */
export function isWrongProtocol(state: State, contact: Contact): boolean {
  return standing(state, contact).some(({ rule }) => rule.to.some((service) => isUsingPort(state, contact, service)));
}

/** The rules that exist now and whose from holds for the initiator. */
function standing(state: State, contact: Contact): readonly RuleState[] {
  return state.rules.filter(
    ({ rule }) =>
      (rule.until === null || state.now < rule.until) &&
      holds(rule.from, contact.ends.initiator, { policy: state.policy, hasName: NO_NAME }),
  );
}

/** Index of the first guardrail that denies (12), `require` counted on from the last `never`; or -1. */
export function denyingGuardrail(state: State, contact: Contact): number {
  const { never, require } = state.policy;
  const isMatch = (guardrail: (typeof never)[number] | Require): boolean =>
    holds(guardrail.from, contact.ends.initiator, { policy: state.policy, hasName: NO_NAME }) &&
    guardrail.to.some((service) => isUsing(state, contact, service));
  const first = never.findIndex(isMatch);
  if (first !== -1) return first;
  const second = require.findIndex((guardrail) => isMatch(guardrail) && !isFulfilled(state, contact, guardrail));
  return second === -1 ? -1 : never.length + second;
}

function isFulfilled(state: State, contact: Contact, { hours, logon }: Require): boolean {
  if (hours !== null && !isOpenAt(hours, state.now)) return false;
  if (logon === null) return true;
  const found = logonOf(state, contact.ends.initiator, logon);
  return found.isOn && (logon.within === null || found.age <= logon.within);
}

export function isQuarantined(state: State, ends: Ends): boolean {
  return [ends.initiator, ends.responder].some((end) => state.quarantined.has(elementIdOf(state, end) ?? ''));
}
