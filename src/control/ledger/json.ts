// JSON with one form for one value: keys sorted, no spaces. For what is hashed. Not a parser.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Deeper values are a bug or an attack. */
const DEPTH_MAX = 32;

/** The one text of a value (RFC 8785). Throws where there is none: numbers that are not finite, objects with a class, lone surrogates. */
export function canonicalJson(value: Json, depth = 0): string {
  if (depth > DEPTH_MAX) throw new TypeError(`nested deeper than ${DEPTH_MAX}`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is no number of JSON`);
    return JSON.stringify(value);
  }
  if (isList(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  if (!isPlain(value)) throw new TypeError('only plain data has a canonical form');
  const keys = Object.keys(value).sort();
  const parts = keys.flatMap((key) => {
    const item = value[key];
    return item === undefined ? [] : [`${textOf(key)}:${canonicalJson(item, depth + 1)}`];
  });
  return `{${parts.join(',')}}`;
}

function textOf(text: string): string {
  // A surrogate that a `u` pattern still sees has lost its other half.
  if (/\p{Surrogate}/u.test(text)) throw new TypeError('a text with half a character has no canonical form');
  return JSON.stringify(text);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The value of a text; undefined where it is no JSON. */
export function jsonOf(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
