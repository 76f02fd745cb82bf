// What the kernel's settings have to be for one layout, and why a machine cannot have them. Pure: what is there comes in as data.

import { addressText } from '#model';
import { isFour } from './content.ts';
import type { CheckedLayout } from './layout.ts';
import type { Link } from './machine.ts';
import { type BridgeNote, emptyNote, type LinkNote, PROXIES_MAX, type SettingNote } from './note.ts';

/** What the machine is like now. */
export interface Present {
  readonly links: readonly Link[];
  /** Settings that this kernel has, by name. */
  readonly settings: ReadonlyMap<string, string>;
  readonly proxies: readonly string[];
}

export type Obstacle = { readonly trouble: BridgeObstacle; readonly message: string };
export type BridgeObstacle =
  | 'no-bridge'
  | 'no-port'
  | 'open-port'
  | 'no-forwarding'
  | 'no-ipv6'
  | 'no-bridge-netfilter';

/** Names of all settings that matter for a bridge: they are read before anything is decided. */
export function settingNames(bridge: string): readonly string[] {
  const [four, six] = ['ipv4', 'ipv6'];
  return [
    ...BRIDGE_NETFILTER,
    'net/ipv6/conf/all/forwarding',
    ...['forwarding', 'proxy_arp_pvlan', 'send_redirects', 'accept_redirects'].map(
      (key) => `net/${four}/conf/${bridge}/${key}`,
    ),
    `net/${four}/neigh/${bridge}/proxy_delay`,
    ...['accept_ra', 'forwarding', 'force_forwarding', 'proxy_ndp', 'accept_redirects'].map(
      (key) => `net/${six}/conf/${bridge}/${key}`,
    ),
    `net/${six}/neigh/${bridge}/proxy_delay`,
  ];
}

const BRIDGE_NETFILTER = ['iptables', 'ip6tables', 'arptables'].map((table) => `net/bridge/bridge-nf-call-${table}`);

/** Why this machine cannot hold the layout; nothing was changed. */
export function obstaclesOf(layout: CheckedLayout, { links, settings }: Present): readonly Obstacle[] {
  const { bridge, uplink } = layout;
  const found: Obstacle[] = [];
  if (!links.some(({ name, isBridge }) => name === bridge && isBridge))
    found.push({ trouble: 'no-bridge', message: `there is no bridge ${bridge}` });
  const named = new Set([...layout.ports, ...(uplink === null ? [] : [uplink])]);
  for (const name of named) {
    const port = links.find((link) => link.name === name);
    if (port?.master !== bridge)
      found.push({
        trouble: 'no-port',
        message: `${name} is no port of ${bridge}: ${port === undefined ? 'there is no such link' : 'it belongs elsewhere'}`,
      });
  }
  for (const { name, master } of links)
    if (master === bridge && !named.has(name))
      found.push({
        trouble: 'open-port',
        message: `${bridge} has another port, ${JSON.stringify(name)}, and nobody says what is behind it; name it among the ports or as the uplink`,
      });
  if (versionsOf(layout).has(6)) found.push(...sixObstacles(bridge, settings));
  if (uplink !== null && !BRIDGE_NETFILTER.every((name) => settings.has(name)))
    found.push({
      trouble: 'no-bridge-netfilter',
      message: `traffic between ${bridge} and its uplink is judged through br_netfilter, which this kernel has not loaded`,
    });
  return found;
}

function sixObstacles(bridge: string, settings: ReadonlyMap<string, string>): readonly Obstacle[] {
  if (!settings.has(`net/ipv6/conf/${bridge}/proxy_ndp`))
    return [{ trouble: 'no-ipv6', message: `${bridge} has IPv6 subnets, and this kernel has no IPv6` }];
  const isForced = settings.has(`net/ipv6/conf/${bridge}/force_forwarding`);
  if (isForced || settings.get('net/ipv6/conf/all/forwarding') === '1') return [];
  const message = `this kernel forwards IPv6 on all interfaces or none, and it does not: net.ipv6.conf.all.forwarding=1 is needed`;
  return [{ trouble: 'no-forwarding', message }];
}

export function versionsOf({ subnets }: CheckedLayout): ReadonlySet<4 | 6> {
  return new Set(subnets.map(({ version }) => version));
}

/** A note of all that has to be changed, with what is there now. What is right already is not in it. */
export function wantedChanges(layout: CheckedLayout, present: Present): BridgeNote {
  const settings = wantedSettings(layout, present).flatMap(([name, set]) => settingChange(name, set, present));
  const there = new Set(present.proxies);
  return {
    ...emptyNote(layout.bridge),
    settings,
    links: wantedLinks(layout, present).filter(({ before, set }) => before !== set),
    proxies: wantedProxies(layout).filter((address) => !there.has(address)),
  };
}

function settingChange(name: string, set: string, { settings }: Present): readonly SettingNote[] {
  const before = settings.get(name);
  return before === undefined || before === set ? [] : [{ name, before, set }];
}

/** Addresses for which the bridge answers neighbour solicitations, link-local ones excepted: those are not handed on. */
export function wantedProxies({ stations }: CheckedLayout): readonly string[] {
  const untagged = stations.filter(({ vlan }) => vlan === null);
  const bound = untagged.flatMap(({ addresses }) => addresses).filter((bytes) => !isFour(bytes));
  const global = bound.map(addressText).filter((text) => !/^fe[89ab]/.test(text));
  return global.slice(0, PROXIES_MAX);
}

type Setting = readonly [name: string, value: string];

/** In the order in which they have to be set: nothing is answered for before it is handed on. */
function wantedSettings(layout: CheckedLayout, present: Present): readonly Setting[] {
  const versions = versionsOf(layout);
  return [
    ...netfilterSettings(layout, present),
    ...(versions.has(4) ? fourSettings(layout.bridge) : []),
    ...(versions.has(6) ? sixSettings(layout.bridge, present.settings) : []),
  ];
}

/**
 * What crosses the bridge from port to port would pass the chains a second time. With another bridge on the machine it stays as it is:
 * somebody may rely on it (containers do), and isolated ports hold either way.
 */
function netfilterSettings({ bridge }: CheckedLayout, { links }: Present): readonly Setting[] {
  const isAlone = !links.some(({ name, isBridge }) => isBridge && name !== bridge);
  return isAlone ? BRIDGE_NETFILTER.map((name) => [name, '0']) : [];
}

function fourSettings(bridge: string): readonly Setting[] {
  const conf = `net/ipv4/conf/${bridge}`;
  return [
    [`${conf}/forwarding`, '1'],
    [`${conf}/send_redirects`, '0'],
    [`${conf}/accept_redirects`, '0'],
    [`net/ipv4/neigh/${bridge}/proxy_delay`, '0'],
    [`${conf}/proxy_arp_pvlan`, '1'],
  ];
}

function sixSettings(bridge: string, settings: ReadonlyMap<string, string>): readonly Setting[] {
  const conf = `net/ipv6/conf/${bridge}`;
  const isForwarding = settings.get('net/ipv6/conf/all/forwarding') === '1';
  // A host that begins to forward forgets what routers told it, unless it says before that it still listens.
  const isListening = settings.get(`${conf}/accept_ra`) === '1' && settings.get(`${conf}/forwarding`) === '0';
  const listening: readonly Setting[] = isListening ? [[`${conf}/accept_ra`, '2']] : [];
  const forced: readonly Setting[] = isForwarding ? [] : [[`${conf}/force_forwarding`, '1']];
  return [
    ...listening,
    [`${conf}/forwarding`, '1'],
    ...forced,
    [`${conf}/accept_redirects`, '0'],
    [`net/ipv6/neigh/${bridge}/proxy_delay`, '0'],
    [`${conf}/proxy_ndp`, '1'],
  ];
}

/** Ports last: until they are isolated everything goes the old way. */
function wantedLinks({ bridge, ports, uplink }: CheckedLayout, { links }: Present): readonly LinkNote[] {
  const find = (name: string): Link | undefined => links.find((link) => link.name === name);
  const notes = (['nf_call_iptables', 'nf_call_ip6tables'] as const).map((property) => ({
    link: bridge,
    property,
    before: find(bridge)?.properties[property] ?? false,
    set: uplink !== null,
  }));
  const isolated = (link: string, set: boolean): LinkNote => ({
    link,
    property: 'isolated',
    before: find(link)?.properties.isolated ?? false,
    set,
  });
  const open = uplink === null ? [] : [isolated(uplink, false)];
  return [...notes, ...open, ...ports.map((port) => isolated(port, true))];
}

/** Port → its index in the kernel, of those that are there. */
export function indexesOf({ bridge, ports, uplink }: CheckedLayout, { links }: Present): ReadonlyMap<string, number> {
  const named = new Set([...ports, ...(uplink === null ? [] : [uplink])]);
  const ours = links.filter(({ name, master }) => master === bridge && named.has(name));
  return new Map(ours.map(({ name, index }) => [name, index]));
}

/** The layout as far as its ports are there: who was unplugged is not waited for. */
export function withoutAbsent(layout: CheckedLayout, present: Present): CheckedLayout {
  const there = indexesOf(layout, present);
  const { uplink } = layout;
  return {
    ...layout,
    ports: layout.ports.filter((name) => there.has(name)),
    uplink: uplink !== null && there.has(uplink) ? uplink : null,
  };
}

/** What is not as it has to be, in words. */
export function driftOf(layout: CheckedLayout, present: Present): readonly string[] {
  const { settings, links, proxies } = wantedChanges(layout, present);
  const strangers = obstaclesOf(layout, present).filter(({ trouble }) => trouble === 'open-port');
  return [
    ...strangers.map(({ message }) => message),
    ...settings.map(({ name, before }) => `${name} was ${before}`),
    ...links.map(({ link, property, before }) => `${property} of ${link} was ${before ? 'on' : 'off'}`),
    ...proxies.map((address) => `the bridge did not answer for ${address}`),
  ];
}

/** Ports that went, came, or were made anew. */
export function movesOf(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): readonly string[] {
  const gone = [...before.keys()].filter((name) => !now.has(name)).map((name) => `${name} is no longer a port`);
  const come = [...now].filter(([name, index]) => before.get(name) !== index).map(([name]) => `${name} came back`);
  return [...gone, ...come];
}
