// Counts of one element under one rule, gathered packet by packet. Not the judge: verdicts come from outside.

import { windowAt } from '#engine';
import {
  HOUR,
  type Instant,
  type Observation,
  type Rule,
  type Size,
  type Verdict,
  type Volume,
  type Window,
} from '#model';
import { ruleSentence } from '#policy';
import { packetsOf } from '../replay/packets.ts';
import { type Band, type RuleUse, SIZE_BINS, SIZE_STEP } from './data.ts';

/** Windows kept per use: a month of hours. Later ones are left out of the picture, never out of the counts. */
const WINDOWS_MAX = 24 * 31;
/** Different ports or operations listed per use; the rest is summed as "others". */
const NAMES_MAX = 40;
const OTHERS = 'others';

const HOURLY: Window = { kind: 'fixed', length: HOUR };

interface VolumeWindow {
  readonly start: Instant;
  readonly end: Instant;
  sent: number;
  received: number;
}

/** One element as initiator or responder under one rule (null: under none). */
export class Use {
  readonly packets = { packets: 0, bytes: 0, denied: 0, recorded: 0 };
  readonly #rule: Rule | null;
  readonly #role: 'initiator' | 'responder';
  readonly #window: Window;
  readonly #sizesSent = new Array<number>(SIZE_BINS).fill(0);
  readonly #sizesReceived = new Array<number>(SIZE_BINS).fill(0);
  readonly #ports = new Map<string, number>();
  readonly #operations = new Map<string, { packets: number; denied: number }>();
  readonly #volume: VolumeWindow[] = [];
  #end: Instant = Number.NEGATIVE_INFINITY;

  constructor(rule: Rule | null, role: 'initiator' | 'responder') {
    this.#rule = rule;
    this.#role = role;
    this.#window = drawnVolume(rule)?.window ?? HOURLY;
  }

  add(observation: Observation, verdict: Verdict): void {
    const isDenied = verdict.reasons !== 0;
    const packets = packetsOf(observation, verdict);
    this.packets.packets += packets;
    this.packets.bytes += observation.bytes;
    if (isDenied && verdict.isEnforced) this.packets.denied += packets;
    if (isDenied && !verdict.isEnforced) this.packets.recorded += packets;
    if (!isDenied || !verdict.isEnforced) this.#charge(observation, verdict.isFromInitiator);
    if (observation.packetSize >= 0) {
      const bin = Math.min(SIZE_BINS - 1, Math.max(0, Math.ceil(observation.packetSize / SIZE_STEP) - 1));
      const sizes = verdict.isFromInitiator ? this.#sizesSent : this.#sizesReceived;
      sizes[bin] = (sizes[bin] ?? 0) + 1;
    }
    for (const operation of observation.operations) this.#operation(operation, isDenied);
  }

  /** Counts a packet for the service's port, named as `tcp/443`. */
  addPort(name: string, packets: number): void {
    const key = this.#ports.has(name) || this.#ports.size < NAMES_MAX ? name : OTHERS;
    this.#ports.set(key, (this.#ports.get(key) ?? 0) + packets);
  }

  finish(): RuleUse {
    const drawn = drawnVolume(this.#rule);
    return {
      ...this.packets,
      rule: this.#rule?.id ?? null,
      sentence: this.#rule === null ? 'no rule governs this traffic' : ruleSentence(this.#rule),
      role: this.#role,
      volume: this.#volume,
      windowText: windowText(this.#window),
      bands: drawn === undefined ? [] : bandsOf(this.#rule, drawn),
      sizesSent: this.#sizesSent,
      sizesReceived: this.#sizesReceived,
      sizeLimits: (this.#rule?.limits.sizes ?? []).map(({ min, max, direction }: Size) => ({ min, max, direction })),
      ports: sorted(this.#ports, (packets) => packets).map(([name, packets]) => ({ name, packets })),
      operations: sorted(this.#operations, ({ packets }) => packets).map(([name, counts]) => ({ name, ...counts })),
    };
  }

  #charge(observation: Observation, isSent: boolean): void {
    if (observation.at >= this.#end || this.#volume.length === 0) {
      if (this.#volume.length >= WINDOWS_MAX) return;
      const { start, end } = windowAt(this.#window, observation.at);
      this.#volume.push({ start, end, sent: 0, received: 0 });
      this.#end = end;
    }
    const current = this.#volume.at(-1);
    if (current === undefined) return;
    if (isSent) current.sent += observation.bytes;
    else current.received += observation.bytes;
  }

  #operation(name: string, isDenied: boolean): void {
    const key = this.#operations.has(name) || this.#operations.size < NAMES_MAX ? name : OTHERS;
    const counts = this.#operations.get(key) ?? { packets: 0, denied: 0 };
    counts.packets += 1;
    if (isDenied) counts.denied += 1;
    this.#operations.set(key, counts);
  }
}

/** The volume limit whose window the picture uses: the first that is not rolling, else the first. */
function drawnVolume(rule: Rule | null): Volume | undefined {
  const volumes = rule?.limits.volumes ?? [];
  return volumes.find(({ window }) => window.kind !== 'rolling') ?? volumes[0];
}

/** Every floor and ceiling over the same window as the drawn one. */
function bandsOf(rule: Rule | null, drawn: Volume): Band[] {
  return (rule?.limits.volumes ?? [])
    .filter(({ window }) => windowText(window) === windowText(drawn.window))
    .map(({ minBytes, maxBytes, direction }) => ({ min: minBytes, max: maxBytes, direction }));
}

function windowText(window: Window): string {
  if (window.kind === 'calendar') return window.unit;
  const minutes = window.length / (HOUR / 60);
  if (minutes === 60) return 'hour';
  return minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} min`;
}

function sorted<Value>(map: ReadonlyMap<string, Value>, weight: (value: Value) => number): [string, Value][] {
  return [...map].sort((a, b) => weight(b[1]) - weight(a[1]) || (a[0] < b[0] ? -1 : 1));
}
