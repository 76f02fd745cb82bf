// Lines become drafts: one per element, direction, service and scope; then folded until a person can read them. Limits come later.

import { HOUR, MINUTE, NO_PORT, type PortRange, PROTOCOL, type Selector } from '#model';
import { NO_NAME } from './bindings.ts';
import { HIGH_PORT, HIGH_PORTS, RULES_PER_ELEMENT_MAX } from './bounds.ts';
import type { Draft } from './draft.ts';
import { groupBy } from './group.ts';
import { chooseKeys, type LadderInput, prefixSelector } from './ladder.ts';
import type { Line, Scope } from './lines.ts';
import type { Member, Roster } from './roster.ts';
import { shareLinkServices } from './shared.ts';
import { mergeSketch, newSketch, type Sketch } from './sketch.ts';

interface DraftInput extends LadderInput {
  readonly roster: Roster;
  readonly setup: 'exclude' | 'mark' | 'keep';
}

interface Placed {
  readonly line: Line;
  readonly member: Member;
  readonly direction: 'out' | 'in';
  readonly scope: Scope;
  /** Ports of what began, where only the service end was heard. */
  readonly turned: PortRange | null;
}

const DHCP_PORTS = new Set([67, 68, 546, 547]);
/** Different ports of one element towards one scope from which they are a range. */
const LOOSE_PORTS_MAX = 8;
/** The same for well-known ports, of those that were asked for once: no host serves so many, so what asks is looking for one. */
const SCANNED_PORTS_MAX = 24;
const UNPRIVILEGED = 1_024;
const WELL_KNOWN: PortRange = { from: 1, to: UNPRIVILEGED - 1 };
const LOOSE: PortRange = { from: UNPRIVILEGED, to: 65_535 };

/** What the link shares first, then the drafts of every element, in the elements' order; an element's busiest first. */
export function draftsOf(lines: Iterable<Line>, input: DraftInput): readonly Draft[] {
  const byMember = groupBy(place(lines, input), ({ member }) => member);
  const all: Draft[] = [];
  for (const member of input.roster.members) {
    const placed = byMember.get(member) ?? [];
    member.isSetupOnly = placed.length > 0 && placed.every(({ line }) => isSetupOnly(line, member));
    const byService = groupBy(foldPorts(placed), serviceKey);
    for (const group of byService.values()) all.push(draftOf(group, input));
  }
  const { own, shared } = shareLinkServices(all);
  const drafts = [...shared.toSorted(busiestFirst)];
  for (const ofMember of groupBy(own, ({ members: [member] }) => member).values())
    drafts.push(...foldDrafts(ofMember.toSorted(busiestFirst)).toSorted((one, other) => width(one) - width(other)));
  return drafts;
}

/** The first rule that matches governs, so one without a port or with a range stands after those that name one. */
function width({ parts }: Draft): number {
  const hasRange = parts.some(({ ports: [range] }) => range !== undefined && range.from !== range.to);
  const isAny = parts.some(({ protocol, ports }) => PORTED.has(protocol) && ports.length === 0);
  return isAny ? 2 : hasRange ? 1 : 0;
}

const PORTED: ReadonlySet<number> = new Set([PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.sctp]);

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
  for (const seen of lines) {
    const turned = turnedPorts(seen);
    const line = turned === null ? seen : turnedLine(seen);
    const from = roster.of(line.from);
    const to = roster.of(line.to);
    for (const member of [from, to]) if (member !== undefined) extend(member, line.sketch);
    const member = from ?? to;
    if (member === undefined) continue;
    if (setup === 'exclude' && isSetupOnly(line, member)) continue;
    const direction = from === undefined ? 'in' : 'out';
    placed.push({ line, member, direction, scope: scopeOf(line, direction), turned });
  }
  return placed;
}

/**
 * UDP of which nothing but the service end's packets was ever seen (a recording of one direction, or of answers alone): to a judge the
 * packets' source began (docs/semantics.md 7), so that is what is learned. TCP is judged either way round and needs none of it.
 */
function turnedPorts({ protocol, sketch, fromPortMin, fromPortMax }: Line): PortRange | null {
  const isOneSided = sketch.sent.count + sketch.sent.unsized === 0 && sketch.packets > 0;
  return protocol === PROTOCOL.udp && isOneSided ? { from: fromPortMin, to: fromPortMax } : null;
}

function turnedLine(line: Line): Line {
  const { from, to, sketch } = line;
  return {
    ...line,
    from: to,
    to: from,
    name: NO_NAME,
    sketch: { ...sketch, sent: sketch.received, received: sketch.sent },
  };
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

/** Starts by class of ports (direction, scope, protocol, well-known or not) and port. */
class PortCounts {
  readonly #starts = new Map<string, Map<number, number>>();

  add(placed: Placed): void {
    const key = classOf(placed);
    const starts = this.#starts.get(key) ?? new Map<number, number>();
    this.#starts.set(key, starts);
    const { port, sketch } = placed.line;
    starts.set(port, (starts.get(port) ?? 0) + sketch.conversations);
  }

  isLoose(placed: Placed): boolean {
    const starts = this.#starts.get(classOf(placed)) ?? new Map<number, number>();
    if (placed.line.port >= UNPRIVILEGED) return starts.size > LOOSE_PORTS_MAX;
    if (starts.get(placed.line.port) !== 1) return false;
    let once = 0;
    for (const count of starts.values()) if (count === 1) once++;
    return once > SCANNED_PORTS_MAX;
  }
}

function classOf({ line, direction, scope }: Placed): string {
  return `${direction} ${scope} ${line.protocol} ${line.port < UNPRIVILEGED ? 'low' : 'high'}`;
}

function foldPorts(placed: readonly Placed[]): PlacedPort[] {
  const counts = new PortCounts();
  for (const one of placed) counts.add(one);
  return placed.map((one) => {
    const { port } = one.line;
    if (one.turned !== null) return { ...one, ports: one.turned.from === 0 ? null : one.turned, isFolded: false };
    // The policy language has no port 0, so its service is named without one.
    if (port === NO_PORT || port === 0) return { ...one, ports: null, isFolded: false };
    const isLow = port < UNPRIVILEGED;
    if (counts.isLoose(one)) return { ...one, ports: isLow ? WELL_KNOWN : LOOSE, isFolded: true };
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
  const ports = portRemarks(group);
  return {
    members: [first.member],
    isShared: false,
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
    isWeak: keys.isWeak || setup.isWeak || ports.isWeak,
    remarks: [...keys.remarks, ...ports.remarks, ...setup.remarks],
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

function portRemarks(group: readonly PlacedPort[]): { readonly isWeak: boolean; readonly remarks: readonly string[] } {
  const turned = group.some((one) => one.turned !== null);
  const folded = group.filter(({ isFolded }) => isFolded);
  const [first] = folded;
  const remarks = turned ? ['only answers were recorded, no questions: which end began is a guess'] : [];
  if (first?.ports === null || first === undefined) return { isWeak: turned, remarks };
  const count = new Set(folded.map(({ line }) => line.port)).size;
  if (first.ports.to < UNPRIVILEGED) {
    remarks.push(`${count} well-known ports: this looks like a port scan; remove it if it does not belong`);
    return { isWeak: true, remarks };
  }
  if (count > SCANNED_PORTS_MAX && !group.some(isAnswered)) {
    remarks.push(
      `${count} ports, none of which answered: this looks like a port scan; remove it if it does not belong`,
    );
    return { isWeak: true, remarks };
  }
  remarks.push(`ports ${first.ports.from}-${first.ports.to} in one range: programs choose them anew each time`);
  return { isWeak: turned, remarks };
}

function isAnswered({ line: { sketch } }: Placed): boolean {
  return sketch.received.count + sketch.received.unsized > 0;
}

function setupRemark(
  group: readonly Placed[],
  { setup }: DraftInput,
): { readonly isWeak: boolean; readonly remarks: readonly string[] } {
  if (setup === 'keep') return { isWeak: false, remarks: [] };
  const only = group.filter(({ line, member }) => isSetupOnly(line, member));
  if (only.length === 0) return { isWeak: false, remarks: [] };
  // Where all there is of an element is its set-up, that is said once, at the element.
  if (group.every(({ member }) => member.isSetupOnly)) return { isWeak: true, remarks: [] };
  const all = only.length === group.length;
  const what = all ? 'all of it was' : `${only.length} of ${group.length} peers were`;
  return {
    isWeak: all,
    remarks: [`set-up: ${what} seen only at first contact; remove it if it does not belong`],
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
