// The document as a tree of maps, lists and texts with places: what every reader of this room works on. Not YAML and not a policy.

/** Offsets into the source, or -1 for a tree that was built in memory. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export const NOWHERE: Span = { start: -1, end: -1 };

interface TextNode extends Span {
  readonly kind: 'text';
  readonly text: string;
  /** Nothing was written: an empty value, `null` or `~`. */
  readonly isEmpty: boolean;
}

export interface MapEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: TreeNode;
}

interface MapNode extends Span {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

interface ListNode extends Span {
  readonly kind: 'list';
  readonly items: readonly TreeNode[];
}

export type TreeNode = TextNode | MapNode | ListNode;

/** One comment of the source. `isTrailing`: something else stands before it on its line. */
export interface Comment {
  readonly offset: number;
  readonly text: string;
  readonly isTrailing: boolean;
}

/** A tree from plain values: the typed builder's way in. Depth is bounded because a document type has a fixed depth; deeper is cut to an empty text. */
export function treeOf(value: unknown, depth = 0): TreeNode {
  if (depth > TREE_DEPTH_MAX) return { kind: 'text', text: '', isEmpty: true, ...NOWHERE };
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => treeOf(item, depth + 1)), ...NOWHERE };
  if (typeof value !== 'object' || value === null) {
    const isEmpty = value === null || value === undefined;
    return { kind: 'text', text: isEmpty ? '' : String(value), isEmpty, ...NOWHERE };
  }
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => ({ key, keySpan: NOWHERE, value: treeOf(inner, depth + 1) }));
  return { kind: 'map', entries, ...NOWHERE };
}

/** A policy needs seven levels; the rest is room. A bound keeps every walk of a tree shallow. */
export const TREE_DEPTH_MAX = 32;

/** Path of a child, for instance `rules.cameras-stream`. */
export function pathOf(parent: string, key: string | number): string {
  return parent === '' ? String(key) : `${parent}.${key}`;
}
