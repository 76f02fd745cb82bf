// The only file that knows the YAML library: text to tree, comments and problems. Keeps every scalar a text; types are the readers' affair.

import { isAlias, isMap, isScalar, isSeq, Lexer, type Node, type Pair, parseDocument } from 'yaml';
import { blankJsonComments } from './json-comments.ts';
import type { Report } from './report.ts';
import { type Comment, type MapEntry, NOWHERE, pathOf, type Span, TREE_DEPTH_MAX, type TreeNode } from './tree.ts';
import { quoted, trouble } from './trouble.ts';

/** Characters of a document. The largest learned policy seen is a hundredth of it; beyond, parsing takes seconds. */
export const TEXT_MAX = 4 * 1024 * 1024;

export interface Read {
  readonly tree: TreeNode | null;
  readonly comments: readonly Comment[];
}

/** The tree of a YAML or JSON text, or null with a problem in `report`. Never throws. */
export function readTree(source: string, report: Report): Read {
  const none: Read = { tree: null, comments: [] };
  if (source.length > TEXT_MAX) {
    report.error(trouble('PICKET-P004', `the policy has more than ${TEXT_MAX} characters`, 'split it'), null);
    return none;
  }
  const text = blankJsonComments(source);
  const scan = scanTokens(text);
  if (scan.tooDeepAt >= 0) {
    const span = { start: scan.tooDeepAt, end: scan.tooDeepAt + 1 };
    report.error(trouble('PICKET-P004', `the policy nests deeper than ${TREE_DEPTH_MAX} levels`), { span, path: '' });
    return none;
  }
  const document = parseDocument(text, {
    schema: 'failsafe',
    merge: false,
    prettyErrors: false,
    uniqueKeys: false,
    strict: true,
    logLevel: 'silent',
  });
  for (const { message, pos } of document.errors) {
    const isTab = /tab/i.test(message);
    const help = isTab ? 'indent with spaces' : helpFor(text, pos[0]);
    const code = isTab ? 'PICKET-P052' : 'PICKET-P001';
    report.error(trouble(code, `cannot read the YAML: ${firstLine(message)}`, help), spanned(pos[0], pos[1]));
  }
  if (document.errors.length > 0) return none;
  const walk = new Walk(report);
  return { tree: walk.node(document.contents, '', 0), comments: scan.comments };
}

function spanned(start: number, end: number): { span: Span; path: string } {
  return { span: { start, end: Math.max(end, start + 1) }, path: '' };
}

function firstLine(message: string): string {
  const [line = ''] = message.split('\n');
  return line.slice(0, 160);
}

/** The characters that most often make a plain text unreadable get a hint of their own. */
function helpFor(text: string, offset: number): string | null {
  const rest = text.slice(offset, offset + 1);
  if (rest === '>' || rest === '|') return 'put the text in quotes: a plain text cannot begin with > or |';
  if (rest === '%' || rest === '@' || rest === '`')
    return `put the text in quotes: a plain text cannot begin with ${rest}`;
  return /[>|!*&]/.test(text.slice(Math.max(0, offset - 3), offset + 1))
    ? 'put texts that begin with > | ! * or & in quotes'
    : null;
}

interface Scan {
  readonly comments: readonly Comment[];
  readonly tooDeepAt: number;
}

/** One pass over the tokens: comments with offsets, and the depth before anything recursive runs. */
function scanTokens(text: string): Scan {
  const comments: Comment[] = [];
  const bound = { flow: 0, dashes: 0, indents: [0] };
  let offset = 0;
  let isScalarNext = false;
  let isLineEmpty = true;
  for (const token of new Lexer().lex(text)) {
    if (isMark(token)) {
      isScalarNext = token === SCALAR_MARK;
      continue;
    }
    if (!isScalarNext) {
      if (isTooDeep(token, bound, offset, text)) return { comments, tooDeepAt: offset };
      if (token.startsWith('#')) comments.push({ offset, text: commentText(token), isTrailing: !isLineEmpty });
    }
    if (/[\r\n]/.test(token)) isLineEmpty = true;
    else if (/\S/.test(token)) isLineEmpty = false;
    offset += token.length;
    isScalarNext = false;
  }
  return { comments, tooDeepAt: -1 };
}

/** The lexer's marks stand for no characters of the text: byte order mark aside, which is cut before. */
const SCALAR_MARK = '\u001f';
function isMark(token: string): boolean {
  return token === '\u0002' || token === '\u0018' || token === SCALAR_MARK;
}

function commentText(token: string): string {
  return token.slice(1).trimEnd();
}

interface Bound {
  flow: number;
  dashes: number;
  readonly indents: number[];
}

/** Depth is open brackets, or `- - -` on one line, or steps of indentation. */
function isTooDeep(token: string, bound: Bound, offset: number, text: string): boolean {
  if (token === '[' || token === '{') bound.flow++;
  else if (token === ']' || token === '}') bound.flow--;
  else if (token === '-' || token === '?' || token === ':') bound.dashes++;
  else if (/[\r\n]/.test(token)) bound.dashes = 0;
  else if (/^ +$/.test(token) && /[\r\n]/.test(text[offset - 1] ?? '\n')) indent(bound.indents, token.length);
  return (
    bound.flow > TREE_DEPTH_MAX ||
    (bound.flow === 0 && bound.dashes > TREE_DEPTH_MAX) ||
    bound.indents.length > TREE_DEPTH_MAX
  );
}

function indent(indents: number[], width: number): void {
  while ((indents.at(-1) ?? 0) > width) indents.pop();
  if ((indents.at(-1) ?? 0) < width) indents.push(width);
}

class Walk {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  node(node: Node | null, path: string, depth: number): TreeNode {
    if (node === null) return { kind: 'text', text: '', isEmpty: true, ...NOWHERE };
    const span = spanOf(node);
    if (depth > TREE_DEPTH_MAX) {
      this.#report.error(trouble('PICKET-P004', `the policy nests deeper than ${TREE_DEPTH_MAX} levels`), {
        span,
        path,
      });
      return { kind: 'text', text: '', isEmpty: true, ...span };
    }
    this.#refuseSpecials(node, span, path);
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node.items, path, depth), ...span };
    if (isSeq(node)) {
      const items = node.items.map((item, at) => this.node(asNode(item), pathOf(path, at), depth + 1));
      return { kind: 'list', items, ...span };
    }
    const text = isScalar(node) ? String(node.value ?? '') : '';
    const isEmpty = isScalar(node) && node.type === 'PLAIN' && /^(|~|null|Null|NULL)$/.test(text);
    return { kind: 'text', text: isEmpty ? '' : text, isEmpty, ...span };
  }

  #entries(pairs: readonly Pair[], path: string, depth: number): readonly MapEntry[] {
    const seen = new Set<string>();
    const entries: MapEntry[] = [];
    for (const pair of pairs) {
      const keyNode = asNode(pair.key);
      const key = keyNode !== null && isScalar(keyNode) ? String(keyNode.value ?? '') : '';
      const keySpan = keyNode === null ? NOWHERE : spanOf(keyNode);
      const where = { span: keySpan, path: pathOf(path, key) };
      if (keyNode !== null) this.#refuseSpecials(keyNode, keySpan, where.path);
      if (keyNode === null || !isScalar(keyNode)) {
        this.#report.error(trouble('PICKET-P007', 'a key must be a plain text'), where);
        continue;
      }
      if (key === '<<') {
        this.#report.error(trouble('PICKET-P006', 'merge keys (<<) are not allowed', 'write the entries out'), where);
        continue;
      }
      if (seen.has(key)) {
        const help = 'keep one of them: which one counts would depend on the reader';
        this.#report.error(trouble('PICKET-P005', `${quoted(key)} is written twice in the same place`, help), where);
        continue;
      }
      seen.add(key);
      entries.push({ key, keySpan, value: this.#value(pair, where, depth) });
    }
    return entries;
  }

  #value(pair: Pair, where: { span: Span; path: string }, depth: number): TreeNode {
    const value = this.node(asNode(pair.value), where.path, depth + 1);
    return value.start < 0 ? { ...value, ...where.span } : value;
  }

  #refuseSpecials(node: Node, span: Span, path: string): void {
    const where = { span, path };
    const help = 'if it is meant as text, put it in quotes';
    if (isAlias(node)) this.#report.error(trouble('PICKET-P006', 'aliases (*name) are not allowed', help), where);
    else if (node.anchor !== undefined)
      this.#report.error(trouble('PICKET-P006', 'anchors (&name) are not allowed', help), where);
    else if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:'))
      this.#report.error(trouble('PICKET-P006', `tags (${node.tag.slice(0, 40)}) are not allowed`, help), where);
  }
}

function asNode(value: unknown): Node | null {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : null;
}

function spanOf(node: Node): Span {
  const range = node.range;
  return range === undefined || range === null ? NOWHERE : { start: range[0], end: Math.max(range[1], range[0] + 1) };
}
