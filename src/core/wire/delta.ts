// What changed between two lists of entries, in a form whose size depends on the change alone. Order is told by the fewest moves.

import { type EntrySection, longestRising, type PolicyEntry } from '#policy';

/** Taken in this order. Names are (section, id). */
export interface Delta {
  readonly remove: readonly (readonly [section: EntrySection, id: string])[];
  /** An entry that is there gets this content where it stands; a new one comes to the end of its section. */
  readonly set: readonly (readonly [section: EntrySection, id: string, json: string])[];
  /** The entry comes directly behind another of its section, or to its beginning. */
  readonly place: readonly (readonly [section: EntrySection, id: string, after: string | null])[];
}

type Ordered = ReadonlyMap<EntrySection, ReadonlyMap<string, string>>;

export function deltaOf(from: readonly PolicyEntry[], to: readonly PolicyEntry[]): Delta {
  const before = bySection(from);
  const after = bySection(to);
  const none: ReadonlyMap<string, string> = new Map();
  const remove = from.flatMap(({ section, id }) =>
    after.get(section)?.has(id) === true ? [] : [[section, id] as const],
  );
  const set = to.flatMap(({ section, id, json }) =>
    before.get(section)?.get(id) === json ? [] : [[section, id, json] as const],
  );
  const place = [...after].flatMap(([section, entries]) =>
    moves(before.get(section) ?? none, [...entries.keys()]).map(([id, behind]) => [section, id, behind] as const),
  );
  return { remove, set, place };
}

function bySection(entries: readonly PolicyEntry[]): Ordered {
  const sections = new Map<EntrySection, Map<string, string>>();
  for (const { section, id, json } of entries) {
    const known = sections.get(section) ?? new Map<string, string>();
    sections.set(section, known.set(id, json));
  }
  return sections;
}

/**
 * Moves that make the order `after` when they are done in turn, new entries being at the end to begin with. Entries of one longest rising run
 * stay; every other is put behind its neighbour, but for new ones that are last in the new order as well.
 */
function moves(
  before: ReadonlyMap<string, string>,
  after: readonly string[],
): readonly (readonly [id: string, behind: string | null])[] {
  const wanted = new Set(after);
  const places = new Map([...before.keys()].filter((id) => wanted.has(id)).map((id, at) => [id, at]));
  const kept = after.flatMap((id) => places.get(id) ?? []);
  const staying = longestRising(kept);
  const lastKept = after.findLastIndex((id) => places.has(id));
  return after.flatMap((id, at) => {
    const place = places.get(id);
    const stays = place === undefined ? at > lastKept : staying.has(place);
    return stays ? [] : [[id, after[at - 1] ?? null] as const];
  });
}
