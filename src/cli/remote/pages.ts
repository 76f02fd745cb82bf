// Lists of a controller, page by page, up to a bound. Not what is in them.

import type { Outcome } from '#routes';
import type { Desk } from '../context.ts';
import { answeredBy } from './asking.ts';

/** Rows that a command holds and prints; whoever wants more asks the API. */
const ROWS_MAX = 50_000;
const PAGE_ROWS = 1_000;

interface Page<Row> {
  readonly items: readonly Row[];
  readonly next: string | null;
}

/** Query of the next page. */
export interface PageAsked {
  readonly limit: number;
  readonly cursor?: string;
}

export async function pagesOf<Row>(
  desk: Desk,
  ask: (query: PageAsked) => Promise<Outcome<Page<Row>>>,
  rowsMax = ROWS_MAX,
): Promise<{ readonly items: readonly Row[]; readonly isCut: boolean }> {
  const items: Row[] = [];
  let cursor: string | null = null;
  do {
    const query: PageAsked = cursor === null ? { limit: PAGE_ROWS } : { limit: PAGE_ROWS, cursor };
    const { value }: { readonly value: Page<Row> } = await answeredBy(desk, ask(query));
    items.push(...value.items);
    cursor = value.next;
  } while (cursor !== null && items.length < rowsMax);
  return { items, isCut: cursor !== null };
}
