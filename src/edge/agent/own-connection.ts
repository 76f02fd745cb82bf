// Whether a policy would deny the connection by which somebody works on this machine. Judged as an opening, which is harder than what lives already.

import type { ContentOpinion, FlowAsked } from '#enforce';
import { ask } from '#engine';
import {
  emptyQuestion,
  type Instant,
  type LogonChange,
  type Policy,
  PROTOCOL,
  parseAddress,
  type Reason,
} from '#model';
import type { OwnConnectionView } from './api.ts';
import type { Caller } from './caller.ts';
import { plainReason } from './marks.ts';

interface OwnAsked {
  readonly now: Instant;
  readonly logons: readonly LogonChange[];
  /** What the table that the policy would become says of one opening. */
  readonly opinion: (flow: FlowAsked) => ContentOpinion;
}

/** Null where the caller came by none that is known: at the console, or from a program that is no SSH. */
export function ownConnection(
  caller: Caller | null,
  policy: Policy,
  { now, logons, opinion }: OwnAsked,
): OwnConnectionView | null {
  const judged = (caller?.ssh ?? []).map(({ from, to, toPort }): OwnConnectionView => {
    const question = {
      ...emptyQuestion(from, to),
      protocol: PROTOCOL.tcp,
      port: toPort,
      at: { kind: 'instant', instant: now },
    } as const;
    const first = ask(policy, question, now);
    const logon = logons
      .filter(({ element, at }) => element === first.initiator && at !== null)
      .map(({ factor, at }) => ({ factor, age: now - (at ?? now) }));
    const answer = logon.length === 0 ? first : ask(policy, { ...question, logon }, now);
    const compiled = compiledAnswer({ from, to, port: toPort }, opinion);
    const reasons = answer.reasons.map(({ reason }) => reason);
    return {
      from,
      to,
      port: toPort,
      isPermitted: (answer.isPermitted || !answer.isEnforced) && compiled === null,
      reasons: reasons.length === 0 && compiled !== null ? [compiled] : reasons,
    };
  });
  return judged.find(({ isPermitted }) => !isPermitted) ?? judged[0] ?? null;
}

/** Why the compiled table would deny what is held, or null: it may be tighter than the policy. */
function compiledAnswer(
  { from, to, port }: { readonly from: string; readonly to: string; readonly port: number },
  opinion: OwnAsked['opinion'],
): Reason | null {
  const [source, destination] = [parseAddress(from), parseAddress(to)];
  if (source === null || destination === null) return null;
  const { verdict, isHeld, reason } = opinion({ from: source, to: destination, protocol: PROTOCOL.tcp, port });
  return verdict === 'deny' && isHeld ? plainReason(reason ?? 'no-rule') : null;
}
