// A page of rows that are held in memory, in the order of their ids. Rows of the store are paged by the store.

export interface Page<Row> {
  readonly items: readonly Row[];
  /** Where the next page begins, or null where this is the last one. */
  readonly next: string | null;
}

interface Asked {
  /** Id of the last row of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

export function pageOf<Row extends { readonly id: string }>(rows: readonly Row[], { after, limit }: Asked): Page<Row> {
  const sorted = rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const rest = after === null ? sorted : sorted.filter(({ id }) => id > after);
  const items = rest.slice(0, limit);
  return { items, next: rest.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** A page of rows that were read with one more than is shown. `cursor` names the last row shown. */
export function pageOfRead<Row, View>(
  rows: readonly Row[],
  {
    limit,
    view,
    cursor,
  }: { readonly limit: number; readonly view: (row: Row) => View; readonly cursor: (row: Row) => string },
): Page<View> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), next: rows.length > limit && last !== undefined ? cursor(last) : null };
}
