// The decision rail: every step of a verdict in order, with a short value. Tells what the engine decided; decides nothing.

import { type Observation, type Policy, type Question, type Reason, type Rule, reasonsOf, type Verdict } from '#model';
import type { NearMiss } from './near.ts';
import type { Asked } from './question.ts';

export interface Step {
  readonly step: string;
  readonly state: 'ok' | 'failed' | 'not-limited';
  readonly value: string;
}

/** Earlier rules named on the rail. */
const EARLIER_MAX = 8;

export function railOf(
  asked: Asked,
  question: Question,
  what: { verdict: Verdict; misses: readonly NearMiss[] },
): readonly Step[] {
  const { verdict } = what;
  const { policy, observation } = asked;
  const reasons = new Set<Reason>(reasonsOf(verdict.reasons));
  const rule = policy.rules[verdict.rule] ?? null;
  const failed = (...wanted: readonly Reason[]): boolean => wanted.some((reason) => reasons.has(reason));
  const guard = [...policy.never, ...policy.require][verdict.guardrail];
  const chosen: Step[] = [
    step('elements', failed('unknown-element', 'quarantined') ? 'failed' : 'ok', endsText(policy, question, verdict)),
    step('guardrails', failed('guardrail') ? 'failed' : 'ok', guard === undefined ? 'none denies' : guard.id),
    step('rule', rule === null ? 'failed' : 'ok', ruleText(rule, what.misses)),
  ];
  return rule === null ? chosen : [...chosen, ...limitSteps(rule, failed, observation)];
}

function limitSteps(
  rule: Rule,
  failed: (...reasons: readonly Reason[]) => boolean,
  packet: Observation,
): readonly Step[] {
  const { limits } = rule;
  const limited = (name: string, isLimited: boolean, what: { isFailed: boolean; value: string }): Step => {
    if (what.isFailed) return step(name, 'failed', what.value);
    return isLimited ? step(name, 'ok', what.value) : step(name, 'not-limited', 'no limit');
  };
  const isLogonAsked = limits.logon !== null || rule.to.some((service) => service.isLogonRequired);
  const application = rule.to.find((service) => service.application !== null)?.application ?? null;
  const plain = (name: string, count: number, reason: Reason): Step =>
    limited(name, count > 0, { isFailed: failed(reason), value: `${count} ${count === 1 ? 'limit' : 'limits'}` });
  return [
    limited('logon', isLogonAsked, {
      isFailed: failed('not-logged-on', 'session-expired'),
      value: limits.logon?.factors.join(' and ') || 'any factor',
    }),
    limited('hours', limits.hours !== null, {
      isFailed: failed('outside-hours'),
      value: failed('outside-hours') ? 'closed' : 'open',
    }),
    plain('connections', limits.connections.length, 'too-many-connections'),
    limited('application', application !== null, {
      isFailed: failed('wrong-application'),
      value: packet.application || 'not seen yet',
    }),
    limited('operation', limits.operations !== null, {
      isFailed: failed('wrong-operation'),
      value: packet.operations.join(', ') || 'none',
    }),
    limited('size', limits.sizes.length > 0, {
      isFailed: failed('packet-size'),
      value: packet.packetSize < 0 ? 'not known' : `${packet.packetSize} B`,
    }),
    plain('rate', limits.rates.length, 'over-rate'),
    plain('volume', limits.volumes.filter(({ maxBytes }) => maxBytes !== null).length, 'over-volume'),
  ];
}

function step(name: string, state: Step['state'], value: string): Step {
  return { step: name, state, value };
}

function endsText(policy: Policy, question: Question, verdict: Verdict): string {
  const one = (index: number, asked: string): string => policy.elements[index]?.id ?? `${asked} (no element)`;
  return `${one(verdict.initiator, question.from)} → ${one(verdict.responder, question.to)}`;
}

/** The chosen rule, and the earlier ones that lack a single thing. */
function ruleText(rule: Rule | null, misses: readonly NearMiss[]): string {
  const name = rule?.id ?? 'no rule';
  const near = misses.slice(0, EARLIER_MAX).map((miss) => `${miss.rule} but for its ${miss.part}`);
  return near.length === 0 ? name : `${name} (fits: ${near.join(', ')})`;
}
