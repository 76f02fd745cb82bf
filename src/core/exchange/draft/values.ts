// Reading of values that came from a text: JSON, YAML or JSON5 as the parsers give it. Own properties only, so no key of a text reaches a prototype.

export function isMap(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a key, or undefined. */
export function at(value: unknown, key: string): unknown {
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function textAt(value: unknown, key: string): string | null {
  const found = at(value, key);
  return typeof found === 'string' ? found : null;
}

export function numberAt(value: unknown, key: string): number | null {
  const found = at(value, key);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

/** The list at a key; nothing there, or something else, is an empty list. */
export function listAt(value: unknown, key: string): readonly unknown[] {
  const found = at(value, key);
  return Array.isArray(found) ? found : [];
}

/** Stands for what is no text where one should be: no range, no label and no port is written so, and nothing is lost in silence. */
const ODD = '\u0000';

/** The texts of a list; absent is an empty list, anything else that is no text stays as an odd one. */
export function textsAt(value: unknown, key: string): readonly string[] {
  const found = at(value, key);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? found.map((item) => (typeof item === 'string' ? item : ODD)) : [ODD];
}

/** Whether the key holds something that is neither nothing nor a list. */
export function isOddList(value: unknown, key: string): boolean {
  const found = at(value, key);
  return found !== undefined && found !== null && !Array.isArray(found);
}

export function keysOf(value: unknown): readonly string[] {
  return isMap(value) ? Object.keys(value) : [];
}
