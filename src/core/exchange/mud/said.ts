// Selectors as MUD's conditions on the far end: what can be said in classes, names and networks, and what cannot.

import { type Element, isInternet, type Prefix, prefixText, type Selector } from '#model';
import { LABEL, LOCAL_NETWORKS, NTP_CONTROLLER } from './classes.ts';
import type { Peer } from './file.ts';
import { labelText } from './texts.ts';

/** One way to be the far end: all conditions hold. `versions` are those whose lists say it. */
export interface Said {
  readonly peers: readonly Peer[];
  readonly versions: readonly (4 | 6)[];
}

interface Saying {
  readonly elements: readonly Element[];
  readonly url: string;
  readonly authority: string;
  readonly localNetworks: readonly Prefix[] | null;
  /** udp/123: names with a wildcard are then the class of NTP servers. */
  readonly isNtp: boolean;
  /** What MUD does not say, and whether the file permits more or less for it. */
  readonly remark: (what: string, why: string) => void;
  /** Classes that the file makes up; an import must be told who they are. */
  readonly classes: Map<string, Selector>;
}

const BOTH = [4, 6] as const;
/** Alternatives of one far end; more come only of `all` over long lists. */
const SAID_MAX = 500;

export function say(selector: Selector, saying: Saying): readonly Said[] {
  switch (selector.kind) {
    case 'any':
      return [{ peers: [], versions: BOTH }];
    case 'internet':
      saying.remark(
        'internet',
        'MUD has no word for public addresses, so every address is named; the file permits more',
      );
      return [{ peers: [], versions: BOTH }];
    case 'name':
      return sayName(selector.pattern, saying);
    case 'prefix':
      return sayPrefix(selector.prefix, saying);
    case 'mac':
      return [{ peers: [{ kind: 'mac', mac: selector.mac }], versions: BOTH }];
    case 'label':
      return [{ peers: [labelled(selector, saying)], versions: BOTH }];
    case 'element':
      return sayElement(selector, saying);
    case 'element-kind':
      return [{ peers: [madeUp(`urn:picket:kind:${selector.value}`, selector, saying)], versions: BOTH }];
    case 'not':
      saying.remark('a selector with "not"', 'MUD has no word for it, so nothing is said; the file permits less');
      return [];
    case 'either':
      return sayEither(selector.of, saying);
    case 'all':
      return sayAll(selector.of, saying);
  }
}

function sayName(pattern: string, saying: Saying): readonly Said[] {
  if (!pattern.startsWith('*.')) return [{ peers: [{ kind: 'dns-name', pattern }], versions: BOTH }];
  if (saying.isNtp) return [{ peers: [{ kind: 'controller', uri: NTP_CONTROLLER }], versions: BOTH }];
  saying.remark(pattern, 'MUD names have no wildcard, so nothing is said; the file permits less');
  return [];
}

/** A prefix of no bits is every address of its version. */
function sayPrefix(prefix: Prefix, { localNetworks }: Saying): readonly Said[] {
  const versions = [prefix.version];
  if (prefix.length === (prefix.version === 4 ? 96 : 0)) return [{ peers: [], versions }];
  const local = (localNetworks ?? LOCAL_NETWORKS).filter(({ version }) => version === prefix.version).map(prefixText);
  if (local.length === 1 && local[0] === prefixText(prefix)) return [{ peers: [{ kind: 'local-networks' }], versions }];
  return [{ peers: [{ kind: 'prefix', prefix }], versions }];
}

function labelled(selector: Extract<Selector, { kind: 'label' }>, saying: Saying): Peer {
  const { key, value } = selector;
  const text = labelText(value);
  if (key === LABEL.manufacturer)
    return text === saying.authority ? { kind: 'same-manufacturer' } : { kind: 'manufacturer', domain: text };
  if (key === LABEL.model) return { kind: 'model', uri: text };
  if (key === LABEL.controller) return { kind: 'controller', uri: text };
  if (key === LABEL.myController && text === saying.url) return { kind: 'my-controller' };
  return madeUp(`urn:picket:label:${key}:${value}`, selector, saying);
}

function madeUp(uri: string, selector: Selector, { classes }: Saying): Peer {
  classes.set(uri, selector);
  return { kind: 'controller', uri };
}

/** Another element by its addresses; by a class where it has none. */
function sayElement(selector: Extract<Selector, { kind: 'element' }>, saying: Saying): readonly Said[] {
  const element = saying.elements.find(({ id }) => id === selector.id);
  if (element === undefined) return [];
  if (element.addresses.length === 0)
    return [{ peers: [madeUp(`urn:picket:element:${element.id}`, selector, saying)], versions: BOTH }];
  if (element.macs.length > 0)
    saying.remark(`the MAC of ${element.id}`, 'the far end is named by address alone; the file permits more');
  if (element.addresses.some(({ bytes }) => !isInternet(bytes)))
    saying.remark(
      `the address of ${element.id}`,
      'it is an address of this network: elsewhere another element may have it',
    );
  return element.addresses.flatMap((prefix) => sayPrefix(prefix, saying));
}

/** Local networks are recognised as such, all of one IP version at a time. */
function sayEither(parts: readonly Selector[], saying: Saying): readonly Said[] {
  const texts = new Set(parts.map((part) => (part.kind === 'prefix' ? prefixText(part.prefix) : '')));
  const local = BOTH.map((version) => ({
    version,
    texts: (saying.localNetworks ?? LOCAL_NETWORKS).filter((prefix) => prefix.version === version).map(prefixText),
  })).filter((group) => group.texts.length > 0 && group.texts.every((text) => texts.has(text)));
  const covered = new Set(local.flatMap((group) => group.texts));
  const rest = parts.filter((part) => part.kind !== 'prefix' || !covered.has(prefixText(part.prefix)));
  const versions = local.map(({ version }) => version);
  return [
    ...(versions.length === 0 ? [] : [{ peers: [{ kind: 'local-networks' } as const], versions }]),
    ...unique(rest.flatMap((part) => say(part, saying))),
  ];
}

function unique(all: readonly Said[]): readonly Said[] {
  return [...new Map(all.map((said) => [JSON.stringify(said), said])).values()];
}

function sayAll(parts: readonly Selector[], saying: Saying): readonly Said[] {
  let all: readonly Said[] = [{ peers: [], versions: BOTH }];
  for (const part of parts) {
    const next = say(part, saying);
    all = all.flatMap((one) => next.flatMap((other) => both(one, other, saying) ?? []));
    if (all.length <= SAID_MAX) continue;
    saying.remark('a far end with very many alternatives', 'nothing is said; the file permits less');
    return [];
  }
  return all;
}

/** One entry holds one network, one name and one class at most. */
function both(one: Said, other: Said, { remark }: Saying): Said | null {
  const peers = [...one.peers, ...other.peers];
  const slots = peers.map(({ kind }) => (kind === 'prefix' || kind === 'dns-name' || kind === 'mac' ? kind : 'class'));
  const versions = one.versions.filter((version) => other.versions.includes(version));
  if (versions.length > 0 && new Set(slots).size === slots.length) return { peers, versions };
  remark('two conditions of one kind on the far end', 'an entry holds one, so nothing is said; the file permits less');
  return null;
}
