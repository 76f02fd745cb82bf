// What every reader of a part of the document needs: fields with known keys, texts, lists of texts, ids. Collects problems, never stops.

import { didYouMean } from './nearest.ts';
import type { Report, Where } from './report.ts';
import type { Names } from './selector.ts';
import { type MapEntry, pathOf, type TreeNode } from './tree.ts';
import { isTrouble, quoted, type Trouble, trouble } from './trouble.ts';
import { ID, RESERVED_IDS } from './words.ts';

export interface Context {
  readonly report: Report;
  readonly zone: string;
  readonly names: Names;
}

/** One map of the document whose keys are known. */
export interface Fields {
  readonly path: string;
  readonly where: Where;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/** The longest free text (owner, why, login, data). */
const TEXT_MAX = 2_000;

export function fieldsOf(
  context: Pick<Context, 'report'>,
  node: TreeNode,
  { path, keys, what }: { path: string; keys: readonly string[]; what: string },
): Fields | null {
  const where = { span: node, path };
  if (node.kind !== 'map') {
    context.report.error(
      trouble('PICKET-P007', `${what} must be a map of ${keys.slice(0, 4).join(', ')} …`, 'write key: value pairs'),
      where,
    );
    return null;
  }
  const entries = new Map<string, MapEntry>();
  for (const entry of node.entries) {
    if (keys.includes(entry.key)) entries.set(entry.key, entry);
    else {
      const help = didYouMean(entry.key, keys, `its fields are ${keys.join(', ')}`);
      context.report.error(trouble('PICKET-P003', `${quoted(entry.key)} is not a field of ${what}`, help), {
        span: entry.keySpan,
        path,
      });
    }
  }
  return { path, where, entries };
}

/** Named entries of a section: valid ids only, each with its node. */
export function sectionOf(context: Pick<Context, 'report'>, document: Fields, key: string): readonly MapEntry[] {
  const node = document.entries.get(key)?.value;
  if (node === undefined || (node.kind === 'text' && node.isEmpty)) return [];
  if (node.kind === 'map') return node.entries.filter((entry) => isGoodId(context, entry, key));
  context.report.error(
    trouble('PICKET-P007', `${quoted(key)} must be a map from names to entries`, 'write name: { … }'),
    { span: node, path: key },
  );
  return [];
}

function isGoodId({ report }: Pick<Context, 'report'>, { key, keySpan }: MapEntry, section: string): boolean {
  const where = { span: keySpan, path: pathOf(section, key) };
  if (!ID.test(key)) {
    const help = 'names begin with a-z or 0-9, go on with a-z 0-9 - _ . and have at most 128 characters';
    report.error(trouble('PICKET-P011', `${quoted(key)} cannot be a name`, help), where);
    return false;
  }
  if (!RESERVED_IDS.has(key)) return true;
  report.error(
    trouble('PICKET-P011', `the name ${quoted(key)} has a meaning of its own`, 'choose another name'),
    where,
  );
  return false;
}

export function isPresent(node: TreeNode | undefined): node is TreeNode {
  return node !== undefined && !(node.kind === 'text' && node.isEmpty);
}

/** The field's text, or null when it is absent or no text (then reported). */
export function textOf({ report }: Pick<Context, 'report'>, fields: Fields, key: string): string | null {
  const node = fields.entries.get(key)?.value;
  if (!isPresent(node)) return null;
  const where = { span: node, path: pathOf(fields.path, key) };
  if (node.kind !== 'text') {
    report.error(trouble('PICKET-P007', `${quoted(key)} must be a single text`), where);
    return null;
  }
  if (node.text.length <= TEXT_MAX) return node.text;
  report.error(trouble('PICKET-P004', `${quoted(key)} has more than ${TEXT_MAX} characters`), where);
  return null;
}

interface PlacedText {
  readonly text: string;
  readonly where: Where;
}

/** The field's texts, written as one or as a list. */
export function textsOf({ report }: Pick<Context, 'report'>, fields: Fields, key: string): readonly PlacedText[] {
  const node = fields.entries.get(key)?.value;
  if (!isPresent(node)) return [];
  const path = pathOf(fields.path, key);
  const items = node.kind === 'list' ? node.items : [node];
  const texts: PlacedText[] = [];
  for (const [at, item] of items.entries()) {
    const where = { span: item, path: node.kind === 'list' ? pathOf(path, at) : path };
    if (item.kind === 'text' && !item.isEmpty) texts.push({ text: item.text, where });
    else report.error(trouble('PICKET-P007', `${quoted(key)} must be a text or a list of texts`), where);
  }
  return texts;
}

/** Passes a value on; a trouble is reported where the text stands and becomes null. */
export function settled<Value>(
  { report }: Pick<Context, 'report'>,
  value: Value | Trouble,
  where: Where,
): Value | null {
  if (!isTrouble(value)) return value;
  report.error(value, where);
  return null;
}

/** The word if it is one of a closed list; null (reported) when it is another, undefined when absent. */
export function wordOf<Word extends string>(
  context: Pick<Context, 'report'>,
  fields: Fields,
  { key, words }: { key: string; words: readonly Word[] },
): Word | null | undefined {
  const text = textOf(context, fields, key);
  if (text === null) return undefined;
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  const help = didYouMean(text, words, `it is one of ${words.join(', ')}`);
  context.report.error(trouble('PICKET-P012', `${quoted(text)} is not a known ${key}`, help), whereOf(fields, key));
  return null;
}

export function whereOf(fields: Fields, key: string): Where {
  const node = fields.entries.get(key)?.value;
  return node === undefined ? fields.where : { span: node, path: pathOf(fields.path, key) };
}

export function missing(
  context: Pick<Context, 'report'>,
  fields: Fields,
  { key, what, help }: { key: string; what: string; help: string },
): void {
  context.report.error(trouble('PICKET-P008', `${what} has no ${quoted(key)}`, help), fields.where);
}
