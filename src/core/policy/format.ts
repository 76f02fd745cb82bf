// Lays a document out in the one canonical way: reads it, prints it, puts its comments back. The result means the same, or there is none.

import type { Problem } from '#model';
import { layOut, type Remarks } from './layout.ts';
import { parsePolicy, parseWithTree, withoutMark } from './parse.ts';
import { addRemark, entriesOf, nearestPath, pathsOf } from './print.ts';
import { type Comment, pathOf, type TreeNode } from './tree.ts';
import { trouble } from './trouble.ts';

export interface Formatted {
  /** Null when the document has errors: nothing is laid out that was not understood. */
  readonly text: string | null;
  readonly problems: readonly Problem[];
}

/** JSON stays JSON, anything else becomes YAML. Idempotent. */
export function formatPolicy(text: string, file: string): Formatted {
  const { policy, problems, tree, comments } = parseWithTree(text, file);
  if (policy === null || tree === null) return { text: null, problems };
  const source = withoutMark(text);
  const anchors = anchorsOf(tree);
  const entries = entriesOf(policy, new Set(anchors.map(({ path }) => path)));
  const { remarks, tail } = placeComments(source, { comments, anchors, paths: pathsOf(entries) });
  const printed = layOut(entries, { remarks, tail, isJson: /^\s*(\/\/[^\n]*\s*|\/\*[\s\S]*?\*\/\s*)*\{/.test(source) });
  const again = parsePolicy(printed, file).policy;
  if (JSON.stringify(withoutLines(again)) === JSON.stringify(withoutLines(policy))) return { text: printed, problems };
  const {
    code,
    trouble: message,
    help,
  } = trouble(
    'PICKET-P054',
    'the formatted policy would not mean the same, so nothing was formatted',
    'please report this policy as a bug',
  );
  return { text: null, problems: [...problems, { code, severity: 'error', message, help, place: null }] };
}

/** Lines of test sentences move when a document is laid out anew; nothing else may. */
function withoutLines(policy: ReturnType<typeof parsePolicy>['policy']): unknown {
  return policy === null ? null : { ...policy, tests: policy.tests.map((test) => ({ ...test, line: 0 })) };
}

interface Anchor {
  readonly path: string;
  readonly offset: number;
}

function anchorsOf(tree: TreeNode): readonly Anchor[] {
  const anchors: Anchor[] = [];
  collect(tree, '', anchors);
  return anchors.toSorted((a, b) => a.offset - b.offset);
}

function collect(node: TreeNode, path: string, anchors: Anchor[]): void {
  if (node.kind === 'text') return;
  const children =
    node.kind === 'map'
      ? node.entries.map(({ key, keySpan, value }) => ({ key, offset: keySpan.start, value }))
      : node.items.map((value, key) => ({ key, offset: value.start, value }));
  for (const { key, offset, value } of children) {
    anchors.push({ path: pathOf(path, key), offset });
    collect(value, pathOf(path, key), anchors);
  }
}

interface Placing {
  readonly comments: readonly Comment[];
  readonly anchors: readonly Anchor[];
  readonly paths: ReadonlySet<string>;
}

/** A comment on its own line belongs to the entry that follows; one behind an entry, to that entry; what follows nothing is the tail. */
function placeComments(
  source: string,
  { comments, anchors, paths }: Placing,
): { remarks: ReadonlyMap<string, Remarks>; tail: readonly string[] } {
  const remarks = new Map<string, Remarks>();
  const tail: string[] = [];
  let next = 0;
  for (const { offset, text, isTrailing } of comments) {
    while (next < anchors.length && (anchors[next]?.offset ?? 0) < offset) next++;
    const before = anchors[next - 1];
    const after = anchors[next];
    if (isTrailing && before !== undefined && !source.slice(before.offset, offset).includes('\n'))
      addRemark(remarks, { path: nearestPath(lineOwner(source, anchors, next - 1).path, paths), behind: text });
    else if (after === undefined) tail.push(text);
    else addRemark(remarks, { path: nearestPath(after.path, paths), above: [text] });
  }
  return { remarks, tail };
}

/** The outermost entry that begins on the line of the anchor, so that `x: { … }  # why` stays one line. */
function lineOwner(source: string, anchors: readonly Anchor[], at: number): Anchor {
  let owner = anchors[at] ?? { path: '', offset: 0 };
  for (let index = at - 1; index >= 0; index--) {
    const earlier = anchors[index];
    if (earlier === undefined || source.slice(earlier.offset, owner.offset).includes('\n')) break;
    owner = earlier;
  }
  return owner;
}
