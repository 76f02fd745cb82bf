// Changes single entries of a policy text and leaves the rest of it, comments included, to its author. Not a check: the result is parsed like any other text.

import { type Document, isMap, parseDocument } from 'yaml';

/** A value as it stands in the document, where numbers and switches are texts like any other: it may come out of JSON. */
export type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };

/** One change of the text: at a path of keys, a value to set, or null to take the entry away. */
export interface Edit {
  readonly path: readonly string[];
  readonly value: Plain | null;
}

/** The changed text; null for one that is not one map of maps, which no policy is. */
export function editText(text: string, edits: readonly Edit[]): string | null {
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent', uniqueKeys: false });
  if (document.errors.length > 0 || !isMap(document.contents)) return null;
  const isJson = /^\s*\{/.test(text);
  for (const edit of edits) put(document, edit);
  return document.toString({
    lineWidth: 0,
    ...(isJson ? { defaultKeyType: 'QUOTE_DOUBLE', defaultStringType: 'QUOTE_DOUBLE' } : {}),
  });
}

/** INVARIANT: an entry stands on a line of its own, so sections are blocks and entries are flows. */
function put(document: Document, { path, value }: Edit): void {
  if (value === null) {
    document.deleteIn(path);
    return;
  }
  const [section = ''] = path;
  if (path.length > 1 && !isMap(document.get(section))) document.set(section, document.createNode({}));
  document.setIn(path, document.createNode(textsOf(value), { flow: path.length > 1 }));
}

type Texts = string | readonly Texts[] | { readonly [key: string]: Texts };

function textsOf(value: Plain): Texts {
  if (Array.isArray(value)) return value.map(textsOf);
  if (typeof value !== 'object') return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, textsOf(one)]));
}
