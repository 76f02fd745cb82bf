// Canonical layout: a tree of values with comments, written as YAML or as JSON. Knows nothing of policies.

/** Columns that one line may take before its map or list is broken into lines. */
const WIDTH = 120;

type Leaf = { readonly kind: 'leaf'; readonly text: string; readonly isNumber: boolean };
type Branch = {
  readonly kind: 'branch';
  readonly isList: boolean;
  readonly style: 'line' | 'block';
  readonly entries: readonly LayoutEntry[];
};
export type LayoutValue = Leaf | Branch;
export interface LayoutEntry {
  /** '' for an item of a list. */
  readonly key: string;
  readonly path: string;
  readonly value: LayoutValue;
}

export interface Remarks {
  /** Comment lines above, without their sign. */
  readonly above: readonly string[];
  /** A comment behind the entry on its line. */
  readonly behind: string | null;
}

type RemarkMap = ReadonlyMap<string, Remarks>;

interface Pen {
  readonly remarks: RemarkMap;
  /** Paths that have a remark somewhere below, so cannot be one line. */
  readonly broken: ReadonlySet<string>;
  readonly isJson: boolean;
  readonly lines: string[];
}

/** The whole document; `tail` are comment lines after its last entry. */
export function layOut(
  entries: readonly LayoutEntry[],
  options: { remarks: RemarkMap; tail: readonly string[]; isJson: boolean },
): string {
  const pen: Pen = {
    remarks: options.remarks,
    broken: brokenPaths(options.remarks),
    isJson: options.isJson,
    lines: [],
  };
  for (const line of options.remarks.get('')?.above ?? []) pen.lines.push(commentLine(line, '', pen));
  if (pen.isJson) pen.lines.push('{');
  for (const [at, entry] of entries.entries()) {
    const isApart = entry.value.kind === 'branch' || (options.remarks.get(entry.path)?.above.length ?? 0) > 0;
    if (isApart && at > 0) pen.lines.push('');
    writeEntry(pen, entry, { indent: pen.isJson ? '  ' : '', isLast: at === entries.length - 1 });
  }
  if (pen.isJson) pen.lines.push('}');
  if (options.tail.length > 0 && !pen.isJson) pen.lines.push('');
  for (const line of options.tail) pen.lines.push(commentLine(line, '', pen));
  return `${pen.lines.join('\n')}\n`;
}

function brokenPaths(remarks: RemarkMap): ReadonlySet<string> {
  const broken = new Set<string>();
  for (const path of remarks.keys())
    for (let at = path.lastIndexOf('.'); at > 0; at = path.lastIndexOf('.', at - 1)) broken.add(path.slice(0, at));
  return broken;
}

function commentLine(text: string, indent: string, { isJson }: Pen): string {
  return `${indent}${isJson ? '//' : '#'}${text === '' || text.startsWith(' ') ? text : ` ${text}`}`.trimEnd();
}

interface At {
  readonly indent: string;
  readonly isLast: boolean;
}

/** Recursion is as deep as a policy document: seven levels. */
function writeEntry(pen: Pen, entry: LayoutEntry, { indent, isLast }: At): void {
  const remarks = pen.remarks.get(entry.path);
  for (const line of remarks?.above ?? []) pen.lines.push(commentLine(line, indent, pen));
  const head = entry.key === '' ? (pen.isJson ? '' : '- ') : `${keyText(entry.key, pen.isJson)}: `;
  const comma = pen.isJson && !isLast ? ',' : '';
  const behind = remarks?.behind ?? null;
  const oneLine = inline(entry, pen, indent.length + head.length + comma.length);
  if (oneLine !== null) {
    const sign = behind === null ? '' : ` ${commentLine(behind, '', pen)}`;
    pen.lines.push(`${indent}${head}${oneLine}${comma}${sign}`);
    return;
  }
  if (behind !== null) pen.lines.push(commentLine(behind, indent, pen));
  writeBranch(pen, entry, { indent, head, comma });
}

function writeBranch(
  pen: Pen,
  { value }: LayoutEntry,
  { indent, head, comma }: { indent: string; head: string; comma: string },
): void {
  if (value.kind === 'leaf') return;
  const inner = `${indent}  `;
  const last = value.entries.length - 1;
  if (pen.isJson) {
    pen.lines.push(`${indent}${head}${value.isList ? '[' : '{'}`);
    for (const [at, each] of value.entries.entries()) writeEntry(pen, each, { indent: inner, isLast: at === last });
    pen.lines.push(`${indent}${value.isList ? ']' : '}'}${comma}`);
    return;
  }
  // A map that is an item of a list begins on the line below its dash, which every YAML reader takes.
  pen.lines.push(`${indent}${head}`.trimEnd());
  for (const [at, each] of value.entries.entries()) writeEntry(pen, each, { indent: inner, isLast: at === last });
}

/** The value on one line, or null when it is too wide, is wanted in lines, or has remarks inside. */
function inline({ value, path }: LayoutEntry, pen: Pen, used: number): string | null {
  if (value.kind === 'leaf') return leafText(value, pen.isJson);
  if (value.entries.length === 0) return value.isList ? '[]' : '{}';
  if (value.style === 'block' || pen.broken.has(path)) return null;
  const text = flow(value, pen.isJson);
  return used + text.length <= WIDTH ? text : null;
}

function flow(value: LayoutValue, isJson: boolean): string {
  if (value.kind === 'leaf') return leafText(value, isJson);
  const parts = value.entries.map(
    (entry) => (value.isList ? '' : `${keyText(entry.key, isJson)}: `) + flow(entry.value, isJson),
  );
  return value.isList ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`;
}

/** Any value as one line of JSON, however wide. */
export function jsonLine(value: LayoutValue): string {
  return flow(value, true);
}

function keyText(key: string, isJson: boolean): string {
  if (!isJson && /^[A-Za-z][A-Za-z0-9_.-]*$/.test(key)) return key;
  return leafText({ kind: 'leaf', text: key, isNumber: false }, isJson);
}

/** JSON strings are YAML strings as well, but for these two line ends, which JSON leaves bare. */
function quotedText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

function leafText({ text, isNumber }: Leaf, isJson: boolean): string {
  if (isNumber) return text;
  return isJson || !isPlain(text) ? quotedText(text) : text;
}

/** What any YAML reader, old or new, takes as this very text in every place: everything else is quoted. */
function isPlain(text: string): boolean {
  if (!/^[A-Za-z0-9_/(<.][^,[\]{}#\n\r\t]*$/.test(text)) return false;
  if (!/^[\x20-\x7e\u00a1-\ud7ff]*$/.test(text) || text.endsWith(' ') || /:(\s|:|$)/.test(text)) return false;
  if (/^(~|null|true|false|yes|no|on|off|y|n)$/i.test(text)) return false;
  // Numbers, sexagesimals and MACs would be read as something else by some reader.
  return (
    !/^[-+.0-9_:eExXoOa-fA-F]*$/.test(text) ||
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ||
    isAddress(text) ||
    /^[a-fA-F][a-fA-F-]*$/.test(text)
  );
}

function isAddress(text: string): boolean {
  return /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(text);
}
