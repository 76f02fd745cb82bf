// Reading of values that came from a text: JSON, YAML or JSON5 as the parsers give it. Own properties only, so no key of a text reaches a prototype.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

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

export function textsAt(value: unknown, key: string): readonly string[] {
  return listAt(value, key).filter((item) => typeof item === 'string');
}

export function keysOf(value: unknown): readonly string[] {
  return isMap(value) ? Object.keys(value) : [];
}
