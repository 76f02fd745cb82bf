// Foreign texts made fit for ids, labels, names, comments and messages. Not a parser of anything.

/** Longest piece of a foreign text that a message or comment repeats. */
const QUOTE_MAX = 120;

/** The text in quotes, cut and without control characters. */
export function quoted(text: string): string {
  return `"${plain(text)}"`;
}

/** One line without control, bidirectional or invisible characters, cut to a readable length. */
export function plain(text: string): string {
  const shown = [...text.slice(0, QUOTE_MAX)].map((char) => (isHidden(char) ? '?' : char)).join('');
  return text.length > QUOTE_MAX ? `${shown}…` : shown;
}

function isHidden(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return (
    code < 32 ||
    (code >= 127 && code < 160) ||
    (code >= 0x200b && code <= 0x206f) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xfeff
  );
}

/** Enough to recognise, short enough for a table. */
const ID_PART_MAX = 60;

/** A text as a part of an id: lower case letters, digits, dots and dashes; '' where nothing is left. */
export function idPart(text: string): string {
  const part = text.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  return part.slice(0, ID_PART_MAX).replace(/^[._-]+|[._-]+$/g, '');
}

/** Words that selectors and test sentences give a meaning of their own. */
const RESERVED_IDS: ReadonlySet<string> = new Set(['any', 'internet', 'not', 'may', 'use']);

/** An id for an element that no selector takes for something else. */
export function elementId(text: string): string {
  const part = idPart(text);
  if (part === '' || RESERVED_IDS.has(part) || /^[0-9.]+$/.test(part)) return part === '' ? 'device' : `device-${part}`;
  return part;
}

/** The id, or the id with the first number behind it that is free; it is then taken. */
export function freeId(taken: Set<string>, id: string): string {
  let free = id;
  for (let at = 2; taken.has(free); at++) free = `${id}-${at}`;
  taken.add(free);
  return free;
}

/** Longest value of a label. */
const LABEL_MAX = 128;

/** The value with what a selector gives a meaning of its own as %XX; null where it is too long or empty. */
export function labelValue(text: string): string | null {
  const value = [...text]
    .map((char) => (/^[^\s()&|!=,"'#%]$/.test(char) && !isHidden(char) ? char : percent(char)))
    .join('');
  return value === '' || value.length > LABEL_MAX ? null : value;
}

/** The text that `labelValue` was made from. */
export function labelText(value: string): string {
  const bytes: number[] = [];
  const parts = value.split(/(%[0-9A-F]{2})/);
  let text = '';
  for (const part of parts) {
    if (/^%[0-9A-F]{2}$/.test(part)) bytes.push(Number.parseInt(part.slice(1), 16));
    else if (part !== '') {
      text += utf8(bytes.splice(0)) + part;
    }
  }
  return text + utf8(bytes);
}

function percent(char: string): string {
  return [...new TextEncoder().encode(char)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

function utf8(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** `api.example.com`, `*.example.com`; lower case, without the root's dot. Null where it is no DNS name. */
export function dnsName(text: string): string | null {
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = (name.startsWith('*.') ? name.slice(2) : name).split('.');
  const isName =
    name.length <= 253 &&
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '0');
  return isName ? name : null;
}
