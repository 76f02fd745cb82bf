// What the site's owner adds to the policy that was learned: limits that a week of conversations cannot teach. Not the learner's work.

import { type Limits, MINUTE, type Policy, type Rule } from '#model';
import { parsePolicy } from '#policy';

export interface Addition {
  /** Which rules: element that initiates, and the port. */
  readonly from: string;
  readonly port: number;
  /** As a policy writes limits. */
  readonly limits: string;
}

/** Adds limits to the rules of an element towards a port; throws where there is no such rule, since then nothing would be proved. */
export function withLimits(policy: Policy, additions: readonly Addition[]): Policy {
  return additions.reduce((made, addition) => {
    const rules = made.rules.map((rule) =>
      isMeant(rule, addition) ? { ...rule, limits: joined(rule.limits, addition.limits) } : rule,
    );
    if (rules.every((rule, index) => rule === made.rules[index]))
      throw new Error(`no learned rule of ${addition.from} to port ${addition.port}`);
    return { ...made, rules };
  }, policy);
}

function isMeant({ from, to }: Rule, { from: element, port }: Addition): boolean {
  if (from.kind !== 'element' || from.id !== element) return false;
  return to.some(({ ports }) => ports.some((range) => range.from <= port && port <= range.to));
}

function joined(limits: Limits, text: string): Limits {
  const added = limitsOf(text);
  return {
    ...limits,
    hours: added.hours ?? limits.hours,
    volumes: [...limits.volumes, ...added.volumes],
    sizes: added.sizes.length > 0 ? added.sizes : limits.sizes,
    rates: [...limits.rates, ...added.rates],
    connections: [...limits.connections, ...added.connections],
  };
}

function limitsOf(text: string): Limits {
  const document = `picket: 1\ntimezone: UTC\nrules:\n  r: { from: any, to: { on: any, protocol: tcp, port: 1 }, limits: { ${text} } }\n`;
  const { policy, problems } = parsePolicy(document, 'limits.yaml');
  const [rule] = policy?.rules ?? [];
  if (rule === undefined) throw new Error(JSON.stringify(problems));
  return rule.limits;
}

/** Hours of one weekday that began two days from now, so that it is closed at this and every instant of a test. */
export function closedHours(nowMillis: number): string {
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  const later = new Date(nowMillis + (2 * 24 * 60 * MINUTE) / 1_000);
  return `hours: ${days[later.getUTCDay()]} 08:00-18:00`;
}
