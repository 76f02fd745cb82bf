// Conversations as rules and guardrails of one element: those that differ only in the name of the far end share a rule.

import { type Never, NO_LIMITS, type PortRange, PROTOCOL, type Rule, type Selector } from '#model';
import type { NotCarried } from '../imported.ts';
import { type Filled, type Filling, fill, LOCAL_QUESTION } from './classes.ts';
import { type Conversation, placeOf } from './conversations.ts';
import type { Entry } from './file.ts';
import {
  dhcpRule,
  dnsRule,
  type Generic,
  type GenericRule,
  isNeedless,
  isSaidBy,
  ntpNames,
  ntpRule,
  servicesOf,
} from './generic.ts';
import { freeId, idPart, plain } from './texts.ts';

export interface Ruling extends Filling {
  readonly element: string;
  readonly generic: ReadonlySet<Generic>;
  /** Ids that are in use already, of rules and guardrails alike. */
  readonly taken: Set<string>;
  readonly entries: readonly Entry[];
}

export interface Rules {
  readonly rules: Rule[];
  readonly never: Never[];
  readonly comments: Map<string, readonly string[]>;
  readonly notCarried: NotCarried[];
  readonly questions: string[];
}

export function rulesOf(conversations: readonly Conversation[], ruling: Ruling): Rules {
  const made: Rules = { rules: [], never: [], comments: new Map(), notCarried: [], questions: [] };
  const kept = guardrails(made, conversations, ruling);
  const generic = genericRules(kept, ruling);
  const own = kept.filter((conversation) => !generic.some((rule) => isCovered(rule, conversation, ruling)));
  for (const group of groupsOf(made, own, ruling)) addGroup(made, group, ruling);
  for (const rule of generic) addGeneric(made, rule, { ruling, conversations: kept });
  return made;
}

function isCovered(rule: GenericRule, conversation: Conversation, ruling: Ruling): boolean {
  const far = fill(conversation.peers, conversation.versions, ruling);
  return far !== null && isSaidBy(rule, conversation, far.selector);
}

/** Refusals become guardrails where something is accepted after them; behind one that cannot, nothing is accepted. */
function guardrails(made: Rules, conversations: readonly Conversation[], ruling: Ruling): readonly Conversation[] {
  const order = new Map(ruling.entries.map((entry, at) => [entry, at]));
  const at = ({ entries: [first] }: Conversation): number => (first === undefined ? 0 : (order.get(first) ?? 0));
  const accepting = conversations.filter(({ isAccepting }) => isAccepting);
  let end = Number.POSITIVE_INFINITY;
  for (const refusal of conversations) {
    if (refusal.isAccepting || at(refusal) > end || !accepting.some((other) => at(other) > at(refusal))) continue;
    const filled = fill(refusal.peers, refusal.versions, ruling);
    if (filled === null || filled.questions.length > 0) end = at(refusal);
    else addNever(made, refusal, { filled, ruling, isFirst: !accepting.some((other) => at(other) < at(refusal)) });
  }
  for (const lost of accepting.filter((other) => at(other) > end))
    made.notCarried.push({
      place: placesOf(lost.entries),
      what: 'what is accepted behind a refusal',
      why: 'no guardrail can say the refusal, so what follows it is left out; the policy permits less',
    });
  return accepting.filter((other) => at(other) <= end);
}

function addNever(
  made: Rules,
  { direction, protocol, ports, entries }: Conversation,
  { filled, ruling, isFirst }: { readonly filled: Filled; readonly ruling: Ruling; readonly isFirst: boolean },
): void {
  const device: Selector = { kind: 'element', id: ruling.element };
  const id = freeId(ruling.taken, `${ruling.element}-never-${filled.word}-${serviceWord(protocol, ports)}`);
  const [from, on] = direction === 'out' ? [device, filled.selector] : [filled.selector, device];
  const to = { id: '', on, protocol, ports, application: null, isLogonRequired: false };
  made.never.push({ id, from, to: [to], owner: null, why: null });
  made.comments.set(`never.${id}`, [`refused by ${placesOf(entries)}`]);
  if (!isFirst)
    made.notCarried.push({
      place: placesOf(entries),
      what: 'a refusal behind entries that accept',
      why: 'a guardrail overrides what is accepted before it, too; the policy may permit less',
    });
}

interface Group {
  readonly direction: 'out' | 'in';
  readonly protocol: number | null;
  readonly ports: readonly PortRange[];
  readonly ends: Filled[];
  readonly entries: Entry[];
}

/** Characters of the far ends of one rule: half of what a selector may have, so that a text with them is never refused. */
const ENDS_MAX = 4_000;

function groupsOf(made: Rules, conversations: readonly Conversation[], ruling: Ruling): readonly Group[] {
  const groups = new Map<string, Group & { length: number }>();
  let narrowed = 0;
  for (const { peers, versions, direction, protocol, ports, entries } of conversations) {
    const filled = fill(peers, versions, ruling);
    if (filled === null) {
      made.notCarried.push({
        place: placesOf(entries),
        what: 'a class with a very long name, or local networks of an IP version that has none',
        why: 'no label can hold it; the policy permits less',
      });
      continue;
    }
    if (versions.size === 1 && !versions.has(null) && !hasPrefix(filled.selector)) narrowed++;
    const isName = filled.selector.kind === 'name';
    const base = JSON.stringify([direction, protocol, ports, isName ? 'names' : filled.selector]);
    const length = isName ? filled.word.length + 3 : 0;
    let key = base;
    for (let at = 2; (groups.get(key)?.length ?? 0) + length > ENDS_MAX; at++) key = `${base} ${at}`;
    const group = groups.get(key) ?? { direction, protocol, ports, ends: [], entries: [], length: 0 };
    if (isName || group.ends.length === 0) group.ends.push(filled);
    group.entries.push(...entries);
    group.length += length;
    groups.set(key, group);
  }
  if (narrowed > 0)
    made.notCarried.push({
      place: 'names and classes of one IP version',
      what: `the IP version, in ${narrowed} conversation${narrowed === 1 ? '' : 's'}`,
      why: 'a name or label stands for its addresses of both versions; the policy permits more where a name or element has both',
    });
  return [...groups.values()];
}

function hasPrefix(selector: Selector): boolean {
  if (selector.kind === 'all' || selector.kind === 'either') return selector.of.some(hasPrefix);
  return selector.kind === 'prefix' || selector.kind === 'any';
}

function addGroup(made: Rules, { direction, protocol, ports, ends, entries }: Group, ruling: Ruling): void {
  const [first] = ends;
  if (first === undefined) return;
  const far: Selector =
    ends.length === 1 ? first.selector : { kind: 'either', of: ends.map(({ selector }) => selector) };
  const word = ends.length === 1 ? first.word : 'names';
  const device: Selector = { kind: 'element', id: ruling.element };
  const id = ruleId(ruling, `${direction === 'out' ? 'to' : 'from'}-${word}-${serviceWord(protocol, ports)}`);
  const [from, on] = direction === 'out' ? [device, far] : [far, device];
  addRule(made, { id, from, to: [{ id: '', on, protocol, ports, application: null, isLogonRequired: false }] });
  const isWide = word === 'any';
  made.comments.set(`rules.${id}`, [
    `said by ${placesOf(entries)}`,
    ...(isWide ? ['the file names no far end: every address'] : []),
  ]);
  made.questions.push(...ends.flatMap(({ questions }) => questions));
  if (isWide)
    made.questions.push(
      `Rule ${id} is for every address, because the file names none: may it be narrowed, for instance to internet?`,
    );
}

function addRule(made: Rules, { id, from, to }: Pick<Rule, 'id' | 'from' | 'to'>): void {
  made.rules.push({ id, from, to, limits: NO_LIMITS, isAudit: false, owner: null, why: null, until: null });
}

function ruleId({ element, taken }: Ruling, rest: string): string {
  return freeId(taken, idPart(element) + (rest === '' ? '' : `-${idPart(rest)}`));
}

function genericRules(conversations: readonly Conversation[], { classes, generic }: Ruling): readonly GenericRule[] {
  return [
    ...(generic.has('dns') ? [dnsRule(classes)] : []),
    ...(generic.has('ntp') ? [ntpRule(classes, ntpNames(conversations))] : []),
    ...(generic.has('dhcp') ? [dhcpRule(classes)] : []),
  ].filter((rule) => !isNeedless(rule, conversations));
}

function addGeneric(
  made: Rules,
  rule: GenericRule,
  { ruling, conversations }: { readonly ruling: Ruling; readonly conversations: readonly Conversation[] },
): void {
  const device: Selector = { kind: 'element', id: ruling.element };
  const id = ruleId(ruling, rule.word);
  const [end = device] = rule.ends;
  addRule(made, { id, from: rule.direction === 'out' ? device : end, to: servicesOf(rule, device) });
  const said = conversations.filter((conversation) => isCovered(rule, conversation, ruling));
  const entries = said.flatMap((conversation) => conversation.entries);
  made.comments.set(`rules.${id}`, [
    ...(entries.length === 0 ? [] : [`said by ${placesOf(entries)}`]),
    ...rule.comments,
  ]);
  made.questions.push(...rule.questions);
  if (ruling.classes.localNetworks === null) made.questions.push(LOCAL_QUESTION);
}

const WORDS: ReadonlyMap<number, string> = new Map(Object.entries(PROTOCOL).map(([word, number]) => [number, word]));

/** `tcp-443`, `udp-1-122`, `icmp`, `any`. */
function serviceWord(protocol: number | null, ports: readonly PortRange[]): string {
  const word = protocol === null ? 'any' : (WORDS.get(protocol) ?? `protocol-${protocol}`);
  return [word, ...ports.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`))].join('-');
}

/** Entries named in one comment. */
const PLACES_MAX = 6;

function placesOf(entries: readonly Entry[]): string {
  const places = [...new Set(entries.map(placeOf))];
  const more = places.length - PLACES_MAX;
  const shown = places.slice(0, PLACES_MAX).map(plain).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
