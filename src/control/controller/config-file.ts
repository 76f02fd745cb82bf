// The text of a configuration → the configuration, or problems that say where, what was found and what is needed. Reads no file.

import { type Document, isMap, isNode, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type * as z from 'zod';
import type { Place, Problem } from '#model';
import { didYouMean } from '#policy';
import { type Config, configSchema } from './config.ts';

/** A configuration is a page; more is something else. */
export const CONFIG_BYTES_MAX = 256 * 1024;
const PROBLEMS_MAX = 20;
const QUOTE_MAX = 60;

export interface ReadConfig {
  /** Null where there is a problem. */
  readonly config: Config | null;
  readonly problems: readonly Problem[];
}

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

export function readConfig(text: string, file: string): ReadConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  const placeOf = ({ start, end }: Span, path: Path): Place => {
    const { line, col } = lines.linePos(start);
    return { file, line, column: col, length: Math.max(1, end - start), path: path.map(String).join('.') };
  };
  const [broken] = document.errors;
  if (broken !== undefined) {
    const [start, end] = broken.pos;
    const [message = ''] = broken.message.split('\n');
    return failed([problemOf(`this is no YAML: ${message}`, placeOf({ start, end }, []), null)]);
  }
  const parsed = configSchema.safeParse(plainOf(document));
  if (parsed.success) return { config: parsed.data, problems: [] };
  const wrong = parsed.error.issues.flatMap((issue) => faultsOf(issue));
  return failed(
    wrong
      .slice(0, PROBLEMS_MAX)
      .map(({ path, message, help }) => problemOf(message, placeOf(spanOf(document, path), path), help)),
  );
}

function failed(problems: readonly Problem[]): ReadConfig {
  return { config: null, problems };
}

function problemOf(message: string, place: Place, help: string | null): Problem {
  return { code: 'PICKET-C801', severity: 'error', message, place, help };
}

/** An empty file is a map without entries. Aliases would let a small file stand for a huge one: there are none. */
function plainOf(document: Document.Parsed): unknown {
  if (document.contents === null) return {};
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return 'an alias (*name)';
  }
}

interface Fault {
  readonly path: Path;
  readonly message: string;
  readonly help: string | null;
}

function faultsOf(issue: Issue): readonly Fault[] {
  const { path } = issue;
  const name = path.length === 0 ? 'the configuration' : quoted(path.map(String).join('.'));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `${quoted(key)} is no field of ${path.length === 0 ? 'a configuration' : name}`,
      help: didYouMean(key, FIELDS, 'see: docs/control/controller.md'),
    }));
  const help = issue.input === undefined ? 'add it' : null;
  return [{ path, message: `${name}: ${wordsOf(issue)}`, help }];
}

const FIELDS = Object.keys(configSchema.shape);

function wordsOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return `${article(issue.expected)} is needed`;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')} is needed`;
  if (issue.code === 'too_small')
    return `${isNumber(issue) ? 'too small' : 'too short or too few'} (at least ${issue.minimum})`;
  if (issue.code === 'too_big')
    return `${isNumber(issue) ? 'too large' : 'too long or too many'} (at most ${issue.maximum})`;
  if (issue.code === 'invalid_union') return 'it says nothing that is known here; "to" is one of file, syslog, webhook';
  return issue.message;
}

function isNumber({ origin }: { readonly origin: string }): boolean {
  return origin === 'number' || origin === 'int';
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function quoted(text: string): string {
  return `"${text.slice(0, QUOTE_MAX).replace(/[^\x20-\x7e]/g, '?')}"`;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the value stands; for a field that nobody knows, its key; for one that is missing, what should hold it. */
function spanOf(document: Document.Parsed, path: Path): Span {
  for (let length = path.length; length >= 0; length--) {
    const inner = path.slice(0, length);
    const key = length === path.length ? keyAt(document, inner) : null;
    const node = key ?? (length === 0 ? document.contents : document.getIn(inner, true));
    if (isNode(node) && node.range) return { start: node.range[0], end: Math.max(node.range[0], firstLineEnd(node)) };
  }
  return { start: 0, end: 1 };
}

/** The key of a pair, where its value is no single word. */
function keyAt(document: Document.Parsed, path: Path): Node | null {
  const holder = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (!isMap(holder) || last === undefined) return null;
  const pair = holder.items.find((one: Pair) => isScalar(one.key) && String(one.key.value) === String(last));
  if (pair === undefined) return null;
  if (isScalar(pair.value)) return pair.value;
  return isScalar(pair.key) ? pair.key : null;
}

/** A mark covers one word, not a block. */
function firstLineEnd(node: Node): number {
  return isScalar(node) ? (node.range?.[1] ?? 0) : (node.range?.[0] ?? 0) + 1;
}
