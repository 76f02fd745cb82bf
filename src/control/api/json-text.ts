// JSON of strangers: bounded depth, no field twice, no `__proto__`. Not whether the values are as needed.

/** Deeper than anything the API takes; a policy text is one string. */
export const JSON_DEPTH_MAX = 64;

export type JsonRead =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'bad'; readonly found: string };

export function readJson(bytes: Uint8Array): JsonRead {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { kind: 'bad', found: 'it is not UTF-8' };
  }
  // Before the parser, so that depth is bounded there as well.
  if (depthOf(text) > JSON_DEPTH_MAX)
    return { kind: 'bad', found: `it is nested deeper than ${JSON_DEPTH_MAX} levels` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'bad', found: text === '' ? 'it is empty' : 'it is not JSON' };
  }
  const twice = badField(text);
  return twice === null ? { kind: 'value', value } : { kind: 'bad', found: twice };
}

/** Index just after the string that begins at `start` with its quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at) - 1;
    else if (char === '{' || char === '[') most = Math.max(most, ++depth);
    else if (char === '}' || char === ']') depth -= 1;
  }
  return most;
}

/** INVARIANT: `text` is JSON. Names the first field that stands twice in one object, or that no object should have. */
function badField(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{') open.push(new Set());
    else if (char === '[') open.push(null);
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = endOfString(text, at);
      const found = isKey(text, end) ? fieldFound(text.slice(at, end), open.at(-1) ?? null) : null;
      if (found !== null) return found;
      at = end - 1;
    }
  }
  return null;
}

/** In JSON only a key is followed by a colon. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (' \t\r\n'.includes(text[at] ?? 'end')) at += 1;
  return text[at] === ':';
}

function fieldFound(quoted: string, seen: Set<string> | null): string | null {
  // Escapes hide a second spelling of the same name.
  const name = String(JSON.parse(quoted));
  if (name === '__proto__') return 'it has a field "__proto__"';
  if (seen?.has(name) === true) return `it has a field twice: ${JSON.stringify(name.slice(0, 80))}`;
  seen?.add(name);
  return null;
}
