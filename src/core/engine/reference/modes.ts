// Semantics 24: whether a denial is held or only recorded.

import { reasonBit, type Service } from '#model';
import type { End } from './ends.ts';
import { type Contact, isUsing } from './governing.ts';
import type { RuleState, State } from './state.ts';

/** Reasons that an audit rule does not soften: they are not its own limits'. */
const NOT_ITS_OWN = reasonBit('quarantined') | reasonBit('guardrail');

export interface Denial {
  readonly reasons: number;
  readonly governor: RuleState | null;
  readonly service: Service | null;
}

export function isEnforced(state: State, contact: Contact, denial: Denial): boolean {
  if (denial.reasons === 0) return false;
  const isOwn = (denial.reasons & NOT_ITS_OWN) === 0;
  if (isOwn && denial.governor?.rule.isAudit === true) return false;
  const services = servicesOf(state, contact, denial);
  return [contact.ends.initiator, contact.ends.responder].some((end) => isEnforcing(state, end, services));
}

/** Ids of the named services that the packet uses. */
function servicesOf(state: State, contact: Contact, { governor, service }: Denial): readonly string[] {
  const used =
    governor !== null && service !== null
      ? [service]
      : state.policy.services.filter((one) => isUsing(state, contact, one));
  return used.map((one) => one.id).filter((id) => id !== '');
}

function isEnforcing(state: State, end: End, services: readonly string[]): boolean {
  const element = state.policy.elements[end.element];
  if (element === undefined) return state.policy.mode === 'enforce';
  if (element.mode !== 'protect') return element.mode === 'enforce';
  return services.some((id) => element.protect.length === 0 || element.protect.includes(id));
}
