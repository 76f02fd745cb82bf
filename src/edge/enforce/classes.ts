// Classes: ends that no selector, mode or budget of a policy tells apart share one number in the kernel. Not what they may do.

import type { Mac, Policy, Prefix, Selector } from '#model';
import { NO_MAC, prefixHas, prefixText } from '#model';
import type { Class, ClassOptions } from './class.ts';
import { ClassPlaces } from './class-places.ts';
import { type Certainty, type End, Recognition } from './ends.ts';
import { countsByPair, logonOf } from './holdable.ts';
import { type NamesAsked, namedClasses, namesAskedBy } from './named-classes.ts';
import { CLASS_BIT, ENFORCE_BIT, INSIDE_BIT, NAMED_BIT, NAMER_BIT, STRICT_BIT } from './numbers.ts';
import { addressSpace, bigOf, joinSpans, type Span, selectorsOf } from './spans.ts';

export type { Class } from './class.ts';

export interface Fit {
  readonly class: Class;
  readonly certainty: Certainty;
}

export interface ClassTable {
  readonly classes: readonly Class[];
  /** The classes that a selector holds for, certainly or maybe. */
  fits(selector: Selector, side: 'from' | 'to'): readonly Fit[];
  /** Whether a selector may hold for one of these classes. */
  mayFit(selector: Selector, side: 'from' | 'to', among: readonly Class[]): boolean;
}

const EXACT = 128;

/** Cuts the address space of a policy into classes. Elements that a budget for each pair counts apart get classes of their own. */
export function classTable(options: ClassOptions): ClassTable {
  const recognition = new Recognition(options.policy, options.known);
  const space = addressSpace(options.policy, options.known.prefixes);
  const ends = [...space.ranges, ...space.singles].map((span) => recognition.end(span));
  const coarse = new Table({ ...options, places: new ClassPlaces() }, recognition, group(options, ends, new Set()));
  const apart = countedApart(options.policy, coarse);
  options.places.begin();
  return new Table(options, recognition, group(options, ends, apart));
}

/** Elements at either end of a rule that counts by pair, and those that log on. */
function countedApart(policy: Policy, table: ClassTable): ReadonlySet<number> {
  const found = new Set<number>();
  const owners = [
    ...policy.rules.filter((rule) => rule.to.some((service) => logonOf(rule, service) !== null)),
    ...policy.require.filter(({ logon }) => logon !== null),
  ];
  for (const { from } of owners)
    for (const fit of table.fits(from, 'from')) for (const { element } of fit.class.ends) found.add(element);
  for (const { from, to, limits } of policy.rules) {
    if (!countsByPair(limits)) continue;
    const fits = [...table.fits(from, 'from'), ...to.flatMap(({ on }) => table.fits(on, 'to'))];
    for (const fit of fits) for (const { element } of fit.class.ends) found.add(element);
  }
  return found;
}

type Groups = ReadonlyMap<string, readonly End[]>;

function group(options: ClassOptions, ends: readonly End[], apart: ReadonlySet<number>): Groups {
  const keyOf = keyMaker(options, apart);
  const groups = new Map<string, End[]>();
  for (const end of ends) {
    const key = keyOf(end);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [end]);
    else known.push(end);
  }
  return groups;
}

/** Everything about an end that a selector, a mode or a budget can ask. */
function keyMaker({ policy, quarantined }: ClassOptions, apart: ReadonlySet<number>): (end: End) => string {
  const asked = new Asked(policy);
  return (end) => {
    const element = policy.elements[end.element] ?? null;
    const about =
      element === null
        ? ['']
        : [
            element.mode,
            element.protect,
            quarantined.has(element.id),
            asked.elements.has(element.id) || apart.has(end.element) ? element.id : '',
            asked.kinds.has(element.kind) ? element.kind : '',
            element.labels.filter(([key, value]) => asked.labels.has(JSON.stringify([key, value]))),
          ];
    return JSON.stringify([about, asked.prefixesOf(end), end.isInternet, end.mayBeMac, asked.macOf(end)]);
  };
}

/** What the selectors of a policy ask of an end. */
class Asked {
  readonly elements = new Set<string>();
  readonly kinds = new Set<string>();
  readonly labels = new Set<string>();
  readonly #macs = new Set<Mac>();
  readonly #exact = new Set<string>();
  readonly #wide = new Map<string, Prefix>();

  constructor(policy: Policy) {
    for (const selector of selectorsOf(policy)) this.#take(selector);
  }

  prefixesOf(end: End): readonly string[] {
    const own = prefixText({ version: end.span.version, bytes: end.bytes, length: EXACT });
    const wide = [...this.#wide].flatMap(([text, prefix]) => (prefixHas(prefix, end.bytes) ? [text] : []));
    return end.span.from === end.span.to && this.#exact.has(own) ? [...wide, own] : wide;
  }

  /** Null for an end whose MAC nobody knows, -1 for one that nobody asks for. */
  macOf({ mac }: End): Mac | null {
    if (this.#macs.size === 0) return null;
    return mac === NO_MAC ? null : this.#macs.has(mac) ? mac : -1;
  }

  #take(selector: Selector): void {
    switch (selector.kind) {
      case 'mac':
        this.#macs.add(selector.mac);
        break;
      case 'element':
        this.elements.add(selector.id);
        break;
      case 'element-kind':
        this.kinds.add(selector.value);
        break;
      case 'label':
        this.labels.add(JSON.stringify([selector.key, selector.value]));
        break;
      case 'prefix':
        if (selector.prefix.length === EXACT) this.#exact.add(prefixText(selector.prefix));
        else this.#wide.set(prefixText(selector.prefix), selector.prefix);
        break;
      case 'not':
        this.#take(selector.of);
        break;
      case 'all':
      case 'either':
        for (const part of selector.of) this.#take(part);
        break;
      default:
        break;
    }
  }
}

class Table implements ClassTable {
  readonly classes: readonly Class[];
  readonly #recognition: Recognition;
  readonly #known = new Map<string, readonly Fit[]>();
  readonly #byElement = new Map<string, Class[]>();
  readonly #hasMacOnly: boolean;

  constructor(options: ClassOptions, recognition: Recognition, groups: Groups) {
    const { policy } = options;
    this.#recognition = recognition;
    this.#hasMacOnly = policy.elements.some(({ addresses }) => addresses.length === 0);
    const making = { ...options, asked: namesAskedBy(policy, recognition), macOnly: macOnlyText(policy) };
    const plain = [...groups].flatMap(([key, ends]) => classOf(making, key, ends) ?? []);
    this.classes = [...plain, ...namedClasses(plain, options)];
    for (const one of plain)
      for (const id of new Set(one.ends.flatMap(({ element }) => policy.elements[element]?.id ?? []))) {
        const list = this.#byElement.get(id);
        if (list === undefined) this.#byElement.set(id, [one]);
        else list.push(one);
      }
  }

  fits(selector: Selector, side: 'from' | 'to'): readonly Fit[] {
    if (selector.kind === 'element' && !this.#hasMacOnly) return this.#ofElement(selector.id);
    const key = JSON.stringify([side, selector], jsonOf);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.classes.flatMap((one) => {
      if (side === 'from' && one.unnamed !== null) return [];
      const certainty = this.#recognition.holds(selector, one.end, side);
      return certainty === 'no' ? [] : [{ class: one, certainty }];
    });
    this.#known.set(key, found);
    return found;
  }

  mayFit(selector: Selector, side: 'from' | 'to', among: readonly Class[]): boolean {
    return among.some(
      ({ end, unnamed }) =>
        !(side === 'from' && unnamed !== null) && this.#recognition.holds(selector, end, side) !== 'no',
    );
  }

  #ofElement(id: string): readonly Fit[] {
    return (this.#byElement.get(id) ?? []).map((one) => ({ class: one, certainty: 'yes' }));
  }
}

function jsonOf(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}

/** What may stand behind an end that no address tells. */
function macOnlyText({ elements }: Policy): string {
  return JSON.stringify(
    elements.flatMap(({ id, kind, labels, addresses }) => (addresses.length === 0 ? [[id, kind, labels]] : [])),
  );
}

interface Making extends ClassOptions {
  readonly asked: NamesAsked;
  readonly macOnly: string;
}

function classOf(
  { policy, quarantined, book, asked, places, macOnly }: Making,
  groupKey: string,
  ends: readonly End[],
): Class | null {
  const [end] = ends;
  if (end === undefined) return null;
  const element = policy.elements[end.element] ?? null;
  const mode =
    element === null ? { mode: policy.mode, protect: null } : { mode: element.mode, protect: element.protect };
  const spans = [
    ...joinSpans(ends.filter(({ span }) => span.from !== span.to).map(({ span }) => span)),
    ...singlesOf(ends),
  ];
  const isInside = element !== null || !end.isInternet;
  const names = (isInside ? 0 : asked.isAny ? NAMED_BIT : 0) + (asked.isBy(end) ? NAMER_BIT : 0);
  const bits = bitsOf(mode, isInside) + names;
  const key = `${bits}|${spans.map((span) => `${bigOf(span.from)}-${bigOf(span.to)}`).join()}`;
  const isQuarantined = element !== null && quarantined.has(element.id);
  const number = bits + book.classes.of(key);
  const who = element?.id ?? '';
  const index = places.of(JSON.stringify([groupKey, number, who, end.mayBeMac ? macOnly : '']));
  return { index, end, ends, who, mode, isQuarantined, spans, number, unnamed: null };
}

function singlesOf(ends: readonly End[]): readonly Span[] {
  return ends.filter(({ span }) => span.from === span.to).map(({ span }) => span);
}

/** `protect` of an end that is no element enforces nothing. */
function bitsOf(mode: Class['mode'], isInside: boolean): number {
  const isEnforcing = mode.mode === 'enforce';
  const isStrict = isEnforcing || (mode.mode === 'protect' && mode.protect !== null);
  return CLASS_BIT + (isEnforcing ? ENFORCE_BIT : 0) + (isInside ? INSIDE_BIT : 0) + (isStrict ? STRICT_BIT : 0);
}
