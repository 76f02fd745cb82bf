// Content that is changed in place by whoever owns parts of it, with a note of what was there before: so that a small change costs a small
// difference, and can be taken back. Not the commands of the difference.

import type { Instant } from '#model';
import { type KernelObject, SET_NAMES, type SetElement, type SetName } from './content.ts';

/** What a change made of one set, or of the objects: only keys that differ. */
export interface Difference<Value> {
  readonly before: ReadonlyMap<string, Value>;
  readonly after: ReadonlyMap<string, Value>;
}

export interface ContentChange {
  readonly sets: ReadonlyMap<SetName, Difference<SetElement>>;
  readonly objects: Difference<KernelObject>;
}

/** Budgets that no rule has any more, but whose window runs, are kept: the rule may come back within it. */
const BUDGETS_KEPT_MAX = 16_384;

/** A map whose entries have owners: an entry goes with its last owner. What it was since the last `begin` can be told and put back. */
class Owned<Key, Value> {
  readonly map = new Map<Key, Value>();
  /** Owners beyond the first. */
  readonly #more = new Map<Key, number>();
  #before = new Map<Key, Value | undefined>();

  begin(): void {
    this.#before = new Map();
  }

  put(key: Key, value: Value): void {
    if (this.map.has(key)) this.#more.set(key, (this.#more.get(key) ?? 0) + 1);
    this.replace(key, value);
  }

  replace(key: Key, value: Value): void {
    this.#note(key);
    this.map.set(key, value);
  }

  drop(key: Key): void {
    const more = this.#more.get(key) ?? 0;
    if (more > 1) this.#more.set(key, more - 1);
    else if (more === 1) this.#more.delete(key);
    else {
      this.#note(key);
      this.map.delete(key);
    }
  }

  difference(isSame: (one: Value, other: Value) => boolean): { before: Map<Key, Value>; after: Map<Key, Value> } {
    const before = new Map<Key, Value>();
    const after = new Map<Key, Value>();
    for (const [key, old] of this.#before) {
      const now = this.map.get(key);
      if (old !== undefined && now !== undefined && isSame(old, now)) continue;
      if (old !== undefined) before.set(key, old);
      if (now !== undefined) after.set(key, now);
    }
    return { before, after };
  }

  /** INVARIANT: owners are not put back, so nothing is changed here afterwards. */
  undo(): void {
    for (const [key, old] of this.#before) {
      if (old === undefined) this.map.delete(key);
      else this.map.set(key, old);
    }
    this.#before = new Map();
  }

  #note(key: Key): void {
    if (!this.#before.has(key)) this.#before.set(key, this.map.get(key));
  }
}

export class ContentStore {
  readonly sets: ReadonlyMap<SetName, ReadonlyMap<string, SetElement>>;
  readonly #sets: ReadonlyMap<SetName, Owned<string, SetElement>>;
  readonly #objects = new Owned<string, KernelObject>();
  readonly #rules = new Owned<number, string>();
  /** Budgets that run without a rule; they are among the objects. */
  readonly #kept = new Map<string, KernelObject>();

  constructor() {
    this.#sets = new Map(SET_NAMES.map((name) => [name, new Owned<string, SetElement>()]));
    this.sets = new Map([...this.#sets].map(([name, { map }]) => [name, map]));
  }

  get objects(): ReadonlyMap<string, KernelObject> {
    return this.#objects.map;
  }

  /** Rule's id of each mark. */
  get ruleOfMark(): ReadonlyMap<number, string> {
    return this.#rules.map;
  }

  /** From here on, changes are noted as one. */
  begin(): void {
    for (const set of this.#sets.values()) set.begin();
    this.#objects.begin();
    this.#rules.begin();
  }

  put(name: SetName, element: SetElement): void {
    this.#sets.get(name)?.put(element.key.nft, element);
  }

  /** Another element under a key that has an owner. */
  replace(name: SetName, element: SetElement): void {
    this.#sets.get(name)?.replace(element.key.nft, element);
  }

  drop(name: SetName, key: string): void {
    this.#sets.get(name)?.drop(key);
  }

  putObject(made: KernelObject): void {
    this.#objects.put(made.name, made);
  }

  dropObject(name: string): void {
    this.#objects.drop(name);
  }

  putRule(mark: number, rule: string): void {
    this.#rules.put(mark, rule);
  }

  dropRule(mark: number): void {
    this.#rules.drop(mark);
  }

  /** Keeps budgets among these that have no owner any more, until their window ends. */
  keepRunning(earlier: Iterable<KernelObject>, now: Instant): void {
    for (const [name, { budget }] of this.#kept) if ((budget?.windowEnd ?? 0) <= now) this.#forget(name);
    for (const made of earlier) {
      if (made.budget === null || made.budget.windowEnd <= now || this.#objects.map.has(made.name)) continue;
      this.#kept.set(made.name, made);
      this.#objects.put(made.name, made);
    }
    for (const name of this.#kept.keys()) {
      if (this.#kept.size <= BUDGETS_KEPT_MAX) break;
      this.#forget(name);
    }
  }

  #forget(name: string): void {
    this.#kept.delete(name);
    this.#objects.drop(name);
  }

  /** Objects that are there no more since `begin`. */
  gone(): Iterable<KernelObject> {
    return this.#objects.difference(isSameObject).before.values();
  }

  /** What changed since `begin`. */
  change(): ContentChange {
    const sets = new Map<SetName, Difference<SetElement>>();
    for (const [name, set] of this.#sets) {
      const difference = set.difference(isSameElement);
      if (difference.before.size + difference.after.size > 0) sets.set(name, difference);
    }
    return { sets, objects: this.#objects.difference(isSameObject) };
  }

  /** As it was at `begin`. INVARIANT: nothing may be changed afterwards. */
  undo(): void {
    for (const set of this.#sets.values()) set.undo();
    this.#objects.undo();
    this.#rules.undo();
  }
}

function isSameObject({ name }: KernelObject, other: KernelObject): boolean {
  return name === other.name;
}

export function isSameElement(one: SetElement, other: SetElement | undefined): boolean {
  return (
    other !== undefined &&
    one.until === other.until &&
    one.value?.nft === other.value?.nft &&
    one.statement?.nft === other.statement?.nft
  );
}
