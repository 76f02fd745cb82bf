// Answers one question: the verdict, its reasons with numbers, the governing rule, and every step of the decision. Not a second judge.

import {
  AddressTable,
  type Instant,
  newVerdict,
  type Observation,
  type Policy,
  type Question,
  REASONS,
  type Reason,
  reasonsOf,
  type Verdict,
} from '#model';
import { Engine } from './engine.ts';
import { nextOpening } from './hours.ts';
import { nearMisses } from './near.ts';
import { type Asked, askedOf, instantOf } from './question.ts';
import { railOf, type Step } from './rail.ts';

export interface AnswerReason {
  readonly reason: Reason;
  /** Null where there is no number. */
  readonly observed: number | null;
  readonly limit: number | null;
}

export interface Answer {
  readonly isPermitted: boolean;
  /** Whether a denial would be held, not only recorded. */
  readonly isEnforced: boolean;
  readonly at: Instant;
  readonly reasons: readonly AnswerReason[];
  /** The governing rule, or null. */
  readonly rule: string | null;
  readonly guardrail: string | null;
  /** Element ids, or null where an end is no element. */
  readonly initiator: string | null;
  readonly responder: string | null;
  /** Elements whose mode holds the denial. */
  readonly heldBy: readonly string[];
  readonly steps: readonly Step[];
  /** Next instant at which the rule's hours are open, where they were the trouble. */
  readonly nextOpening: Instant | null;
}

/** Judges one hypothetical connection on a fresh engine; the first time to learn whose hours an instant is looked for in. */
export function ask(policy: Policy, question: Question, now: Instant): Answer {
  const addresses = new AddressTable();
  const asked = askedOf(policy, question, addresses);
  const first = judgeAt(asked, question, { at: instantOf(policy, question, { now, rule: null }), addresses });
  const rule = asked.policy.rules[first.rule] ?? null;
  const at = instantOf(asked.policy, question, { now, rule });
  const verdict = judgeAt(asked, question, { at, addresses });
  return answerOf(asked, question, { verdict, at, addresses });
}

function judgeAt(asked: Asked, question: Question, what: { at: Instant; addresses: AddressTable }): Verdict {
  const { at, addresses } = what;
  const engine = new Engine({ policy: asked.policy, addresses, start: at });
  for (const { factor, age } of question.logon) engine.setLogon({ element: question.from, factor, at: at - age }, at);
  if (asked.to.name !== '')
    engine.bindName({ client: asked.from.address, server: asked.to.address, name: asked.to.name, at, ttlSeconds: 0 });
  const observation: Observation = Object.assign(asked.observation, { at });
  if (question.usedBytes !== null) engine.assumeUsed(observation, question.usedBytes);
  const verdict = newVerdict();
  engine.judge(observation, verdict);
  return verdict;
}

function answerOf(
  asked: Asked,
  question: Question,
  what: { verdict: Verdict; at: Instant; addresses: AddressTable },
): Answer {
  const { verdict, at, addresses } = what;
  const { policy } = asked;
  const rule = policy.rules[verdict.rule] ?? null;
  const ends = [verdict.initiator, verdict.responder].flatMap((index) => policy.elements[index] ?? []);
  const hours = rule?.limits.hours ?? null;
  const count = rule === null ? policy.rules.length : verdict.rule;
  const misses = nearMisses(asked, addresses, { at, count });
  const isClosed = reasonsOf(verdict.reasons).includes('outside-hours');
  return {
    isPermitted: verdict.reasons === 0,
    isEnforced: verdict.isEnforced,
    at,
    reasons: reasonsOf(verdict.reasons).map((reason) => {
      const place = REASONS.indexOf(reason);
      return { reason, observed: numberOf(verdict.observed[place]), limit: numberOf(verdict.limit[place]) };
    }),
    rule: rule?.id ?? null,
    guardrail: [...policy.never, ...policy.require][verdict.guardrail]?.id ?? null,
    initiator: policy.elements[verdict.initiator]?.id ?? null,
    responder: policy.elements[verdict.responder]?.id ?? null,
    heldBy: verdict.isEnforced ? ends.filter(({ mode }) => mode !== 'observe').map(({ id }) => id) : [],
    steps: railOf(asked, question, { verdict, misses }),
    nextOpening: hours !== null && isClosed ? nextOpening(hours, at) : null,
  };
}

function numberOf(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
