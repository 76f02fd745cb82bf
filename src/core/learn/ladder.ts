// The key ladder: exact name, name pattern, address, block, whole scope. Each rung is scored by what it would have foreseen, then the tightest that held is taken.

import { type AddressTable, addressText, DAY, HOUR, type Instant, PROTOCOL, parsePrefix, type Selector } from '#model';
import { type Bindings, NO_NAME } from './bindings.ts';
import { DAYS_TO_SCORE, SCAN_ENDS_MIN, SIBLINGS_MAX, SLICES_OF_SHORT_SPAN, UNSEEN_TARGET } from './bounds.ts';
import { counted } from './counted.ts';
import { groupBy } from './group.ts';
import type { Line } from './lines.ts';
import { patternsOf, registeredDomain } from './names.ts';

export interface Keys {
  readonly selectors: readonly Selector[];
  /** The same as text, for comments and evidence. */
  readonly texts: readonly string[];
  /** Share of the last slices' conversations that the chosen keys did not foresee, and how many were judged. */
  readonly unseen: number | null;
  readonly isWeak: boolean;
  readonly remarks: readonly string[];
}

export interface LadderInput {
  readonly addresses: AddressTable;
  readonly bindings: Bindings;
  readonly span: Span;
}

export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** Names in one rule; more say that the service goes anywhere. */
const NAMES_MAX = 32;
/** Blocks of addresses that must have been met before TCP is opened to a whole scope. */
const TCP_BLOCKS_MIN = 8;

/** Keys for the far ends of lines of one service; `farEnd` tells which end that is. */
export function chooseKeys(lines: readonly Line[], input: LadderInput, farEnd: 'to' | 'from'): Keys {
  const named = farEnd === 'to' ? lines.filter(({ name }) => name !== NO_NAME) : [];
  const bare = named.length === 0 ? lines : lines.filter(({ name }) => name === NO_NAME);
  const parts = [nameKeys(named, input), addressKeys(bare, input, { farEnd, hasNames: named.length > 0 })].filter(
    ({ texts }) => texts.length > 0,
  );
  const [first, second] = parts;
  if (first === undefined) return NO_KEYS;
  if (second === undefined) return first;
  return {
    selectors: [...first.selectors, ...second.selectors],
    texts: [...first.texts, ...second.texts],
    unseen: worse(first.unseen, second.unseen),
    isWeak: first.isWeak || second.isWeak,
    remarks: [...first.remarks, ...second.remarks],
  };
}

const NO_KEYS: Keys = { selectors: [], texts: [], unseen: null, isWeak: false, remarks: [] };

function worse(one: number | null, other: number | null): number | null {
  if (one === null) return other;
  return other === null ? one : Math.max(one, other);
}

function nameKeys(lines: readonly Line[], input: LadderInput): Keys {
  if (lines.length === 0) return NO_KEYS;
  const byDomain = groupBy(lines, ({ name }) => registeredDomain(input.bindings.text(name)));
  const keyOf = new Map<string, string>();
  const texts: string[] = [];
  const remarks: string[] = [];
  for (const [domain, ofDomain] of [...byDomain].toSorted(byText)) {
    const names = [...new Set(ofDomain.map(({ name }) => input.bindings.text(name)))].sort();
    const unseen = unseenShare(ofDomain, input, ({ name }) => input.bindings.text(name));
    const isFolded = names.length > SIBLINGS_MAX / 2 || (names.length > 1 && (unseen ?? 0) > UNSEEN_TARGET);
    const keys = isFolded ? patternsOf(names) : names;
    if (isFolded) remarks.push(`${names.length} names under ${domain} folded to a pattern`);
    for (const name of names) keyOf.set(name, isFolded ? domain : name);
    texts.push(...keys);
  }
  const unseen = unseenShare(lines, input, ({ name }) => keyOf.get(input.bindings.text(name)) ?? '');
  if (texts.length <= NAMES_MAX) return { selectors: texts.map(nameSelector), texts, unseen, isWeak: false, remarks };
  return {
    selectors: [{ kind: 'internet' }],
    texts: ['internet'],
    unseen: 0,
    isWeak: true,
    remarks: [`${texts.length} names and patterns for one service, more than a rule can list: folded to internet`],
  };
}

function byText([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function nameSelector(pattern: string): Selector {
  return { kind: 'name', pattern };
}

type FarEnd = 'to' | 'from';

function addressKeys(
  lines: readonly Line[],
  input: LadderInput,
  { farEnd, hasNames }: { readonly farEnd: FarEnd; readonly hasNames: boolean },
): Keys {
  if (lines.length === 0) return NO_KEYS;
  const rungs = [exactText, blockText, wholeText].map((textOf) => {
    const keyOf = (line: Line): string => textOf(line[farEnd], input.addresses);
    return { texts: [...new Set(lines.map(keyOf))].sort(), unseen: unseenShare(lines, input, keyOf) };
  });
  const [exact = EMPTY, block = EMPTY, whole = EMPTY] = rungs;
  const isOlder = !hasNames && isOlderThanNames(lines, input);
  const chosen = isOlder ? whole : chooseRung({ exact, block, whole }, lines);
  const isInternet = lines.some((line) => line[farEnd].scope === 'internet');
  const isScan = isScanned(lines, exact.texts.length);
  const remarks =
    chosen === exact ? [] : [`${counted(exact.texts.length, 'address')} folded to ${chosen.texts.join(', ')}`];
  if (isOlder)
    remarks.push(
      'connected before the recording began, and the address will change: put its name here in place of internet',
    );
  if (isScan) remarks.push('nearly all of them were met once: this looks like a scan; remove it if it does not belong');
  if (isInternet) {
    const peers = exact.texts.length > 3 ? `${exact.texts.length} addresses` : exact.texts.join(', ');
    remarks.push(`no DNS name was seen for ${peers}${hints(lines, input)}`);
  }
  return {
    selectors: chosen.texts.map(prefixSelector),
    texts: chosen.texts,
    unseen: chosen.unseen,
    isWeak: isInternet || isScan,
    remarks,
  };
}

/**
 * A device that uses names, and connections that are all older than the recording: the name was asked for earlier, and the
 * address will be another after the next connect. Held to the one address, such a device lost two thirds of its later packets.
 */
function isOlderThanNames(lines: readonly Line[], { bindings, span }: LadderInput): boolean {
  if (span.to - span.from < DAY / 2) return false;
  return lines.every(
    ({ from, to, sketch }) =>
      to.scope === 'internet' && sketch.unopened === sketch.conversations && bindings.hasAsked(from.address),
  );
}

function isScanned(lines: readonly Line[], ends: number): boolean {
  const starts = lines.reduce((sum, { sketch }) => sum + sketch.conversations, 0);
  return ends >= SCAN_ENDS_MIN && starts < 1.5 * ends;
}

interface Rung {
  readonly texts: readonly string[];
  readonly unseen: number | null;
}

const EMPTY: Rung = { texts: [], unseen: null };

function chooseRung(
  { exact, block, whole }: { readonly exact: Rung; readonly block: Rung; readonly whole: Rung },
  lines: readonly Line[],
): Rung {
  const isFew = exact.texts.length <= 3;
  if (isFew || (exact.texts.length <= SIBLINGS_MAX && (exact.unseen ?? 0) <= UNSEEN_TARGET)) return exact;
  const isBlockRight = block.texts.length <= 2 * SIBLINGS_MAX && (block.unseen ?? 0) <= UNSEEN_TARGET;
  if (isBlockRight) return block;
  const isTcp = lines.some(({ protocol }) => protocol === PROTOCOL.tcp);
  return isTcp && block.texts.length < TCP_BLOCKS_MIN ? block : whole;
}

function exactText(end: Line['to'], addresses: AddressTable): string {
  if (end.address < 0) return wholeText(end, addresses);
  const text = addresses.text(end.address);
  // Solicited-node groups are made from the asked host's address: the block is the service.
  return text.startsWith('ff02::1:ff') ? 'ff02::1:ff00:0/104' : text;
}

const BLOCK4 = 3;
const BLOCK6 = 8;

function blockText(end: Line['to'], addresses: AddressTable): string {
  if (end.address < 0 || end.scope === 'group') return wholeText(end, addresses);
  const bytes = addresses.bytes(end.address).slice();
  const isFour = addresses.version(end.address) === 4;
  bytes.fill(0, isFour ? 12 + BLOCK4 : BLOCK6);
  return `${addressText(bytes)}/${isFour ? BLOCK4 * 8 : BLOCK6 * 8}`;
}

const PRIVATE_BLOCKS: readonly (readonly [start: RegExp, block: string])[] = [
  [/^10\./, '10.0.0.0/8'],
  [/^192\.168\./, '192.168.0.0/16'],
  [/^172\.(1[6-9]|2\d|3[01])\./, '172.16.0.0/12'],
  [/^169\.254\./, '169.254.0.0/16'],
  [/^fe[89ab]/, 'fe80::/10'],
  [/^f[cd]/, 'fc00::/7'],
];

function wholeText(end: Line['to'], addresses: AddressTable): string {
  if (end.scope === 'internet') return 'internet';
  if (end.address < 0) return 'any';
  const text = addresses.text(end.address);
  if (end.scope === 'local') return PRIVATE_BLOCKS.find(([start]) => start.test(text))?.[1] ?? text;
  if (text.startsWith('ff')) return 'ff00::/8';
  return /^2(2[4-9]|3\d)\./.test(text) ? '224.0.0.0/4' : text;
}

export function prefixSelector(text: string): Selector {
  if (text === 'internet') return { kind: 'internet' };
  // What was folded because a table was full is known to be local and no more than that.
  if (text === 'any') return { kind: 'not', of: { kind: 'internet' } };
  const prefix = parsePrefix(text);
  if (prefix === null) throw new RangeError(`"${text}" is no prefix`);
  return { kind: 'prefix', prefix };
}

function hints(lines: readonly Line[], { bindings }: LadderInput): string {
  const found = new Set<string>();
  for (const { from, to } of lines) {
    const hint = bindings.hint(from.address, to.address);
    if (hint !== undefined && found.size < 3) found.add(hint);
  }
  return found.size === 0 ? '' : `; its traffic names ${[...found].join(', ')}`;
}

/** Predict first, then learn: the share of conversations of the last two slices with traffic whose key no earlier slice had. */
function unseenShare(
  lines: readonly Line[],
  { span }: Pick<LadderInput, 'span'>,
  keyOf: (line: Line) => string,
): number | null {
  const length = sliceLength(span);
  const slices = new Map<number, Map<string, number>>();
  for (const line of lines)
    for (const [hour, { starts }] of line.sketch.hours)
      if (starts > 0)
        addStarts(slices, { slice: Math.floor((hour * HOUR - span.from) / length), key: keyOf(line), starts });
  if (slices.size < DAYS_TO_SCORE) return null;
  const ordered = [...slices].toSorted(([one], [other]) => one - other);
  const seen = new Set<string>();
  let all = 0;
  let unseen = 0;
  for (const [at, [, keys]] of ordered.entries()) {
    if (at >= ordered.length - 2)
      for (const [key, starts] of keys) {
        all += starts;
        if (!seen.has(key)) unseen += starts;
      }
    for (const key of keys.keys()) seen.add(key);
  }
  return unseen / all;
}

function addStarts(
  slices: Map<number, Map<string, number>>,
  { slice, key, starts }: { readonly slice: number; readonly key: string; readonly starts: number },
): void {
  const keys = slices.get(slice) ?? new Map<string, number>();
  keys.set(key, (keys.get(key) ?? 0) + starts);
  slices.set(slice, keys);
}

/** Days, or eighths of a span too short for days; never under an hour, since starts are counted by the hour. */
function sliceLength(span: Span): number {
  return isDaily(span) ? DAY : Math.max(HOUR, (span.to - span.from) / SLICES_OF_SHORT_SPAN);
}

/** Whether the slices of a span are days. */
export function isDaily({ from, to }: Span): boolean {
  return to - from >= DAYS_TO_SCORE * DAY;
}
