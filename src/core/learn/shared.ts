// What many elements of a link say to the link's own groups (mDNS, neighbour discovery, group membership) is one rule for the whole link.
// Not pooling by model (pool.ts): nothing else is ever shared with hosts that were not seen.

import { PROTOCOL, type Selector } from '#model';
import { SHARED_ELEMENTS_MIN } from './bounds.ts';
import { counted } from './counted.ts';
import type { Draft, Part } from './draft.ts';
import { groupBy } from './group.ts';
import { prefixSelector } from './ladder.ts';
import { mergeSketch, newSketch } from './sketch.ts';

/** Groups that no router forwards (RFC 5771 section 4, RFC 4291 section 2.7). */
const LINK_GROUP = /^(224\.0\.0\.\d+(\/(2[4-9]|3[0-2]))?|ff02:.*)$/;
/** Hosts answer each other's searches from address to address (RFC 4861), whether or not the recording saw it. */
const NEIGHBOURS = 'fe80::/10';

/** Anyone on the link, seen or not, public addresses included: nothing from beyond the link can reach these groups. */
export const LINK: Selector = { kind: 'any' };

/** Drafts without those that the link shares, and one draft for each of these. */
export function shareLinkServices(drafts: readonly Draft[]): {
  readonly own: readonly Draft[];
  readonly shared: readonly Draft[];
} {
  const byService = groupBy(drafts.filter(isToLinkGroup), serviceText);
  const chosen = [...byService.values()].filter((alike) => membersOf(alike).size >= elementsMin(alike));
  const taken = new Set(chosen.flat());
  return { own: drafts.filter((draft) => !taken.has(draft)), shared: chosen.map(join) };
}

/** IPv6 hosts cannot speak at all before they have found each other (RFC 4861), so two are enough to see that the link has it. */
function elementsMin([first]: readonly Draft[]): number {
  const isNeighbours = first?.parts.every(({ protocol }) => protocol === PROTOCOL.icmpv6) === true;
  return isNeighbours ? 2 : SHARED_ELEMENTS_MIN;
}

function isToLinkGroup({ direction, scope, parts }: Draft): boolean {
  const isGroup = direction === 'out' && scope === 'group';
  return isGroup && parts.every(({ farTexts }) => farTexts.every((text) => LINK_GROUP.test(text)));
}

function serviceText({ parts }: Draft): string {
  return parts.map(({ protocol, ports }) => `${protocol} ${ports.map(({ from, to }) => `${from}-${to}`)}`).join('+');
}

function membersOf(drafts: readonly Draft[]): ReadonlySet<unknown> {
  return new Set(drafts.flatMap(({ members }) => members));
}

function join(alike: readonly Draft[]): Draft {
  const [first] = alike;
  const [part] = first?.parts ?? [];
  if (first === undefined || part === undefined) throw new RangeError('a draft of nothing');
  const members = [...new Set(alike.flatMap((draft) => draft.members))];
  return {
    ...first,
    members,
    isShared: true,
    parts: [joinParts(part, alike)],
    sketches: alike.flatMap(({ sketches }) => sketches),
    unseen: null,
    keys: alike.reduce((sum, { keys }) => sum + keys, 0),
    keysOnce: alike.reduce((sum, { keysOnce }) => sum + keysOnce, 0),
    lastNewKey: Math.max(...alike.map(({ lastNewKey }) => lastNewKey)),
    isWeak: false,
    remarks: [`${counted(members.length, 'element')} do it, so every host of the link may; no router forwards it`],
  };
}

function joinParts({ protocol, ports }: Part, alike: readonly Draft[]): Part {
  const sketch = newSketch();
  for (const { sketches } of alike) for (const one of sketches) mergeSketch(sketch, one);
  const seen = alike.flatMap(({ parts }) => parts.flatMap(({ farTexts }) => farTexts));
  const texts = [...new Set(protocol === PROTOCOL.icmpv6 ? [...seen, NEIGHBOURS] : seen)].sort();
  return { protocol, ports, far: texts.map(prefixSelector), farTexts: texts, sketch };
}
