// Plans: a rule's limits for one service as numbers in a row, so that a packet that breaks none is permitted without touching an object.
// A plan says yes or nothing: what it does not permit is judged in full.

import { APPLICATIONS, type Direction, type Limits, type Scope } from '#model';
import { type CompiledRule, type CompiledService, logonOf } from './program.ts';

/** A rule with more amounts than this is judged in full each time. */
export const AMOUNTS_MAX = 8;
/** Limits whose text is remembered, for rules that share them; when full all are forgotten. */
const TEXTS_MAX = 1_024;
/** Place of a rule that has no plan. */
export const NO_PLAN = -1;

/** Doubles at the head of a plan; amounts follow. */
export const PLAN = {
  /** Whole: how many amounts, then bits, then the code of the application it must be where one is known, or 0. */
  what: 0,
  amountsMask: 0xf,
  needsLogon: 1 << 4,
  hasOperations: 1 << 5,
  hasConnections: 1 << 6,
  hasFloors: 1 << 7,
  applicationShift: 8,
  /** Number of its hours' group, or -1. */
  hours: 1,
  /** Least and greatest size sent, least and greatest size received. */
  sizes: 2,
  head: 6,
} as const;

/** Doubles of one amount. */
export const AMOUNT = {
  /** Whole: bit 0 counts what is sent, bit 1 what is received; two bits of kind; whether for the whole rule; place among the rule's limits. */
  what: 0,
  directionsMask: 3,
  kindMask: 3 << 2,
  ofRule: 1 << 4,
  atShift: 5,
  /** Of a rate: units a second and room; of a volume: most bytes. */
  perSecond: 1,
  max: 2,
  width: 3,
} as const;
/** As the two bits of `AMOUNT.what`. */
export const KIND = { byteRate: 0, packetRate: 1 << 2, ceiling: 2 << 2, floor: 3 << 2 } as const;

const NAMES: readonly string[] = APPLICATIONS;

/** Codes of applications: 0 not seen, 1 unknown, 2 and on as in `APPLICATIONS`. */
export function applicationCode(application: string): number {
  if (application === '') return 0;
  return NAMES.indexOf(application) + 2;
}

/** The application of a code. */
export function applicationOf(code: number): string {
  if (code === 0) return '';
  return NAMES[code - 2] ?? 'unknown';
}

export class Plans {
  /** Rows of all plans, as doubles and, for what is whole, as integers: indexing by doubles costs a conversion each. */
  cells = new Float64Array(256);
  codes = new Int32Array(256);
  #length = 0;
  readonly #places = new Map<string, number>();
  readonly #texts = new Map<Limits, string>();
  /** Of each place the list that holds nothing else: most rules have one service. */
  readonly #singles = new Map<number, readonly number[]>();

  /** Place of the plan of a rule's service; equal plans share one. `hours`: number of the rule's hours. */
  planOf(rule: CompiledRule, service: CompiledService, hours: number): number {
    const { limits } = rule.source;
    const isLogon = logonOf(rule, service) !== null;
    const key = `${this.#textOf(limits)} ${hours} ${service.application} ${isLogon}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = isPlannable(limits, service) ? this.#append(rowOf(limits, { service, hours, isLogon })) : NO_PLAN;
    this.#places.set(key, place);
    return place;
  }

  /** Places of the plans of all services of a rule. */
  plansOf(rule: CompiledRule, hours: number): readonly number[] {
    const [first, ...more] = rule.services;
    if (first === undefined || more.length > 0)
      return rule.services.map((service) => this.planOf(rule, service, hours));
    const place = this.planOf(rule, first, hours);
    const known = this.#singles.get(place);
    if (known !== undefined) return known;
    const made = [place];
    this.#singles.set(place, made);
    return made;
  }

  #textOf(limits: Limits): string {
    const known = this.#texts.get(limits);
    if (known !== undefined) return known;
    const { volumes, rates, sizes, operations, connections } = limits;
    const text = JSON.stringify([volumes, rates, sizes, operations === null, connections.length]);
    if (this.#texts.size >= TEXTS_MAX) this.#texts.clear();
    this.#texts.set(limits, text);
    return text;
  }

  #append(row: readonly number[]): number {
    const place = this.#length;
    this.#length += row.length;
    if (this.#length > this.cells.length) {
      const { cells, codes } = this;
      this.cells = new Float64Array(Math.max(cells.length * 2, this.#length));
      this.codes = new Int32Array(this.cells.length);
      this.cells.set(cells);
      this.codes.set(codes);
    }
    this.cells.set(row, place);
    this.codes.set(row, place);
    return place;
  }
}

/** Places of the plans of a rule's services. */
export function plansOf(
  { rule, group }: { rule: CompiledRule; group: { readonly number: number } | null },
  plans: Plans,
): readonly number[] {
  return plans.plansOf(rule, group?.number ?? -1);
}

/** Rolling windows are moved on by every packet, and applications outside the list have no code. */
function isPlannable({ volumes, rates }: Limits, { application }: CompiledService): boolean {
  const hasCode = application === '' || applicationCode(application) > 1;
  return hasCode && volumes.every(isVolumePlannable) && volumes.length + rates.length <= AMOUNTS_MAX;
}

function isVolumePlannable({ maxBytes, window }: Limits['volumes'][number]): boolean {
  return maxBytes === null || window.kind !== 'rolling';
}

function rowOf(limits: Limits, made: { service: CompiledService; hours: number; isLogon: boolean }): number[] {
  const { volumes, rates } = limits;
  const bits =
    (rates.length + volumes.length) |
    (made.isLogon ? PLAN.needsLogon : 0) |
    (limits.operations === null ? 0 : PLAN.hasOperations) |
    (limits.connections.length > 0 ? PLAN.hasConnections : 0) |
    (volumes.some(({ minBytes }) => minBytes !== null) ? PLAN.hasFloors : 0) |
    (applicationCode(made.service.application) << PLAN.applicationShift);
  const head = [bits, made.hours, ...sizesOf(limits, 'sent'), ...sizesOf(limits, 'received')];
  const ofRates = rates.flatMap((rate, at) => {
    const { unit, perSecond, burst } = rate;
    const kind = unit === 'bytes' ? KIND.byteRate : KIND.packetRate;
    return [whatOf(rate, kind, volumes.length + at), perSecond, (burst * 1_000_000) / perSecond];
  });
  const ofVolumes = volumes.flatMap((volume, at) => {
    const kind = volume.maxBytes === null ? KIND.floor : KIND.ceiling;
    return [whatOf(volume, kind, at), 0, volume.maxBytes ?? 0];
  });
  return [...head, ...ofRates, ...ofVolumes];
}

function whatOf({ direction, scope }: { direction: Direction; scope: Scope }, kind: number, at: number): number {
  return bitsOf(direction) | kind | (scope === 'rule' ? AMOUNT.ofRule : 0) | (at << AMOUNT.atShift);
}

function sizesOf({ sizes }: Limits, direction: Direction): readonly [number, number] {
  const mine = sizes.filter((size) => size.direction === 'both' || size.direction === direction);
  const least = Math.max(0, ...mine.map(({ min }) => min ?? 0));
  return [least, Math.min(Number.POSITIVE_INFINITY, ...mine.map(({ max }) => max ?? Number.POSITIVE_INFINITY))];
}

function bitsOf(direction: Direction): number {
  if (direction === 'both') return 3;
  return direction === 'sent' ? 1 : 2;
}
