// What a record of the ledger says to other systems: the act itself, and where it is a logon, a right or a policy also the event of that kind. Pure.

import type { SecurityEvent } from '#events';
import type { LedgerRecord } from '#ledger';

type Common = Pick<SecurityEvent, 'id' | 'at' | 'domain' | 'severity'>;
type Doer = Extract<SecurityEvent, { readonly kind: 'act' }>['by'];

export function eventsOf(record: LedgerRecord): readonly SecurityEvent[] {
  const { id, at, act, actor, sequence, chain } = record;
  const address = textIn(act.detail, 'address');
  const by: Doer = { kind: actor.kind, id: actor.id, name: actor.name, address };
  const common: Common = { id, at, domain: act.domain, severity: 'info' };
  const { action, subject } = act;
  const told: SecurityEvent = {
    ...common,
    kind: 'act',
    action,
    subject,
    by,
    isSuccess: true,
    record: sequence,
    chain,
  };
  // An event of another kind has an id of its own, for receivers tell by it what they have.
  const more = derivedOf(record, { ...common, id: `${id}.1` }, by);
  return more === null ? [told] : [told, more];
}

function derivedOf({ act }: LedgerRecord, common: Common, by: Doer): SecurityEvent | null {
  const { action, subject, detail } = act;
  switch (action) {
    case 'session.begin':
      return {
        ...common,
        kind: 'logon',
        act: 'logon',
        isSuccess: true,
        who: by,
        method: textIn(detail, 'means') ?? 'unknown',
        reason: null,
        session: subject,
      };
    case 'session.end':
      return {
        ...common,
        kind: 'logon',
        act: 'logoff',
        isSuccess: true,
        who: by,
        method: 'session',
        reason: null,
        session: subject,
      };
    case 'user.add':
    case 'user.role':
    case 'user.owner':
    case 'user.remove': {
      const who = { kind: 'person', id: subject, name: textIn(detail, 'name') ?? subject, address: null };
      const role = textIn(detail, 'role') ?? (action === 'user.owner' ? 'owner' : 'any');
      return {
        ...common,
        kind: 'grant',
        act: action === 'user.remove' ? 'take' : 'give',
        who,
        privileges: [role],
        by,
      };
    }
    case 'policy.apply':
    case 'policy.confirm':
    case 'policy.revert':
      return policyEvent(act, common, by);
    default:
      return null;
  }
}

function policyEvent({ action, subject, detail }: LedgerRecord['act'], common: Common, by: Doer): SecurityEvent | null {
  const revision = Number(/^revision (\d{1,15})$/.exec(subject)?.[1]);
  if (!Number.isSafeInteger(revision)) return null;
  const isConfirmed = action === 'policy.confirm' || numberIn(detail, 'confirmSeconds') === 0;
  return {
    ...common,
    kind: 'policy',
    state: action === 'policy.revert' ? 'reverted' : isConfirmed ? 'confirmed' : 'pending',
    revision,
    before: numberIn(detail, 'after'),
    by,
    why: textIn(detail, 'why') ?? '',
  };
}

function fieldIn(detail: unknown, name: string): unknown {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return null;
  return Object.entries(detail).find(([key]) => key === name)?.[1];
}

function textIn(detail: unknown, name: string): string | null {
  const value = fieldIn(detail, name);
  return typeof value === 'string' ? value : null;
}

function numberIn(detail: unknown, name: string): number | null {
  const value = fieldIn(detail, name);
  return typeof value === 'number' ? value : null;
}
