// The look-up entries of all pairs: worked out again for pairs that were touched, numbered with their marks, and put into the content.
// Not the judging of a pair, and not what a mark fills.

import { mark, type Nft, nft } from '#nft';
import type { ClassChange } from './class.ts';
import { elementOf } from './content.ts';
import type { ContentStore } from './content-store.ts';
import { Counted } from './counted.ts';
import type { Draft, Drafts } from './drafts.ts';
import { type Entry, entriesOf } from './entries.ts';
import { PLAIN } from './live.ts';
import { type Known, knownEntry } from './marks.ts';
import { denial, FREE_KEY, type NumberBook } from './numbers.ts';
import type { Judge, Pair } from './outcome.ts';
import type { Placed } from './placed.ts';

export interface EntryBookOptions {
  readonly judge: Judge;
  /** See `NamesKnown`. */
  readonly epoch: number;
  readonly store: ContentStore;
  readonly drafts: Drafts;
  readonly book: NumberBook;
}

export class EntryBook {
  readonly #options: EntryBookOptions;
  readonly #ofPair = new Map<number, readonly Known[]>();
  /** Rules that are hidden where it is not certain which rule governs, by pair. */
  readonly #shadowed = new Map<number, ReadonlySet<Placed>>();
  /** Everything that tells this state of the look-up from another. */
  readonly #texts = new Counted();
  /** Entries that name a rule's place. */
  readonly #denying = new Set<Known>();
  /** Entries of what nobody holds. */
  readonly #freeing = new Set<Known>();
  #ranges = 0;
  #free = { key: '', number: 0 };
  /** The mark in the content. */
  #freePart: Nft | null = null;

  constructor(options: EntryBookOptions) {
    this.#options = options;
  }

  get ranges(): number {
    return this.#ranges;
  }

  /** The numbers of classes tell one state from another as well. */
  changeClasses({ gone, come }: ClassChange): void {
    for (const { number, unnamed } of come) if (unnamed === null) this.#texts.add(`class ${number}`);
    for (const { number, unnamed } of gone) if (unnamed === null) this.#texts.remove(`class ${number}`);
  }

  /** Rules that are hidden somewhere. */
  shadowed(): ReadonlySet<Placed['rule']> {
    return new Set([...this.#shadowed.values()].flatMap((rules) => [...rules].map(({ rule }) => rule)));
  }

  /** Works touched pairs out and puts their entries; returns the marks that have to be filled. */
  settle(): readonly Draft[] {
    const { judge, drafts } = this.#options;
    const fresh: Known[] = [];
    for (const pair of judge.takeTouched()) fresh.push(...this.#renew(pair));
    const renumbered: Draft[] = [];
    const numbered = drafts.number((draft) => renumbered.push(draft));
    const isFree = this.#numberFree();
    for (const known of fresh) this.#put(known);
    for (const draft of renumbered) for (const known of draft.members) this.#putValue(known);
    if (isFree) this.#putFree();
    return numbered;
  }

  /** Rules stand at other places now. */
  putPlaces(): void {
    for (const known of this.#denying) this.#putValue(known);
  }

  release(): void {
    this.#options.book.marks.release(this.#free.key);
  }

  #renew(pair: Pair): readonly Known[] {
    const { judge, epoch } = this.#options;
    for (const known of this.#ofPair.get(pair.key) ?? []) this.#remove(known);
    this.#ofPair.delete(pair.key);
    this.#shadowed.delete(pair.key);
    if (judge.pairs.get(pair.key) !== pair) return NOTHING;
    pair.shadowed = null;
    const fresh = entriesOf(judge, pair).map((entry) => knownEntry(entry, epoch));
    this.#ofPair.set(pair.key, fresh);
    if (pair.shadowed !== null) this.#shadowed.set(pair.key, pair.shadowed);
    for (const known of fresh) this.#add(known);
    return fresh;
  }

  #add(known: Known): void {
    const { map, outcome } = known.entry;
    this.#texts.add(known.text);
    this.#options.drafts.add(known);
    if (map === 'ranges') this.#ranges++;
    if (outcome.kind === 'free') this.#freeing.add(known);
    if (outcome.kind === 'deny' && outcome.rule !== null) this.#denying.add(known);
  }

  #remove(known: Known): void {
    const { drafts, store } = this.#options;
    const { map } = known.entry;
    this.#texts.remove(known.text);
    drafts.remove(known);
    if (map === 'ranges') this.#ranges--;
    this.#freeing.delete(known);
    this.#denying.delete(known);
    store.drop(map, keyOf(known.entry).nft);
    if (map !== 'exact') store.drop('wide', endsOf(known.entry).nft);
  }

  /** INVARIANT: what is free gets another mark with every other state, so that each of its flows is looked up again. */
  #numberFree(): boolean {
    const { book } = this.#options;
    const before = this.#free;
    const hasChanged = this.#texts.takeChanged() && before.key !== '';
    const key = `free|${book.states.of(this.#texts.counts, hasChanged)}`;
    if (key === before.key) return false;
    this.#free = { key, number: book.marks.of(key) };
    book.marks.hold(key);
    book.marks.release(before.key);
    return true;
  }

  #putFree(): void {
    const { store } = this.#options;
    const value = mark(this.#free.number);
    if (this.#freePart !== null) {
      store.drop('free', mark(FREE_KEY).nft);
      store.drop('live', this.#freePart.nft);
    }
    this.#freePart = value;
    store.put('free', elementOf(mark(FREE_KEY), { value }));
    store.put('live', elementOf(value, { value: PLAIN }));
    for (const known of this.#freeing) this.#putValue(known);
  }

  #put(known: Known): void {
    const { store } = this.#options;
    store.put(known.entry.map, this.#element(known));
    if (known.entry.map !== 'exact') store.put('wide', elementOf(endsOf(known.entry), {}));
  }

  #putValue(known: Known): void {
    this.#options.store.replace(known.entry.map, this.#element(known));
  }

  #element(known: Known) {
    const value = mark(this.#valueOf(known));
    if (known.element?.value?.nft !== value.nft) known.element = elementOf(keyOf(known.entry), { value });
    return known.element;
  }

  #valueOf(known: Known): number {
    const { outcome } = known.entry;
    if (outcome.kind === 'deny') return denial(outcome.reason, outcome.rule?.place ?? -1);
    if (outcome.kind === 'free') return this.#free.number;
    return this.#options.drafts.specOf(known)?.mark ?? denial('no-rule', -1);
  }
}

const NOTHING: readonly Known[] = [];

function endsOf({ pair }: Entry): Nft {
  return nft`${mark(pair.from.number)} . ${mark(pair.to.number)}`;
}

function keyOf(entry: Entry): Nft {
  const { map, protocol, from, to } = entry;
  const ends = endsOf(entry);
  switch (map) {
    case 'exact':
      return nft`${from} . ${protocol} . ${ends}`;
    case 'ranges':
      return nft`${from}-${to} . ${protocol} . ${ends}`;
    case 'anyport':
      return nft`${protocol} . ${ends}`;
    case 'anyproto':
      return ends;
  }
}
