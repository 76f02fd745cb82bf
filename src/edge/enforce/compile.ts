// A checked policy → everything the kernel table holds at an instant, and what it does not hold. Pure, no I/O. Not the driver.

import { END_OF_TIME, type Instant, type Policy, type Problem } from '#model';
import { address, addressRange, mark, type Nft, nft } from '#nft';
import { type Class, classTable } from './classes.ts';
import { type Content, ContentWriter, elementOf } from './content.ts';
import type { Entry } from './entries.ts';
import { fillMark } from './fill.ts';
import { lifetimesOf } from './holdable.ts';
import { PLAIN } from './live.ts';
import type { Logons } from './logons.ts';
import { type Known, type Marked, type MarkSpec, markEntries } from './marks.ts';
import { Memory } from './memory.ts';
import { namedKey } from './named-classes.ts';
import { knownFrom, type Neighbours } from './neighbours.ts';
import { type NotHeld, notHeldOf } from './not-held.ts';
import { FREE_KEY, isBookFull, type NumberBook, sweepBook } from './numbers.ts';
import { judge, PAIRS_MAX } from './outcome.ts';
import { addressSpace } from './spans.ts';
import type { Ticket } from './ticket.ts';
import { putTicket, ticketSpecs } from './tickets.ts';

/** Ranges of ports between two classes. More would let a scan cost more than the traffic it hides in. */
export const RANGES_MAX = 4_000;
/** Ranges of addresses: prefixes that are no single address. */
export const NETS_MAX = 4_000;

export interface CompileOptions {
  /** The same book for the life of a table: it keeps numbers from meaning two things. */
  readonly book: NumberBook;
  readonly now: Instant;
  /** Ids of elements in quarantine. */
  readonly quarantined?: ReadonlySet<string>;
  /** Addresses that MACs were seen to have. */
  readonly neighbours?: Neighbours;
  readonly names?: NamesKnown;
  /** The same for the life of a table: it spares what did not change since its last compile. */
  readonly memory?: Memory;
  readonly logons?: Logons;
  readonly tickets?: readonly Ticket[];
}

/** Sets of patterns that DNS answers led by, and a number that is another one whenever the policy is: see `markEntries`. */
export interface NamesKnown {
  readonly sets: readonly (readonly string[])[];
  readonly epoch: number;
}

export type Compiled =
  | {
      readonly kind: 'compiled';
      readonly content: Content;
      readonly notHeld: readonly NotHeld[];
      /** Rule of each mark, for whoever reads the kernel's words. */
      readonly ruleOfMark: ReadonlyMap<number, string>;
      /** Numbers of classes that names lead to, by `namedKey`. */
      readonly named: ReadonlyMap<string, number>;
      /** Ids of the tickets that some rule takes. */
      readonly redeemable: ReadonlySet<number>;
    }
  | { readonly kind: 'refused'; readonly problem: Problem & { readonly code: RefusalCode } };

export type RefusalCode = 'PICKET-G001' | 'PICKET-G002' | 'PICKET-G003';

/** Compiles a policy for one instant; `content.nextChange` says when to do it again. */
export function compileTable(policy: Policy, options: CompileOptions): Compiled {
  const { book, now } = options;
  const { sets: nameSets, epoch } = options.names ?? NO_NAMES;
  const known = knownFrom(policy, options.neighbours ?? NO_NEIGHBOURS);
  const nets = addressSpace(policy, known.prefixes).ranges.length;
  if (nets > NETS_MAX)
    return refused(
      'PICKET-G002',
      `${nets} ranges of addresses, at most ${NETS_MAX}`,
      'name fewer prefixes, or single addresses',
    );
  const lifetimes = lifetimesOf(policy);
  const table = classTable({ policy, book, quarantined: options.quarantined ?? new Set(), known, nameSets });
  const decide = judge({ policy, table, now, lifetimes });
  if (decide.isTooLarge)
    return refused('PICKET-G001', `more than ${PAIRS_MAX} pairs of classes`, 'use labels instead of single elements');
  const memory = options.memory ?? new Memory();
  memory.begin(groundOf(policy, options, { classes: table.classes, lifetimes }));
  const entries: Known[] = [];
  for (const [key, pair] of decide.pairs)
    for (const entry of memory.entriesOf(key, pair, { judge: decide, policy, epoch })) entries.push(entry);
  const marked = markEntries(entries, { book, classNumbers: classNumbersOf(table.classes) });
  const problem = tooMuch(entries) ?? (isBookFull(book) ? FULL : null);
  if (problem !== null) return problem;
  const writer = new ContentWriter();
  putClasses(table.classes, writer);
  putEntries(entries, marked, writer);
  const withTickets = ticketSpecs(marked.specs, { tickets: options.tickets ?? [], book });
  const specs = [...marked.specs, ...withTickets.map(({ spec }) => spec)];
  for (const one of withTickets) putTicket(one, { book, writer });
  const logons = options.logons ?? NO_LOGONS;
  const nextChange = filled(specs, { policy, book, now, lifetimes, logons }, writer);
  sweepBook(book);
  return {
    kind: 'compiled',
    content: { sets: writer.sets, objects: writer.objects, lifetimes, nextChange },
    notHeld: notHeldOf(policy, { lifetimes, shadowed: decide.shadowed }),
    named: namedOf(table.classes),
    redeemable: new Set(withTickets.map(({ ticket }) => ticket.id)),
    ruleOfMark: new Map(specs.flatMap((spec) => marksOf(spec).map((number) => [number, spec.rule.id]))),
  };
}

/** Whatever leads to the entries of a pair, besides the rules that concern it. */
function groundOf(
  policy: Policy,
  { quarantined, neighbours, names }: CompileOptions,
  { classes, lifetimes }: { readonly classes: readonly Class[]; readonly lifetimes: readonly number[] },
): readonly unknown[] {
  return [
    policy.mode,
    neighbours,
    names?.sets.length === 0 ? null : names?.epoch,
    ...[
      policy.elements,
      policy.services,
      policy.never,
      policy.require,
      lifetimes,
      [...(quarantined ?? [])].sort(),
    ].flatMap((parts) => [parts.length, ...parts]),
    ...classes.map(({ number }) => number),
  ];
}

const NO_NAMES: NamesKnown = { sets: [], epoch: 0 };
const NO_NEIGHBOURS: Neighbours = new Map();
const NO_LOGONS: Logons = new Map();

function classNumbersOf(classes: readonly Class[]): readonly number[] {
  return classes.filter(({ unnamed }) => unnamed === null).map(({ number }) => number);
}

function namedOf(classes: readonly Class[]): ReadonlyMap<string, number> {
  return new Map(
    classes.flatMap(({ unnamed, end, number }) =>
      unnamed === null ? [] : [[namedKey(unnamed, [...end.names]), number]],
    ),
  );
}

function filled(specs: readonly MarkSpec[], options: Parameters<typeof fillMark>[1], writer: ContentWriter): Instant {
  let next = END_OF_TIME;
  for (const spec of specs) next = Math.min(next, fillMark(spec, options, writer));
  return next;
}

function marksOf({ mark: number, proven }: MarkSpec): readonly number[] {
  return proven === null ? [number] : [number, proven];
}

const FULL = refused('PICKET-G003', 'all numbers of this table were used', 'take the table down and install it again');

function tooMuch(entries: readonly Known[]): Compiled | null {
  const ranges = entries.filter(({ entry }) => entry.map === 'ranges').length;
  if (ranges > RANGES_MAX)
    return refused(
      'PICKET-G002',
      `${ranges} ranges of ports between classes, at most ${RANGES_MAX}`,
      'name ports one by one, or use every port',
    );
  return null;
}

function refused(code: RefusalCode, message: string, help: string): Compiled {
  const problem = {
    code,
    severity: 'error' as const,
    message: `cannot compile the policy for the kernel: ${message}`,
    place: null,
    help,
  };
  return { kind: 'refused', problem };
}

function putClasses(classes: readonly Class[], writer: ContentWriter): void {
  for (const { spans, number } of classes)
    for (const { version, from, to } of spans) {
      if (from === to) writer.put(version === 4 ? 'eid4' : 'eid6', address(from), { value: mark(number) });
      else writer.put(version === 4 ? 'net4' : 'net6', addressRange(from, to), { value: mark(number) });
    }
}

function putEntries(entries: readonly Known[], marked: Marked, writer: ContentWriter): void {
  for (const [at, known] of entries.entries()) {
    const value = mark(marked.values[at] ?? 0);
    if (known.element?.value?.nft !== value.nft) known.element = elementOf(keyOf(known.entry), { value });
    writer.putElement(known.entry.map, known.element);
    if (known.entry.map !== 'exact') writer.put('wide', endsOf(known.entry));
  }
  writer.put('free', mark(FREE_KEY), { value: mark(marked.free) });
  writer.put('live', mark(marked.free), { value: PLAIN });
}

function endsOf({ pair }: Entry): Nft {
  return nft`${mark(pair.from.number)} . ${mark(pair.to.number)}`;
}

function keyOf(entry: Entry): Nft {
  const { map, protocol, from, to } = entry;
  const ends = endsOf(entry);
  switch (map) {
    case 'exact':
      return nft`${from} . ${protocol} . ${ends}`;
    case 'ranges':
      return nft`${from}-${to} . ${protocol} . ${ends}`;
    case 'anyport':
      return nft`${protocol} . ${ends}`;
    case 'anyproto':
      return ends;
  }
}
