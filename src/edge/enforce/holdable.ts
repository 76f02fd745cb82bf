// What of a rule the kernel can hold with one table, and what it says of the rest. Not the judge of pairs.

import {
  type Direction,
  type Limits,
  type Logon,
  type Micros,
  type Policy,
  type Rate,
  type Rule,
  SECOND,
  type Service,
} from '#model';
import { heldOpenings } from './budgets.ts';
import type { KernelReason } from './numbers.ts';

const TCP = 6;
/** Limits of one kind and direction on one rule. Each further one would cost every packet a lookup. */
export const SLOTS = 4;
/** Limits of open connections, and of connections in a period, on one rule. */
export const CONNECTION_SLOTS = 2;
/** Most packets, or connections in a period, that a kernel limit counts without overflow: a week in nanoseconds each, in 64 bits. */
export const COUNT_MAX = 30_000;

/** Longest time that a bucket takes to fill, in seconds: 2^63 nanoseconds. */
const BUCKET_SECONDS_MAX = 9e9;
/** Packets a second of a limit: more than any link, far below the kernel's 32 bits. */
const PACKETS_MAX = 1e9;

/** Applications that fixed first bytes tell exactly as the capture room does. */
export const KERNEL_APPLICATIONS: readonly string[] = ['tls', 'ssh'];

/** Lifetimes that one table tells apart: each is one line of a chain. A rule with a further one permits nothing. */
export const LIFETIMES_MAX = 14;
/** A year: longer timeouts are beyond what nft reads. */
export const LIFETIME_SECONDS_MAX = 365 * 86_400;
/** A lifetime with its drain in whole seconds, cut down, at least one. */
export function lifetimeSeconds(lifetime: Micros, drain: Micros): number {
  return Math.min(Math.max(Math.floor((lifetime + drain) / SECOND), 1), LIFETIME_SECONDS_MAX);
}

/** The logon that a rule's sessions need, by its limits or by its service; null for none. */
export function logonOf({ limits }: Rule, { isLogonRequired }: Service): Logon | null {
  return limits.logon ?? (isLogonRequired ? ANY_FACTOR : null);
}

const ANY_FACTOR: Logon = { factors: [], within: null };

/** Why a rule cannot be held for this protocol, so that it permits nothing; null where it can. */
export function unholdable(rule: Rule, service: Service, protocol: number): KernelReason | null {
  const { limits } = rule;
  if (limits.operations !== null) return 'not-held';
  if (service.application !== null && !isTold(service.application, protocol)) return 'wrong-application';
  if (protocol === TCP && limits.sizes.some(({ min }) => min !== null)) return 'not-held';
  return isTooMuch(limits) ? 'not-held' : null;
}

function isTold(application: string, protocol: number): boolean {
  return protocol === TCP && KERNEL_APPLICATIONS.includes(application);
}

/** More limits of a kind than the table has room for, or counts beyond the kernel's. */
export function isTooMuch(limits: Limits): boolean {
  const ceilings = limits.volumes.filter(({ maxBytes }) => maxBytes !== null);
  const kinds = (kind: 'open' | 'period') => limits.connections.filter((one) => one.kind === kind);
  return (
    isCrowded(ceilings) ||
    isCrowded(limits.rates) ||
    kinds('open').length > CONNECTION_SLOTS ||
    kinds('period').length > CONNECTION_SLOTS ||
    limits.connections.some((one) => one.kind === 'period' && (one.max > COUNT_MAX || heldOpenings(one) === 0)) ||
    limits.rates.some(({ unit, burst, perSecond }) => isOutOfRange({ unit, burst, perSecond }))
  );
}

/** The kernel counts a bucket in nanoseconds, in 64 bits; a burst or a rate of less than one has no bucket. */
function isOutOfRange({ unit, burst, perSecond }: Pick<Rate, 'unit' | 'burst' | 'perSecond'>): boolean {
  if (unit === 'bytes') return burst < 1 || perSecond < 1 || burst / perSecond > BUCKET_SECONDS_MAX;
  return burst < 1 || perSecond * 86_400 < 1 || burst / perSecond > BUCKET_SECONDS_MAX || perSecond > PACKETS_MAX;
}

function isCrowded(limits: readonly { readonly direction: Direction }[]): boolean {
  return (['sent', 'received'] as const).some((way) => inDirection(limits, way).length > SLOTS);
}

/** The limits that count packets of this direction. */
export function inDirection<Limit extends { readonly direction: Direction }>(
  limits: readonly Limit[],
  way: 'sent' | 'received',
): readonly Limit[] {
  return limits.filter(({ direction }) => direction === way || direction === 'both');
}

/** The lifetimes of a policy in whole seconds, the first that the table has room for. */
export function lifetimesOf(policy: Policy): readonly number[] {
  const all = policy.rules.flatMap(({ limits: { lifetime, drain } }) =>
    lifetime === null ? [] : [lifetimeSeconds(lifetime, drain)],
  );
  return [...new Set(all)].slice(0, LIFETIMES_MAX);
}

/** Whether a limit is a budget for each pair of elements. */
export function countsByPair({ volumes, rates, connections }: Limits): boolean {
  return [volumes, rates, connections].some((limits) => limits.some(({ scope }) => scope === 'pair'));
}
