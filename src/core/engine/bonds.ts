// Bonds: what sessions between the same two ends on the same service have in common (ends, rule, budgets, how it is held), two records of 32 bytes each:
// what every packet asks for, and what only tells bonds apart.
// Sessions point at one; it lives as long as one of them does. Not the matching that fills it.

import { Directory, NOT_FOUND } from './directory.ts';
import { grownWords, mixed, nextSize, words } from './memory.ts';

const FIRST_SIZE = 256;
export const BOND_WIDTH = 8;
/** Of both records. */
export const BOND_BYTES = 2 * BOND_WIDTH * 4;
/** Words of a bond. The first eight lie in `words`, the others in `keys`; those and `block` tell bonds apart, the rest follows from them and the policy in force. */
export const BOND = {
  /** Place of the plan that permits packets, or -1 where each must be judged in full. */
  plan: 0,
  /** First budget of the pair, and of the whole rule. */
  block: 1,
  ruleBlock: 2,
  /** Count of logon changes up to which the logon is known to be on. */
  logon: 3,
  /** Index of the rule in the policy in force, -1 for none and for one of an earlier policy that is gone. */
  ruleIndex: 4,
  /** Elements in the policy in force, or -1. */
  initiator: 5,
  responder: 6,
  sessions: 7,
  from: 8,
  to: 9,
  /** Protocol and responder's port. */
  wire: 10,
  /** Index in the engine's list of rules, -1 for none; service within the rule. */
  rule: 11,
  service: 12,
  /** Whether an end enforces the service. */
  isHeld: 13,
  /** Reasons and guardrail of an opening under no rule. */
  reasons: 14,
  guardrail: 15,
} as const;
const KEY_WORDS = BOND_WIDTH;
const PROTOCOL_SHIFT = 24;
const PORT_MASK = 0x1ffff;

/** What tells bonds apart. Written into the one key of the table before it is asked for. */
export interface BondKey {
  from: number;
  to: number;
  protocol: number;
  port: number;
  rule: number;
  service: number;
  block: number;
  isHeld: boolean;
  reasons: number;
  guardrail: number;
}

const NO_KEY: BondKey = {
  from: -1,
  to: -1,
  protocol: 0,
  port: -1,
  rule: -1,
  service: -1,
  block: -1,
  isHeld: false,
  reasons: 0,
  guardrail: -1,
};

/** Protocol and responder's port. */
export interface Wire {
  readonly protocol: number;
  readonly port: number;
}

function wireOf({ protocol, port }: Wire): number {
  return (protocol << PROTOCOL_SHIFT) | ((port + 1) & PORT_MASK);
}

export class Bonds {
  words = words(FIRST_SIZE * BOND_WIDTH);
  keys = words(FIRST_SIZE * BOND_WIDTH);
  /** Those that every live change of the policy concerns. */
  readonly unsettled = new Set<number>();
  readonly #max: number;
  #directory = new Directory((bond) => this.#hashOf(bond));
  /** The key that is asked for next; one object, since an opening asks once or twice. */
  readonly key: BondKey = { ...NO_KEY };
  readonly #asked = words(KEY_WORDS);
  readonly #isAsked = (bond: number): boolean => this.#hasKey(bond);
  #size = FIRST_SIZE;
  #free = -1;
  #perRule = words(FIRST_SIZE);
  #used = 0;

  /** As many as there are sessions at most, and one more while a session changes from one to another. */
  constructor(sessionsMax: number) {
    this.#max = sessionsMax + 1;
  }

  get extent(): number {
    return this.#used;
  }

  get directoryBytes(): number {
    return this.#directory.words.byteLength;
  }

  /** Live bonds under a rule, by its index in the engine's list. */
  countOf(rule: number): number {
    return this.#perRule[rule] ?? 0;
  }

  at(bond: number, which: number): number {
    if (which < BOND_WIDTH) return this.words[bond * BOND_WIDTH + which] ?? 0;
    return this.keys[(bond - 1) * BOND_WIDTH + which] ?? 0;
  }

  set(bond: number, which: number, value: number): void {
    if (which < BOND_WIDTH) this.words[bond * BOND_WIDTH + which] = value;
    else this.keys[(bond - 1) * BOND_WIDTH + which] = value;
  }

  /** Writes a bond's key into the one that is asked for next. */
  copyKey(bond: number): BondKey {
    const { key } = this;
    key.from = this.at(bond, BOND.from);
    key.to = this.at(bond, BOND.to);
    key.protocol = this.at(bond, BOND.wire) >>> PROTOCOL_SHIFT;
    key.port = (this.at(bond, BOND.wire) & PORT_MASK) - 1;
    key.rule = this.at(bond, BOND.rule);
    key.service = this.at(bond, BOND.service);
    key.block = this.at(bond, BOND.block);
    key.isHeld = this.at(bond, BOND.isHeld) === 1;
    key.reasons = this.at(bond, BOND.reasons);
    key.guardrail = this.at(bond, BOND.guardrail);
    return key;
  }

  /** The bond of the key, made where there is none, for one more session; -1 where there is no memory for it. A new one has no plan yet. */
  hold(): number {
    this.#ask(this.key);
    const hash = hashOfKey(this.#asked, 0, this.key.block);
    const known = this.#directory.find(hash, this.#isAsked);
    if (known !== NOT_FOUND) {
      this.#count(known, 1);
      return known;
    }
    const bond = this.#fresh();
    if (bond < 0) return bond;
    this.keys.set(this.#asked, bond * BOND_WIDTH);
    this.words.fill(0, bond * BOND_WIDTH, (bond + 1) * BOND_WIDTH);
    this.set(bond, BOND.block, this.key.block);
    this.#count(bond, 1);
    this.#countRule(this.key.rule, 1);
    // Without a place it is not found again: a further session gets a bond of its own.
    this.#directory.insert(hash, bond);
    return bond;
  }

  /** One session less. */
  release(bond: number): void {
    this.#count(bond, -1);
    if (this.at(bond, BOND.sessions) > 0) return;
    this.#directory.remove(this.#hashOf(bond), bond);
    this.#countRule(this.at(bond, BOND.rule), -1);
    if (this.unsettled.size > 0) this.unsettled.delete(bond);
    this.set(bond, BOND.from, this.#free);
    this.#free = bond;
  }

  live(): readonly number[] {
    const found: number[] = [];
    for (let bond = 0; bond < this.#used; bond++) if (this.isLive(bond)) found.push(bond);
    return found;
  }

  /** Live bonds under a rule, by its index in the engine's list. */
  under(rule: number): readonly number[] {
    const found: number[] = [];
    for (let bond = 0; bond < this.#used; bond++)
      if (this.keys[(bond - 1) * BOND_WIDTH + BOND.rule] === rule && this.isLive(bond)) found.push(bond);
    return found;
  }

  /** Live bonds one of whose ends is among these. */
  between(ends: ReadonlySet<number>): readonly number[] {
    return this.live().filter((bond) => ends.has(this.at(bond, BOND.from)) || ends.has(this.at(bond, BOND.to)));
  }

  /** Live bonds whose protocol and port fit; each of these is asked about once. `only`: the one pair that fits, or null. */
  speaking(only: Wire | null, fits: (wire: Wire) => boolean): readonly number[] {
    if (only !== null) return this.#withWire(wireOf(only));
    const found: number[] = [];
    const answers = new Map<number, boolean>();
    for (let bond = 0; bond < this.#used; bond++) {
      const wire = this.keys[(bond - 1) * BOND_WIDTH + BOND.wire] ?? 0;
      let isFit = answers.get(wire);
      if (isFit === undefined) {
        isFit = fits({ protocol: wire >>> PROTOCOL_SHIFT, port: (wire & PORT_MASK) - 1 });
        answers.set(wire, isFit);
      }
      if (isFit && this.isLive(bond)) found.push(bond);
    }
    return found;
  }

  /** Of each bond whether it is one of these. */
  marked(bonds: readonly number[]): Uint8Array {
    const marks = new Uint8Array(this.#used);
    for (const bond of bonds) marks[bond] = 1;
    return marks;
  }

  isLive(bond: number): boolean {
    return this.at(bond, BOND.sessions) > 0;
  }

  /** Gives every bond's rule another number; `numberOf` must not make two bonds alike. */
  renumber(numberOf: (rule: number) => number): void {
    this.#directory = new Directory((bond) => this.#hashOf(bond));
    this.#perRule.fill(0);
    for (let bond = 0; bond < this.#used; bond++) {
      if (!this.isLive(bond)) continue;
      const rule = this.at(bond, BOND.rule);
      if (rule >= 0) this.set(bond, BOND.rule, numberOf(rule));
      this.#countRule(this.at(bond, BOND.rule), 1);
      this.#directory.insert(this.#hashOf(bond), bond);
    }
  }

  #withWire(wire: number): readonly number[] {
    const { keys } = this;
    const found: number[] = [];
    const end = this.#used * BOND_WIDTH;
    for (let at = BOND.wire - BOND_WIDTH; at < end; at += BOND_WIDTH)
      if (keys[at] === wire && this.isLive(Math.floor(at / BOND_WIDTH))) found.push(Math.floor(at / BOND_WIDTH));
    return found;
  }

  #ask(key: BondKey): void {
    const asked = this.#asked;
    asked[BOND.from - BOND_WIDTH] = key.from;
    asked[BOND.to - BOND_WIDTH] = key.to;
    asked[BOND.wire - BOND_WIDTH] = wireOf(key);
    asked[BOND.rule - BOND_WIDTH] = key.rule;
    asked[BOND.service - BOND_WIDTH] = key.service;
    asked[BOND.isHeld - BOND_WIDTH] = key.isHeld ? 1 : 0;
    asked[BOND.reasons - BOND_WIDTH] = key.reasons;
    asked[BOND.guardrail - BOND_WIDTH] = key.guardrail;
  }

  #hasKey(bond: number): boolean {
    const at = bond * BOND_WIDTH;
    for (let word = 0; word < KEY_WORDS; word++) if (this.keys[at + word] !== this.#asked[word]) return false;
    return this.at(bond, BOND.block) === this.key.block;
  }

  /** A rule that is not counted for want of memory looks unused, so that is a failure. */
  #countRule(rule: number, by: 1 | -1): void {
    if (rule < 0) return;
    if (rule >= this.#perRule.length) {
      const larger = grownWords(this.#perRule, Math.max(this.#perRule.length * 2, rule + 1));
      if (larger === null) throw new RangeError('no memory to count what rules govern');
      this.#perRule = larger;
    }
    this.#perRule[rule] = (this.#perRule[rule] ?? 0) + by;
  }

  #count(bond: number, by: 1 | -1): void {
    this.set(bond, BOND.sessions, this.at(bond, BOND.sessions) + by);
  }

  #hashOf(bond: number): number {
    return hashOfKey(this.keys, bond * BOND_WIDTH, this.at(bond, BOND.block));
  }

  #fresh(): number {
    const bond = this.#free;
    if (bond >= 0) {
      this.#free = this.at(bond, BOND.from);
      return bond;
    }
    if (this.#used >= this.#size && !this.#grow()) return NOT_FOUND;
    return this.#used++;
  }

  #grow(): boolean {
    const size = nextSize(this.#size, this.#max);
    const larger = size > this.#size ? grownWords(this.words, size * BOND_WIDTH) : null;
    const largerKeys = larger === null ? null : grownWords(this.keys, size * BOND_WIDTH);
    if (larger === null || largerKeys === null) return false;
    this.words = larger;
    this.keys = largerKeys;
    this.#size = size;
    return true;
  }
}

function hashOfKey(table: Int32Array, at: number, block: number): number {
  let hash = block;
  for (let word = 0; word < KEY_WORDS; word++)
    hash = Math.imul((hash ^ (hash >>> 15)) + (table[at + word] ?? 0), 0x2c1b3c6d);
  return mixed(hash);
}
