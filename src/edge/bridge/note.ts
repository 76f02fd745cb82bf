// What was on the machine before Picket changed it: plain data that is kept on disk, and read back with suspicion. Not a change itself.

import { addressText, parseAddress } from '#model';
import { isInterfaceName } from '#nft';
import { at, isTrue, itemsAt, textAt } from './json.ts';
import { PORTS_MAX } from './layout.ts';

/** A setting of the kernel, as sysctl names it with slashes. */
export interface SettingNote {
  readonly name: string;
  readonly before: string;
  readonly set: string;
}

/** Properties of links that Picket sets. */
export const LINK_PROPERTIES = ['isolated', 'nf_call_iptables', 'nf_call_ip6tables'] as const;
export type LinkProperty = (typeof LINK_PROPERTIES)[number];

export interface LinkNote {
  readonly link: string;
  readonly property: LinkProperty;
  readonly before: boolean;
  readonly set: boolean;
}

export interface BridgeNote {
  readonly schema: 'picket.bridge/v1';
  readonly bridge: string;
  /** In the order in which they are set; put back in the reverse order. */
  readonly settings: readonly SettingNote[];
  readonly links: readonly LinkNote[];
  /** IPv6 addresses for which the bridge answers since Picket said so. */
  readonly proxies: readonly string[];
}

/** One link-layer proxy is found by walking a sixteenth of them, so there is a bound. Further addresses are bound, and answered for by nobody. */
export const PROXIES_MAX = 4_096;
const SETTINGS_MAX = 64;

export function emptyNote(bridge: string): BridgeNote {
  return { schema: 'picket.bridge/v1', bridge, settings: [], links: [], proxies: [] };
}

/** Adds what is about to be changed. What an earlier note says of the same thing stays: it is older, so it is what was there before Picket. */
export function joinNotes(earlier: BridgeNote, later: BridgeNote): BridgeNote {
  const settings = new Map(later.settings.map((one) => [one.name, one]));
  const kept = earlier.settings.map((one) => ({ ...one, set: settings.get(one.name)?.set ?? one.set }));
  const keptNames = new Set(kept.map(({ name }) => name));
  const keyOf = ({ link, property }: LinkNote): string => `${link} ${property}`;
  const links = new Map(earlier.links.map((one) => [keyOf(one), one]));
  for (const one of later.links) links.set(keyOf(one), { ...one, before: links.get(keyOf(one))?.before ?? one.before });
  return {
    ...earlier,
    settings: [...kept, ...later.settings.filter(({ name }) => !keptNames.has(name))],
    links: [...links.values()],
    proxies: [...new Set([...earlier.proxies, ...later.proxies])],
  };
}

/** Reads a note that comes from outside; null where it is none. Names and values are checked, because they become commands. */
export function readNote(value: unknown): BridgeNote | null {
  const bridge = textAt(value, 'bridge');
  const settings = itemsAt(value, 'settings');
  const links = itemsAt(value, 'links');
  const proxies = itemsAt(value, 'proxies');
  if (textAt(value, 'schema') !== 'picket.bridge/v1' || bridge === null || !isInterfaceName(bridge)) return null;
  if (settings === null || links === null || proxies === null) return null;
  if (settings.length > SETTINGS_MAX || links.length > 2 * PORTS_MAX + 2 || proxies.length > PROXIES_MAX) return null;
  const readSettings = settings.flatMap((one) => readSetting(one, bridge) ?? []);
  const readLinks = links.flatMap((one) => readLink(one) ?? []);
  const readProxies = proxies.flatMap((one) => (typeof one === 'string' ? sixOf(one) : []));
  const isWhole =
    readSettings.length === settings.length &&
    readLinks.length === links.length &&
    readProxies.length === proxies.length;
  if (!isWhole) return null;
  return { schema: 'picket.bridge/v1', bridge, settings: readSettings, links: readLinks, proxies: readProxies };
}

function sixOf(text: string): string | [] {
  const bytes = parseAddress(text);
  return bytes === null || !text.includes(':') ? [] : addressText(bytes);
}

function readSetting(value: unknown, bridge: string): SettingNote | null {
  const name = textAt(value, 'name');
  const before = textAt(value, 'before');
  const set = textAt(value, 'set');
  if (name === null || before === null || set === null) return null;
  return isSettingName(name, bridge) && isSmallNumber(before) && isSmallNumber(set) ? { name, before, set } : null;
}

function isSettingName(name: string, bridge: string): boolean {
  const parts = name.split('/');
  if (parts.slice(0, 2).join('/') === 'net/bridge')
    return parts.length === 3 && /^bridge-nf-call-[a-z0-9]+$/.test(parts[2] ?? '');
  const [net, family = '', place = '', device, key = '', ...rest] = parts;
  const isKnownPlace = net === 'net' && /^ipv[46]$/.test(family) && /^(conf|neigh)$/.test(place);
  return isKnownPlace && device === bridge && /^[a-z_]+$/.test(key) && rest.length === 0;
}

function isSmallNumber(text: string): boolean {
  return /^-?[0-9]{1,10}$/.test(text);
}

function readLink(value: unknown): LinkNote | null {
  const link = textAt(value, 'link');
  const property = LINK_PROPERTIES.find((one) => one === textAt(value, 'property'));
  const before = at(value, 'before');
  const set = at(value, 'set');
  if (link === null || !isInterfaceName(link) || property === undefined) return null;
  if (typeof before !== 'boolean' || typeof set !== 'boolean') return null;
  return { link, property, before: isTrue(before), set: isTrue(set) };
}
