// Checks of limits against each other and against their services: what cannot be held, and what could never be met.

import { DAY, type Hours, MINUTE, type Policy, PROTOCOL, type Rule, type Volume } from '#model';
import { quoted, trouble } from '../trouble.ts';
import { type CheckContext, placeOf } from './context.ts';
import { isNeverOpen, openMinutes } from './week.ts';

export function checkLimits(policy: Policy, context: CheckContext): void {
  for (const rule of policy.rules) {
    const path = `rules.${rule.id}.limits`;
    if (rule.limits.hours !== null && isNeverOpen(rule.limits.hours))
      context.report.error(
        trouble('PICKET-P026', `the hours of rule ${quoted(rule.id)} never open`, 'name a span, or delete the rule'),
        placeOf(context, `${path}.hours`),
      );
    checkSizes(rule, context);
    checkVolumes(rule, context);
  }
  for (const guardrail of policy.require)
    if (guardrail.hours !== null && isNeverOpen(guardrail.hours))
      context.report.error(
        trouble(
          'PICKET-P026',
          `the hours of guardrail ${quoted(guardrail.id)} never open`,
          'use "never" to deny outright',
        ),
        placeOf(context, `require.${guardrail.id}.hours`),
      );
}

/** A TCP stream may always carry its bytes in smaller packets (acknowledgements, segmentation), so no floor on them can hold. */
function checkSizes({ id, limits, to }: Rule, context: CheckContext): void {
  const where = placeOf(context, `rules.${id}.limits.size`);
  const hasFloor = limits.sizes.some(({ min }) => (min ?? 0) > 0);
  if (hasFloor && to.some(({ protocol }) => protocol === PROTOCOL.tcp || protocol === null))
    context.report.error(
      trouble(
        'PICKET-P031',
        'a size floor on TCP packets cannot be held: TCP sends small packets of its own',
        'delete the floor, or limit the rule to udp',
      ),
      where,
    );
  for (const direction of ['sent', 'received'] as const) {
    const both = limits.sizes.filter((size) => size.direction === direction || size.direction === 'both');
    const min = Math.max(0, ...both.map((size) => size.min ?? 0));
    const max = Math.min(Number.POSITIVE_INFINITY, ...both.map((size) => size.max ?? Number.POSITIVE_INFINITY));
    if (min <= max) continue;
    context.report.error(
      trouble(
        'PICKET-P032',
        `no packet ${direction} fits: the sizes of rule ${quoted(id)} ask for at least ${min} B and at most ${max} B`,
        'widen one of them',
      ),
      where,
    );
    return;
  }
}

function checkVolumes({ id, limits }: Rule, context: CheckContext): void {
  const where = placeOf(context, `rules.${id}.limits.volume`);
  for (const floor of limits.volumes.filter(({ minBytes }) => minBytes !== null)) {
    const ceiling = limits.volumes.find(
      (other) =>
        other !== floor &&
        isSameBudget(other, floor) &&
        (other.maxBytes ?? Number.POSITIVE_INFINITY) < (floor.minBytes ?? 0),
    );
    if (ceiling !== undefined || (floor.minBytes ?? 0) > (floor.maxBytes ?? Number.POSITIVE_INFINITY))
      context.report.error(
        trouble(
          'PICKET-P028',
          `the volume floor of rule ${quoted(id)} is above its ceiling`,
          'lower the floor or raise the ceiling',
        ),
        where,
      );
    if (limits.hours !== null && !fitsHours(floor, limits.hours))
      context.report.error(
        trouble(
          'PICKET-P029',
          `the floor of rule ${quoted(id)} is over a window that is never wholly inside its hours`,
          'a floor counts only in windows that the hours cover; shorten the window or widen the hours',
        ),
        where,
      );
  }
}

/** A ceiling binds a floor of the same window when it counts the same bytes or more. */
function isSameBudget(ceiling: Volume, floor: Volume): boolean {
  const isDirected = ceiling.direction === floor.direction || ceiling.direction === 'both';
  const isScoped = ceiling.scope === floor.scope || ceiling.scope === 'rule';
  return isDirected && isScoped && JSON.stringify(ceiling.window) === JSON.stringify(floor.window);
}

/**
 * Whether some window can lie wholly in the hours, in an ordinary week. Fixed windows of up to a day that divide the day are tried at their
 * real starts in UTC only when the hours are in UTC; elsewhere any start counts, because offsets move with the seasons.
 */
function fitsHours({ window }: Volume, hours: Hours): boolean {
  const open = openMinutes(hours);
  const week = open.length;
  if (open.every(Boolean)) return true;
  if (window.kind === 'calendar') {
    if (window.unit !== 'day') return false;
    return window.zone !== hours.zone
      ? longestRun(open) >= 1_440
      : [0, 1, 2, 3, 4, 5, 6].some((day) => open.slice(day * 1_440, (day + 1) * 1_440).every(Boolean));
  }
  const minutes = Math.ceil(window.length / MINUTE);
  if (minutes > week) return false;
  const isAligned =
    window.kind === 'fixed' && hours.zone === 'UTC' && DAY % window.length === 0 && window.length % MINUTE === 0;
  if (!isAligned) return longestRun(open) >= minutes;
  for (let start = 0; start < week; start += minutes)
    if (open.slice(start, start + minutes).every(Boolean)) return true;
  return false;
}

/** Longest open stretch, in minutes, across the end of the week as well. */
function longestRun(open: readonly boolean[]): number {
  let longest = 0;
  let run = 0;
  for (let at = 0; at < open.length * 2; at++) {
    run = open[at % open.length] ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return Math.min(longest, open.length);
}
