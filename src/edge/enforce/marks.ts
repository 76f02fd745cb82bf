// Marks: one number for all flows that share a rule, its limits and its budgets. Not the limits themselves.

import type { Hours, Logon, Rule, Service } from '#model';
import type { SetElement } from './content.ts';
import type { Entry } from './entries.ts';
import { countsByPair } from './holdable.ts';
import type { NumberSource } from './numbers.ts';
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

export interface Admitted {
  /** Entries with the same key share a mark. */
  readonly key: string;
  readonly admit: Admit;
  readonly rule: Rule;
  readonly isTcp: boolean;
  readonly pair: readonly [string, string];
}

/** `epoch`: see `NamesKnown`. */
export function knownEntry(entry: Entry, epoch: number): Known {
  const admitted = admittedBy(entry);
  return { entry, text: entryText(entry, admitted?.rule.id ?? '', epoch), admitted, element: null };
}

function admittedBy({ outcome, protocol, pair: ends }: Entry): Admitted | null {
  if (outcome.kind !== 'admit') return null;
  const { rule } = outcome.rule;
  const pair = countsByPair(rule.limits) ? pairOf(ends) : WHOLE_RULE;
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

function pairOf({ from, to }: Pair): readonly [string, string] {
  return [from.who, to.who];
}

/** By the rule's id and not its place, so that rules before it may come and go. */
function entryText({ map, pair, protocol, from, to, outcome }: Entry, rule: string, epoch: number): string {
  const { unnamed, number } = pair.to;
  const responder = unnamed === null ? String(number) : `${unnamed}by${epoch}`;
  return `${map}:${protocol}:${from}-${to}:${pair.from.number}>${responder}:${outcome.kind}:${rule}`;
}

/**
 * What a mark stands for. `texts`: those of all entries that share it. INVARIANT: a mark's number changes whenever anything that leads to it
 * does, so every flow that was admitted under the old state is looked up again, and none outlives what admitted it (docs/semantics.md 23). A
 * further set of names changes none: it admits nothing to whoever had an answer before. What the policy says of names begins anew with each epoch.
 */
export function specOf(
  { key, admit, rule, isTcp, pair }: Admitted,
  texts: ReadonlySet<string>,
  marks: NumberSource,
): MarkSpec {
  const { service, isHeld, gates, rails, logon, who } = admit;
  const whole = `${key}|${[...texts].sort().join()}`;
  const mark = marks.of(whole);
  const proven = service.application === null || !isHeld ? null : marks.of(`proven|${whole}`);
  return { rule, service, isTcp, isHeld, gates, rails, logon, who, ticket: null, pair, mark, proven };
}
