// Which rules may concern two ends: cells keyed by one condition that each end must hold and by port, so that a look-up costs the same
// whatever the number of rules. One rule is added or taken out without a look at the others. Not the full check of a rule's conditions.

import { END_OF_TIME } from '#model';
import { Directory, NOT_FOUND } from './directory.ts';
import { grownWords, mixed, multipliers, words } from './memory.ts';
import { type CompiledService, portFits } from './program.ts';
import { type Condition, holds } from './selectors.ts';

/** Handle of what holds for every end. */
export const ALWAYS = -1;
/** Port of entries that are not looked up by port: any port, wide ranges. */
const WIDE = -2;
/** A service with more single ports, or with a range, is looked up without port. */
const PORTS_MAX = 16;
const FIRST_SIZE = 64;
const CELL = { from: 0, to: 1, port: 2, head: 3, tail: 4, width: 5 } as const;
const ENTRY = { owner: 0, service: 1, next: 2, protocol: 3, isPlain: 4, plan: 5, width: 6 } as const;
/** Cells looked for at once. */
const PROBES_AT_ONCE = 32;
const PROBE = { from: 0, to: 1, port: 2, hash: 3, width: 4 } as const;
const NONE = -1;

/** Rule or guardrail as the cells see it. Its number must not be in use twice. */
export interface Owner {
  readonly from: Condition;
  readonly services: readonly CompiledService[];
  /** Absent where it never ends. */
  readonly until?: number;
}

/** What is looked for; `found` and `service` hold the first in order, `all` every one if it is not null. */
export interface Ask {
  fromAtoms: readonly number[];
  toAtoms: readonly number[];
  protocol: number;
  port: number;
  /** What has ended by then is passed over. */
  now: number;
  found: number;
  service: number;
  /** Plan of what was found, as it was entered. */
  plan: number;
  /** Whether one would fit if the protocol were not looked at; told only where none is found. */
  isOther: boolean;
  all: number[] | null;
}

export interface CellsOptions {
  readonly ownerOf: (owner: number) => Owner | null;
  /** Owners are found by this, least first. */
  readonly orderOf: (owner: number) => number;
  /** Kept beside each entry, for who wants to judge without the rule. */
  readonly planOf: (owner: number, service: number) => number;
}

export class Cells {
  readonly #options: CellsOptions;
  readonly #by = multipliers(0);
  readonly #directory = new Directory((cell) => this.#hashOf(cell));
  readonly #isAsked = (cell: number): boolean => this.#hasKey(cell);
  readonly #key = words(3);
  #cells = words(FIRST_SIZE * CELL.width);
  #cellCount = 0;
  #freeCell = NONE;
  #entries = words(FIRST_SIZE * ENTRY.width);
  #entryCount = 0;
  #freeEntry = NONE;
  /** Per handle of `from`: bits of the handles of `to` that it meets, by port and without. Never cleared: a bit too many costs a look-up. */
  #meetsByPort = words(FIRST_SIZE);
  #meetsWide = words(FIRST_SIZE);
  readonly #probes = words(PROBES_AT_ONCE * PROBE.width);
  #probeCount = 0;
  /** Keeps the touching of memory from being optimised away. */
  #touched = 0;

  constructor(options: CellsOptions) {
    this.#options = options;
  }

  add(owner: number, { from, to, service, index }: Place): void {
    for (const one of from)
      for (const other of to) for (const port of portsOf(service)) this.#link([one, other, port], owner, index);
  }

  remove(owner: number, { from, to, service, index }: Place): void {
    for (const one of from)
      for (const other of to) for (const port of portsOf(service)) this.#unlink([one, other, port], owner, index);
  }

  /** Looks for what fits. Handles are the atoms that hold for each end; `ALWAYS` is added. Places are touched before they are looked at, so that misses overlap. */
  search(ask: Ask): void {
    this.#probeCount = 0;
    this.#gather(ALWAYS, ask);
    for (const from of ask.fromAtoms) this.#gather(from, ask);
    this.#searchGathered(ask);
  }

  #gather(from: number, ask: Ask): void {
    const wide = this.#meetsWide[from + 1] ?? 0;
    const byPort = ask.port < 0 ? 0 : (this.#meetsByPort[from + 1] ?? 0);
    if ((wide | byPort) === 0) return;
    for (let at = -1; at < ask.toAtoms.length; at++) {
      const to = at < 0 ? ALWAYS : (ask.toAtoms[at] ?? ALWAYS);
      const bit = bitOf(to);
      if (this.#probeCount + 2 > PROBES_AT_ONCE) this.#searchGathered(ask);
      if ((wide & bit) !== 0) this.#note(from, to, WIDE);
      if ((byPort & bit) !== 0) this.#note(from, to, ask.port);
    }
  }

  #note(from: number, to: number, port: number): void {
    const at = this.#probeCount++ * PROBE.width;
    const hash = this.#hash(from, to, port);
    this.#probes[at] = from;
    this.#probes[at + PROBE.to] = to;
    this.#probes[at + PROBE.port] = port;
    this.#probes[at + PROBE.hash] = hash;
    this.#touched |= this.#directory.words[hash & this.#directory.mask] ?? 0;
  }

  #searchGathered(ask: Ask): void {
    const count = this.#probeCount;
    for (let probe = 0; probe < count; probe++) {
      const hash = this.#probes[probe * PROBE.width + PROBE.hash] ?? 0;
      this.#touched |= this.#cells[this.#directory.likely(hash) * CELL.width] ?? 0;
    }
    for (let probe = 0; probe < count; probe++) {
      const at = probe * PROBE.width;
      const [from = 0, to = 0, port = 0] = [
        this.#probes[at],
        this.#probes[at + PROBE.to],
        this.#probes[at + PROBE.port],
      ];
      this.#searchCell(this.#find(from, to, port), ask);
    }
    this.#probeCount = 0;
  }

  #searchCell(cell: number, ask: Ask): void {
    if (cell === NOT_FOUND) return;
    let entry = this.#cells[cell * CELL.width + CELL.head] ?? NONE;
    for (; entry !== NONE; entry = this.#entries[entry * ENTRY.width + ENTRY.next] ?? NONE) {
      const at = entry * ENTRY.width;
      const owner = this.#entries[at] ?? NONE;
      const service = this.#entries[at + ENTRY.service] ?? 0;
      if (ask.all === null && ask.found >= 0 && !this.#isBefore(owner, service, ask)) return;
      if (!this.#isFit(at, ask)) continue;
      if (ask.all === null) {
        ask.found = owner;
        ask.service = service;
        ask.plan = this.#entries[at + ENTRY.plan] ?? NONE;
        return;
      }
      ask.all.push(owner);
    }
  }

  #isBefore(owner: number, service: number, { found, service: best }: Ask): boolean {
    if (owner === found) return service < best;
    return this.#options.orderOf(owner) < this.#options.orderOf(found);
  }

  /** Of a plain entry the cell says all but the protocol. */
  #isFit(at: number, ask: Ask): boolean {
    const protocol = this.#entries[at + ENTRY.protocol] ?? -1;
    const isSpoken = protocol < 0 || protocol === ask.protocol;
    if (!isSpoken && ask.isOther) return false;
    const isPlain = this.#entries[at + ENTRY.isPlain] === 1;
    const isFit = isPlain || this.#fits(this.#entries[at] ?? NONE, this.#entries[at + ENTRY.service] ?? 0, ask);
    if (isFit && !isSpoken) ask.isOther = true;
    return isFit && isSpoken;
  }

  #fits(number: number, index: number, ask: Ask): boolean {
    const owner = this.#options.ownerOf(number);
    const service = owner?.services[index];
    if (owner === null || service === undefined || ask.now >= (owner.until ?? END_OF_TIME)) return false;
    return portFits(service, ask.port) && holds(owner.from, ask.fromAtoms) && holds(service.on, ask.toAtoms);
  }

  #link(key: readonly [number, number, number], owner: number, service: number): void {
    this.#noteMeeting(key);
    const cell = this.#cellOf(key);
    const entry = this.#newEntry(owner, service);
    const { orderOf } = this.#options;
    const at = cell * CELL.width;
    let before = this.#cells[at + CELL.tail] ?? NONE;
    const isLast = before === NONE || orderOf(this.#entries[before * ENTRY.width] ?? NONE) <= orderOf(owner);
    if (!isLast) before = this.#lastBefore(cell, orderOf(owner));
    this.#insert(cell, before, entry);
  }

  /** The last entry of a cell whose order is not above the one given. */
  #lastBefore(cell: number, order: number): number {
    let before = NONE;
    let entry = this.#cells[cell * CELL.width + CELL.head] ?? NONE;
    while (entry !== NONE && this.#options.orderOf(this.#entries[entry * ENTRY.width] ?? NONE) <= order) {
      before = entry;
      entry = this.#entries[entry * ENTRY.width + ENTRY.next] ?? NONE;
    }
    return before;
  }

  #insert(cell: number, before: number, entry: number): void {
    const at = cell * CELL.width;
    const next = before === NONE ? this.#cells[at + CELL.head] : this.#entries[before * ENTRY.width + ENTRY.next];
    this.#entries[entry * ENTRY.width + ENTRY.next] = next ?? NONE;
    if (before === NONE) this.#cells[at + CELL.head] = entry;
    else this.#entries[before * ENTRY.width + ENTRY.next] = entry;
    if ((next ?? NONE) === NONE) this.#cells[at + CELL.tail] = entry;
  }

  #unlink(key: readonly [number, number, number], owner: number, service: number): void {
    const cell = this.#find(...key);
    if (cell === NOT_FOUND) return;
    let before = NONE;
    let entry = this.#cells[cell * CELL.width + CELL.head] ?? NONE;
    while (entry !== NONE) {
      const at = entry * ENTRY.width;
      const next = this.#entries[at + ENTRY.next] ?? NONE;
      if (this.#entries[at] === owner && this.#entries[at + ENTRY.service] === service) {
        this.#cut(cell, before, next);
        this.#entries[at + ENTRY.next] = this.#freeEntry;
        this.#freeEntry = entry;
        return;
      }
      before = entry;
      entry = next;
    }
  }

  #cut(cell: number, before: number, next: number): void {
    const at = cell * CELL.width;
    if (before === NONE) this.#cells[at + CELL.head] = next;
    else this.#entries[before * ENTRY.width + ENTRY.next] = next;
    if (next === NONE) this.#cells[at + CELL.tail] = before;
    if (this.#cells[at + CELL.head] !== NONE) return;
    this.#directory.remove(this.#hashOf(cell), cell);
    this.#cells[at] = this.#freeCell;
    this.#freeCell = cell;
  }

  #noteMeeting([from, to, port]: readonly [number, number, number]): void {
    while (from + 1 >= this.#meetsWide.length) {
      this.#meetsWide = larger(this.#meetsWide);
      this.#meetsByPort = larger(this.#meetsByPort);
    }
    const meets = port === WIDE ? this.#meetsWide : this.#meetsByPort;
    meets[from + 1] = (meets[from + 1] ?? 0) | bitOf(to);
  }

  #find(from: number, to: number, port: number): number {
    this.#key[0] = from;
    this.#key[1] = to;
    this.#key[2] = port;
    return this.#directory.find(this.#hash(from, to, port), this.#isAsked);
  }

  #cellOf([from, to, port]: readonly [number, number, number]): number {
    const known = this.#find(from, to, port);
    if (known !== NOT_FOUND) return known;
    let cell = this.#freeCell;
    if (cell === NONE) cell = this.#cellCount++;
    else this.#freeCell = this.#cells[cell * CELL.width] ?? NONE;
    while ((cell + 1) * CELL.width > this.#cells.length) this.#cells = larger(this.#cells);
    this.#cells.set([from, to, port, NONE, NONE], cell * CELL.width);
    // A guardrail that is not found would widen access, so a cell without place is a failure.
    if (!this.#directory.insert(this.#hash(from, to, port), cell)) throw new RangeError('no place for a cell of rules');
    return cell;
  }

  #newEntry(owner: number, service: number): number {
    let entry = this.#freeEntry;
    if (entry === NONE) entry = this.#entryCount++;
    else this.#freeEntry = this.#entries[entry * ENTRY.width + ENTRY.next] ?? NONE;
    while ((entry + 1) * ENTRY.width > this.#entries.length) this.#entries = larger(this.#entries);
    const { ownerOf, planOf } = this.#options;
    const compiled = ownerOf(owner);
    const spoken = compiled?.services[service];
    const isPlain = compiled !== null && spoken !== undefined && isPlainly(compiled, spoken);
    const row = [owner, service, NONE, spoken?.protocol ?? NONE, isPlain ? 1 : 0, planOf(owner, service)];
    this.#entries.set(row, entry * ENTRY.width);
    return entry;
  }

  #hasKey(cell: number): boolean {
    const at = cell * CELL.width;
    const [from, to, port] = this.#key;
    return this.#cells[at] === from && this.#cells[at + CELL.to] === to && this.#cells[at + CELL.port] === port;
  }

  #hashOf(cell: number): number {
    const at = cell * CELL.width;
    return this.#hash(this.#cells[at] ?? 0, this.#cells[at + CELL.to] ?? 0, this.#cells[at + CELL.port] ?? 0);
  }

  #hash(from: number, to: number, port: number): number {
    const [one, two, three] = this.#by;
    return mixed((Math.imul(from, one) + Math.imul(to, two) + Math.imul(port, three)) | 0);
  }
}

/** Where a rule's service is entered: a handle of each end is one that holds whenever the condition does. */
export interface Place {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly service: CompiledService;
  readonly index: number;
}

function portsOf({ ports }: CompiledService): readonly number[] {
  if (ports.length === 0 || ports.length > 2 * PORTS_MAX) return [WIDE];
  const singles: number[] = [];
  for (let at = 0; at < ports.length; at += 2) {
    if (ports[at] !== ports[at + 1]) return [WIDE];
    singles.push(ports[at] ?? 0);
  }
  return [...new Set(singles)];
}

/** Whether its cells say all of an entry but its protocol: one atom for each end, single ports or none, no end. */
function isPlainly({ from, until = END_OF_TIME }: Owner, service: CompiledService): boolean {
  const isSimple = from.kind === 'atom' && service.on.kind === 'atom' && until >= END_OF_TIME;
  return isSimple && (service.ports.length === 0 || portsOf(service)[0] !== WIDE);
}

function bitOf(handle: number): number {
  return 1 << (Math.imul(handle + 1, 0x9e3779b1) >>> 27);
}

/** More rules than memory holds are a failure of the caller's, who is told by the error. */
function larger(table: Int32Array): Int32Array {
  const grown = grownWords(table, table.length * 2);
  if (grown === null) throw new RangeError('no memory for more rules');
  return grown;
}
