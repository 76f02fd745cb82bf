// Rules and their places: what changed between two lists of rules, found by identity, so that the rest of a policy need not be looked at.
// Not what a rule means.

import type { Rule } from '#model';

/** A rule as long as it is in a list. */
export interface Placed {
  readonly rule: Rule;
  /** From 0. It changes when rules before it come or go. */
  place: number;
}

export interface RuleChange {
  readonly removed: readonly Placed[];
  readonly added: readonly Placed[];
  /** Whether rules that stayed stand elsewhere now. */
  readonly isShifted: boolean;
}

const NO_CHANGE: RuleChange = { removed: [], added: [], isShifted: false };
/** Rules that are replaced one by one where they stand; of more, the stretch that holds them all is compared as a whole. */
const IN_PLACE_MAX = 64;

/** The rules of the policy last seen, in order. */
export class RuleList {
  #rules: readonly Rule[] = [];
  #placed: Placed[] = [];

  get placed(): readonly Placed[] {
    return this.#placed;
  }

  /** Takes another list; a rule that is the same object and in the same order stays. */
  replace(rules: readonly Rule[]): RuleChange {
    if (rules === this.#rules) return NO_CHANGE;
    const change = this.#inPlace(rules) ?? this.#stretch(rules);
    this.#rules = rules;
    return change;
  }

  #inPlace(rules: readonly Rule[]): RuleChange | null {
    const before = this.#rules;
    if (rules.length !== before.length) return null;
    const places: number[] = [];
    for (let at = 0; at < rules.length && places.length <= IN_PLACE_MAX; at++)
      if (rules[at] !== before[at]) places.push(at);
    if (places.length > IN_PLACE_MAX) return null;
    const removed: Placed[] = [];
    const added: Placed[] = [];
    for (const place of places) {
      const [old, rule] = [this.#placed[place], rules[place]];
      if (old === undefined || rule === undefined) continue;
      removed.push(old);
      const placed = { rule, place };
      added.push(placed);
      this.#placed[place] = placed;
    }
    return { removed, added, isShifted: false };
  }

  /** What both lists have at the begin and at the end stays. */
  #stretch(rules: readonly Rule[]): RuleChange {
    const before = this.#rules;
    const shorter = Math.min(before.length, rules.length);
    let first = 0;
    while (first < shorter && before[first] === rules[first]) first++;
    let last = 0;
    while (last < shorter - first && before[before.length - 1 - last] === rules[rules.length - 1 - last]) last++;
    const old = this.#placed.slice(first, before.length - last);
    const middle = merged(old, rules.slice(first, rules.length - last));
    // In place where it is little: the list may be long.
    if (middle.placed.length <= IN_PLACE_MAX) this.#placed.splice(first, old.length, ...middle.placed);
    else this.#placed = this.#placed.slice(0, first).concat(middle.placed, this.#placed.slice(before.length - last));
    let isShifted = false;
    for (let place = first; place < this.#placed.length; place++) {
      const one = this.#placed[place];
      if (one === undefined || one.place === place) continue;
      isShifted ||= one.place >= 0;
      one.place = place;
    }
    return { removed: middle.removed, added: middle.added, isShifted };
  }
}

/** A rule that is behind one that it stood before counts as gone and come again. */
function merged(
  old: readonly Placed[],
  rules: readonly Rule[],
): { readonly placed: readonly Placed[]; readonly removed: readonly Placed[]; readonly added: readonly Placed[] } {
  const wanted = new Set(rules);
  const placed: Placed[] = [];
  const removed: Placed[] = [];
  const added: Placed[] = [];
  let at = 0;
  for (const rule of rules) {
    for (let one = old[at]; one !== undefined && !wanted.has(one.rule); one = old[++at]) removed.push(one);
    const one = old[at];
    if (one?.rule === rule) {
      placed.push(one);
      at++;
    } else {
      const fresh = { rule, place: -1 };
      placed.push(fresh);
      added.push(fresh);
    }
    wanted.delete(rule);
  }
  return { placed, removed: [...removed, ...old.slice(at)], added };
}
