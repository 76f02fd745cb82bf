// Labels that somebody gave packets or flow records, read from a file. Not joined to verdicts here: see score.ts.

import type { Desk } from '../context.ts';
import { EXIT } from '../exits.ts';
import { Failure, nameOf } from '../failure.ts';
import { readText } from '../input/source.ts';

/** One labelled flow record. */
export interface LabelRecord {
  readonly at: number;
  readonly isMalicious: boolean;
  /** Duration in microseconds, 0 where unknown. */
  readonly length: number;
}

export type Labels =
  /** By packet number (index 0 unused): 0 no label, 1 benign, 2 malicious. */
  | { readonly kind: 'packets'; readonly byNumber: Uint8Array }
  /** By `flowKey`, each list in the order of time. */
  | {
      readonly kind: 'flows';
      readonly byFlow: ReadonlyMap<string, readonly LabelRecord[]>;
      /** By Zeek's own id of a connection, where the labels have it. */
      readonly byUid: ReadonlyMap<string, LabelRecord>;
      readonly count: number;
    };

/** Packet numbers beyond this are no packet numbers (a mistyped file would ask for the memory all the same). */
const PACKET_NUMBER_MAX = 1_000_000_000;

const BENIGN = new Set([
  '',
  '0',
  '-',
  '(empty)',
  'benign',
  'normal',
  'background',
  'false',
  'legitimate',
  'unlabeled',
  'unlabelled',
]);

/** Whether a label means something bad. `Malicious   PartOfAHorizontalPortScan` does; `Benign` does not. */
export function isMaliciousLabel(text: string): boolean {
  return !BENIGN.has(text.trim().toLowerCase());
}

export async function readLabels(desk: Desk, path: string): Promise<Labels> {
  const labels = parseLabels((await readText(desk.io, path)).split(/\r?\n/));
  if (labels !== null) return labels;
  throw new Failure({
    code: 'PICKET-I008',
    exit: EXIT.failed,
    message: `cannot read ${nameOf(path)} as labels: found neither lines "number;label" nor a table with a label column`,
    help: 'see "picket explain PICKET-I008" for the forms that are known',
  });
}

/** Null when the lines are in no known form. */
export function parseLabels(lines: readonly string[]): Labels | null {
  return packetLabels(lines) ?? flowLabels(lines);
}

const PACKET_LINE = /^\s*"?(\d+)"?\s*[;,\t]\s*"?([^;,\t"]*)"?\s*$/;
const PACKET_HEADING = /^\s*"?[a-z_. ]+"?\s*[;,\t]\s*"?(label|class|malicious|attack)"?\s*$/i;

/** Lines `number;label`; a first line of words is a heading. */
function packetLabels(lines: readonly string[]): Labels | null {
  const rows = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const body = PACKET_HEADING.test(rows[0] ?? '') ? rows.slice(1) : rows;
  const matches = body.map((line) => PACKET_LINE.exec(line));
  if (matches.length === 0 || matches.some((match) => match === null)) return null;
  const numbers = matches.map((match) => Number(match?.[1] ?? 0));
  const most = numbers.reduce((a, b) => Math.max(a, b), 0);
  if (most > PACKET_NUMBER_MAX) return null;
  const byNumber = new Uint8Array(most + 1);
  for (const [at, match] of matches.entries()) byNumber[numbers[at] ?? 0] = isMaliciousLabel(match?.[2] ?? '') ? 2 : 1;
  return { kind: 'packets', byNumber };
}

/** Names that a column goes by, in Zeek's logs and in tables made from them. */
const COLUMNS = {
  label: ['label'],
  uid: ['uid'],
  at: ['ts', 'timestamp', 'time'],
  length: ['duration'],
  source: ['id.orig_h', 'id_orig_h', 'src', 'source', 'src_ip'],
  sourcePort: ['id.orig_p', 'id_orig_p', 'sport', 'src_port'],
  destination: ['id.resp_h', 'id_resp_h', 'dst', 'destination', 'dst_ip'],
  destinationPort: ['id.resp_p', 'id_resp_p', 'dport', 'dst_port'],
  protocol: ['proto', 'protocol'],
} as const;

type ColumnName = keyof typeof COLUMNS;

/** A Zeek log (`#fields`), or a table with a heading line, separated by commas or tabs. */
function flowLabels(lines: readonly string[]): Labels | null {
  const fields = lines.find((line) => line.startsWith('#fields'));
  const body = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const heading = fields?.slice('#fields'.length).replace(/^\s/, '') ?? body.shift();
  if (heading === undefined) return null;
  const isComma = heading.includes(',') && !heading.includes('\t');
  const names = cellsOf(heading, isComma).map((name) => name.toLowerCase());
  const places = placesOf(names);
  if (places === null) return null;
  const byFlow = new Map<string, LabelRecord[]>();
  const byUid = new Map<string, LabelRecord>();
  let count = 0;
  for (const line of body) {
    const record = recordOf(cellsOf(line, isComma), places);
    if (record === null) continue;
    const known = byFlow.get(record.key);
    if (known === undefined) byFlow.set(record.key, [record]);
    else known.push(record);
    if (record.uid !== '' && record.uid !== '-') byUid.set(record.uid, record);
    count++;
  }
  for (const records of byFlow.values()) records.sort((a, b) => a.at - b.at);
  return { kind: 'flows', byFlow, byUid, count };
}

/** Cells of a line. In some logs the label columns stand in the last tab column, set apart by three spaces. */
function cellsOf(line: string, isComma: boolean): readonly string[] {
  return isComma ? commaCells(line) : line.split(/\t| {3,}/);
}

function commaCells(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) =>
    match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'),
  );
}

function placesOf(names: readonly string[]): ReadonlyMap<ColumnName, number> | null {
  const places = new Map<ColumnName, number>();
  for (const [column, aliases] of Object.entries(COLUMNS)) {
    const place = names.findIndex((name) => isOneOf(name, aliases));
    if (place >= 0 && isColumn(column)) places.set(column, place);
  }
  return ['label', 'at', 'source', 'destination'].every((name) => isColumn(name) && places.has(name)) ? places : null;
}

function isOneOf(name: string, aliases: readonly string[]): boolean {
  return aliases.includes(name);
}

function isColumn(name: string): name is ColumnName {
  return Object.hasOwn(COLUMNS, name);
}

const PROTOCOL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['icmp', 1],
  ['icmp6', 58],
  ['icmpv6', 58],
  ['sctp', 132],
]);

function recordOf(
  cells: readonly string[],
  places: ReadonlyMap<ColumnName, number>,
): (LabelRecord & { readonly key: string; readonly uid: string }) | null {
  const cell = (name: ColumnName): string => cells[places.get(name) ?? -1] ?? '';
  const seconds = Number(cell('at'));
  if (cell('at') === '' || !Number.isFinite(seconds)) return null;
  const named = cell('protocol').toLowerCase();
  // Zeek writes icmp for both versions.
  const isSix = named === 'icmp' && cell('source').includes(':');
  const protocol = isSix ? 58 : (PROTOCOL_NUMBERS.get(named) ?? Number(named));
  const duration = Number(cell('length'));
  return {
    at: Math.round(seconds * 1e6),
    isMalicious: isMaliciousLabel(cell('label')),
    length: Number.isFinite(duration) ? duration * 1e6 : 0,
    uid: cell('uid'),
    key: flowKey({
      a: cell('source'),
      aPort: Number(cell('sourcePort') || -1),
      b: cell('destination'),
      bPort: Number(cell('destinationPort') || -1),
      protocol,
    }),
  };
}

/** The same for both directions. ICMP types that logs give in place of ports are left out. */
export function flowKey(ends: {
  readonly a: string;
  readonly aPort: number;
  readonly b: string;
  readonly bPort: number;
  readonly protocol: number;
}): string {
  const hasPorts = ends.protocol === 6 || ends.protocol === 17 || ends.protocol === 132;
  const a = `${ends.a} ${hasPorts ? ends.aPort : ''}`;
  const b = `${ends.b} ${hasPorts ? ends.bPort : ''}`;
  return a < b ? `${ends.protocol} ${a} ${b}` : `${ends.protocol} ${b} ${a}`;
}
