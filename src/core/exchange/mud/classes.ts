// Far ends as selectors: what MUD calls classes, and which of them only a person can fill.
// A class that nobody has filled is a label that nobody has: its rule permits nobody until a person gives the label to an element.

import { isGroupAddress, isGroupMac, type Prefix, parsePrefix, type Selector } from '#model';
import type { MudFile, Peer } from './file.ts';
import { labelValue, plain } from './texts.ts';

/** Labels that stand for MUD's classes, in imported policies and for the export. */
export const LABEL = {
  manufacturer: 'manufacturer',
  model: 'model',
  controller: 'mud-controller',
  myController: 'mud-my-controller',
} as const;

/** Where nobody says otherwise: private and link-local addresses (RFC 1918, 3927, 4193, 4291). */
export const LOCAL_NETWORKS: readonly Prefix[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
].flatMap((text) => parsePrefix(text) ?? []);

export const LOCAL_QUESTION =
  'Which are the local networks? Without --local-networks they are all private and link-local addresses, which is likely more than this network has.';

export const DNS_CONTROLLER = 'urn:ietf:params:mud:dns';
export const NTP_CONTROLLER = 'urn:ietf:params:mud:ntp';

/** What people said about the classes. */
export interface Classes {
  readonly controllers: ReadonlyMap<string, Selector>;
  readonly myController: Selector | null;
  /** Null: `LOCAL_NETWORKS`, and a question. */
  readonly localNetworks: readonly Prefix[] | null;
}

export interface Filled {
  readonly selector: Selector;
  readonly questions: readonly string[];
  /** For the id of a rule. */
  readonly word: string;
}

type Versions = ReadonlySet<4 | 6 | null>;

/** The far end of a conversation; null where its label would be too long. */
export function fill(peers: readonly Peer[], versions: Versions, { file, classes }: Filling): Filled | null {
  const needed = withoutRepetition(peers);
  if (needed.length === 0) return { selector: anywhere(versions), questions: [], word: 'any' };
  const parts: Filled[] = [];
  for (const peer of needed) {
    const part = fillOne(peer, versions, { file, classes });
    if (part === null) return null;
    parts.push(part);
  }
  const [first] = parts;
  if (first === undefined) return null;
  return {
    selector: parts.length === 1 ? first.selector : { kind: 'all', of: parts.map(({ selector }) => selector) },
    questions: parts.flatMap(({ questions }) => questions),
    word: first.word,
  };
}

export interface Filling {
  readonly file: MudFile;
  readonly classes: Classes;
}

/** A group address or MAC stays on its link, so "local networks" adds nothing to it; nor does the broadcast MAC to the broadcast address. */
function withoutRepetition(peers: readonly Peer[]): readonly Peer[] {
  const hasGroup = peers.some((peer) => isGroup(peer));
  const hasGroupPrefix = peers.some((peer) => peer.kind === 'prefix' && isGroup(peer));
  return peers.filter(
    (peer) =>
      !(hasGroup && peer.kind === 'local-networks') && !(hasGroupPrefix && peer.kind === 'mac' && isGroup(peer)),
  );
}

/** Bits of the shortest prefix that holds group addresses only: 224.0.0.0/3, and ff00::/8. */
const GROUP_BITS = { 4: 99, 6: 8 } as const;

function isGroup(peer: Peer): boolean {
  if (peer.kind === 'mac') return isGroupMac(peer.mac);
  if (peer.kind !== 'prefix') return false;
  return isGroupAddress(peer.prefix.bytes) && peer.prefix.length >= GROUP_BITS[peer.prefix.version];
}

function fillOne(peer: Peer, versions: Versions, { file, classes }: Filling): Filled | null {
  switch (peer.kind) {
    case 'dns-name':
      return plainly({ kind: 'name', pattern: peer.pattern }, peer.pattern);
    case 'prefix':
      return plainly({ kind: 'prefix', prefix: peer.prefix }, isGroup(peer) ? 'group' : 'address');
    case 'mac':
      return plainly({ kind: 'mac', mac: peer.mac }, isGroup(peer) ? 'group' : 'mac');
    case 'local-networks':
      return local(versions, classes.localNetworks);
    case 'controller':
      return controller(peer.uri, classes.controllers);
    case 'my-controller':
      return myController(file, classes.myController);
    case 'manufacturer':
      return ofMaker(peer.domain);
    case 'same-manufacturer':
      return ofMaker(file.authority);
    case 'model':
      return labelled(LABEL.model, peer.uri, {
        word: 'model',
        question: (label) => `Which elements are of the model ${plain(peer.uri)}? Give them the label ${label}.`,
      });
  }
}

function plainly(selector: Selector, word: string): Filled {
  return { selector, questions: [], word };
}

function anywhere(versions: Versions): Selector {
  if (versions.size === 1 && versions.has(4)) return prefixOf('0.0.0.0/0');
  if (versions.size === 1 && versions.has(6)) return prefixOf('::/0');
  return { kind: 'any' };
}

function prefixOf(text: string): Selector {
  const prefix = parsePrefix(text);
  return prefix === null ? { kind: 'any' } : { kind: 'prefix', prefix };
}

function local(versions: Versions, networks: readonly Prefix[] | null): Filled | null {
  const fitting = (networks ?? LOCAL_NETWORKS).filter(({ version }) => versions.has(null) || versions.has(version));
  const of = fitting.map((prefix): Selector => ({ kind: 'prefix', prefix }));
  const [first] = of;
  if (first === undefined) return null;
  const selector: Selector = of.length === 1 ? first : { kind: 'either', of };
  return { selector, questions: networks === null ? [LOCAL_QUESTION] : [], word: 'local' };
}

function controller(uri: string, controllers: ReadonlyMap<string, Selector>): Filled | null {
  const word = uri.split(/[:/]/).findLast((part) => part !== '') ?? 'controller';
  const mapped = controllers.get(uri);
  if (mapped !== undefined) return plainly(mapped, word);
  return labelled(LABEL.controller, uri, {
    word,
    question: (label) =>
      `Which element is the controller ${plain(uri)}? Until an element has the label ${label}, or --controller says, its rules permit nobody.`,
  });
}

function myController(file: MudFile, mapped: Selector | null): Filled | null {
  if (mapped !== null) return plainly(mapped, 'my-controller');
  return labelled(LABEL.myController, file.url, {
    word: 'my-controller',
    question: (label) =>
      `Which element controls this device? Until an element has the label ${label}, or --my-controller says, its rules permit nobody.`,
  });
}

function ofMaker(domain: string): Filled | null {
  return labelled(LABEL.manufacturer, domain, {
    word: 'manufacturer',
    question: (label) => `Which elements were made by ${plain(domain)}? Give them the label ${label}.`,
  });
}

function labelled(
  key: string,
  text: string,
  { word, question }: { readonly word: string; readonly question: (label: string) => string },
): Filled | null {
  const value = labelValue(text);
  if (value === null) return null;
  return { selector: { kind: 'label', key, value }, questions: [question(`${key}=${value}`)], word };
}
