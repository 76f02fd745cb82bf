// Ends to classes, pairs of classes to their few candidate rules and guardrails, by document order. Not the judging of limits.

import { type AddressTable, isGroupAddress, isInternet, type Mac, type Mode, prefixHas } from '#model';
import { type Binding, fitting, type NameBindings } from './names.ts';
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
import { type Atom, elementIndex, holds, wantedAtoms } from './selectors.ts';

/** Distinct ends (address and MAC). When full, a further end is `NO_END`: nothing governs it, and it is held unless the whole policy only observes. */
const ENDS_MAX = 1_000_000;
/** Distinct sets of selectors that an end satisfies. When full, the candidates of a further set are found anew for each opening: the same answer, more slowly. */
const CLASSES_MAX = 262_144;
/** Memoised pairs of classes; when full the memory is emptied and filled again, which costs time only. */
const PAIRS_MAX = 200_000;
const CLASS_RADIX = 2 ** 22;
/** Answer when no end can be remembered any more. */
export const NO_END = -1;

export interface Candidate<Owner> {
  readonly owner: Owner;
  readonly services: readonly CompiledService[];
}

export interface Candidates {
  readonly rules: readonly Candidate<CompiledRule>[];
  readonly guards: readonly Candidate<CompiledGuard>[];
  /** Named services whose `on` holds for the responder. */
  readonly named: readonly CompiledService[];
}

/** The atoms that an end satisfies; `number` is `NO_CLASS` where there was no room to remember them. */
interface EndClass {
  readonly number: number;
  readonly atoms: Uint8Array;
}

const NO_CLASS = -1;
/** An element that the policy in force does not hold. */
export const ABSENT = -2;

/** One end as the policy in force sees it. */
export interface End {
  readonly address: number;
  readonly mac: Mac;
  element: number;
  /** Number of the element that outlives policies, -1 for none. */
  identity: number;
  class: EndClass;
  isKnown: boolean;
  /** Whether a name may hold for it: only for what is outside and no element. */
  mayBeNamed: boolean;
  mode: { readonly mode: Mode; readonly protect: readonly string[] | null };
}

const NOTHING: Candidates = { rules: [], guards: [], named: [] };
const NO_NAMES: readonly Binding[] = [];

export interface MatcherLimits {
  readonly ends?: number;
  readonly classes?: number;
}

export class Matcher {
  readonly #addresses: AddressTable;
  readonly #names: NameBindings;
  readonly #ends: End[] = [];
  readonly #endNumbers = new Map<number, Map<Mac, number>>();
  #program: Program;
  #recogniser: Recogniser;
  #elements: ReadonlyMap<string, number>;
  readonly #limits: Required<MatcherLimits>;
  /** Grows with the elements of all policies so far. */
  readonly #identities = new Map<string, number>();
  /** Index in the policy in force by identity. */
  #indices: number[] = [];
  #classes = new Map<string, EndClass>();
  #pairs = new Map<number, Candidates>();

  constructor(options: { program: Program; addresses: AddressTable; names: NameBindings; limits: MatcherLimits }) {
    this.#program = options.program;
    const { ends = ENDS_MAX, classes = CLASSES_MAX } = options.limits;
    this.#limits = { ends: Math.min(ends, ENDS_MAX), classes: Math.min(classes, CLASSES_MAX) };
    this.#addresses = options.addresses;
    this.#names = options.names;
    this.#recogniser = new Recogniser(options.program.policy, options.addresses);
    this.#elements = elementIndex(options.program.policy);
    this.#identify();
  }

  /** Takes another program: every known end is recognised anew under its old number. */
  replace(program: Program): void {
    this.#program = program;
    this.#recogniser = new Recogniser(program.policy, this.#addresses);
    this.#elements = elementIndex(program.policy);
    this.#identify();
    this.#classes = new Map();
    this.#pairs = new Map();
    for (const end of this.#ends) this.#recognise(end);
  }

  elementOf(id: string): number {
    return this.#elements.get(id) ?? -1;
  }

  /** Index of an element by its identity: -1 for no element, `ABSENT` for one that the policy in force does not hold. */
  indexOf(identity: number): number {
    return identity < 0 ? -1 : (this.#indices[identity] ?? ABSENT);
  }

  /** Number of an end, or `NO_END` when the table is full. */
  endOf(address: number, mac: Mac): number {
    let byMac = this.#endNumbers.get(address);
    const known = byMac?.get(mac);
    if (known !== undefined) return known;
    if (this.#ends.length >= this.#limits.ends || address < 0) return NO_END;
    const end: End = { address, mac, ...UNSEEN };
    this.#recognise(end);
    const number = this.#ends.push(end) - 1;
    if (byMac === undefined) {
      byMac = new Map();
      this.#endNumbers.set(address, byMac);
    }
    byMac.set(mac, number);
    return number;
  }

  end(number: number): End | null {
    return this.#ends[number] ?? null;
  }

  /** Rules, guardrails and named services that may concern a session between two ends at `now`. */
  candidates(from: End | null, to: End | null, now: number): Candidates {
    if (from === null || to === null) return NOTHING;
    const toClass = this.#program.hasNames ? this.#namedClass(from, to, now) : to.class;
    if (from.class.number === NO_CLASS || toClass.number === NO_CLASS)
      return this.#find(from.class.atoms, toClass.atoms);
    const key = from.class.number * CLASS_RADIX + toClass.number;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const found = this.#find(from.class.atoms, toClass.atoms);
    if (this.#pairs.size >= PAIRS_MAX) this.#pairs.clear();
    this.#pairs.set(key, found);
    return found;
  }

  /** The atoms that two ends satisfy towards each other; none of an end that is not remembered. */
  atomsOf({ from, to }: { from: End | null; to: End | null }, now: number): { from: Uint8Array; to: Uint8Array } {
    if (from === null || to === null) return { from: NO_ATOMS, to: NO_ATOMS };
    return { from: from.class.atoms, to: this.#namedClass(from, to, now).atoms };
  }

  /** Live bindings that a service needs for this pair. */
  bindingsUnder(service: CompiledService, ends: { from: End; to: End }, now: number): readonly Binding[] {
    if (!this.#program.hasNames || !ends.to.mayBeNamed) return NO_NAMES;
    const live = this.#names.live({ client: ends.from.address, server: ends.to.address }, now);
    if (live.length === 0) return NO_NAMES;
    const patterns = wantedAtoms(service.on).flatMap((number) => {
      const atom = this.#program.atoms[number];
      return atom?.kind === 'name' ? [atom.pattern] : [];
    });
    return [...new Set(patterns.flatMap((pattern) => fitting(live, pattern)))];
  }

  /** Whether either end enforces: the governing service, or with no rule any named service that fits. */
  isHeld(ends: { from: End | null; to: End | null }, candidates: Candidates, packet: Usage): boolean {
    const { from, to } = ends;
    if (from === null || to === null) return this.#program.isEnforcing;
    const { service } = packet;
    if (service !== null) return modeHolds(from.mode, service.id) || modeHolds(to.mode, service.id);
    if (from.mode.mode === 'enforce' || to.mode.mode === 'enforce') return true;
    return candidates.named.some(
      (named) =>
        protocolFits(named, packet.protocol) &&
        portFits(named, packet.port) &&
        (modeHolds(from.mode, named.id) || modeHolds(to.mode, named.id)),
    );
  }

  #identify(): void {
    this.#indices = new Array<number>(this.#identities.size).fill(ABSENT);
    for (const [index, { id }] of this.#program.policy.elements.entries()) {
      const identity = this.#identities.get(id) ?? this.#identities.size;
      this.#identities.set(id, identity);
      this.#indices[identity] = index;
    }
  }

  #namedClass(from: End, to: End, now: number): EndClass {
    if (!to.mayBeNamed) return to.class;
    const live = this.#names.live({ client: from.address, server: to.address }, now);
    if (live.length === 0) return to.class;
    const atoms = to.class.atoms.slice();
    for (const [at, atom] of this.#program.atoms.entries())
      if (atom.kind === 'name' && fitting(live, atom.pattern).length > 0) atoms[at] = 1;
    return this.#intern(atoms);
  }

  #recognise(end: End): void {
    const bytes = this.#addresses.bytes(end.address);
    const { policy, atoms } = this.#program;
    end.element = this.#recogniser.find({ address: end.address, bytes, mac: end.mac });
    const element = policy.elements[end.element] ?? null;
    end.identity = element === null ? -1 : (this.#identities.get(element.id) ?? -1);
    const traits = { element, bytes, mac: end.mac, isInternet: isInternet(bytes) };
    end.class = this.#intern(Uint8Array.from(atoms, (atom) => (atomHolds(atom, traits) ? 1 : 0)));
    end.mayBeNamed = element === null && traits.isInternet;
    end.isKnown = element !== null || traits.isInternet || isGroupAddress(bytes);
    end.mode =
      element === null ? { mode: policy.mode, protect: null } : { mode: element.mode, protect: element.protect };
  }

  #intern(atoms: Uint8Array): EndClass {
    const key = atoms.join('');
    const known = this.#classes.get(key);
    if (known !== undefined) return known;
    if (this.#classes.size >= this.#limits.classes) return { number: NO_CLASS, atoms };
    const made = { number: this.#classes.size, atoms };
    this.#classes.set(key, made);
    return made;
  }

  #find(from: Uint8Array, to: Uint8Array): Candidates {
    const fitting = <Owner extends CompiledRule | CompiledGuard>(owners: readonly Owner[]): Candidate<Owner>[] =>
      owners.flatMap((owner) => {
        if (!holds(owner.from, from)) return [];
        const services = owner.services.filter((service) => holds(service.on, to));
        return services.length === 0 ? [] : [{ owner, services }];
      });
    return {
      rules: fitting(this.#program.rules),
      guards: fitting(this.#program.guards),
      named: this.#program.services.filter((service) => holds(service.on, to)),
    };
  }
}

const NO_ATOMS = new Uint8Array(0);

const UNSEEN: Omit<End, 'address' | 'mac'> = {
  element: -1,
  identity: -1,
  class: { number: NO_CLASS, atoms: NO_ATOMS },
  isKnown: false,
  mayBeNamed: false,
  mode: { mode: 'enforce', protect: null },
};

type Element = Program['policy']['elements'][number];

/** What a packet speaks, and the governing service where there is one. */
interface Usage {
  readonly protocol: number;
  readonly port: number;
  readonly service: CompiledService | null;
}

function atomHolds(
  atom: Atom,
  end: { element: Element | null; bytes: Uint8Array; mac: Mac; isInternet: boolean },
): boolean {
  switch (atom.kind) {
    case 'any':
      return true;
    case 'internet':
      return end.isInternet;
    case 'element':
      return end.element?.id === atom.id;
    case 'element-kind':
      return end.element?.kind === atom.value;
    case 'label':
      return end.element?.labels.some(([key, value]) => key === atom.key && value === atom.value) ?? false;
    case 'prefix':
      return prefixHas(atom.prefix, end.bytes);
    case 'mac':
      return end.mac === atom.mac;
    case 'name':
      return false;
  }
}

/** The first candidate not past its end whose service fits; `index` of `services` is the session's service. */
export function govern(
  candidates: Candidates,
  packet: { protocol: number; port: number },
  now: number,
): { rule: CompiledRule; service: CompiledService } | null {
  for (const { owner, services } of candidates.rules) {
    if (now >= owner.until) continue;
    for (const service of services)
      if (protocolFits(service, packet.protocol) && portFits(service, packet.port)) return { rule: owner, service };
  }
  return null;
}

/** Whether a rule would govern if the protocol were not looked at. */
export function wouldGovern(candidates: Candidates, port: number, now: number): boolean {
  return candidates.rules.some(
    ({ owner, services }) => now < owner.until && services.some((service) => portFits(service, port)),
  );
}
