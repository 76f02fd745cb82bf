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
  type Rule,
  reasonsOf,
  type Verdict,
} from '#model';
import { Engine } from './engine.ts';
import { nextOpening } from './hours.ts';
import { type Asked, askedOf, instantOf } from './question.ts';
import { railOf, type Step } from './rail.ts';
import { Usage } from './usage.ts';

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

/** Judges one hypothetical connection on a fresh engine. */
export function ask(policy: Policy, question: Question, now: Instant): Answer {
  const addresses = new AddressTable();
  const asked = askedOf(policy, question, addresses);
  const first = judgeAt(asked, question, {
    at: instantOf(policy, { ...question, at: question.at ?? null }, { now, rule: null }),
    addresses,
    rule: null,
  });
  const rule = asked.policy.rules[first.rule] ?? null;
  const at = instantOf(asked.policy, question, { now, rule });
  const verdict = judgeAt(asked, question, { at, addresses, rule });
  return answerOf(asked, question, { verdict, at });
}

function judgeAt(
  asked: Asked,
  question: Question,
  what: { at: Instant; addresses: AddressTable; rule: Rule | null },
): Verdict {
  const { at, addresses, rule } = what;
  const usage = question.usedBytes !== null && rule !== null ? new Usage(rule, question.usedBytes) : null;
  const policy = usage === null ? asked.policy : usage.narrowed(asked.policy);
  const engine = new Engine({ policy, addresses, start: at });
  for (const { factor, age } of question.logon) engine.setLogon({ element: question.from, factor, at: at - age }, at);
  if (asked.to.name !== '')
    engine.bindName({ client: asked.from.address, server: asked.to.address, name: asked.to.name, at, ttlSeconds: 0 });
  const observation: Observation = Object.assign(asked.observation, { at });
  const verdict = newVerdict();
  engine.judge(observation, verdict);
  usage?.restore(verdict);
  return verdict;
}

function answerOf(asked: Asked, question: Question, what: { verdict: Verdict; at: Instant }): Answer {
  const { verdict, at } = what;
  const { policy } = asked;
  const rule = policy.rules[verdict.rule] ?? null;
  const ends = [verdict.initiator, verdict.responder].flatMap((index) => policy.elements[index] ?? []);
  const hours = rule?.limits.hours ?? null;
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
    steps: railOf(asked, question, { verdict, at }),
    nextOpening: hours !== null && isClosed ? nextOpening(hours, at) : null,
  };
}

function numberOf(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
