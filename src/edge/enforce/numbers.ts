// The 32 bits of a mark: ranges for classes, marks and reasons, and the numbers given out in them. Not what they mean for traffic.

/** Bit of every class number. INVARIANT: marks of flows never have it, because a flow's mark holds a class for a moment while it is bound. */
export const CLASS_BIT = 0x0800_0000;
/** The end enforces everything: default deny. */
export const ENFORCE_BIT = 0x0400_0000;
/** The end is inside: it is told of a denial, where the outside is met by silence. */
export const INSIDE_BIT = 0x0200_0000;
/** The end enforces something, so what the kernel cannot judge does not pass. */
export const STRICT_BIT = 0x0100_0000;
/** Rules of this end name DNS names. */
export const NAMER_BIT = 0x0080_0000;
/** An address of the internet, where names may lead to another class than the address alone. */
export const NAMED_BIT = 0x0040_0000;
/** Below the bits above. */
const CLASSES_MAX = NAMED_BIT;
/** The moment's mark of a flow that no rule governs and nobody holds. Never live. */
export const FREE_KEY = 1;
/** The mark of a tracked flow since one of its packets was refused. Never live: its next packet is judged as an opening. */
export const CUT_MARK = 2;
/** First mark that may be live. */
export const MARKS_FROM = 16;
const MARKS_MAX = CLASS_BIT;
/** Numbers of hours and sizes end here: bits of what `live` says stand above. */
export const TERMS_MAX = 0x0080_0000;
/** Reasons stand in the four highest bits, the index of the rule counted from 1 below. */
const REASON_UNIT = 2 ** 28;
const RULES_MAX = 2 ** 27 - 2;

/** Reasons as the kernel tells them. `no-rule` with a rule's number: the rule is not live. */
export const KERNEL_REASONS = {
  'no-rule': 1,
  'outside-hours': 2,
  'packet-size': 3,
  'over-volume': 4,
  'too-many-connections': 5,
  'over-rate': 6,
  'wrong-application': 7,
  guardrail: 8,
  'bad-state': 9,
  'not-logged-on': 10,
  'session-expired': 11,
  quarantined: 12,
  /** The policy says something here that the kernel cannot hold, so nothing is permitted. */
  'not-held': 13,
} as const;

export type KernelReason = keyof typeof KERNEL_REASONS;

/** What a lookup gives for a flow that is denied: the reason and the rule (index, -1 for none). The class bit tells it from a mark. */
export function denial(reason: KernelReason, rule: number): number {
  return KERNEL_REASONS[reason] * REASON_UNIT + CLASS_BIT + Math.min(rule + 1, RULES_MAX);
}

export function reasonMark(reason: KernelReason): number {
  return KERNEL_REASONS[reason] * REASON_UNIT;
}

/** Whoever gives numbers to keys. */
export interface NumberSource {
  /** The same number for the same key as long as it stays in use. */
  of(key: string): number;
}

/**
 * Gives a number to each key and the same number again as long as the key stays in use: as long as somebody holds it, or asks for it between
 * every two sweeps. A number that fell out of use is not given again: flows in conntrack may still carry it. When the range is used up,
 * `isFull` says so and the table has to be installed anew.
 */
export class Numbers implements NumberSource {
  readonly #to: number;
  #next: number;
  #round = 1;
  readonly #known = new Map<string, Given>();
  /** Keys that nobody holds. */
  readonly #loose = new Set<string>();

  constructor(range: { readonly from: number; readonly to: number }) {
    this.#next = range.from;
    this.#to = range.to;
  }

  /** The number that the next new key gets: above every one given so far. */
  get next(): number {
    return this.#next;
  }

  get isFull(): boolean {
    return this.#next >= this.#to;
  }

  of(key: string): number {
    const known = this.#known.get(key);
    if (known === undefined) {
      const number = Math.min(this.#next++, this.#to);
      this.#known.set(key, { number, round: this.#round, holders: 0 });
      this.#loose.add(key);
      return number;
    }
    known.round = this.#round;
    return known.number;
  }

  /** Keeps a key in use until it is released as often. */
  hold(key: string): void {
    const known = this.#known.get(key);
    if (known === undefined) return;
    known.holders++;
    this.#loose.delete(key);
  }

  release(key: string): void {
    const known = this.#known.get(key);
    if (known !== undefined && --known.holders === 0) this.#loose.add(key);
  }

  /** Forgets what nobody holds and nobody asked for since the last call. */
  sweep(): void {
    for (const key of this.#loose) {
      if (this.#known.get(key)?.round === this.#round) continue;
      this.#known.delete(key);
      this.#loose.delete(key);
    }
    this.#round++;
  }
}

interface Given {
  readonly number: number;
  /** Of the last call for it. */
  round: number;
  holders: number;
}

/** Tells one state of a table from the one before it: the same number only as long as the state stays the same. */
export class States {
  #last: ReadonlyMap<string, unknown> = new Map();
  #number = 0;

  /** `state`: everything that tells it from others, as keys. The map may be changed later by whoever says so with `hasChanged`. */
  of(state: ReadonlyMap<string, unknown>, hasChanged: boolean): number {
    if (hasChanged || (state !== this.#last && !hasSameKeys(state, this.#last))) this.#number++;
    this.#last = state;
    return this.#number;
  }
}

function hasSameKeys(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  if (one.size !== other.size) return false;
  for (const key of one.keys()) if (!other.has(key)) return false;
  return true;
}

/** A book as far as it is asked. */
export interface NumberSources {
  readonly classes: NumberSource;
  readonly marks: NumberSource;
  readonly terms: NumberSource;
  readonly things: NumberSource;
}

/** All numbers of one gateway; they live as long as its table. */
export interface NumberBook extends NumberSources {
  readonly classes: Numbers;
  readonly marks: Numbers;
  /** Whatever leads to a mark. */
  readonly states: States;
  /** Hours and sizes: below the bits of what `live` says. */
  readonly terms: Numbers;
  /** Budgets: names of their own, apart from marks. */
  readonly things: Numbers;
}

/** `firstMark`: above every mark that flows may still carry from an earlier table. */
export function numberBook(firstMark: number = MARKS_FROM): NumberBook {
  const from = Math.min(Math.max(firstMark, MARKS_FROM), MARKS_MAX);
  return {
    classes: new Numbers({ from: 1, to: CLASSES_MAX }),
    marks: new Numbers({ from, to: MARKS_MAX }),
    states: new States(),
    terms: new Numbers({ from: 1, to: TERMS_MAX }),
    things: new Numbers({ from: 1, to: 2 ** 31 }),
  };
}

export function sweepBook(book: NumberBook): void {
  book.classes.sweep();
  book.marks.sweep();
  book.terms.sweep();
  book.things.sweep();
}

export function isBookFull(book: NumberBook): boolean {
  return book.classes.isFull || book.marks.isFull || book.terms.isFull || book.things.isFull;
}
