// Lines become drafts: one per element, direction, service and scope; then folded until a person can read them. Limits come later.

import { HOUR, MINUTE, NO_PORT, type PortRange, PROTOCOL, type Selector } from '#model';
import { HIGH_PORT, HIGH_PORTS, RULES_PER_ELEMENT_MAX } from './bounds.ts';
import { groupBy } from './group.ts';
import { chooseKeys, type LadderInput, prefixSelector } from './ladder.ts';
import type { Line, Scope } from './lines.ts';
import type { Member, Roster } from './roster.ts';
import { mergeSketch, newSketch, type Sketch } from './sketch.ts';

/** One service with one set of far ends. */
export interface Part {
  readonly protocol: number;
  readonly ports: readonly PortRange[];
  readonly far: readonly Selector[];
  readonly farTexts: readonly string[];
  readonly sketch: Sketch;
}

export interface Draft {
  /** One element, or several equal ones after pooling. */
  readonly members: readonly Member[];
  /** out: the element begins. in: a peer that is no element begins. */
  readonly direction: 'out' | 'in';
  readonly scope: Scope;
  readonly parts: readonly Part[];
  /** One sketch per element: volume is bounded per element, never for the sum of them. */
  readonly sketches: readonly Sketch[];
  readonly unseen: number | null;
  /** Fine keys (far end or name, and port) and how many of them were met once; instant at which the last new one came. */
  readonly keys: number;
  readonly keysOnce: number;
  readonly lastNewKey: number;
  readonly isWeak: boolean;
  readonly remarks: readonly string[];
}

export interface DraftInput extends LadderInput {
  readonly roster: Roster;
  readonly setup: 'exclude' | 'mark' | 'keep';
}

interface Placed {
  readonly line: Line;
  readonly member: Member;
  readonly direction: 'out' | 'in';
  readonly scope: Scope;
}

const DHCP_PORTS = new Set([67, 68, 546, 547]);
/** Different ports of one element towards one scope from which they are a range. */
const LOOSE_PORTS_MAX = 8;
const UNPRIVILEGED = 1_024;

/** Drafts of every element, in the elements' order; an element's busiest first. */
export function draftsOf(lines: Iterable<Line>, input: DraftInput): readonly Draft[] {
  const byMember = groupBy(place(lines, input), ({ member }) => member);
  const drafts: Draft[] = [];
  for (const member of input.roster.members) {
    const placed = byMember.get(member) ?? [];
    const byService = groupBy(foldPorts(placed), serviceKey);
    const own = [...byService.values()].map((group) => draftOf(group, input)).toSorted(busiestFirst);
    drafts.push(...foldDrafts(own));
  }
  return drafts;
}

function busiestFirst(one: Draft, other: Draft): number {
  return conversationsOf(other) - conversationsOf(one);
}

function conversationsOf({ sketches }: Draft): number {
  return sketches.reduce((sum, { conversations }) => sum + conversations, 0);
}

interface PlacedPort extends Placed {
  readonly ports: PortRange | null;
  readonly isFolded: boolean;
}

/** Traffic between two elements belongs to the one that began: one rule, not two. */
function place(lines: Iterable<Line>, { roster, setup }: DraftInput): Placed[] {
  const placed: Placed[] = [];
  for (const line of lines) {
    const from = roster.of(line.from);
    const to = roster.of(line.to);
    for (const member of [from, to]) if (member !== undefined) extend(member, line.sketch);
    const member = from ?? to;
    if (member === undefined) continue;
    if (setup === 'exclude' && isSetupOnly(line, member)) continue;
    const direction = from === undefined ? 'in' : 'out';
    placed.push({ line, member, direction, scope: scopeOf(line, direction) });
  }
  return placed;
}

function extend(member: Member, { first, last }: Sketch): void {
  member.first = Math.min(member.first, first);
  member.last = Math.max(member.last, last);
}

export function isSetupOnly({ sketch }: Line, { setupUntil }: Member): boolean {
  // The last answers of the phase come a little after the device's own last packet.
  return setupUntil !== null && sketch.last <= setupUntil + MINUTE;
}

/** Broadcast and unicast DHCP are one service. */
function scopeOf(line: Line, direction: 'out' | 'in'): Scope {
  if (line.protocol === PROTOCOL.udp && DHCP_PORTS.has(line.port)) return 'local';
  return direction === 'out' ? line.to.scope : line.from.scope;
}

function foldPorts(placed: readonly Placed[]): PlacedPort[] {
  const ports = new Map<string, Set<number>>();
  const classOf = ({ line, direction, scope }: Placed): string => `${direction} ${scope} ${line.protocol}`;
  for (const one of placed) {
    if (one.line.port < UNPRIVILEGED) continue;
    const key = classOf(one);
    const known = ports.get(key) ?? new Set();
    ports.set(key, known.add(one.line.port));
  }
  return placed.map((one) => {
    const { port } = one.line;
    if (port === NO_PORT) return { ...one, ports: null, isFolded: false };
    const isLoose = port >= UNPRIVILEGED && (ports.get(classOf(one))?.size ?? 0) > LOOSE_PORTS_MAX;
    if (isLoose) return { ...one, ports: { from: UNPRIVILEGED, to: 65_535 }, isFolded: true };
    if (port === HIGH_PORTS) return { ...one, ports: { from: HIGH_PORT, to: 65_535 }, isFolded: true };
    return { ...one, ports: { from: port, to: port }, isFolded: false };
  });
}

function serviceKey({ direction, scope, line, ports }: PlacedPort): string {
  return `${direction} ${scope} ${line.protocol} ${ports?.from ?? ''}-${ports?.to ?? ''}`;
}

function draftOf(group: readonly PlacedPort[], input: DraftInput): Draft {
  const [first] = group;
  if (first === undefined) throw new RangeError('a draft of no lines');
  const farEnd = first.direction === 'out' ? 'to' : 'from';
  const lines = group.map(({ line }) => line);
  const elements = new Set<string>();
  const peers: Line[] = [];
  for (const line of lines) {
    const far = input.roster.of(line[farEnd]);
    if (far === undefined) peers.push(line);
    else elements.add(far.id);
  }
  const keys = chooseKeys(peers, input, farEnd);
  const ids = [...elements].sort();
  const broadcast = dhcpBroadcast(first, keys.texts);
  const sketch = newSketch();
  for (const line of lines) mergeSketch(sketch, line.sketch);
  const setup = setupRemark(group, input);
  return {
    members: [first.member],
    direction: first.direction,
    scope: first.scope,
    parts: [
      {
        protocol: first.line.protocol,
        ports: first.ports === null ? [] : [first.ports],
        far: [
          ...ids.map((id): Selector => ({ kind: 'element', id })),
          ...keys.selectors,
          ...broadcast.map(prefixSelector),
        ],
        farTexts: [...ids, ...keys.texts, ...broadcast],
        sketch,
      },
    ],
    sketches: [sketch],
    unseen: keys.unseen,
    ...countKeys(lines),
    isWeak: keys.isWeak || setup.isWeak,
    remarks: [...keys.remarks, ...portRemarks(group), ...setup.remarks],
  };
}

const BROADCAST = '255.255.255.255';

/** A client that loses its lease asks by broadcast (RFC 2131), whether or not the recording saw it happen. */
function dhcpBroadcast({ direction, line }: Placed, texts: readonly string[]): readonly string[] {
  const isClient = direction === 'out' && line.protocol === PROTOCOL.udp && line.port === 67;
  return isClient && !texts.includes(BROADCAST) ? [BROADCAST] : [];
}

function countKeys(lines: readonly Line[]): Pick<Draft, 'keys' | 'keysOnce' | 'lastNewKey'> {
  const counts = new Map<string, { starts: number; first: number }>();
  for (const { from, to, name, port, sketch } of lines) {
    const key = name >= 0 ? `name ${name} ${port}` : `${from.address} ${to.address} ${port}`;
    const known = counts.get(key) ?? { starts: 0, first: sketch.first };
    counts.set(key, { starts: known.starts + sketch.conversations, first: Math.min(known.first, sketch.first) });
  }
  const all = [...counts.values()];
  return {
    keys: all.length,
    keysOnce: all.filter(({ starts }) => starts === 1).length,
    lastNewKey: all.reduce((latest, { first }) => Math.max(latest, first), 0),
  };
}

function portRemarks(group: readonly PlacedPort[]): string[] {
  const folded = group.filter(({ isFolded }) => isFolded);
  const [first] = folded;
  if (first?.ports === null || first === undefined) return [];
  return [`ports ${first.ports.from}-${first.ports.to}: chosen anew by the program each time, so they are one range`];
}

function setupRemark(
  group: readonly Placed[],
  { setup }: DraftInput,
): { readonly isWeak: boolean; readonly remarks: readonly string[] } {
  if (setup === 'keep') return { isWeak: false, remarks: [] };
  const only = group.filter(({ line, member }) => isSetupOnly(line, member));
  if (only.length === 0) return { isWeak: false, remarks: [] };
  const all = only.length === group.length;
  const what = all ? 'all of it was' : `${only.length} of ${group.length} peers were`;
  return {
    isWeak: all,
    remarks: [`set-up: ${what} seen only in the first contact period; remove it if it does not belong`],
  };
}

/** Folds an element's drafts until there are few enough: group traffic first, then ICMP, then the quietest of one direction and scope. */
function foldDrafts(drafts: readonly Draft[]): readonly Draft[] {
  let left = [...drafts];
  if (left.length > RULES_PER_ELEMENT_MAX) left = foldWhere(left, ({ scope }) => scope === 'group');
  if (left.length > RULES_PER_ELEMENT_MAX) left = foldWhere(left, isIcmp);
  for (const scope of ['local', 'internet'] as const)
    for (const direction of ['in', 'out'] as const) {
      const room = RULES_PER_ELEMENT_MAX - left.length;
      if (room >= 0) return left;
      const alike = left.filter((draft) => draft.scope === scope && draft.direction === direction);
      const quietest = new Set(alike.slice(Math.max(0, alike.length + room - 1)));
      left = foldWhere(left, (draft) => quietest.has(draft));
    }
  return left;
}

function isIcmp({ parts }: Draft): boolean {
  return parts.every(({ protocol }) => protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6);
}

function foldWhere(drafts: readonly Draft[], isFolded: (draft: Draft) => boolean): Draft[] {
  const rest = drafts.filter((draft) => !isFolded(draft));
  for (const direction of ['out', 'in'] as const) {
    const chosen = drafts.filter((draft) => isFolded(draft) && draft.direction === direction);
    const [first, ...others] = chosen;
    if (first !== undefined) rest.push(others.reduce(joinDrafts, first));
  }
  return rest.toSorted(busiestFirst);
}

/** Two drafts of one element and direction as one rule with several services. */
function joinDrafts(one: Draft, other: Draft): Draft {
  const sketch = newSketch();
  for (const each of [...one.sketches, ...other.sketches]) mergeSketch(sketch, each);
  return {
    ...one,
    parts: [...one.parts, ...other.parts],
    sketches: [sketch],
    unseen: Math.max(one.unseen ?? 0, other.unseen ?? 0),
    keys: one.keys + other.keys,
    keysOnce: one.keysOnce + other.keysOnce,
    lastNewKey: Math.max(one.lastNewKey, other.lastNewKey),
    isWeak: one.isWeak || other.isWeak,
    remarks: [...new Set([...one.remarks, ...other.remarks])],
  };
}

/** Windows of an hour that lie wholly inside the span. */
export function wholeHours({ from, to }: LadderInput['span']): number {
  return Math.max(0, Math.floor(to / HOUR) - Math.ceil(from / HOUR));
}
