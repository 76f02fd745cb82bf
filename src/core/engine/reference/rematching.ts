// Semantics 23: live sessions are matched again when a policy is applied or their rule passes its `until`.

import { bindingsUnder } from './bindings.ts';
import { endOf } from './ends.ts';
import { bearFloors } from './floors.ts';
import { type Contact, governing } from './governing.ts';
import { wasLoggedOn } from './logon.ts';
import { judgeContact } from './opening.ts';
import { isLive } from './sessions.ts';
import type { RuleState, Session, State } from './state.ts';

/** Matches one session again as an opening at this instant would be. */
export function matchAgain(state: State, session: Session): void {
  const contact = contactAgain(state, session);
  session.ends = contact.ends;
  const found = governing(state, contact);
  const { findings } = judgeContact(state, contact, found);
  if (found !== null && findings.length === 0) {
    take(state, session, found);
    return;
  }
  const first = findings[0]?.reason ?? 'no-rule';
  const reason = first === 'quarantined' || first === 'guardrail' ? first : 'no-rule';
  const at = Math.min(
    state.now + (session.governor?.rule.limits.drain ?? 0),
    session.draining?.at ?? Number.POSITIVE_INFINITY,
  );
  session.draining = { at, reason: session.draining?.reason ?? reason };
  if (at <= state.now) removeDrained(state, session);
}

/** The ends as they were seen at the opening, recognised by the policy in force. */
function contactAgain(state: State, session: Session): Contact {
  const { policy, addresses } = state;
  const again = ({ address, mac, port }: Session['ends']['initiator']) =>
    endOf(address, { mac, port, policy, addresses });
  const { initiator, responder } = session.ends;
  return { ends: { initiator: again(initiator), responder: again(responder) }, protocol: session.protocol };
}

function take(state: State, session: Session, found: NonNullable<ReturnType<typeof governing>>): void {
  session.counted = session.ends;
  session.governor = found.governor;
  session.service = found.service;
  session.draining = null;
  session.heldBindings = bindingsUnder(state, session.ends, found.service.on);
  session.isInLogon = wasLoggedOn(state, session);
  // What is not told yet is told when its drain is over, under whichever rule the session is then.
  session.closingDone = Math.max(session.opened, state.now - found.governor.rule.limits.drain);
  session.logoffDone = session.closingDone;
  bearFloors(state, found.governor, session.ends);
}

/** Ends a session whose rule is gone. One that was cut has had its event. */
export function removeDrained(state: State, session: Session): void {
  state.sessions.delete(session.key);
  if (!session.isCut) cutEvent(state, session, session.draining?.reason ?? 'no-rule');
}

export function cutEvent(state: State, session: Session, reason: string): void {
  state.events.push({
    kind: 'cut',
    at: state.now,
    rule: session.governor?.index ?? -1,
    source: session.ends.initiator.address,
    destination: session.ends.responder.address,
    reason,
  });
}

/** A rule has passed its `until`: its sessions are matched again. */
export function endRule(state: State, governor: RuleState): void {
  governor.isOver = true;
  for (const session of [...state.sessions.values()])
    if (session.governor === governor && (session.isCut || isLive(session, state.now))) matchAgain(state, session);
}
