// Checks that compare rules with each other, with guardrails, and with what elements are. All are warnings, save a guardrail that guards nothing.

import { hasPorts, type Policy, type PortRange, type Rule, type Service } from '#model';
import { quoted, trouble } from '../trouble.ts';

import { type CheckContext, placeOf } from './context.ts';
import {
  CLASSES_MAX,
  covers,
  isNone,
  leavesOf,
  meets,
  membersOf,
  type Universe,
  universeOf,
  versionOf,
} from './universe.ts';
import { canMeet } from './week.ts';

/** Rules compared with each other: half a million comparisons take under a second. */
const RULES_MAX = 1_000;

export function checkMatching(policy: Policy, context: CheckContext): void {
  const universe = universeOf(policy);
  if (universe === null || policy.rules.length > RULES_MAX) {
    const why = universe === null ? `more than ${CLASSES_MAX} kinds of ends` : `more than ${RULES_MAX} rules`;
    context.report.warn(
      trouble(
        'PICKET-P053',
        `overlaps were not looked for: the policy has ${why}`,
        'select by labels instead of single elements',
      ),
      null,
    );
  }
  if (universe === null) return;
  const checker: Checker = { policy, context, universe };
  checkEmpty(checker);
  for (const rule of policy.rules) {
    checkVersions(checker, rule);
    checkLogon(checker, rule);
    checkWidth(checker, rule);
    checkGuardrails(checker, rule);
  }
  if (policy.rules.length <= RULES_MAX) checkOrder(checker);
}

interface Checker {
  readonly policy: Policy;
  readonly context: CheckContext;
  readonly universe: Universe;
}

type Ends = Pick<Rule, 'id' | 'from' | 'to'>;

/** A guardrail that holds for nobody guards nothing, which is an error; a rule that does permits nothing, which is safe. */
function checkEmpty({ policy, context, universe }: Checker): void {
  const isEmpty = ({ from, to }: Ends): boolean =>
    isNone(universe.setOf(from)) || to.every(({ on }) => isNone(universe.setOf(on)));
  // Where a label or kind that nobody has is the cause, that was told already.
  for (const rule of policy.rules.filter((each) => isEmpty(each) && !hasEmptyLeaf(universe, each)))
    context.report.warn(
      trouble(
        'PICKET-P043',
        `rule ${quoted(rule.id)} holds for no element and no address`,
        'mend "from" or the service\'s "on"',
      ),
      placeOf(context, `rules.${rule.id}`),
    );
  for (const [section, guardrails] of [
    ['never', policy.never],
    ['require', policy.require],
  ] as const)
    for (const { id } of guardrails.filter(isEmpty))
      context.report.error(
        trouble(
          'PICKET-P043',
          `guardrail ${quoted(id)} holds for no element and no address, so it guards nothing`,
          'mend "from" or "to"',
        ),
        placeOf(context, `${section}.${id}`),
      );
}

function hasEmptyLeaf(universe: Universe, { from, to }: Ends): boolean {
  const leaves = [from, ...to.map(({ on }) => on)].flatMap(leavesOf);
  return leaves.some((leaf) => (leaf.kind === 'label' || leaf.kind === 'element-kind') && isNone(universe.setOf(leaf)));
}

/** Earlier rules that share connections with a later one, and those that leave it nothing. */
function checkOrder({ policy, context, universe }: Checker): void {
  for (const [at, later] of policy.rules.entries()) {
    const earlier = policy.rules.slice(0, at).filter((rule) => overlap(universe, rule, later));
    const cover = earlier.find((rule) => shadows(universe, rule, later));
    const where = placeOf(context, `rules.${later.id}`);
    if (cover !== undefined) {
      context.report.warn(
        trouble(
          'PICKET-P042',
          `rule ${quoted(later.id)} can never be first: ${quoted(cover.id)} above it takes all its connections`,
          `move it above ${quoted(cover.id)}, or delete it`,
        ),
        where,
      );
      continue;
    }
    for (const rule of earlier)
      context.report.warn(
        trouble(
          'PICKET-P041',
          `rules ${quoted(rule.id)} and ${quoted(later.id)} overlap; where both match, ${quoted(rule.id)} governs`,
          'fine if meant: the first in order governs',
        ),
        where,
      );
  }
}

function overlap(universe: Universe, a: Rule, b: Rule): boolean {
  if (!meets(universe.setOf(a.from), universe.setOf(b.from))) return false;
  return a.to.some((first) => b.to.some((second) => servicesMeet(universe, first, second)));
}

function servicesMeet(universe: Universe, a: Service, b: Service): boolean {
  if (a.protocol !== null && b.protocol !== null && a.protocol !== b.protocol) return false;
  if (!meets(universe.setOf(a.on), universe.setOf(b.on))) return false;
  return (
    a.ports.length === 0 ||
    b.ports.length === 0 ||
    a.ports.some((one) => b.ports.some((two) => one.from <= two.to && two.from <= one.to))
  );
}

/** A rule that ends sooner leaves the later one its time. */
function shadows(universe: Universe, earlier: Rule, later: Rule): boolean {
  if (earlier.until !== null && (later.until === null || later.until > earlier.until)) return false;
  return isWithin(universe, later, earlier);
}

/** Whether every connection of `inner` is one of `outer`. */
function isWithin(universe: Universe, inner: Ends, outer: Ends): boolean {
  if (inner.to.length === 0 || !covers(universe.setOf(outer.from), universe.setOf(inner.from))) return false;
  return inner.to.every((service) => outer.to.some((cover) => isServiceWithin(universe, service, cover)));
}

function isServiceWithin(universe: Universe, inner: Service, outer: Service): boolean {
  if (outer.protocol !== null && outer.protocol !== inner.protocol) return false;
  return covers(universe.setOf(outer.on), universe.setOf(inner.on)) && portsWithin(inner.ports, outer.ports);
}

function portsWithin(inner: readonly PortRange[], outer: readonly PortRange[]): boolean {
  if (outer.length === 0) return true;
  const joined = joinedRanges(outer);
  return (
    inner.length > 0 && inner.every(({ from, to }) => joined.some((range) => range.from <= from && to <= range.to))
  );
}

function joinedRanges(ranges: readonly PortRange[]): readonly PortRange[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

function checkGuardrails({ policy, context, universe }: Checker, rule: Rule): void {
  const where = placeOf(context, `rules.${rule.id}`);
  const denier = policy.never.find((guardrail) => isWithin(universe, rule, guardrail));
  if (denier !== undefined)
    context.report.warn(
      trouble(
        'PICKET-P044',
        `guardrail ${quoted(denier.id)} denies everything that rule ${quoted(rule.id)} permits`,
        'delete the rule, or narrow the guardrail',
      ),
      where,
    );
  const { hours } = rule.limits;
  const closer = policy.require.find(
    (guardrail) =>
      hours !== null &&
      guardrail.hours !== null &&
      !canMeet(hours, guardrail.hours) &&
      isWithin(universe, rule, guardrail),
  );
  if (closer !== undefined)
    context.report.warn(
      trouble(
        'PICKET-P044',
        `rule ${quoted(rule.id)} is open only when guardrail ${quoted(closer.id)} is not`,
        'give them hours in common',
      ),
      where,
    );
}

function checkVersions({ context, universe }: Checker, rule: Rule): void {
  const from = versionsOf(universe, rule.from);
  const to = new Set(rule.to.flatMap(({ on }) => [...versionsOf(universe, on)]));
  if (from.size === 0 || to.size === 0 || [...from].some((version) => to.has(version))) return;
  const [a, b] = [[...from].join(), [...to].join()];
  context.report.warn(
    trouble(
      'PICKET-P047',
      `rule ${quoted(rule.id)} can never match: its "from" has only IPv${a} addresses and its services only IPv${b}`,
      'give both ends an address of the same version',
    ),
    placeOf(context, `rules.${rule.id}`),
  );
}

/** Versions of the addresses a selector holds for; an end whose address is not known may have either. */
function versionsOf(universe: Universe, selector: Rule['from']): ReadonlySet<4 | 6> {
  const versions = new Set<4 | 6>();
  for (const { address } of membersOf(universe, universe.setOf(selector)))
    for (const version of address === null ? ([4, 6] as const) : [versionOf(address)]) versions.add(version);
  return versions;
}

/** A person logs on by a login; a device, by itself. */
function checkLogon({ context, universe }: Checker, rule: Rule): void {
  const { logon } = rule.limits;
  const isNeeded = logon !== null || rule.to.some(({ isLogonRequired }) => isLogonRequired);
  if (!isNeeded || (logon !== null && logon.factors.length === 1 && logon.factors[0] === 'device')) return;
  const members = membersOf(universe, universe.setOf(rule.from));
  if (members.length === 0 || members.some(({ element }) => element !== null && element.login !== null)) return;
  context.report.warn(
    trouble(
      'PICKET-P045',
      `rule ${quoted(rule.id)} needs a logon, but no element of its "from" has a login`,
      'add login to the elements of people, or choose another "from"',
    ),
    placeOf(context, `rules.${rule.id}.limits.logon`, `rules.${rule.id}.from`, `rules.${rule.id}`),
  );
}

function checkWidth({ context, universe }: Checker, rule: Rule): void {
  const isWide = rule.to.some(
    ({ on, protocol, ports }) =>
      ports.length === 0 && (protocol === null || hasPorts(protocol)) && isAllOfInternet(universe, on),
  );
  if (isWide)
    context.report.warn(
      trouble(
        'PICKET-P046',
        `rule ${quoted(rule.id)} permits the whole internet on every port`,
        'name ports, or the names that are needed',
      ),
      placeOf(context, `rules.${rule.id}.to`, `rules.${rule.id}`),
    );
}

function isAllOfInternet(universe: Universe, on: Service['on']): boolean {
  return covers(universe.setOf(on), universe.setOf(INTERNET));
}

const INTERNET: Service['on'] = { kind: 'internet' };
