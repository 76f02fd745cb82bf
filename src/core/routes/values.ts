// Values that routes share: names, numbers, times, pages, ETags. Every text and list has a bound. Not the routes.

import * as z from 'zod';

/** A domain's id: DNS-like, lower case, no address (its last label is no number), so that it is a SPIFFE trust domain as well. 128 leaves room for a path in a SPIFFE id of 2048 bytes. */
export const DOMAIN_CHARS_MAX = 128;
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

export const domainId = z
  .string()
  .max(DOMAIN_CHARS_MAX)
  .regex(DOMAIN, 'a domain is like a DNS name in lower case')
  .refine((text) => !/(?:^|\.)[0-9]+$/.test(text), 'a domain is no address: its last part is not a number')
  .meta({ description: 'domain of control', examples: ['plant.example'] });

/** Ids that the controller gives (sessions, tokens, findings …). */
export const madeId = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, "-" and "_", at most 64')
  .meta({ description: 'id given by the controller', examples: ['k3v9x2m7'] });

/** A free text of people; control characters except line breaks are refused, because it is shown in terminals and logs. */
export function freeText(charsMax: number): z.ZodString {
  return z
    .string()
    .max(charsMax)
    .refine((text) => !/\p{Cc}/u.test(text.replaceAll('\n', '')), 'no control characters but line breaks')
    .meta({ description: 'without control characters but line breaks' });
}

/** UTC, as ISO 8601 with `Z`; at most microseconds. */
export const time = z.iso
  .datetime({ error: 'a time is like 2026-11-25T08:00:00Z' })
  .max(27)
  .meta({ examples: ['2026-11-25T08:00:00.000Z'] });

/** ISO text of epoch milliseconds, as every time in an answer. */
export function timeOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** A whole number in a query or a path. Decimal digits only: no sign, no exponent, no blank. */
export function whole(bounds: { readonly min: number; readonly max: number; readonly example?: number }) {
  const number = z.int().min(bounds.min).max(bounds.max);
  return z.preprocess(
    (value: number | string) =>
      typeof value === 'string' && /^(?:0|[1-9]\d{0,15})$/.test(value) ? Number(value) : value,
    bounds.example === undefined ? number : number.meta({ examples: [bounds.example] }),
  );
}

/** `true` or `false` in a query. */
export const flag = z.preprocess(
  (value: boolean | string) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(),
);

/** Rows of a page if nothing is asked, and at most. */
export const PAGE_ROWS = 100;
export const PAGE_ROWS_MAX = 1_000;
const CURSOR_CHARS_MAX = 512;

const paging = {
  limit: whole({ min: 1, max: PAGE_ROWS_MAX }).default(PAGE_ROWS).meta({ description: 'rows at most' }),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(CURSOR_CHARS_MAX)
    .optional()
    .meta({ description: '"next" of the page before; opaque' }),
};

/** Query of a list: `limit`, `cursor`, and what the list adds. */
export function pageQuery<Shape extends z.core.$ZodLooseShape>(more: Shape) {
  return z.strictObject({ ...paging, ...more });
}

/** Answer of a list. `next` is null on the last page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item).max(PAGE_ROWS_MAX), next: z.string().nullable() });
}

/** The ETag of a revision, without its quotes. */
export function revisionTag(revision: number): string {
  return `r${revision}`;
}

/** The revision an ETag names, or null where it names none. */
export function revisionOfTag(tag: string): number | null {
  const digits = /^r(0|[1-9]\d{0,14})$/.exec(tag)?.[1];
  return digits === undefined ? null : Number(digits);
}
