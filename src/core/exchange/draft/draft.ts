// Collects what an importer makes of a foreign text and turns it into a policy with comments and lists. Knows no foreign language.

import {
  type Element,
  type Never,
  NO_LIMITS,
  type Policy,
  type PolicyTest,
  type Rule,
  type Selector,
  type Service,
} from '#model';
import type { Imported, NotCarried } from '../imported.ts';
import { type Box, boxesMayMeet } from './boxes.ts';
import { plainId, plainText } from './plain.ts';
import { eitherOf, textLength } from './selectors.ts';
import { distinct, type Outcome } from './stages.ts';

/** Entries of the lists: what comes after is counted, not named. */
const LISTED_MAX = 1_000;
/** Entries that are repeated in the comment at the top of the policy. */
const REPEATED_MAX = 40;
/** Characters of one selector that the policy room reads, with room to spare. */
const SELECTOR_MAX = 7_500;
/** Characters of an id that a number may follow. */
const ID_ROOM = 90;
/** Rules of one policy; as many as the policy room compares. */
const RULES_MAX = 1_000;

export class Draft {
  readonly #elements = new Map<string, Element>();
  readonly #rules: Rule[] = [];
  readonly #never: Never[] = [];
  readonly #tests: PolicyTest[] = [];
  readonly #comments = new Map<string, readonly string[]>();
  readonly #notCarried = new Map<string, NotCarried>();
  readonly #questions = new Set<string>();
  readonly #ids = new Map<string, number>();
  #unlisted = 0;

  /** `what` stands at `place` in the foreign text and is not carried over because of `why`, which says what the policy permits instead. */
  drop(place: string, what: string, why: string): void {
    const entry = { place: plainText(place), what: plainText(what), why };
    const key = JSON.stringify(entry);
    if (this.#notCarried.has(key)) return;
    if (this.#notCarried.size < LISTED_MAX) this.#notCarried.set(key, entry);
    else this.#unlisted++;
  }

  ask(question: string): void {
    if (this.#questions.size < LISTED_MAX) this.#questions.add(plainText(question, 400));
  }

  addElement(element: Pick<Element, 'id' | 'kind'> & Partial<Element>): void {
    this.#elements.set(element.id, { ...BARE, ...element });
  }

  addTest(test: PolicyTest): void {
    this.#tests.push(test);
  }

  get hasHours(): boolean {
    return this.#rules.some(({ limits }) => limits.hours !== null);
  }

  /** An id that is not taken yet, from any foreign name. */
  idFor(name: string): string {
    const id = plainId(name);
    const count = this.#ids.get(id) ?? 0;
    this.#ids.set(id, count + 1);
    // Cut first, so that the number is not cut off again.
    return count === 0 ? id : this.idFor(`${id.slice(0, ID_ROOM)}-${count + 1}`);
  }

  /** Takes over what stages came to: guardrails first, then permissions without limits, then those with, because the first rule governs. */
  addOutcome({ permits, never, losses }: Outcome): void {
    for (const { place, what, why } of losses) this.drop(place, what, why);
    for (const box of never) this.#addNever(box);
    const all = distinct(permits);
    for (const box of all) if (box.limits === null) this.#addRule(box);
    const limited = all.filter(({ limits }) => limits !== null);
    for (const [at, box] of limited.entries()) {
      if (limited.slice(0, at).some((earlier) => boxesMayMeet(earlier, box)))
        this.drop(
          box.origin.place,
          'limits that overlap those of an earlier rule',
          'the earlier rule governs both, so the policy permits less',
        );
      this.#addRule(box);
    }
  }

  #addRule(box: Box): void {
    for (const [from, to] of pairs(box)) {
      if (this.#rules.length >= RULES_MAX || textLength(from) > SELECTOR_MAX || textLength(to) > SELECTOR_MAX) {
        this.drop(box.origin.place, 'a permission', 'it is too long for one policy; the policy permits less');
        return;
      }
      const id = this.idFor(box.origin.id);
      this.#comments.set(`rules.${id}`, [plainText(box.origin.place)]);
      this.#rules.push({
        id,
        from,
        to: servicesOf(box, to),
        limits: box.limits ?? NO_LIMITS,
        ...REMARKS,
        why: whyOf(box),
      });
    }
  }

  #addNever(box: Box): void {
    const all = pairs(box);
    for (const [from, to] of all) {
      const id = this.idFor(box.origin.id);
      this.#comments.set(`never.${id}`, [plainText(box.origin.place)]);
      // A guardrail that is too long to write becomes a wider one: it denies more, never less.
      const isLong = textLength(from) > SELECTOR_MAX || textLength(to) > SELECTOR_MAX;
      const ends: readonly [Selector, Selector] = isLong ? [ANY, ANY] : [from, to];
      if (isLong)
        this.drop(
          box.origin.place,
          'a denial',
          'its ends are too long to write, so it holds for every end; the policy permits less',
        );
      this.#never.push({ id, from: ends[0], to: servicesOf(box, ends[1]), owner: null, why: whyOf(box) });
    }
  }

  /** The policy states mode `observe`: importing enforces nothing until a person says so. */
  finish(source: string, timezone = 'UTC'): Imported {
    if (this.#unlisted > 0)
      this.#notCarried.set('', {
        place: source,
        what: `${this.#unlisted} more entries`,
        why: `only the first ${LISTED_MAX} are listed`,
      });
    const notCarried = [...this.#notCarried.values()];
    const questions = [...this.#questions];
    const policy: Policy = {
      timezone,
      mode: 'observe',
      elements: [...this.#elements.values()],
      services: [],
      rules: this.#rules,
      never: this.#never,
      require: [],
      tests: this.#tests,
    };
    const comments = new Map([['', topOf(source, notCarried, questions)], ...this.#comments]);
    return { policy, comments, notCarried, questions };
  }
}

const ANY: Selector = { kind: 'any' };

const BARE: Omit<Element, 'id' | 'kind'> = {
  macs: [],
  addresses: [],
  login: null,
  labels: [],
  data: [],
  mode: 'observe',
  protect: [],
  isSafetyCritical: false,
  owner: null,
};

const REMARKS = { isAudit: false, owner: null, until: null };

function whyOf({ origin }: Box): string | null {
  const text = plainText(origin.why ?? '', 200);
  return text === '' ? null : text;
}

function servicesOf({ traffic }: Box, on: Selector): readonly Service[] {
  return traffic.map(({ protocol, ports }) => ({
    id: '',
    on,
    protocol,
    ports,
    application: null,
    isLogonRequired: false,
  }));
}

/** The ends of a box, each split where it is a list too long for one selector. */
function pairs({ from, to }: Box): readonly (readonly [Selector, Selector])[] {
  return chunksOf(from).flatMap((a) => chunksOf(to).map((b) => [a, b] as const));
}

function chunksOf(selector: Selector): readonly Selector[] {
  if (textLength(selector) <= SELECTOR_MAX) return [selector];
  if (selector.kind === 'either') return splitList(selector.of, SELECTOR_MAX);
  // Of a conjunction, its longest list is split and the rest repeated; where that is too long itself, nothing helps.
  const list =
    selector.kind === 'all' ? selector.of.filter(isList).toSorted((a, b) => b.of.length - a.of.length)[0] : undefined;
  if (selector.kind !== 'all' || list === undefined) return [selector];
  const others = selector.of.filter((part) => part !== list);
  const room = SELECTOR_MAX - others.reduce((sum, part) => sum + textLength(part) + 5, 0);
  return splitList(list.of, room).map((part) => ({ kind: 'all', of: [...others, part] }));
}

function isList(selector: Selector): selector is Selector & { readonly kind: 'either' } {
  return selector.kind === 'either';
}

function splitList(parts: readonly Selector[], room: number): readonly Selector[] {
  const chunks: Selector[][] = [[]];
  let length = 0;
  for (const part of parts) {
    length += textLength(part) + 5;
    if (length > room) {
      chunks.push([]);
      length = textLength(part) + 5;
    }
    chunks.at(-1)?.push(part);
  }
  return chunks.filter((of) => of.length > 0).map(eitherOf);
}

function topOf(source: string, notCarried: readonly NotCarried[], questions: readonly string[]): readonly string[] {
  const lines = [
    `Imported from ${plainText(source)}.`,
    'The mode is observe: nothing is enforced until you say so. Read the lists below first.',
  ];
  if (notCarried.length > 0) lines.push('', 'Not carried over:');
  lines.push(...notCarried.slice(0, REPEATED_MAX).map(({ place, what, why }) => `  ${place}: ${what}; ${why}`));
  if (notCarried.length > REPEATED_MAX) lines.push(`  and ${notCarried.length - REPEATED_MAX} more`);
  if (questions.length > 0) lines.push('', 'Questions:');
  lines.push(...questions.slice(0, REPEATED_MAX).map((question) => `  ${question}`));
  if (questions.length > REPEATED_MAX) lines.push(`  and ${questions.length - REPEATED_MAX} more`);
  return lines;
}
