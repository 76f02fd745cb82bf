// Semantics 11 to 18: what denies the opening of a session. What is judged of every packet follows in packet.ts.

import type { ConnectionLimit, Observation } from '#model';
import { usedIn } from './budgets.ts';
import type { Ends } from './ends.ts';
import { isUnknown } from './ends.ts';
import { type Finding, finding } from './findings.ts';
import { type Contact, denyingGuardrail, type Governing, isQuarantined, isWrongProtocol } from './governing.ts';
import { isOpenAt } from './hours.ts';
import { logonOf, neededLogon } from './logon.ts';
import { isBadState, isClosed, isLive } from './sessions.ts';
import { budgetOf, pairOf, type RuleState, type State } from './state.ts';

export interface OpeningFindings {
  readonly findings: readonly Finding[];
  readonly guardrail: number;
  /** Whether the judging ends here: nothing more is asked of the packet. */
  readonly isFinal: boolean;
}

/** Sentences 11, 12 and 14: what a session is judged by again when a policy is applied (23). */
export function judgeContact(state: State, contact: Contact, governing: Governing | null): OpeningFindings {
  if (isQuarantined(state, contact.ends)) return { findings: [finding('quarantined')], guardrail: -1, isFinal: true };
  const guardrail = denyingGuardrail(state, contact);
  const findings = guardrail === -1 ? [] : [finding('guardrail')];
  if (governing !== null) return { findings, guardrail, isFinal: false };
  if (isUnknown(contact.ends.initiator) || isUnknown(contact.ends.responder)) findings.push(finding('unknown-element'));
  findings.push(finding('no-rule'));
  if (isWrongProtocol(state, contact)) findings.push(finding('wrong-protocol'));
  return { findings, guardrail, isFinal: true };
}

/** Sentences 15 to 18. */
export function judgeOpening(
  state: State,
  observation: Observation,
  opening: { ends: Ends; governing: Governing },
): readonly Finding[] {
  const { governor, service } = opening.governing;
  const { limits } = governor.rule;
  const findings: Finding[] = isBadState(observation) ? [finding('bad-state')] : [];
  const asked = neededLogon(governor, service);
  if (asked !== null) {
    const { isOn, age } = logonOf(state, opening.ends.initiator, asked);
    if (!isOn) findings.push(finding('not-logged-on'));
    else if (asked.within !== null && age > asked.within) findings.push(finding('session-expired', age, asked.within));
  }
  if (limits.hours !== null && !isOpenAt(limits.hours, state.now)) findings.push(finding('outside-hours'));
  for (const [index, limit] of limits.connections.entries()) {
    const count = 1 + connectionsOf(state, governor, { index, limit, ends: opening.ends });
    if (count > limit.max) findings.push(finding('too-many-connections', count, limit.max));
  }
  return findings;
}

/** What a connection limit counts, the one that asks not included (18). */
function connectionsOf(
  state: State,
  governor: RuleState,
  asked: { index: number; limit: ConnectionLimit; ends: Ends },
): number {
  const { limit, ends } = asked;
  if (limit.kind === 'period') {
    const budget = budgetOf(governor, { limit: `connections ${asked.index}`, scope: limit.scope, ends });
    return usedIn(budget, limit.window, state.now);
  }
  return [...state.sessions.values()].filter(
    (session) =>
      session.governor === governor &&
      isLive(session, state.now) &&
      !isClosed(session) &&
      (limit.scope === 'rule' || pairOf(session.counted) === pairOf(ends)),
  ).length;
}
