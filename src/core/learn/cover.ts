// The fewest ends that leave no line without an element, by greed: the end with most lines first. Not the choice of devices, which comes before.

import type { AddressId } from '#model';
import { COVER_MAX } from './bounds.ts';
import type { End, Line } from './lines.ts';

interface Cover {
  readonly addresses: readonly AddressId[];
  /** Conversations for which there was no room, or whose ends can be no element. */
  readonly left: number;
}

/**
 * `taken` are addresses of devices that a MAC recognises: an element by that address would come before the device itself.
 * A scanner, or the one server that many ask, comes out as one element; a pair comes out as its responder.
 */
export function coverOf(lines: readonly Line[], taken: ReadonlySet<AddressId>): Cover {
  const addresses: AddressId[] = [];
  let open = lines;
  while (addresses.length < COVER_MAX) {
    const best = busiest(open, taken);
    if (best === null) break;
    addresses.push(best);
    open = open.filter(({ from, to }) => from.address !== best && to.address !== best);
  }
  return { addresses, left: open.reduce((sum, { sketch }) => sum + sketch.conversations, 0) };
}

function busiest(lines: readonly Line[], taken: ReadonlySet<AddressId>): AddressId | null {
  const counts = new Map<AddressId, number>();
  for (const { from, to } of lines)
    for (const end of [to, from])
      if (canBeElement(end) && !taken.has(end.address)) counts.set(end.address, (counts.get(end.address) ?? 0) + 1);
  let best: AddressId | null = null;
  let most = 0;
  for (const [address, count] of counts) {
    if (count <= most) continue;
    best = address;
    most = count;
  }
  return best;
}

/** A group is nobody's own address, and a folded end has none. */
function canBeElement({ address, scope }: End): boolean {
  return address >= 0 && scope !== 'group';
}
