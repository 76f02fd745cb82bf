// Rules and guardrails as rows for people and programs: who, what, within which limits, in one sentence. Not the language, nor what became of traffic.

import { instantText, type Limits, type Never, NO_LIMITS, type Policy, type Require, type Rule } from '#model';
import { limitsText } from './limits-text.ts';
import { selectorText } from './selector.ts';
import { ruleSentence, serviceText, whoText } from './sentence.ts';

/** One rule or guardrail in words. */
export interface RuleWords {
  readonly id: string;
  /** Guardrails are judged before rules, and no rule overrides them. */
  readonly kind: 'never' | 'require' | 'rule';
  readonly sentence: string;
  readonly from: string;
  readonly to: readonly string[];
  /** Null where there are none. */
  readonly limits: string | null;
  readonly isAudit: boolean;
  readonly owner: string | null;
  readonly why: string | null;
  /** First instant at which it no longer exists. */
  readonly until: string | null;
}

/** In the order in which they are judged: guardrails, then rules as the document has them. */
export function rulesInWords({ never, require, rules, timezone }: Policy): readonly RuleWords[] {
  return [
    ...never.map(neverWords),
    ...require.map((one) => requireWords(one, timezone)),
    ...rules.map((one) => ruleWords(one, timezone)),
  ];
}

function ruleWords(rule: Rule, zone: string): RuleWords {
  const { isAudit, until } = rule;
  return {
    ...ofAll(rule),
    kind: 'rule',
    sentence: ruleSentence(rule),
    limits: limitsOf(rule.limits, zone),
    isAudit,
    until: until === null ? null : instantText(until),
  };
}

function neverWords(never: Never): RuleWords {
  const sentence = `${whoText(never.from)} may never use ${servicesText(never)}`;
  return { ...ofAll(never), kind: 'never', sentence, limits: null, isAudit: false, until: null };
}

function requireWords(required: Require, zone: string): RuleWords {
  const { hours, logon } = required;
  const limits = limitsOf({ ...NO_LIMITS, hours, logon }, zone);
  const sentence = `${whoText(required.from)} may use ${servicesText(required)} only with ${limits ?? 'what the rules say'}`;
  return { ...ofAll(required), kind: 'require', sentence, limits, isAudit: false, until: null };
}

function ofAll({
  id,
  from,
  to,
  owner,
  why,
}: Rule | Never | Require): Pick<RuleWords, 'id' | 'from' | 'to' | 'owner' | 'why'> {
  return { id, from: selectorText(from), to: to.map(serviceText), owner, why };
}

function servicesText({ to }: Never | Require): string {
  return to.length === 0 ? 'nothing' : to.map(serviceText).join(' or ');
}

function limitsOf(limits: Limits, zone: string): string | null {
  const text = limitsText(limits, zone);
  return text === 'no limits' ? null : text;
}
