// Marks: one number for all flows that share a rule, its limits and its budgets. Not the limits themselves.

import type { Hours, Logon, Policy, Rule, Service } from '#model';
import type { SetElement } from './content.ts';
import type { Entry } from './entries.ts';
import { countsByPair } from './holdable.ts';
import { denial, type NumberBook } from './numbers.ts';
import { type Outcome, type Pair, TCP } from './outcome.ts';
import type { Ticket } from './ticket.ts';

export interface MarkSpec {
  readonly rule: Rule;
  readonly service: Service;
  readonly isTcp: boolean;
  readonly isHeld: boolean;
  readonly gates: readonly Hours[];
  readonly rails: readonly Logon[];
  readonly logon: Logon | null;
  readonly who: string;
  /** The ticket that its session was opened by, or null. */
  readonly ticket: Ticket | null;
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
  readonly book: NumberBook;
  readonly classNumbers: readonly number[];
}

type Admit = Extract<Outcome, { kind: 'admit' }>;

/** An entry with what every compile asks of it. */
export interface Known {
  readonly entry: Entry;
  /** Says everything that leads to the entry's mark. */
  readonly text: string;
  /** Null for an entry that admits nothing. */
  readonly admitted: Admitted | null;
  /** What it last was in the kernel: most are the same again. */
  element: SetElement | null;
}

interface Admitted {
  /** Entries with the same key share a mark. */
  readonly key: string;
  readonly admit: Admit;
  readonly rule: Rule;
  readonly isTcp: boolean;
  readonly pair: readonly [string, string];
}

/** Texts of all entries that share a mark, and the spec that has it. */
interface Draft {
  readonly admitted: Admitted;
  readonly texts: string[];
  spec: MarkSpec | null;
}

/**
 * Gives every entry its number. INVARIANT: a mark's number changes whenever anything that leads to it does, so every flow that
 * was admitted under the old state is looked up again, and none outlives what admitted it (docs/semantics.md 23). A further set of names
 * changes none: it admits nothing to whoever had an answer before. Whatever the policy says of names begins anew with the next epoch.
 */
export function markEntries(entries: readonly Known[], { book, classNumbers }: MarkOptions): Marked {
  const drafts = new Map<string, Draft>();
  const drafted = entries.map(({ text, admitted }) => (admitted === null ? null : draftOf(admitted, text, drafts)));
  const specs: MarkSpec[] = [];
  for (const draft of drafts.values()) {
    draft.spec = specOf(draft, book);
    specs.push(draft.spec);
  }
  const classes = classNumbers.map((number) => ({ text: String(number) }));
  const free = book.marks.of(`free|${book.states.of([...classes, ...withoutTwins(entries)])}`);
  const values = drafted.map((draft, at) => {
    if (draft !== null) return draft.spec?.mark ?? denial('no-rule', -1);
    const outcome = entries[at]?.entry.outcome;
    return outcome?.kind === 'deny' ? denial(outcome.reason, outcome.rule) : free;
  });
  return { specs, values, free };
}

/** Only pairs of classes by name have entries of the same text. */
function withoutTwins(entries: readonly Known[]): readonly Known[] {
  if (entries.every(({ entry }) => entry.pair.to.unnamed === null)) return entries;
  return [...new Map(entries.map((known) => [known.text, known])).values()];
}

function draftOf(admitted: Admitted, text: string, drafts: Map<string, Draft>): Draft {
  const known = drafts.get(admitted.key);
  if (known !== undefined) {
    known.texts.push(text);
    return known;
  }
  const draft = { admitted, texts: [text], spec: null };
  drafts.set(admitted.key, draft);
  return draft;
}

/** `epoch`: see `NamesKnown`. */
export function knownEntry(
  entry: Entry,
  { policy, epoch }: { readonly policy: Policy; readonly epoch: number },
): Known {
  const admitted = admittedBy(entry, policy);
  return { entry, text: entryText(entry, admitted?.rule.id ?? '', epoch), admitted, element: null };
}

function admittedBy({ outcome, protocol, pair: ends }: Entry, policy: Policy): Admitted | null {
  if (outcome.kind !== 'admit') return null;
  const rule = policy.rules[outcome.rule];
  if (rule === undefined) return null;
  const pair = countsByPair(rule.limits) ? pairOf(ends, policy) : WHOLE_RULE;
  const isTcp = protocol === TCP;
  return { key: draftKey(rule, outcome, { isTcp, pair }), admit: outcome, rule, isTcp, pair };
}

/** The rule's id stands last and everything before it ends by itself, so that no two of these are one text. */
function draftKey(
  rule: Rule,
  { service, isHeld, gates, rails, logon, who }: Admit,
  { isTcp, pair }: { readonly isTcp: boolean; readonly pair: readonly [string, string] },
): string {
  const ends = pair === WHOLE_RULE ? '' : JSON.stringify(pair);
  const hours = gates.length === 0 ? '' : JSON.stringify(gates);
  const logons = who === '' ? '' : JSON.stringify([rails, logon, who]);
  return `${rule.to.indexOf(service)}${isTcp ? 't' : 'o'}${isHeld ? 'h' : 'r'}${ends}|${hours}|${logons}|${rule.id}`;
}

const WHOLE_RULE: readonly [string, string] = ['', ''];

function pairOf({ from, to }: Pair, policy: Policy): readonly [string, string] {
  return [policy.elements[from.end.element]?.id ?? '', policy.elements[to.end.element]?.id ?? ''];
}

/** By the rule's id and not its place, so that rules before it may come and go. */
function entryText({ map, pair, protocol, from, to, outcome }: Entry, rule: string, epoch: number): string {
  const { unnamed, number } = pair.to;
  const responder = unnamed === null ? String(number) : `${unnamed}by${epoch}`;
  return `${map}:${protocol}:${from}-${to}:${pair.from.number}>${responder}:${outcome.kind}:${rule}`;
}

function specOf({ admitted, texts }: Draft, book: NumberBook): MarkSpec {
  const { key, admit, rule, isTcp, pair } = admitted;
  const { service, isHeld, gates, rails, logon, who } = admit;
  const whole = `${key}|${texts.length === 1 ? texts[0] : [...new Set(texts)].join()}`;
  const mark = book.marks.of(whole);
  const proven = service.application === null || !isHeld ? null : book.marks.of(`proven|${whole}`);
  return { rule, service, isTcp, isHeld, gates, rails, logon, who, ticket: null, pair, mark, proven };
}
