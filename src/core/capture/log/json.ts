// JSON of logs, read without trust: an object or nothing, and any value as text. Not a schema.

/** The object that a text holds, or null: not JSON is an answer, not a fault. */
export function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return objectOf(value);
  } catch {
    // Also a text nested too deeply for the parser: the caller counts the line as unreadable.
    return null;
  }
}

export function objectOf(value: unknown): object | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}

/** An own property of an object, whatever its name; undefined where there is none. */
export function propertyOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** Numbers as decimals without an exponent, truth values as Zeek's letters, lists by commas; '' for everything else. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(6);
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string').join(',');
  return '';
}

/** The texts of a list; a single text is a list of one. */
export function jsonList(value: unknown, itemsMax: number): readonly string[] {
  if (Array.isArray(value)) return value.slice(0, itemsMax).map(jsonText);
  const text = jsonText(value);
  return text === '' ? [] : [text];
}

/** The text of an own property of an object; '' where there is none. */
export function textAt(value: unknown, name: string): string {
  return jsonText(propertyOf(value, name));
}
