// Ends to elements and atoms, and from two ends to the rule that governs, the guardrails that concern them, and whether they enforce. Not the judging of limits.

import { type AddressTable, type Element, isGroupAddress, isInternet, type Mac } from '#model';
import { ALWAYS, type Ask, Cells, type Owner, type Place } from './cells.ts';
import { AtomClasses, AtomIndex, CLASSES_MAX } from './classes.ts';
import { EndTable } from './end-table.ts';
import { type End, type EndMode, NO_ATOMS, sameIdentifiers } from './ends.ts';
import { MEMO, Memo, NO_CLASS, wireOf } from './memo.ts';
import { type Binding, fitting, type NameBindings } from './names.ts';
import { NO_PLAN } from './plans.ts';
import {
  type CompiledGuard,
  type CompiledRule,
  type CompiledService,
  modeHolds,
  type Program,
  portFits,
  protocolFits,
} from './program.ts';
import { Recogniser } from './recognise.ts';
import { RuleOrder } from './rule-order.ts';
import { handlesOf, holds, wantedAtoms } from './selectors.ts';

/** Distinct ends (address and MAC). When full, a further end is `NO_END`: nothing governs it, and it is held unless the whole policy only observes. */
const ENDS_MAX = 16_000_000;
/** An element that the policy in force does not hold. */
export const ABSENT = -2;

/** A tuple seen from its initiator. */
export interface Contact {
  readonly from: End | null;
  readonly to: End | null;
  readonly protocol: number;
  readonly port: number;
  readonly now: number;
}

export interface Governing {
  readonly rule: CompiledRule;
  readonly service: CompiledService;
}

export interface MatcherOptions {
  readonly program: Program;
  readonly addresses: AddressTable;
  readonly names: NameBindings;
  readonly limits: MatcherLimits;
  /** Plan of a rule's service, by the rule's number. */
  readonly planOf: (rule: number, service: number) => number;
}

export interface MatcherLimits {
  readonly ends?: number;
  readonly classes?: number;
}

const NO_NAMES: readonly Binding[] = [];

export class Matcher {
  readonly #addresses: AddressTable;
  readonly #names: NameBindings;
  readonly table: EndTable;
  readonly memo = new Memo();
  #program: Program;
  #recogniser: Recogniser;
  #index: AtomIndex;
  readonly #limits: Required<MatcherLimits>;
  /** Grows with the elements of all policies so far. */
  readonly #identities = new Map<string, number>();
  /** Index in the policy in force by identity. */
  #indices: number[] = [];
  #modes = new Map<number, EndMode>();
  #classes: AtomClasses;
  /** Counts changes of what ends are: what was noted of an end before the last is to be found anew. */
  changes = 0;
  /** The order of the rules in force. */
  order: RuleOrder;
  #rules: Cells;
  #guards: Cells;
  #services: Cells;
  readonly #planOf: MatcherOptions['planOf'];
  readonly #ask: Ask = {
    fromAtoms: NO_ATOMS,
    toAtoms: NO_ATOMS,
    protocol: -1,
    port: -1,
    now: 0,
    found: -1,
    service: -1,
    plan: NO_PLAN,
    isOther: false,
    all: null,
  };

  constructor(options: MatcherOptions) {
    this.#planOf = options.planOf;
    this.#program = options.program;
    const { ends = ENDS_MAX, classes = CLASSES_MAX } = options.limits;
    this.#limits = { ends: Math.min(ends, ENDS_MAX), classes: Math.min(classes, CLASSES_MAX) };
    this.#addresses = options.addresses;
    this.#names = options.names;
    this.#recogniser = new Recogniser(options.program.elements, options.addresses);
    this.#index = new AtomIndex(options.program.atoms);
    this.order = new RuleOrder(options.program.rules.length);
    this.#rules = this.#cellsOfRules();
    this.#guards = this.#cellsOf(options.program.guards);
    this.#services = this.#cellsOf(servicesOf(options.program));
    this.#identify();
    this.table = new EndTable(this.#limits.ends);
    this.#classes = new AtomClasses(this.#limits.classes);
  }

  /** Takes another program: every known end is recognised anew under its old number. */
  replace(program: Program): void {
    this.#program = program;
    this.#recogniser = new Recogniser(program.elements, this.#addresses);
    this.#index = new AtomIndex(program.atoms);
    this.order = new RuleOrder(program.rules.length);
    this.#rules = this.#cellsOfRules();
    this.#guards = this.#cellsOf(program.guards);
    this.#services = this.#cellsOf(servicesOf(program));
    this.#identify();
    this.#modes = new Map();
    this.#classes = new AtomClasses(this.#limits.classes);
    this.memo.forget();
    for (const end of this.table.ends) this.#recognise(end);
  }

  /** Takes up a rule that the program was given, at its place in the order; the ends' atoms may be more by then. */
  addRule(rule: CompiledRule): void {
    if (this.#index.refresh() > 0) this.changes++;
    this.memo.forget();
    this.#enter(this.#rules, rule.index, rule);
  }

  removeRule(rule: CompiledRule): void {
    for (const place of this.#placesOf(rule)) this.#rules.remove(rule.index, place);
    this.order.remove(rule.index);
    this.memo.forget();
  }

  /** Takes up an element whose traits changed; the numbers of the ends that are other than before. Where its addresses and MACs are as before these are its own. */
  changeElement(index: number, before: Element): ReadonlySet<number> {
    const after = this.#program.elements[index];
    this.#modes.delete(index);
    this.memo.forget();
    if (after === undefined) return new Set();
    const isSame = sameIdentifiers(before, after);
    if (!isSame) this.#recogniser = new Recogniser(this.#program.elements, this.#addresses);
    const changed = new Set<number>();
    for (const end of this.table.ends) {
      if (isSame && end.element !== index) continue;
      const was = end.element;
      this.#recognise(end);
      if (was === index || end.element === index) changed.add(end.number);
    }
    return changed;
  }

  /** Whether a rule holds for a contact, whatever comes before it. */
  fits(rule: CompiledRule, contact: Contact): boolean {
    if (contact.now >= rule.until || !this.#put(contact)) return false;
    const { fromAtoms, toAtoms } = this.#ask;
    return (
      holds(rule.from, fromAtoms) &&
      rule.services.some(
        (service) =>
          protocolFits(service, contact.protocol) && portFits(service, contact.port) && holds(service.on, toAtoms),
      )
    );
  }

  elementOf(id: string): number {
    return this.indexOf(this.#identities.get(id) ?? -1);
  }

  /** Index of an element by its identity: -1 for no element, `ABSENT` for one that the policy in force does not hold. */
  indexOf(identity: number): number {
    return identity < 0 ? -1 : (this.#indices[identity] ?? ABSENT);
  }

  /** Number of an end, or `NO_END` when the table is full. */
  endOf(address: number, mac: Mac): number {
    const known = this.table.find(address, mac);
    if (known >= 0) return known;
    const number = this.table.add(address, mac);
    const end = this.end(number);
    if (end !== null) this.#recognise(end);
    return number;
  }

  end(number: number): End | null {
    return this.table.ends[number] ?? null;
  }

  /** The first rule in the document's order that governs, with its first service that fits. */
  govern(contact: Contact): Governing | null {
    this.#look(contact);
    const rule = this.#program.rules[this.#ask.found];
    const service = rule?.services[this.#ask.service];
    return rule === undefined || service === undefined ? null : { rule, service };
  }

  /** Place in the memo of what governs between two ends, looked for where it is not there; -1 where that is not to be remembered. */
  recall(from: number, to: number, spoken: { protocol: number; destinationPort: number }, now: number): number {
    const { table } = this;
    const wire = wireOf(spoken.protocol, spoken.destinationPort);
    const at = this.memo.find(table.classOf(from, this.changes), table.classOf(to, this.changes), wire);
    if (at >= 0) return at;
    const { protocol, destinationPort: port } = spoken;
    return this.#look({ from: this.end(from), to: this.end(to), protocol, port, now });
  }

  /** Whether a rule would govern if the protocol were not looked at. */
  wouldGovern(contact: Contact): boolean {
    this.#look(contact);
    return this.#ask.found >= 0 || this.#ask.isOther;
  }

  /** Guardrails that match, in order. */
  guardsOf(contact: Contact): readonly CompiledGuard[] {
    if (this.#program.guards.length === 0 || !this.#put(contact)) return [];
    const all: number[] = [];
    this.#ask.all = all;
    this.#guards.search(this.#ask);
    return [...new Set(all)].sort((one, other) => one - other).flatMap((at) => this.#program.guards[at] ?? []);
  }

  /** The atoms that two ends satisfy towards each other; none of an end that is not remembered. */
  atomsOf(
    { from, to }: { from: End | null; to: End | null },
    now: number,
  ): { from: readonly number[]; to: readonly number[] } {
    if (from === null || to === null) return { from: NO_ATOMS, to: NO_ATOMS };
    return { from: this.#atomsFor(from), to: this.#namedAtoms(from, to, now) };
  }

  /** Live bindings that a service needs for this pair. */
  bindingsUnder(service: CompiledService, ends: { from: End; to: End }, now: number): readonly Binding[] {
    if (this.#index.names.length === 0 || !ends.to.mayBeNamed) return NO_NAMES;
    const live = this.#names.live({ client: ends.from.address, server: ends.to.address }, now);
    if (live.length === 0) return NO_NAMES;
    const patterns = wantedAtoms(service.on).flatMap((number) => this.#patternOf(number) ?? []);
    return [...new Set(patterns.flatMap((pattern) => fitting(live, pattern)))];
  }

  /** Whether either end enforces: the governing service, or with no rule any named service that fits. */
  isHeld(contact: Contact, service: CompiledService | null): boolean {
    const { from, to } = contact;
    if (from === null || to === null) return this.#program.isEnforcing;
    if (service !== null) return modeHolds(from.mode, service.id) || modeHolds(to.mode, service.id);
    if (from.mode.mode === 'enforce' || to.mode.mode === 'enforce') return true;
    if (from.mode.mode !== 'protect' && to.mode.mode !== 'protect') return false;
    if (!this.#put(contact)) return false;
    const all: number[] = [];
    this.#ask.all = all;
    this.#services.search(this.#ask);
    return all.some((at) => {
      const id = this.#program.services[at]?.id ?? '';
      return modeHolds(from.mode, id) || modeHolds(to.mode, id);
    });
  }

  /** Finds the rule that governs, where the memo does not know it; its place there. Ended rules are taken from the memo when they end. */
  #look(contact: Contact): number {
    const ask = this.#ask;
    ask.found = -1;
    ask.isOther = false;
    const { from, to, protocol, port } = contact;
    if (!this.#put(contact) || from === null || to === null) return -1;
    const key = { from: from.classNumber, to: to.classNumber, wire: wireOf(protocol, port) };
    const at = this.memo.find(key.from, key.to, key.wire);
    if (at < 0) {
      this.#rules.search(ask);
      return this.memo.keep(key, ask);
    }
    ask.found = this.memo.words[at + MEMO.found] ?? -1;
    ask.service = this.memo.words[at + MEMO.service] ?? -1;
    ask.isOther = this.memo.words[at + MEMO.isOther] === 1;
    return at;
  }

  /** Writes down what is looked for; false where an end is not remembered. */
  #put({ from, to, protocol, port, now }: Contact): boolean {
    if (from === null || to === null) return false;
    const ask = this.#ask;
    ask.fromAtoms = this.#atomsFor(from);
    ask.toAtoms = this.#namedAtoms(from, to, now);
    ask.protocol = protocol;
    ask.port = port;
    ask.now = now;
    ask.found = -1;
    ask.service = -1;
    ask.plan = NO_PLAN;
    ask.isOther = false;
    ask.all = null;
    return true;
  }

  #cellsOfRules(): Cells {
    const { rules } = this.#program;
    const cells = new Cells({
      ownerOf: (number) => rules[number] ?? null,
      orderOf: (number) => this.order.keyOf(number),
      planOf: this.#planOf,
    });
    for (const rule of rules) this.#enter(cells, rule.index, rule);
    return cells;
  }

  #cellsOf(owners: readonly Owner[]): Cells {
    const cells = new Cells({
      ownerOf: (number) => owners[number] ?? null,
      orderOf: (number) => number,
      planOf: () => NO_PLAN,
    });
    for (const [number, owner] of owners.entries()) this.#enter(cells, number, owner);
    return cells;
  }

  #enter(cells: Cells, number: number, owner: Owner): void {
    for (const place of this.#placesOf(owner)) cells.add(number, place);
  }

  #placesOf(owner: Owner): readonly Place[] {
    const { list } = this.#program.atoms;
    const from = handlesOf(owner.from, list) ?? EVERYWHERE;
    return owner.services.map((service, index) => ({
      from,
      to: handlesOf(service.on, list) ?? EVERYWHERE,
      service,
      index,
    }));
  }

  #identify(): void {
    this.#indices = new Array<number>(this.#identities.size).fill(ABSENT);
    for (const [index, { id }] of this.#program.elements.entries()) {
      const identity = this.#identities.get(id) ?? this.#identities.size;
      this.#identities.set(id, identity);
      this.#indices[identity] = index;
    }
  }

  #patternOf(atom: number): string | null {
    const found = this.#program.atoms.list[atom];
    return found?.kind === 'name' ? found.pattern : null;
  }

  #namedAtoms(from: End, to: End, now: number): readonly number[] {
    const atoms = this.#atomsFor(to);
    const { names } = this.#index;
    if (names.length === 0 || !to.mayBeNamed) return atoms;
    const live = this.#names.live({ client: from.address, server: to.address }, now);
    if (live.length === 0) return atoms;
    return [...atoms, ...names.filter((number) => fitting(live, this.#patternOf(number) ?? '').length > 0)];
  }

  #atomsFor(end: End): readonly number[] {
    if (end.change !== this.changes) this.#recognise(end);
    return end.atoms;
  }

  #recognise(end: End): void {
    const bytes = this.#addresses.bytes(end.address);
    const { elements } = this.#program;
    end.element = this.#recogniser.find({ address: end.address, bytes, mac: end.mac });
    const element = elements[end.element] ?? null;
    end.identity = element === null ? -1 : (this.#identities.get(element.id) ?? -1);
    const traits = { element, bytes, mac: end.mac, isInternet: isInternet(bytes) };
    end.mayBeNamed = element === null && traits.isInternet;
    const { atoms, number } = this.#classes.of(this.#index.atomsOf(traits));
    end.atoms = atoms;
    // Names hold for a while and between two ends only, so what they let be is not remembered.
    end.classNumber = end.mayBeNamed && this.#index.names.length > 0 ? NO_CLASS : number;
    end.isKnown = element !== null || traits.isInternet || isGroupAddress(bytes);
    end.mode = this.#modeOf(end.element, element);
    end.change = this.changes;
    this.table.note(end);
  }

  #modeOf(index: number, element: Element | null): EndMode {
    const known = this.#modes.get(index);
    if (known !== undefined) return known;
    const { mode } = this.#program.policy;
    const made = element === null ? { mode, protect: null } : { mode: element.mode, protect: element.protect };
    this.#modes.set(index, made);
    return made;
  }
}

const EVERYWHERE: readonly number[] = [ALWAYS];

/** Named services, each from anywhere. */
function servicesOf({ services }: Program): readonly Owner[] {
  return services.map((service) => ({ from: { kind: 'all', of: [] }, services: [service] }));
}
