// The tables of a bridge as nft commands: whole, or the difference of two contents. INVARIANT: nothing but tables named picket_ports.

import { interfaceName, lines, list, mac, type Nft, nft } from '#nft';
import { PORT_CHAINS } from './chains.ts';
import { bindingSets, type PortContent } from './content.ts';
import { BINDING_SETS, type BindingSet, WORKING_SETS } from './sets.ts';

/** Elements of one command. */
const CHUNK = 5_000;

/** Families in which Picket has a table for its bridge. */
const FAMILIES: readonly Nft[] = [nft`netdev`, nft`bridge`, nft`inet`, nft`arp`];

/** Takes the tables away, also where there are none: one transaction. */
export const REMOVE_LINE = onOneLine(removeCommands());

function removeCommands(): readonly Nft[] {
  return FAMILIES.flatMap((family) => [
    nft`add table ${family} picket_ports`,
    nft`delete table ${family} picket_ports`,
  ]);
}

/** The tables in place of earlier ones, as one line: one transaction. */
export function installLine(content: PortContent): string {
  return onOneLine([...removeCommands(), ...installCommands(content)]);
}

/** The difference between two contents as one line, '' for none. */
export function applyLine(before: PortContent, after: PortContent): string {
  return onOneLine(differenceCommands(before, after));
}

/** The tables as a file for `nft -f`, one command a line. */
export function installText(content: PortContent): string {
  return lines(installCommands(content)).nft;
}

/** The difference as text, one command a line. */
export function differenceText(before: PortContent, after: PortContent): string {
  return lines(differenceCommands(before, after)).nft;
}

function onOneLine(commands: readonly Nft[]): string {
  return commands.map((command) => command.nft).join('; ');
}

/** Everything: sets, chains, ports, bindings. */
function installCommands(content: PortContent): readonly Nft[] {
  const none: PortContent = { ...content, ports: new Map(), uplink: null, sets: new Map() };
  return [
    ...FAMILIES.map((family) => nft`add table ${family} picket_ports`),
    ...bindingSets().map((name) => nft`add set ${place(name)} { ${BINDING_SETS[name].body} ; }`),
    ...WORKING_SETS.map(({ name, body }) => nft`add set netdev picket_ports ${name} { ${body} }`),
    ...PORT_CHAINS.map(({ name }) => nft`add chain netdev picket_ports ${name}`),
    ...PORT_CHAINS.flatMap(({ name, rules }) => rules.map((rule) => nft`add rule netdev picket_ports ${name} ${rule}`)),
    nft`add chain netdev picket_ports readdress`,
    ...readdressCommands(content),
    ...besideCommands(content),
    ...differenceCommands(none, content),
  ];
}

/**
 * A device that learned its peer's MAC before the ports were isolated still sends there. Such a frame is meant for the bridge itself,
 * which hands it on: so nobody waits until the caches of all devices have run out.
 */
function readdressCommands({ mac: own }: PortContent): readonly Nft[] {
  return [
    nft`flush chain netdev picket_ports readdress`,
    nft`add rule netdev picket_ports readdress ether daddr @peers ether daddr set ${mac(own)}`,
  ];
}

/** Chains in tables of other families. */
function besideCommands({ bridge, uplink }: PortContent): readonly Nft[] {
  const name = interfaceName(bridge);
  return [
    // The second line behind isolation, by name: a port that is new, or comes back, is not isolated until that is seen.
    nft`add set bridge picket_ports members { typeof iifname ; }`,
    nft`add chain bridge picket_ports forward { type filter hook forward priority filter ; policy accept ; }`,
    ...(uplink === null
      ? [
          nft`add rule bridge picket_ports forward iifname @members drop`,
          nft`add rule bridge picket_ports forward oifname @members drop`,
        ]
      : [
          nft`add rule bridge picket_ports forward iifname @members oifname != ${interfaceName(uplink)} drop`,
          nft`add rule bridge picket_ports forward oifname @members iifname != ${interfaceName(uplink)} drop`,
        ]),
    // A redirect would teach a device the MAC of its peer, which it cannot reach.
    nft`add chain inet picket_ports output { type filter hook output priority filter - 10 ; policy accept ; }`,
    nft`add rule inet picket_ports output oifname ${name} icmp type redirect drop`,
    nft`add rule inet picket_ports output oifname ${name} icmpv6 type nd-redirect drop`,
    ...(uplink === null ? [] : answerCommands(name)),
  ];
}

/** Toward the uplink devices answer for themselves: the bridge answers only where both are at its ports. */
function answerCommands(bridge: Nft): readonly Nft[] {
  return [
    nft`add chain arp picket_ports output { type filter hook output priority filter ; policy accept ; }`,
    nft`add rule arp picket_ports output oifname != ${bridge} accept`,
    nft`add rule arp picket_ports output arp operation != reply accept`,
    nft`add rule arp picket_ports output arp saddr ip @own accept`,
    nft`add rule arp picket_ports output arp saddr ip @answered arp daddr ip @answered accept`,
    nft`add rule arp picket_ports output drop`,
  ];
}

/** INVARIANT: both contents are of one bridge with one uplink. */
function differenceCommands(before: PortContent, after: PortContent): readonly Nft[] {
  const stays = (name: string): boolean =>
    before.ports.get(name) === after.ports.get(name) && (before.uplink === name) === (after.uplink === name);
  const gone = [...before.ports].filter(([name]) => !stays(name));
  const made = [...after.ports].filter(([name]) => !stays(name));
  return [
    ...gone.flatMap(([name, number]) => removePort(name, number, before)),
    ...(before.mac === after.mac ? [] : readdressCommands(after)),
    ...bindingSets().flatMap((name) => setCommands(name, before, after)),
    ...made.flatMap(([name, number]) => addPort(name, number, after)),
  ];
}

function addPort(name: string, number: number, { uplink }: PortContent): readonly Nft[] {
  const device = interfaceName(name);
  const hook = nft`type filter hook ingress device ${device} priority -300 ; policy drop ;`;
  const chain = nft`port${number}`;
  const added = nft`add chain netdev picket_ports ${chain} { ${hook} }`;
  if (name === uplink) return [added, nft`add rule netdev picket_ports ${chain} goto uplink`];
  return [
    added,
    nft`add rule netdev picket_ports ${chain} jump readdress`,
    nft`add rule netdev picket_ports ${chain} goto guarded`,
    nft`add element bridge picket_ports members { ${device} }`,
  ];
}

function removePort(name: string, number: number, { uplink }: PortContent): readonly Nft[] {
  const removed = [
    nft`flush chain netdev picket_ports port${number}`,
    nft`delete chain netdev picket_ports port${number}`,
  ];
  if (name === uplink) return removed;
  return [...removed, nft`delete element bridge picket_ports members { ${interfaceName(name)} }`];
}

function setCommands(name: BindingSet, before: PortContent, after: PortContent): readonly Nft[] {
  const had = before.sets.get(name) ?? new Map<string, Nft>();
  const has = after.sets.get(name) ?? new Map<string, Nft>();
  const gone = [...had].filter(([key]) => !has.has(key)).map(([, key]) => key);
  const made = [...has].filter(([key]) => !had.has(key)).map(([, key]) => key);
  return [...chunks('delete', name, gone), ...chunks('add', name, made)];
}

function chunks(verb: 'add' | 'delete', name: BindingSet, keys: readonly Nft[]): readonly Nft[] {
  const commands: Nft[] = [];
  for (let at = 0; at < keys.length; at += CHUNK) {
    const part = list(keys.slice(at, at + CHUNK));
    commands.push(nft`${VERBS[verb]} element ${place(name)} { ${part} }`);
  }
  return commands;
}

const VERBS = { add: nft`add`, delete: nft`delete` };

function place(name: BindingSet): Nft {
  return nft`${BINDING_SETS[name].family} picket_ports ${{ nft: name }}`;
}
