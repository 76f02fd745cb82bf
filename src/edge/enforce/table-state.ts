// One table worked out: classes, pairs, entries and marks, brought from one policy to the next by what differs. Not the choice between that and
// beginning anew (memory.ts), and not the judging of a pair.

import { END_OF_TIME, type Instant, type Policy } from '#model';
import { address, addressRange, mark } from '#nft';
import { RulesAsked } from './asked.ts';
import type { Class, ClassChange } from './class.ts';
import { ClassPlaces } from './class-places.ts';
import { type ClassTable, classTable } from './classes.ts';
import { type Compiled, type Facts, type NamesKnown, type Refused, refused } from './compile-types.ts';
import { ContentStore } from './content-store.ts';
import { Drafts } from './drafts.ts';
import { EntryBook } from './entry-book.ts';
import { endsGroundOf, type Ground, groundOf, isSameGround } from './ground.ts';
import { type Hold, Holder } from './hold.ts';
import { lifetimesOf } from './holdable.ts';
import type { Logons } from './logons.ts';
import { namedKey } from './named-classes.ts';
import { knownFrom, type Neighbours } from './neighbours.ts';
import { notHeldOf } from './not-held.ts';
import { isBookFull } from './numbers.ts';
import { CLASSES_MAX, type Judge, judge, PAIRS_MAX } from './outcome.ts';
import { Part } from './part.ts';
import { type Placed, type RuleChange, RuleList } from './placed.ts';
import { addressSpace } from './spans.ts';
import { TicketParts } from './tickets.ts';

/** Ranges of ports between two classes. More would let a scan cost more than the traffic it hides in. */
export const RANGES_MAX = 4_000;
/** Ranges of addresses: prefixes that are no single address. */
export const NETS_MAX = 4_000;

const NO_NAMES: NamesKnown = { sets: [], epoch: 0 };
const NO_NEIGHBOURS: Neighbours = new Map();
const NO_LOGONS: Logons = new Map();

/** A state that knows the policy, and is not settled yet. */
export function beginTable(policy: Policy, facts: Facts): TableState | Refused {
  const [holder, places] = [new Holder(facts.book), new ClassPlaces()];
  const cut = cutEnds(policy, facts, { holder, places });
  return cut.kind === 'refused' ? cut : new TableState(policy, { facts, holder, places, cut });
}

/** Ends cut into classes. */
interface Cut {
  readonly kind: 'cut';
  readonly table: ClassTable;
  /** Of the classes' numbers. */
  readonly hold: Hold;
}

/** What classes are told by, for the life of a state. */
interface Told {
  readonly holder: Holder;
  readonly places: ClassPlaces;
}

function cutEnds(policy: Policy, facts: Facts, { holder, places }: Told): Cut | Refused {
  const known = knownFrom(policy, facts.neighbours ?? NO_NEIGHBOURS);
  const nets = addressSpace(policy, known.prefixes).ranges.length;
  if (nets > NETS_MAX)
    return refused(
      'PICKET-G002',
      `${nets} ranges of addresses, at most ${NETS_MAX}`,
      'name fewer prefixes, or single addresses',
    );
  const hold = holder.begin();
  const table = classTable({
    policy,
    book: holder.numbers,
    quarantined: facts.quarantined ?? new Set(),
    known,
    nameSets: (facts.names ?? NO_NAMES).sets,
    places,
  });
  return { kind: 'cut', table, hold };
}

interface Begun extends Told {
  readonly facts: Facts;
  readonly cut: Cut;
}

export class TableState {
  readonly kind = 'state';
  readonly store = new ContentStore();
  readonly #ground: Ground;
  readonly #told: Told;
  #endsGround: Ground;
  #cut: Cut;
  readonly #classParts = new Map<number, Part>();
  readonly #lifetimes: readonly number[];
  readonly #judge: Judge;
  readonly #drafts: Drafts;
  readonly #entries: EntryBook;
  readonly #tickets: TicketParts;
  readonly #named: ReadonlyMap<string, number>;
  readonly #rules = new RuleList();
  readonly #asked = new RulesAsked();
  /** Rules that end at an instant, and whether they had not ended when that was looked at. */
  readonly #ending = new Map<Placed, boolean>();
  #redeemable: ReadonlySet<number> = new Set();
  #logons: Logons = NO_LOGONS;
  #now: Instant;
  #policy: Policy;

  constructor(policy: Policy, { facts, holder, places, cut }: Begun) {
    const { table } = cut;
    this.#ground = groundOf(policy, facts);
    this.#endsGround = endsGroundOf(policy, facts);
    this.#policy = policy;
    this.#now = facts.now;
    this.#told = { holder, places };
    this.#cut = cut;
    this.#lifetimes = lifetimesOf(policy);
    this.#judge = judge({ policy, table, lifetimes: this.#lifetimes });
    this.#drafts = new Drafts(holder, this.store);
    this.#entries = new EntryBook({
      judge: this.#judge,
      epoch: (facts.names ?? NO_NAMES).epoch,
      store: this.store,
      drafts: this.#drafts,
      book: facts.book,
    });
    this.#tickets = new TicketParts(holder, this.store);
    this.#named = namedOf(table.classes);
    this.#putClasses({ gone: [], come: table.classes });
    const { added } = this.#rules.replace(policy.rules);
    for (const placed of added) this.#asked.add(placed);
    this.#asked.takeChanged();
    this.#addRules(added, facts.now);
    this.#judge.addProtected();
  }

  /** Takes another policy, or the same at another time; false where it differs in more than rules and ends, and this state is of no use any more. */
  follow(policy: Policy, facts: Facts): boolean {
    if (!isSameGround(this.#ground, groundOf(policy, facts))) return false;
    this.store.begin();
    if (this.#take(policy, facts)) return true;
    this.store.undo();
    return false;
  }

  #take(policy: Policy, facts: Facts): boolean {
    const change = this.#rules.replace(policy.rules);
    this.#removeRules(change.removed);
    for (const placed of change.added) this.#asked.add(placed);
    const ends = endsGroundOf(policy, facts);
    const isCutAnew = this.#asked.takeChanged() || !isSameGround(this.#endsGround, ends);
    if (isCutAnew && !this.#cutAnew(policy, facts, new Set(change.added))) return false;
    this.#endsGround = ends;
    this.#addRules(change.added, facts.now);
    if (change.isShifted) this.#entries.putPlaces();
    return this.#hasSameLifetimes(change, policy);
  }

  /** `added`: rules that the judge does not know yet. */
  #cutAnew(policy: Policy, facts: Facts, added: ReadonlySet<Placed>): boolean {
    // What names lead to begins anew with every policy.
    if ((facts.names ?? NO_NAMES).sets.length > 0) return false;
    const cut = cutEnds(policy, facts, this.#told);
    if (cut.kind === 'refused' || this.#told.places.given > CLASSES_MAX) return false;
    const change = changeOf(this.#cut.table.classes, cut.table.classes);
    this.#cut.hold.release();
    this.#cut = cut;
    const asking = this.#asked.rulesWhere((selector, side) => cut.table.mayFit(selector, side, change.come));
    const judged = [...asking].filter((placed) => !added.has(placed) && this.#ending.get(placed) !== false);
    this.#judge.replaceTable(cut.table, change, judged);
    this.#putClasses(change);
    return true;
  }

  /** Brings the content to what was taken. A problem leaves it half done. */
  settle(policy: Policy, { book, now, logons = NO_LOGONS, tickets = [], running }: Facts): Refused | null {
    if (this.#judge.isTooLarge)
      return refused('PICKET-G001', `more than ${PAIRS_MAX} pairs of classes`, 'use labels instead of single elements');
    const numbered = this.#entries.settle();
    const problem = tooMuch(this.#entries.ranges) ?? (isBookFull(book) ? FULL : null);
    if (problem !== null) return problem;
    const changed = (who: string): boolean => logons.get(who) !== this.#logons.get(who);
    const due = this.#drafts.dueAt(now, numbered, changed);
    if (now < this.#now) for (const draft of this.#drafts.timed) due.add(draft);
    const fill = { now, lifetimes: this.#lifetimes, logons };
    for (const draft of due) this.#drafts.fill(draft, fill);
    this.#redeemable = this.#tickets.put(tickets, this.#drafts, fill);
    // What this state made itself is told by what is gone of it.
    const earlier = running === undefined || running === this.store.objects ? this.store.gone() : running.values();
    this.store.keepRunning(earlier, now);
    this.#logons = logons;
    this.#now = now;
    this.#policy = policy;
    return null;
  }

  compiled(): Omit<Extract<Compiled, { kind: 'compiled' }>, 'change'> {
    const { sets, objects, ruleOfMark } = this.store;
    const nextChange = Math.min(this.#drafts.next, this.#tickets.next);
    const [policy, lifetimes] = [this.#policy, this.#lifetimes];
    const shadowed = this.#entries.shadowed();
    return {
      kind: 'compiled',
      content: { sets, objects, lifetimes, nextChange },
      ruleOfMark,
      named: this.#named,
      redeemable: this.#redeemable,
      // It walks the whole policy, and few ask.
      get notHeld() {
        return notHeldOf(policy, { lifetimes, shadowed });
      },
    };
  }

  /** Lets go of every number. */
  release(): void {
    this.#cut.hold.release();
    this.#drafts.release();
    this.#entries.release();
    this.#tickets.release();
  }

  #putClasses(change: ClassChange): void {
    for (const { index } of change.gone) {
      this.#classParts.get(index)?.drop();
      this.#classParts.delete(index);
    }
    for (const one of change.come) this.#classParts.set(one.index, classPart(one, this.store));
    this.#entries.changeClasses(change);
  }

  #removeRules(removed: readonly Placed[]): void {
    for (const placed of removed) {
      this.#asked.remove(placed);
      if (this.#ending.get(placed) !== false) this.#judge.removeRule(placed);
      this.#ending.delete(placed);
    }
  }

  #addRules(added: readonly Placed[], now: Instant): void {
    for (const placed of added) {
      const { until } = placed.rule;
      if (until !== null) this.#ending.set(placed, now < until);
      if (until === null || now < until) this.#judge.addRule(placed);
    }
    for (const [placed, wasThere] of this.#ending) {
      const isThere = now < (placed.rule.until ?? END_OF_TIME);
      if (isThere === wasThere) continue;
      this.#ending.set(placed, isThere);
      if (isThere) this.#judge.addRule(placed);
      else this.#judge.removeRule(placed);
    }
  }

  #hasSameLifetimes({ removed, added }: RuleChange, policy: Policy): boolean {
    if (![...removed, ...added].some(({ rule }) => rule.limits.lifetime !== null)) return true;
    const now = lifetimesOf(policy);
    return now.length === this.#lifetimes.length && now.every((one, at) => one === this.#lifetimes[at]);
  }
}

const FULL = refused('PICKET-G003', 'all numbers of this table were used', 'take the table down and install it again');

function tooMuch(ranges: number): Refused | null {
  if (ranges <= RANGES_MAX) return null;
  return refused(
    'PICKET-G002',
    `${ranges} ranges of ports between classes, at most ${RANGES_MAX}`,
    'name ports one by one, or use every port',
  );
}

function namedOf(classes: readonly Class[]): ReadonlyMap<string, number> {
  return new Map(
    classes.flatMap(({ unnamed, end, number }) =>
      unnamed === null ? [] : [[namedKey(unnamed, [...end.names]), number]],
    ),
  );
}

function changeOf(before: readonly Class[], after: readonly Class[]): ClassChange {
  const [old, now] = [before, after].map((classes) => new Set(classes.map(({ index }) => index)));
  return {
    gone: before.filter(({ index }) => now?.has(index) === false),
    come: after.filter(({ index }) => old?.has(index) === false),
  };
}

function classPart({ spans, number }: Class, store: ContentStore): Part {
  const part = new Part(store);
  for (const { version, from, to } of spans) {
    if (from === to) part.put(version === 4 ? 'eid4' : 'eid6', address(from), { value: mark(number) });
    else part.put(version === 4 ? 'net4' : 'net6', addressRange(from, to), { value: mark(number) });
  }
  return part;
}
