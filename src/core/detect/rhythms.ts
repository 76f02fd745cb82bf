// Silence: an element that always talked stops, measured by its own longest pause. Not a floor of a rule: those count bytes and are policy.

import { type Instant, type Micros, NO_ADDRESS } from '#model';
import {
  OUTAGE_FACTOR,
  RHYTHM_EPOCH,
  RHYTHM_PACKETS_MIN,
  RHYTHM_SPAN,
  RHYTHMS_MAX,
  SILENCES_LEARNED,
  type Thresholds,
  TOGETHER_MIN,
  TOGETHER_SHARE,
} from './bounds.ts';
import type { Cases } from './cases.ts';
import type { End } from './ends.ts';
import { spanText } from './span-text.ts';

/** What is known of the rhythm of one element; plain, so that it outlives a restart. */
export interface RhythmMemory {
  readonly element: string;
  readonly seenMicros: Micros;
  readonly packets: number;
  readonly pauseMax: Micros;
}

interface Rhythm {
  readonly element: string;
  address: string;
  last: Instant;
  /** How long it has been followed, silences of which we were blind left out. */
  seenMicros: Micros;
  packets: number;
  /** Longest pause of this epoch, the one next to it, and the usual longest of the epoch before. */
  pauseMax: Micros;
  pauseNext: Micros;
  pauseMaxBefore: Micros;
  epochEnds: Instant;
  silences: number;
  isSilent: boolean;
}

export class Rhythms {
  readonly #cases: Cases;
  readonly #thresholds: Thresholds;
  readonly #rhythms = new Map<string, Rhythm>();
  readonly #remembered = new Map<string, RhythmMemory>();
  /** Elements that are not followed because the table was full. */
  ignored = 0;

  constructor(cases: Cases, thresholds: Thresholds, remembered: readonly RhythmMemory[]) {
    this.#cases = cases;
    this.#thresholds = thresholds;
    for (const one of remembered.slice(0, RHYTHMS_MAX)) this.#remembered.set(one.element, one);
  }

  /** An element sent a packet. */
  heard({ element, text }: End, at: Instant): void {
    if (element === null) return;
    const rhythm = this.#rhythms.get(element) ?? this.#begin(element, at);
    if (rhythm === null) return;
    const pause = at - rhythm.last;
    rhythm.address = text;
    rhythm.packets++;
    if (pause <= 0) return;
    rhythm.last = at;
    rhythm.seenMicros += pause;
    if (rhythm.isSilent) this.#ended(rhythm, pause);
    else countPause(rhythm, pause);
    if (at >= rhythm.epochEnds) turn(rhythm, at);
  }

  /** Tells who has been silent for too long. */
  advance(now: Instant): void {
    const fallen: Rhythm[] = [];
    let regular = 0;
    for (const rhythm of this.#rhythms.values()) {
      if (!this.#isRegular(rhythm)) continue;
      regular++;
      if (!rhythm.isSilent && now - rhythm.last > this.#silence(rhythm)) fallen.push(rhythm);
    }
    for (const rhythm of fallen) rhythm.isSilent = true;
    if (fallen.length === 0) return;
    if (fallen.length >= TOGETHER_MIN && fallen.length >= regular * TOGETHER_SHARE) this.#tellAll(fallen, now);
    else for (const rhythm of fallen) this.#tell(rhythm, now);
  }

  /** Nobody looked until `now`: no pause is known over this time. */
  blind(now: Instant): void {
    for (const rhythm of this.#rhythms.values()) rhythm.last = now;
  }

  remember(): readonly RhythmMemory[] {
    return [...this.#rhythms.values()].map((rhythm) => ({
      element: rhythm.element,
      seenMicros: rhythm.seenMicros,
      packets: rhythm.packets,
      pauseMax: longest(rhythm),
    }));
  }

  #begin(element: string, at: Instant): Rhythm | null {
    if (this.#rhythms.size >= RHYTHMS_MAX) {
      this.ignored++;
      return null;
    }
    const remembered = this.#remembered.get(element);
    const rhythm: Rhythm = {
      element,
      address: '',
      last: at,
      seenMicros: remembered?.seenMicros ?? 0,
      packets: remembered?.packets ?? 0,
      pauseMax: remembered?.pauseMax ?? 0,
      pauseNext: remembered?.pauseMax ?? 0,
      pauseMaxBefore: 0,
      epochEnds: at + RHYTHM_EPOCH,
      silences: 0,
      isSilent: false,
    };
    this.#rhythms.set(element, rhythm);
    return rhythm;
  }

  #isRegular(rhythm: Rhythm): boolean {
    const { seenMicros, packets } = rhythm;
    if (packets < RHYTHM_PACKETS_MIN || seenMicros < this.#thresholds.learningMicros) return false;
    return seenMicros >= RHYTHM_SPAN * longest(rhythm);
  }

  #silence(rhythm: Rhythm): Micros {
    return Math.max(this.#thresholds.silenceMin, this.#thresholds.silenceFactor * longest(rhythm));
  }

  #tell(rhythm: Rhythm, now: Instant): void {
    this.#cases.see({ kind: 'silence', subject: rhythm.element, at: now }, () => ({
      address: rhythm.address,
      element: rhythm.element,
      evidence: `${rhythm.element} has sent nothing for ${spanText(now - rhythm.last)}; its longest usual pause in ${spanText(rhythm.seenMicros)} was ${spanText(longest(rhythm))}`,
      severity: 'alarm',
      isWorthQuarantine: false,
    }));
  }

  /** Half the house at once is a link, a switch or our own eyes, so it is one finding. */
  #tellAll(fallen: readonly Rhythm[], now: Instant): void {
    const [first] = fallen;
    const last = Math.max(...fallen.map((rhythm) => rhythm.last));
    this.#cases.see({ kind: 'silence', subject: 'the site', at: now }, () => ({
      address: first?.address ?? String(NO_ADDRESS),
      element: null,
      evidence: `${fallen.length} elements fell silent together, ${first?.element ?? ''} among them; nothing was heard of them for ${spanText(now - last)}, so a link or the observation may be down`,
      severity: 'alarm',
      isWorthQuarantine: false,
    }));
  }

  /** Two silences are outages and teach nothing; the third is how the element is now. */
  #ended(rhythm: Rhythm, pause: Micros): void {
    rhythm.isSilent = false;
    rhythm.silences++;
    this.#cases.close({ kind: 'silence', subject: rhythm.element });
    if (rhythm.silences < SILENCES_LEARNED) return;
    rhythm.pauseMax = Math.max(rhythm.pauseMax, pause);
    rhythm.pauseNext = rhythm.pauseMax;
    rhythm.silences = 0;
  }
}

/** The longest pause that is usual: one pause far beyond all others was an outage, and would hide the next for as long. */
function longest({ pauseMax, pauseNext, pauseMaxBefore }: Rhythm): Micros {
  const usual = pauseMax > OUTAGE_FACTOR * pauseNext ? pauseNext : pauseMax;
  return Math.max(usual, pauseMaxBefore);
}

function countPause(rhythm: Rhythm, pause: Micros): void {
  if (pause > rhythm.pauseMax) {
    rhythm.pauseNext = rhythm.pauseMax;
    rhythm.pauseMax = pause;
  } else if (pause > rhythm.pauseNext) rhythm.pauseNext = pause;
}

function turn(rhythm: Rhythm, at: Instant): void {
  rhythm.pauseMaxBefore = longest({ ...rhythm, pauseMaxBefore: 0 });
  rhythm.pauseMax = 0;
  rhythm.pauseNext = 0;
  rhythm.silences = 0;
  rhythm.epochEnds = at + RHYTHM_EPOCH;
}
