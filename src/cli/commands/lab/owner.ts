// What the site's owner adds to the policy that was learned: limits that a week of conversations cannot teach. Not the learner's work.

import { DAY, type Instant, type Limits, MILLISECOND, type Policy, type Rule } from '#model';
import { parsePolicy } from '#policy';

export interface Addition {
  /** Which rules: the element that initiates, and the port. */
  readonly from: string;
  readonly port: number;
  /** As a policy writes limits. */
  readonly limits: string;
}

export const OWNERS_LIMITS: readonly Addition[] = [
  { from: 'camera', port: 443, limits: 'volume: <= 500 kB per hour' },
  { from: 'camera', port: 123, limits: 'size: <= 200 B' },
  { from: 'pc', port: 80, limits: 'connections: 60 per hour' },
];

/** Adds limits to the rules of an element towards a port; null where there is no such rule, since then nothing would be proved. */
export function withLimits(policy: Policy, additions: readonly Addition[]): Policy | null {
  let made = policy;
  for (const addition of additions) {
    const rules = made.rules.map((rule) => (isMeant(rule, addition) ? withAdded(rule, addition) : rule));
    if (rules.every((rule, index) => rule === made.rules[index])) return null;
    made = { ...made, rules };
  }
  return made;
}

function isMeant({ from, to }: Rule, { from: element, port }: Addition): boolean {
  if (from.kind !== 'element' || from.id !== element) return false;
  return to.some(({ ports }) => ports.some((range) => range.from <= port && port <= range.to));
}

/** What the owner says of hours and sizes stands in place of what was learned; the rest is added. */
function withAdded(rule: Rule, { limits: text }: Addition): Rule {
  const { limits } = rule;
  const added = limitsOf(text);
  return {
    ...rule,
    limits: {
      ...limits,
      hours: added.hours ?? limits.hours,
      sizes: added.sizes.length > 0 ? added.sizes : limits.sizes,
      volumes: added.volumes.length > 0 ? added.volumes : limits.volumes,
      rates: added.rates.length > 0 ? added.rates : limits.rates,
      connections: added.connections.length > 0 ? added.connections : limits.connections,
    },
  };
}

function limitsOf(text: string): Limits {
  const rule = `{ from: any, to: { on: any, protocol: tcp, port: 1 }, limits: { ${text} } }`;
  const { policy } = parsePolicy(`picket: 1\ntimezone: UTC\nrules:\n  r: ${rule}\n`, 'limits.yaml');
  const [read] = policy?.rules ?? [];
  if (read === undefined) throw new RangeError(`no limits: ${text}`);
  return read.limits;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** The admin's working hours on one weekday that is not near, so that they are closed now and for a day. */
export function closedHours(now: Instant): Addition {
  const later = new Date((now + 3 * DAY) / MILLISECOND);
  return { from: 'admin', port: 22, limits: `hours: ${WEEKDAYS[later.getUTCDay()]} 08:00-18:00` };
}
