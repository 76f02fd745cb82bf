// Text to MUD file: JSON, the mud container, the access control lists that its policies name. Not what they mean.

import type { Entry, MudFile, MudProblem, Way } from './file.ts';
import { readMatch } from './match.ts';
import { quoted } from './texts.ts';
import { bare, booleanOf, child, complain, listOf, mapOf, numberOf, type Spot, textOf } from './values.ts';

/** Far above every published file (28 kB), far below what would take long to read. */
export const MUD_TEXT_MAX = 2 * 1024 * 1024;
/** Entries of all lists together; a device that needs more is no longer described. */
export const MUD_ENTRIES_MAX = 5_000;

/** The file, or what is wrong with it. A file with a problem is no file: half of one could mean anything. */
export function readMud(name: string, text: string): MudFile | readonly MudProblem[] {
  const problems: MudProblem[] = [];
  const root = parsed(text, problems);
  if (root === null) return problems;
  const document = mapOf(root);
  const mud = document === null ? null : child(document, 'ietf-mud', 'mud');
  if (document !== null && mud === null) complain(root, 'has no "ietf-mud:mud", so it is no MUD file');
  const fields = mud === null ? null : mapOf(mud);
  if (document === null || mud === null || fields === null) return problems;
  const file = fileOf({ name, root, mud, document, fields });
  return problems.length > 0 || file === null ? problems : file;
}

function parsed(text: string, problems: MudProblem[]): Spot | null {
  const spot = { value: null, path: '', problems };
  if (text.length > MUD_TEXT_MAX) {
    complain(spot, `has more than ${MUD_TEXT_MAX} characters, which no MUD file has`);
    return null;
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return { value, path: '', problems };
  } catch (error) {
    complain(spot, `is not JSON: ${quoted(error instanceof Error ? error.message : String(error)).slice(1, -1)}`);
    return null;
  }
}

interface Parts {
  readonly name: string;
  readonly root: Spot;
  readonly mud: Spot;
  readonly document: ReadonlyMap<string, Spot>;
  readonly fields: ReadonlyMap<string, Spot>;
}

function fileOf(parts: Parts): MudFile | null {
  const { name, mud, fields } = parts;
  checkVersion(mud, fields);
  const url = optional(fields, 'mud-url', textOf);
  if (!fields.has('mud-url')) complain(mud, 'has no "mud-url"');
  const authority = /^https?:\/\/(?:[^/?#@]*@)?([A-Za-z0-9._-]+)(?::[0-9]+)?(?:[/?#]|$)/
    .exec(url ?? '')?.[1]
    ?.toLowerCase();
  if (url !== null && authority === undefined) complain(mud, `has a "mud-url" that is no https URL: ${quoted(url)}`);
  const entries = entriesOf(parts);
  if (url === null || authority === undefined) return null;
  return {
    name,
    url,
    authority,
    lastUpdate: optional(fields, 'last-update', textOf),
    cacheValidityHours: optional(fields, 'cache-validity', (spot) => numberOf(spot, { min: 1, max: 168 })),
    isSupported: optional(fields, 'is-supported', booleanOf) ?? true,
    systemInfo: optional(fields, 'systeminfo', textOf),
    manufacturer: optional(fields, 'mfg-name', textOf),
    modelName: optional(fields, 'model-name', textOf),
    signature: optional(fields, 'mud-signature', textOf),
    extensions: textsOf(fields.get('extensions')),
    unknownKeys: [...fields.keys()].filter((key) => !KNOWN_KEYS.has(key)),
    ...entries,
  };
}

const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'mud-version',
  'mud-url',
  'mud-signature',
  'last-update',
  'cache-validity',
  'is-supported',
  'systeminfo',
  'mfg-name',
  'model-name',
  'firmware-rev',
  'software-rev',
  'documentation',
  'extensions',
  'from-device-policy',
  'to-device-policy',
]);

function checkVersion(mud: Spot, fields: ReadonlyMap<string, Spot>): void {
  const version = fields.get('mud-version');
  if (version === undefined) complain(mud, 'has no "mud-version"');
  else if (numberOf(version, { min: 0, max: 255 }) !== 1) complain(version, 'must be 1, the only version there is');
}

function optional<Value>(
  fields: ReadonlyMap<string, Spot>,
  key: string,
  read: (spot: Spot) => Value | null,
): Value | null {
  const spot = fields.get(key);
  return spot === undefined ? null : read(spot);
}

function textsOf(spot: Spot | undefined): readonly string[] {
  return spot === undefined ? [] : (listOf(spot) ?? []).flatMap((item) => textOf(item) ?? []);
}

interface AccessList {
  readonly name: string;
  readonly version: 4 | 6 | null;
  readonly entries: readonly Spot[];
}

function entriesOf({ root, document, fields }: Parts): Pick<MudFile, 'entries' | 'unusedLists'> {
  const lists = accessLists(root, document);
  const used = new Set<string>();
  const entries: Entry[] = [];
  for (const way of ['from', 'to'] as const) {
    for (const { name, spot } of policyLists(fields.get(`${way}-device-policy`))) {
      const list = lists.get(name);
      used.add(name);
      if (list === undefined) complain(spot, `names the list ${quoted(name)}, which the file does not have`);
      else for (const entry of list.entries) readEntry(entry, { list, way, entries });
    }
  }
  return { entries, unusedLists: [...lists.keys()].filter((name) => !used.has(name)) };
}

/** RFC 8519 calls the container `acls`; drafts, and the tools that followed them, called it `access-lists`. */
function accessLists(root: Spot, document: ReadonlyMap<string, Spot>): ReadonlyMap<string, AccessList> {
  const lists = new Map<string, AccessList>();
  const module = 'ietf-access-control-list';
  const [newer, older] = [child(document, module, 'acls'), child(document, module, 'access-lists')];
  const container = newer ?? older;
  if (newer !== null && older !== null)
    complain(root, 'has both "acls" and "access-lists", which may contradict each other');
  if (container === null) {
    complain(root, `has no "${module}:acls"`);
    return lists;
  }
  const inner = mapOf(container)?.get('acl');
  if (inner === undefined) complain(container, 'has no "acl"');
  let left = MUD_ENTRIES_MAX;
  for (const spot of (inner === undefined ? null : listOf(inner)) ?? []) {
    const list = accessList(spot);
    if (list === null) continue;
    if (lists.has(list.name)) complain(spot, `is a second list called ${quoted(list.name)}`);
    left -= list.entries.length;
    if (left < 0) complain(spot, `goes beyond ${MUD_ENTRIES_MAX} entries`);
    else lists.set(list.name, list);
  }
  return lists;
}

function accessList(spot: Spot): AccessList | null {
  const fields = mapOf(spot);
  if (fields === null) return null;
  const name = required(spot, fields, 'name');
  const type = optional(fields, 'type', textOf) ?? '';
  const aces = fields.get('aces');
  const ace = aces === undefined ? undefined : mapOf(aces)?.get('ace');
  const entries = ace === undefined ? [] : listOf(ace);
  if (name === null || entries === null) return null;
  const version = /ipv4/.test(type) ? 4 : /ipv6/.test(type) ? 6 : null;
  return { name, version, entries };
}

function required(spot: Spot, fields: ReadonlyMap<string, Spot>, key: string): string | null {
  const inner = fields.get(key);
  if (inner !== undefined) return textOf(inner);
  complain(spot, `has no "${key}"`);
  return null;
}

function policyLists(policy: Spot | undefined): readonly { readonly name: string; readonly spot: Spot }[] {
  const outer = policy === undefined ? undefined : mapOf(policy)?.get('access-lists');
  const inner = outer === undefined ? undefined : mapOf(outer)?.get('access-list');
  return ((inner === undefined ? null : listOf(inner)) ?? []).flatMap((spot) => {
    const fields = mapOf(spot);
    const name = fields === null ? null : required(spot, fields, 'name');
    return name === null ? [] : [{ name, spot }];
  });
}

function readEntry(
  spot: Spot,
  { list, way, entries }: { readonly list: AccessList; readonly way: Way; readonly entries: Entry[] },
): void {
  const fields = mapOf(spot);
  if (fields === null) return;
  const name = required(spot, fields, 'name');
  const isAccepting = forwarding(spot, fields);
  const matches = fields.get('matches') ?? { value: {}, path: `${spot.path}.matches`, problems: spot.problems };
  const match = readMatch(matches, { way, version: list.version });
  if (name !== null && match !== null && isAccepting !== null)
    entries.push({ list: list.name, name, way, isAccepting, match });
}

function forwarding(spot: Spot, fields: ReadonlyMap<string, Spot>): boolean | null {
  const actions = fields.get('actions');
  const action = actions === undefined ? undefined : mapOf(actions)?.get('forwarding');
  if (action === undefined) {
    complain(spot, 'has no "actions" with "forwarding"');
    return null;
  }
  const word = bare(textOf(action) ?? '');
  if (word === 'accept') return true;
  if (word !== 'drop' && word !== 'reject') complain(action, 'must be accept, drop or reject');
  return false;
}
