// A few ends that stand for all ends a policy can tell apart, so that "overlaps" and "covers" become questions about small sets.
// An approximation for warnings: an end that none of them stands for is missed, none is invented.

import {
  type AddressBytes,
  type Element,
  isInternet,
  type Mac,
  type Policy,
  type Prefix,
  parseAddress,
  prefixHas,
  prefixText,
  type Selector,
} from '#model';

/** One imagined end. `address` null: an element known by its MAC or not at all. */
export interface End {
  readonly element: Element | null;
  readonly address: AddressBytes | null;
  readonly mac: Mac;
  readonly name: string | null;
}

/** Set of classes as bits; classes are numbered as in `Universe.ends`. */
type ClassSet = Uint32Array;

export interface Universe {
  /** One end for each class. */
  readonly ends: readonly End[];
  setOf(selector: Selector): ClassSet;
}

/** Classes beyond which the comparing checks would take seconds. */
export const CLASSES_MAX = 8_192;

/** Null when the policy tells more than `CLASSES_MAX` classes apart. */
export function universeOf(policy: Policy): Universe | null {
  const atoms = atomsOf(policy);
  const ends = new Map<string, End>();
  const labelled = new Map<string, string>();
  for (const end of endsOf(policy, atoms)) {
    ends.set(signature(end, atoms, labelled), end);
    if (ends.size > CLASSES_MAX) return null;
  }
  const list = [...ends.values()];
  const sets = new Map<Selector, ClassSet>();
  return { ends: list, setOf: (selector) => remembered(sets, selector, list) };
}

function remembered(sets: Map<Selector, ClassSet>, selector: Selector, ends: readonly End[]): ClassSet {
  const known = sets.get(selector);
  if (known !== undefined) return known;
  const set = new Uint32Array(Math.ceil(ends.length / 32));
  for (const [at, end] of ends.entries())
    if (holds(selector, end)) set[at >> 5] = (set[at >> 5] ?? 0) | (1 << (at & 31));
  sets.set(selector, set);
  return set;
}

export function meets(a: ClassSet, b: ClassSet): boolean {
  for (let at = 0; at < a.length; at++) if (((a[at] ?? 0) & (b[at] ?? 0)) !== 0) return true;
  return false;
}

/** Whether every member of `inner` is in `outer`. */
export function covers(outer: ClassSet, inner: ClassSet): boolean {
  for (let at = 0; at < inner.length; at++) if (((inner[at] ?? 0) & ~(outer[at] ?? 0)) !== 0) return false;
  return true;
}

export function isNone(set: ClassSet): boolean {
  return set.every((word) => word === 0);
}

export function membersOf({ ends }: Universe, set: ClassSet): readonly End[] {
  return ends.filter((_, at) => ((set[at >> 5] ?? 0) >>> (at & 31)) & 1);
}

export function holds(selector: Selector, end: End): boolean {
  switch (selector.kind) {
    case 'any':
      return true;
    case 'internet':
      return end.address !== null && isInternet(end.address);
    case 'element':
      return end.element?.id === selector.id;
    case 'element-kind':
      return end.element?.kind === selector.value;
    case 'label':
      return end.element?.labels.some(([key, value]) => key === selector.key && value === selector.value) === true;
    case 'prefix':
      return end.address !== null && prefixHas(selector.prefix, end.address);
    case 'mac':
      return end.mac === selector.mac;
    case 'name':
      return end.name !== null && nameFits(selector.pattern, end.name);
    case 'not':
      return !holds(selector.of, end);
    case 'all':
      return selector.of.every((part) => holds(part, end));
    case 'either':
      return selector.of.some((part) => holds(part, end));
  }
}

function nameFits(pattern: string, name: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}

/** Different atoms by their text: the selectors a policy is made of. */
interface Atoms {
  readonly elements: ReadonlySet<string>;
  readonly prefixes: readonly Prefix[];
  readonly index: PrefixIndex;
  readonly macs: readonly Mac[];
  readonly names: readonly string[];
  readonly others: readonly Selector[];
}

function atomsOf(policy: Policy): Atoms {
  const elements = new Set<string>();
  const prefixes = new Map<string, Prefix>();
  const macs = new Set<Mac>();
  const names = new Set<string>();
  const others = new Map<string, Selector>();
  for (const selector of selectorsOf(policy).flatMap(leavesOf)) {
    if (selector.kind === 'element') elements.add(selector.id);
    else if (selector.kind === 'prefix') prefixes.set(prefixText(selector.prefix), selector.prefix);
    else if (selector.kind === 'mac') macs.add(selector.mac);
    else if (selector.kind === 'name') names.add(selector.pattern);
    else if (selector.kind === 'label' || selector.kind === 'element-kind')
      others.set(JSON.stringify(selector), selector);
  }
  return {
    elements,
    prefixes: [...prefixes.values()],
    index: new PrefixIndex([...prefixes.values()]),
    macs: [...macs],
    names: [...names],
    others: [...others.values()],
  };
}

function selectorsOf(policy: Policy): readonly Selector[] {
  const entries = [...policy.rules, ...policy.never, ...policy.require];
  return [
    ...policy.services.map(({ on }) => on),
    ...entries.flatMap(({ from, to }) => [from, ...to.map(({ on }) => on)]),
  ];
}

export function leavesOf(selector: Selector): readonly Selector[] {
  if (selector.kind === 'not') return leavesOf(selector.of);
  if (selector.kind === 'all' || selector.kind === 'either') return selector.of.flatMap(leavesOf);
  return [selector];
}

function* endsOf(policy: Policy, atoms: Atoms): Iterable<End> {
  const edges = [
    ...atoms.prefixes,
    ...policy.elements.flatMap(({ addresses }) => addresses.filter(({ length }) => length < 128)),
  ].flatMap(edgesOf);
  const strangers = ['198.51.100.77', '2a00::77', '10.255.254.253', 'fd00:ffff::77'].flatMap(
    (text) => parseAddress(text) ?? [],
  );
  for (const element of policy.elements) yield* endsOfElement(element, edges);
  for (const address of [...strangers, ...edges]) {
    yield { element: null, address, mac: -1, name: null };
    for (const mac of atoms.macs) yield { element: null, address, mac, name: null };
    for (const name of atoms.names)
      yield { element: null, address, mac: -1, name: name.replace(/^\*/, 'picket-check') };
    // Names cross addresses only for the strangers: their number is otherwise a product.
    if (atoms.names.length * edges.length > CLASSES_MAX) break;
  }
}

function* endsOfElement(element: Element, edges: readonly AddressBytes[]): Iterable<End> {
  const inside = edges.filter((edge) =>
    element.addresses.some((prefix) => prefix.length < 128 && prefixHas(prefix, edge)),
  );
  const addresses = [...element.addresses.map(({ bytes }) => bytes), ...inside];
  for (const address of addresses.length === 0 ? [null] : addresses)
    for (const mac of element.macs.length === 0 ? [-1] : element.macs) yield { element, address, mac, name: null };
}

/** First and last address, and the neighbours outside: every region that prefixes cut out has one of them. */
function edgesOf(prefix: Prefix): readonly AddressBytes[] {
  const last = prefix.bytes.slice();
  for (let bit = prefix.length; bit < 128; bit++) last[bit >> 3] = (last[bit >> 3] ?? 0) | (128 >> (bit & 7));
  return [prefix.bytes, last, neighbour(prefix.bytes, -1), neighbour(last, 1)];
}

function neighbour(bytes: AddressBytes, step: 1 | -1): AddressBytes {
  const moved = bytes.slice();
  for (let at = 15; at >= 0; at--) {
    const value = (moved[at] ?? 0) + step;
    moved[at] = value & 0xff;
    if (value >= 0 && value <= 255) break;
  }
  return moved;
}

/** Which atoms hold, as text: ends with the same one are one class. */
function signature(end: End, atoms: Atoms, labelled: Map<string, string>): string {
  const { element, address } = end;
  const id = element !== null && atoms.elements.has(element.id) ? element.id : '';
  const parts = [id, end.name ?? '', element === null ? '-' : labelsKnown(element, atoms, labelled)];
  parts.push(address === null ? '?' : `${isInternet(address)}${atoms.index.textOf(address)}|${versionOf(address)}`);
  parts.push(atoms.macs.includes(end.mac) ? String(end.mac) : '', String(element?.login !== null));
  return parts.join('|');
}

/** Which of many prefixes hold an address: one look-up for each length that occurs, not one test for each prefix. */
class PrefixIndex {
  readonly #byLength = new Map<number, Map<string, number>>();

  constructor(prefixes: readonly Prefix[]) {
    for (const [at, { version, bytes, length }] of prefixes.entries()) {
      const key = length * 10 + version;
      const sameLength = this.#byLength.get(key) ?? new Map<string, number>();
      this.#byLength.set(key, sameLength.set(keptBits(bytes, length), at));
    }
  }

  /** The numbers of those that hold it, as text. */
  textOf(address: AddressBytes): string {
    const version = versionOf(address);
    const holding: number[] = [];
    for (const [key, prefixes] of this.#byLength) {
      const at = key % 10 === version ? prefixes.get(keptBits(address, Math.floor(key / 10))) : undefined;
      if (at !== undefined) holding.push(at);
    }
    return holding.join();
  }
}

function keptBits(bytes: AddressBytes, length: number): string {
  const whole = length >> 3;
  const rest = (bytes[whole] ?? 0) & (0xff00 >> (length & 7)) & 0xff;
  return String.fromCharCode(...bytes.subarray(0, whole), rest);
}

function labelsKnown(element: Element, { others }: Atoms, labelled: Map<string, string>): string {
  const known = labelled.get(element.id);
  if (known !== undefined) return known;
  const end: End = { element, address: null, mac: -1, name: null };
  const bits = others.map((atom) => (holds(atom, end) ? '1' : '0')).join('');
  labelled.set(element.id, bits);
  return bits;
}

export function versionOf(address: AddressBytes): 4 | 6 {
  return MAPPED.every((byte, at) => address[at] === byte) ? 4 : 6;
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];
