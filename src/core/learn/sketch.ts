// What is kept of the traffic of one line: counters, extremes and histograms, never samples. Not a judgement of it.

import { CONTRADICTION, HOUR, type Instant, isOperation, isUnreadable, type Observation, SECOND } from '#model';
import { DAYS_MAX, HOUR_ENTRIES_MAX, OPERATIONS_MAX } from './bounds.ts';
import { dayOf, hourOfDay } from './local-time.ts';

/** Two buckets an octave, from 1 up to 65,535 bytes. */
const SIZE_BUCKETS = 32;
/** Four buckets an octave, from 1 s up to about 18 hours. */
const INTERVAL_BUCKETS = 64;
const APPLICATIONS_MAX = 16;
/** Tunnels named of one line; numbers inside them may be endless. */
const TUNNELS_MAX = 4;

/** Sizes of one direction, IP total length. */
export interface Sizes {
  min: number;
  max: number;
  count: number;
  /** Packets whose size the input could not tell. */
  unsized: number;
  readonly histogram: Uint32Array;
}

interface HourCount {
  bytes: number;
  starts: number;
}

/** Counts the hour entries of all sketches of one learner, so that they are bounded together. */
export interface HourBudget {
  used: number;
}

export interface Sketch {
  first: Instant;
  last: Instant;
  conversations: number;
  /** TCP conversations whose opening is not in the recording: they are older than it. */
  unopened: number;
  packets: number;
  bytes: number;
  readonly sent: Sizes;
  readonly received: Sizes;
  /** By hour since 1970 in UTC. */
  readonly hours: Map<number, HourCount>;
  /** Whether some hours are missing because the table was full. */
  isHoursCut: boolean;
  /** Packets by local hour of the day. */
  readonly localHours: Float64Array;
  readonly localDays: Set<number>;
  readonly applications: Map<string, number>;
  readonly operations: Set<string>;
  /** Packets that carry operations, and those that carry some that could not be read. */
  asking: number;
  unreadable: number;
  isOperationsCut: boolean;
  /** Tunnels that its packets carried; the first few. */
  readonly tunnels: Set<string>;
  lastStart: Instant;
  readonly intervals: Uint32Array;
}

export function newSketch(): Sketch {
  return {
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    conversations: 0,
    unopened: 0,
    packets: 0,
    bytes: 0,
    sent: newSizes(),
    received: newSizes(),
    hours: new Map(),
    isHoursCut: false,
    localHours: new Float64Array(24),
    localDays: new Set(),
    applications: new Map(),
    operations: new Set(),
    asking: 0,
    unreadable: 0,
    isOperationsCut: false,
    tunnels: new Set(),
    lastStart: -1,
    intervals: new Uint32Array(INTERVAL_BUCKETS),
  };
}

function newSizes(): Sizes {
  return {
    min: Number.POSITIVE_INFINITY,
    max: 0,
    count: 0,
    unsized: 0,
    histogram: new Uint32Array(SIZE_BUCKETS),
  };
}

/** Counts one packet or record. `localHour` is a `LocalTime.hourNumber`. */
export function countPacket(
  sketch: Sketch,
  observation: Observation,
  at: { readonly instant: Instant; readonly localHour: number; readonly isSent: boolean; readonly budget: HourBudget },
): void {
  const { instant, localHour } = at;
  if (instant < sketch.first) sketch.first = instant;
  if (instant > sketch.last) sketch.last = instant;
  sketch.packets += observation.packets;
  sketch.bytes += observation.bytes;
  countSize(at.isSent ? sketch.sent : sketch.received, observation);
  const hour = hourOfDay(localHour);
  sketch.localHours[hour] = (sketch.localHours[hour] ?? 0) + observation.packets;
  if (sketch.localDays.size < DAYS_MAX) sketch.localDays.add(dayOf(localHour));
  const entry = hourEntry(sketch, instant, at.budget);
  if (entry !== null) entry.bytes += observation.bytes;
  if (observation.tunnel !== '' && sketch.tunnels.size < TUNNELS_MAX) sketch.tunnels.add(observation.tunnel);
  if (observation.operations.length > 0) sketch.asking += observation.packets;
  for (const operation of observation.operations) {
    if (isUnreadable(operation)) sketch.unreadable += observation.packets;
    else if (!sketch.operations.has(operation) && operation !== CONTRADICTION) addOperation(sketch, operation);
  }
}

/** Operations that the policy language can name, up to a bound. */
function addOperation(sketch: Sketch, operation: string): void {
  if (sketch.operations.size < OPERATIONS_MAX && isOperation(operation)) sketch.operations.add(operation);
  else sketch.isOperationsCut = true;
}

function countSize(sizes: Sizes, { packetSize, packets }: Observation): void {
  if (packetSize < 0) {
    sizes.unsized += packets;
    return;
  }
  sizes.count++;
  if (packetSize < sizes.min) sizes.min = packetSize;
  if (packetSize > sizes.max) sizes.max = packetSize;
  const bucket = Math.min(SIZE_BUCKETS - 1, Math.floor(2 * Math.log2(Math.max(1, packetSize))));
  sizes.histogram[bucket] = (sizes.histogram[bucket] ?? 0) + 1;
}

function hourEntry(sketch: Sketch, at: Instant, budget: HourBudget): HourCount | null {
  const hour = Math.floor(at / HOUR);
  const known = sketch.hours.get(hour);
  if (known !== undefined) return known;
  if (budget.used >= HOUR_ENTRIES_MAX) {
    sketch.isHoursCut = true;
    return null;
  }
  budget.used++;
  const entry = { bytes: 0, starts: 0 };
  sketch.hours.set(hour, entry);
  return entry;
}

/** Counts one opening of a conversation. */
export function countStart(sketch: Sketch, at: Instant, budget: HourBudget): void {
  sketch.conversations++;
  const entry = hourEntry(sketch, at, budget);
  if (entry !== null) entry.starts++;
  if (sketch.lastStart >= 0) {
    const seconds = Math.max(1, (at - sketch.lastStart) / SECOND);
    const bucket = Math.min(INTERVAL_BUCKETS - 1, Math.floor(4 * Math.log2(seconds)));
    sketch.intervals[bucket] = (sketch.intervals[bucket] ?? 0) + 1;
  }
  sketch.lastStart = at;
}

/** A conversation's application became known (or is known to be unknown). */
export function countApplication(sketch: Sketch, application: string): void {
  const { applications } = sketch;
  if (!applications.has(application) && applications.size >= APPLICATIONS_MAX) return;
  applications.set(application, (applications.get(application) ?? 0) + 1);
}

/** Adds `other` to `into`; the sketches are of different lines, so their hours add up and their intervals mix. */
export function mergeSketch(into: Sketch, other: Sketch): void {
  into.first = Math.min(into.first, other.first);
  into.last = Math.max(into.last, other.last);
  into.conversations += other.conversations;
  into.unopened += other.unopened;
  into.packets += other.packets;
  into.bytes += other.bytes;
  mergeSizes(into.sent, other.sent);
  mergeSizes(into.received, other.received);
  for (const [hour, { bytes, starts }] of other.hours) {
    const entry = into.hours.get(hour);
    if (entry === undefined) into.hours.set(hour, { bytes, starts });
    else {
      entry.bytes += bytes;
      entry.starts += starts;
    }
  }
  mergeRest(into, other);
}

function mergeRest(into: Sketch, other: Sketch): void {
  into.isHoursCut ||= other.isHoursCut;
  into.isOperationsCut ||= other.isOperationsCut;
  into.asking += other.asking;
  into.unreadable += other.unreadable;
  addCounts(into.localHours, other.localHours);
  addCounts(into.intervals, other.intervals);
  for (const day of other.localDays) into.localDays.add(day);
  for (const operation of other.operations) into.operations.add(operation);
  for (const tunnel of other.tunnels) if (into.tunnels.size < TUNNELS_MAX) into.tunnels.add(tunnel);
  for (const [name, count] of other.applications)
    into.applications.set(name, (into.applications.get(name) ?? 0) + count);
}

function mergeSizes(into: Sizes, other: Sizes): void {
  into.min = Math.min(into.min, other.min);
  into.max = Math.max(into.max, other.max);
  into.count += other.count;
  into.unsized += other.unsized;
  addCounts(into.histogram, other.histogram);
}

function addCounts(into: Uint32Array | Float64Array, other: Uint32Array | Float64Array): void {
  for (let at = 0; at < into.length; at++) into[at] = (into[at] ?? 0) + (other[at] ?? 0);
}

/** The usual interval between openings in seconds, where at least 10 were counted and 7 of 10 lie in three neighbouring buckets. */
export function periodSeconds({ intervals }: Sketch): number | null {
  let total = 0;
  let best = 0;
  let bestAt = 0;
  for (let at = 0; at < INTERVAL_BUCKETS; at++) {
    total += intervals[at] ?? 0;
    const near = (intervals[at - 1] ?? 0) + (intervals[at] ?? 0) + (intervals[at + 1] ?? 0);
    if (near <= best) continue;
    best = near;
    bestAt = at;
  }
  return total >= 10 && best >= 0.7 * total ? Math.round(2 ** ((bestAt + 0.5) / 4)) : null;
}
