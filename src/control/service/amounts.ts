// Ceilings of volume and rate against the busiest recorded hour of each conversation, and what roll-ups cannot tell of a policy's limits. Pure; approximate on
// the side of silence: what is told here went beyond the ceiling in that hour, and what is not told may do so within a minute.

import { type Direction, HOUR, type Limits, type Policy, type Selector } from '#model';

/** Bytes of the hours in which most were sent, received, or both. */
export interface BusiestHour {
  readonly sent: number;
  readonly received: number;
  readonly both: number;
}

export interface Ceiling {
  readonly kind: 'volume' | 'rate';
  /** Bytes that the ceiling leaves to one hour. */
  readonly hourBytesMax: number;
  /** The busiest hour's, in the direction of the ceiling. */
  readonly hourBytes: number;
}

/** The ceiling that the busiest hour exceeds, or null. A budget of a whole rule is at least spent by one of its conversations. */
export function exceeded({ volumes, rates }: Limits, hour: BusiestHour): Ceiling | null {
  for (const { maxBytes, window, direction } of volumes) {
    if (maxBytes === null) continue;
    const windows = window.kind === 'calendar' ? 1 : Math.max(1, Math.ceil(HOUR / window.length));
    // Windows that are no whole part of an hour overlap its ends: one more may be used.
    const isAligned = window.kind === 'calendar' || window.length >= HOUR || HOUR % window.length === 0;
    const hourBytesMax = maxBytes * (isAligned ? windows : windows + 1);
    const hourBytes = bytesOf(hour, direction);
    if (hourBytes > hourBytesMax) return { kind: 'volume', hourBytesMax, hourBytes };
  }
  for (const { unit, perSecond, burst, direction } of rates) {
    if (unit !== 'bytes') continue;
    const hourBytesMax = perSecond * HOUR_SECONDS + burst;
    const hourBytes = bytesOf(hour, direction);
    if (hourBytes > hourBytesMax) return { kind: 'rate', hourBytesMax, hourBytes };
  }
  return null;
}

const HOUR_SECONDS = 3_600;

function bytesOf(hour: BusiestHour, direction: Direction): number {
  return hour[direction];
}

/** What the rules say that recorded hours cannot answer, in sentences for people. Empty where all was judged. */
export function unjudged({ rules }: Policy): readonly string[] {
  const told: readonly (readonly [string, (limits: Limits) => boolean])[] = [
    [
      'ceilings of volume and rate: judged by recorded hours, so a burst within an hour may exceed one that is not named here',
      ({ volumes, rates }) => volumes.some(({ maxBytes }) => maxBytes !== null) || rates.some(isOfBytes),
    ],
    ['floors of volume: not judged', ({ volumes }) => volumes.some(({ minBytes }) => minBytes !== null)],
    ['rates in packets: not judged', ({ rates }) => rates.some((rate) => !isOfBytes(rate))],
    ['sizes of packets: not recorded', ({ sizes }) => sizes.length > 0],
    ['counts of connections: not judged', ({ connections }) => connections.length > 0],
    ['logons: who was logged on is not recorded', ({ logon }) => logon !== null],
    ['operations of applications: not recorded', ({ operations }) => operations !== null],
    ['hours: judged at the last time of each conversation alone', ({ hours }) => hours !== null],
  ];
  const sentences = told.flatMap(([sentence, isMeant]) => {
    const count = rules.filter(({ limits }) => isMeant(limits)).length;
    return count === 0 ? [] : [`${sentence} (${rulesText(count)})`];
  });
  const named = rules.filter(({ from, to }) => hasName(from) || to.some(({ on }) => hasName(on))).length;
  const applications = rules.filter(({ to }) => to.some(({ application }) => application !== null)).length;
  return [
    ...sentences,
    ...(named === 0
      ? []
      : [`DNS names: not recorded, so what a name permits may be told as denied (${rulesText(named)})`]),
    ...(applications === 0 ? [] : [`applications: not recorded (${rulesText(applications)})`]),
  ];
}

function rulesText(count: number): string {
  return `${count} ${count === 1 ? 'rule' : 'rules'}`;
}

function isOfBytes({ unit }: { readonly unit: 'bytes' | 'packets' }): boolean {
  return unit === 'bytes';
}

function hasName(selector: Selector): boolean {
  switch (selector.kind) {
    case 'name':
      return true;
    case 'not':
      return hasName(selector.of);
    case 'all':
    case 'either':
      return selector.of.some(hasName);
    default:
      return false;
  }
}
