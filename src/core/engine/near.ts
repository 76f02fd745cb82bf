// Which rules before the governing one lack a single thing to govern, and which: for people who ask why. Decides nothing.

import type { AddressTable, Instant } from '#model';
import { Matcher } from './matcher.ts';
import { NameBindings } from './names.ts';
import { NO_PLAN } from './plans.ts';
import { type CompiledRule, compile, portFits, protocolFits } from './program.ts';
import type { Asked } from './question.ts';
import { holds } from './selectors.ts';

export type RulePart = 'until' | 'from' | 'to' | 'protocol' | 'port';

export interface NearMiss {
  readonly rule: string;
  /** The one part that does not fit. */
  readonly part: RulePart;
}

/** Near misses among the first `count` rules, in document order. */
export function nearMisses(
  asked: Asked,
  addresses: AddressTable,
  what: { at: Instant; count: number },
): readonly NearMiss[] {
  const program = compile(asked.policy);
  const names = new NameBindings();
  const { from, to } = asked;
  if (to.name !== '')
    names.bind({ client: from.address, server: to.address }, { name: to.name, at: what.at, ttlSeconds: 0 });
  const matcher = new Matcher({ program, addresses, names, limits: {}, planOf: () => NO_PLAN });
  const ends = {
    from: matcher.end(matcher.endOf(from.address, from.mac)),
    to: matcher.end(matcher.endOf(to.address, to.mac)),
  };
  const atoms = matcher.atomsOf(ends, what.at);
  return program.rules.slice(0, what.count).flatMap((rule) => {
    const [part, ...more] = missingParts(rule, asked, { ...atoms, at: what.at });
    return part === undefined || more.length > 0 ? [] : [{ rule: rule.source.id, part }];
  });
}

/** What the rule lacks with the service that comes closest. */
function missingParts(
  rule: CompiledRule,
  { observation }: Asked,
  seen: { from: readonly number[]; to: readonly number[]; at: Instant },
): readonly RulePart[] {
  const own: RulePart[] = [];
  if (seen.at >= rule.until) own.push('until');
  if (!holds(rule.from, seen.from)) own.push('from');
  const services = rule.services.map((service) => {
    const missing: RulePart[] = [...own];
    if (!holds(service.on, seen.to)) missing.push('to');
    if (!protocolFits(service, observation.protocol)) missing.push('protocol');
    if (!portFits(service, observation.destinationPort)) missing.push('port');
    return missing;
  });
  return services.reduce<RulePart[]>((best, next) => (next.length < best.length ? next : best), services[0] ?? own);
}
