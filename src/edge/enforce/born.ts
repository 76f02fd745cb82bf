// Ends of sessions whose rule gives them a lifetime: they stand in the kernel's own timeouts, and go over into a table that takes the place of
// another. Not the limit: a session whose end is not there is over.

import { type Nft, nft } from '#nft';

/** One session by the kernel's number of it, and how long it has. */
export interface Born {
  readonly id: number;
  readonly leftMs: number;
}

/** Elements of one command. */
const CHUNK = 5_000;
/** What runs out sooner is over before the table is up. */
const LEFT_MS_MIN = 10;

/** Reads what `nft list set inet picket born` prints. */
export function bornIn(listing: string): readonly Born[] {
  return [...listing.matchAll(ELEMENT)].flatMap(([, id = '', left = '']) => {
    const one = { id: Number(id), leftMs: millisOf(left) };
    return Number.isSafeInteger(one.id) && one.leftMs >= LEFT_MS_MIN ? [one] : [];
  });
}

const ELEMENT = /(0x[0-9a-f]+|\d+) timeout \w+ expires (\w+)/g;
const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

function millisOf(text: string): number {
  let millis = 0;
  for (const [, count = '0', unit = ''] of text.matchAll(/(\d+)(ms|[dhms])/g))
    millis += Number(count) * (UNITS[unit] ?? 0);
  return millis;
}

export function bornCommands(born: readonly Born[]): readonly Nft[] {
  const commands: Nft[] = [];
  for (let at = 0; at < born.length; at += CHUNK) {
    const elements = born
      .slice(at, at + CHUNK)
      .map(({ id, leftMs }) => nft`${id} timeout ${Math.floor(leftMs / 1_000)}s${leftMs % 1_000}ms`);
    commands.push({ nft: `add element inet picket born { ${elements.map((one) => one.nft).join(', ')} }` });
  }
  return commands;
}
