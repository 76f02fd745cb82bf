// Marks: one number for all flows that share a rule, its limits and its budgets. Not the limits themselves.

import type { Hours, Policy, Rule, Service } from '#model';
import type { Entry } from './entries.ts';
import { countsByPair } from './holdable.ts';
import { denial, type NumberBook } from './numbers.ts';
import { type Outcome, type Pair, TCP } from './outcome.ts';

export interface MarkSpec {
  readonly rule: Rule;
  readonly service: Service;
  readonly isTcp: boolean;
  readonly isHeld: boolean;
  readonly gates: readonly Hours[];
  /** Elements that share a budget for a pair: ids, '' for whatever is no element. */
  readonly pair: readonly [from: string, to: string];
  /** The number that the lookup gives. */
  readonly mark: number;
  /** The mark after the first bytes were seen to fit, or null where no application is asked for. */
  readonly proven: number | null;
}

export interface Marked {
  readonly specs: readonly MarkSpec[];
  /** What each entry's lookup gives, in the order of the entries. */
  readonly values: readonly number[];
  /** Mark of flows that no rule governs and nobody holds. */
  readonly free: number;
}

export interface MarkOptions {
  readonly policy: Policy;
  readonly book: NumberBook;
  readonly classNumbers: readonly number[];
  /** See `NamesKnown`. */
  readonly epoch: number;
}

type Admit = Extract<Outcome, { kind: 'admit' }>;

interface Draft {
  readonly key: string;
  readonly admit: Admit;
  readonly rule: Rule;
  readonly isTcp: boolean;
  readonly pair: readonly [string, string];
  readonly entries: Set<string>;
}

/**
 * Gives every entry its number. INVARIANT: a mark's number changes whenever anything that leads to it does, so every flow that
 * was admitted under the old state is looked up again, and none outlives what admitted it (docs/semantics.md 23). A further set of names
 * changes none: it admits nothing to whoever had an answer before. Whatever the policy says of names begins anew with the next epoch.
 */
export function markEntries(entries: readonly Entry[], options: MarkOptions): Marked {
  const drafts = new Map<string, Draft>();
  const keys = entries.map((entry) => entryKey(entry, options.epoch));
  const drafted = entries.map((entry, at) => draftOf(entry, keys[at] ?? '', options.policy, drafts));
  const specs = new Map<Draft, MarkSpec>();
  for (const draft of drafts.values()) specs.set(draft, specOf(draft, options.book));
  const state = options.book.states.of([...options.classNumbers.map(String), ...new Set(keys)]);
  const free = options.book.marks.of(`free|${state}`);
  const values = drafted.map((draft, at) => {
    if (draft !== null) return specs.get(draft)?.mark ?? denial('no-rule', -1);
    const outcome = entries[at]?.outcome;
    return outcome?.kind === 'deny' ? denial(outcome.reason, outcome.rule) : free;
  });
  return { specs: [...specs.values()], values, free };
}

function draftOf(entry: Entry, entryText: string, policy: Policy, drafts: Map<string, Draft>): Draft | null {
  const { outcome } = entry;
  if (outcome.kind !== 'admit') return null;
  const rule = policy.rules[outcome.rule];
  if (rule === undefined) return null;
  const pair = countsByPair(rule.limits) ? pairOf(entry.pair, policy) : WHOLE_RULE;
  const isTcp = entry.protocol === TCP;
  const key = draftKey(rule, outcome, { isTcp, pair });
  const known = drafts.get(key);
  if (known !== undefined) {
    known.entries.add(entryText);
    return known;
  }
  const draft = { key, admit: outcome, rule, isTcp, pair, entries: new Set([entryText]) };
  drafts.set(key, draft);
  return draft;
}

/** The rule's id stands last and everything before it ends by itself, so that no two of these are one text. */
function draftKey(
  rule: Rule,
  { service, isHeld, gates }: Admit,
  { isTcp, pair }: { readonly isTcp: boolean; readonly pair: readonly [string, string] },
): string {
  const ends = pair === WHOLE_RULE ? '' : JSON.stringify(pair);
  const hours = gates.length === 0 ? '' : JSON.stringify(gates);
  return `${rule.to.indexOf(service)}${isTcp ? 't' : 'o'}${isHeld ? 'h' : 'r'}${ends}|${hours}|${rule.id}`;
}

const WHOLE_RULE: readonly [string, string] = ['', ''];

function pairOf({ from, to }: Pair, policy: Policy): readonly [string, string] {
  return [policy.elements[from.end.element]?.id ?? '', policy.elements[to.end.element]?.id ?? ''];
}

function entryKey({ map, pair, protocol, from, to, outcome }: Entry, epoch: number): string {
  const says = outcome.kind === 'admit' ? outcome.rule : outcome.kind;
  const { unnamed, number } = pair.to;
  const responder = unnamed === null ? String(number) : `${unnamed}by${epoch}`;
  return `${map}:${protocol}:${from}-${to}:${pair.from.number}>${responder}:${says}`;
}

function specOf({ key, admit, rule, isTcp, pair, entries }: Draft, book: NumberBook): MarkSpec {
  const { service, isHeld, gates } = admit;
  const whole = `${key}|${[...entries].join()}`;
  const mark = book.marks.of(whole);
  const proven = service.application === null || !isHeld ? null : book.marks.of(`proven|${whole}`);
  return { rule, service, isTcp, isHeld, gates, pair, mark, proven };
}
