// A policy as single entries and back: what one process sends to another, so that a small change is a small message.
// An entry holds the words of the language, so the reading side runs every check of a text. Comments and layout stay behind.

import type { Policy } from '#model';
import { jsonLine, type LayoutEntry } from './layout.ts';
import { type Parsed, parseTree } from './parse.ts';
import { entriesOf } from './print.ts';
import { type MapEntry, NOWHERE, type TreeNode, treeOf } from './tree.ts';

export const ENTRY_SECTIONS = ['policy', 'elements', 'services', 'rules', 'never', 'require', 'tests'] as const;
export type EntrySection = (typeof ENTRY_SECTIONS)[number];

/** `id`: the entry's; the field for section `policy`; the sentence itself for `tests`, whose `json` is always `true`. */
export interface PolicyEntry {
  readonly section: EntrySection;
  readonly id: string;
  /** The entry's fields in one canonical line of JSON, in the order of the printer. */
  readonly json: string;
}

/** Entries in the order of the document. Equal policies give equal entries; a sentence that stands twice is told once. */
export function policyEntries(policy: Policy): readonly PolicyEntry[] {
  return entriesOf(policy, new Set()).flatMap(sectionEntries);
}

function sectionEntries({ key, value }: LayoutEntry): readonly PolicyEntry[] {
  const section = ENTRY_SECTIONS.find((each) => each === key) ?? 'policy';
  if (value.kind === 'leaf') return key === 'picket' ? [] : [{ section: 'policy', id: key, json: jsonLine(value) }];
  if (section !== 'tests')
    return value.entries.map((entry) => ({ section, id: entry.key, json: jsonLine(entry.value) }));
  const sentences = value.entries.flatMap((entry) => (entry.value.kind === 'leaf' ? [entry.value.text] : []));
  return [...new Set(sentences)].map((id) => ({ section, id, json: 'true' }));
}

/** The policy that these entries say, with every check of a text; problems name paths. Never throws. */
export function policyOfEntries(entries: readonly PolicyEntry[]): Parsed {
  const sections = new Map<EntrySection, MapEntry[]>(ENTRY_SECTIONS.map((section) => [section, []]));
  for (const { section, id, json } of entries)
    sections.get(section)?.push({ key: id, keySpan: NOWHERE, value: jsonTree(json) });
  const document: MapEntry[] = [entry('picket', treeOf(1)), ...(sections.get('policy') ?? [])];
  for (const [section, inner] of sections) {
    if (section === 'policy' || inner.length === 0) continue;
    const isList = section === 'tests';
    document.push(
      entry(section, isList ? treeOf(inner.map(({ key }) => key)) : { kind: 'map', entries: inner, ...NOWHERE }),
    );
  }
  return parseTree({ kind: 'map', entries: document, ...NOWHERE });
}

function entry(key: string, value: TreeNode): MapEntry {
  return { key, keySpan: NOWHERE, value };
}

/** What is no JSON becomes an empty text, which no reader takes for an entry. */
function jsonTree(json: string): TreeNode {
  try {
    return treeOf(JSON.parse(json));
  } catch {
    return treeOf(null);
  }
}
