// Text to checked policy: reads every part, then runs the checks. All problems at once; any error means no policy.

import type { Mode, Policy, PolicyTest, Problem } from '#model';
import { isZone } from './calendar.ts';
import { checkPolicy } from './checks/check.ts';
import { DOCUMENT_KEYS } from './fields.ts';
import { zoneTrouble } from './hours.ts';
import { parseSentence, testOf } from './question.ts';
import { readElements } from './read-elements.ts';
import { readNever, readRequire, readRules } from './read-rules.ts';
import { readServices } from './read-services.ts';
import { type Context, type Fields, fieldsOf, settled, textOf, textsOf, whereOf, wordOf } from './reading.ts';
import { Report } from './report.ts';
import type { Names } from './selector.ts';
import { type Comment, pathOf, type Span, type TreeNode, treeOf } from './tree.ts';
import { quoted, trouble } from './trouble.ts';
import { MODES } from './words.ts';
import { readTree } from './yaml.ts';

/** The version of the language. */
const VERSION = '1';
/** Entries of one section, and sentences. Checks compare entries with each other, so their number is bounded. */
const ENTRIES_MAX = 20_000;

export interface Parsed {
  /** Null when any problem is an error. */
  readonly policy: Policy | null;
  readonly problems: readonly Problem[];
}

interface ParsedWithTree extends Parsed {
  readonly tree: TreeNode | null;
  readonly comments: readonly Comment[];
}

/** Reads and checks a policy in YAML, JSON, or JSON with comments. Never throws; `file` is only named in places. */
export function parsePolicy(text: string, file: string): Parsed {
  const { policy, problems } = parseWithTree(text, file);
  return { policy, problems };
}

export function parseWithTree(text: string, file: string): ParsedWithTree {
  const source = withoutMark(text);
  const report = new Report(source, file);
  const { tree, comments } = readTree(source, report);
  const policy = tree === null ? null : readPolicy(tree, report);
  return { policy: report.hasErrors ? null : policy, problems: report.problems(), tree, comments };
}

/** A policy from plain values, with the same checks; problems name paths instead of places. */
export function parseValue(value: unknown): Parsed {
  return parseTree(treeOf(value));
}

/** A policy from a tree that was made in memory. */
export function parseTree(tree: TreeNode): Parsed {
  const report = new Report('', '');
  const policy = readPolicy(tree, report);
  return { policy: report.hasErrors ? null : policy, problems: report.problems() };
}

/** Without the byte order mark that some editors write. */
export function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function readPolicy(tree: TreeNode, report: Report): Policy | null {
  const document = fieldsOf({ report }, tree, { path: '', keys: DOCUMENT_KEYS, what: 'a policy' });
  if (document === null) return null;
  checkVersion(report, document);
  const zone = readZone(report, document);
  const mode: Mode = wordOf({ report }, document, { key: 'mode', words: MODES }) ?? 'observe';
  const names: Names = { elements: keysOf(document, 'elements'), services: keysOf(document, 'services') };
  if (isTooLarge(report, document)) return null;
  const context: Context = { report, zone, names };
  const elements = readElements(context, document, mode);
  const services = readServices(context, document);
  const byId = new Map(services.map((service) => [service.id, service]));
  const policy: Policy = {
    timezone: zone,
    mode,
    elements,
    services,
    rules: readRules(context, document, byId),
    never: readNever(context, document, byId),
    require: readRequire(context, document, byId),
    tests: readTests(context, document),
  };
  checkPolicy(policy, { report, places: placesOf(tree) });
  return policy;
}

function checkVersion(report: Report, document: Fields): void {
  const version = textOf({ report }, document, 'picket');
  const help = `begin the policy with "picket: ${VERSION}"`;
  const span = { start: document.where.span.start, end: document.where.span.start + 1 };
  if (version === null)
    report.error(trouble('PICKET-P009', 'the policy does not say its version', help), { span, path: '' });
  else if (version !== VERSION)
    report.error(
      trouble('PICKET-P009', `version ${quoted(version)} of the language is not known`, help),
      whereOf(document, 'picket'),
    );
}

function readZone(report: Report, document: Fields): string {
  const zone = textOf({ report }, document, 'timezone') ?? 'UTC';
  if (isZone(zone)) return zone;
  report.error(zoneTrouble(zone), whereOf(document, 'timezone'));
  return 'UTC';
}

function keysOf(document: Fields, section: string): ReadonlySet<string> {
  const node = document.entries.get(section)?.value;
  return new Set(node?.kind === 'map' ? node.entries.map(({ key }) => key) : []);
}

function isTooLarge(report: Report, document: Fields): boolean {
  let isLarge = false;
  for (const [key, { value }] of document.entries) {
    const size = value.kind === 'map' ? value.entries.length : value.kind === 'list' ? value.items.length : 0;
    if (size <= ENTRIES_MAX) continue;
    isLarge = true;
    report.error(
      trouble(
        'PICKET-P004',
        `${quoted(key)} has more than ${ENTRIES_MAX} entries`,
        'group elements by labels or ranges of addresses',
      ),
      whereOf(document, key),
    );
  }
  return isLarge;
}

function readTests(context: Context, document: Fields): readonly PolicyTest[] {
  return textsOf(context, document, 'tests').flatMap(({ text, where }) => {
    const sentence = settled(context, parseSentence(text, context.names, context.zone), where);
    return sentence === null ? [] : [testOf(text, context.report.lineAt(where.span.start), sentence)];
  });
}

/** Where each path stands: the key of an entry, the item of a list. */
export type Places = ReadonlyMap<string, Span>;

function placesOf(tree: TreeNode): Places {
  const places = new Map<string, Span>();
  collect(tree, '', places);
  return places;
}

/** Recursion is as deep as the tree, which is bounded where it is made. */
function collect(node: TreeNode, path: string, places: Map<string, Span>): void {
  if (node.kind === 'map')
    for (const { key, keySpan, value } of node.entries) {
      places.set(pathOf(path, key), keySpan);
      collect(value, pathOf(path, key), places);
    }
  if (node.kind === 'list')
    for (const [at, item] of node.items.entries()) {
      places.set(pathOf(path, at), item);
      collect(item, pathOf(path, at), places);
    }
}
