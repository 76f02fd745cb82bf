// Whether a policy would deny the connection by which somebody works on this machine. Judged as an opening, which is harder than what lives already.

import { ask } from '#engine';
import { emptyQuestion, type Instant, type LogonChange, type Policy, PROTOCOL } from '#model';
import type { OwnConnectionView } from './api.ts';
import type { Caller } from './caller.ts';

/** Null where the caller came by none that is known: at the console, or from a program that is no SSH. */
export function ownConnection(
  caller: Caller | null,
  policy: Policy,
  { now, logons }: { readonly now: Instant; readonly logons: readonly LogonChange[] },
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
    return {
      from,
      to,
      port: toPort,
      isPermitted: answer.isPermitted || !answer.isEnforced,
      reasons: answer.reasons.map(({ reason }) => reason),
    };
  });
  return judged.find(({ isPermitted }) => !isPermitted) ?? judged[0] ?? null;
}
