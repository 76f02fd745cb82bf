// Content as nft commands: all of it for a new table, or the difference to what the kernel holds. INVARIANT: a difference never deletes
// a chain, a set or a base chain, and adds a grant only in the transaction that removes what it replaces.

import { DAY, END_OF_TIME, type Instant } from '#model';
import { list, mark, type Nft, nft } from '#nft';
import { openingsHad, openingsLeft } from './budgets.ts';
import type { Chain } from './chain.ts';
import { chains, lifetimeChain } from './chains.ts';
import { type Content, type KernelObject, SET_NAMES, type SetElement, type SetName } from './content.ts';
import { type ContentChange, isSameElement } from './content-store.ts';
import { setLines } from './sets.ts';
import type { Used } from './usage.ts';

/** Maps that are filled apart from content have elements of the same kind. */
type FilledName = SetName | 'named4' | 'named6';

/** Elements of one command. */
const CHUNK = 5_000;
/** The least timeout that the kernel keeps: a grant that ends sooner is not made. */
const TIMEOUT_MS_MIN = 10;

/** The table without content: its sets and chains. Everything in it is denied. */
export function tableText(lifetimes: readonly number[]): Nft {
  const sets = setLines().map((line) => `  ${line.nft}\n`);
  const bodies = chains(lifetimes).map(
    (chain) =>
      `  chain ${chain.name} {\n${rulesOf(chain)
        .map((rule) => `    ${rule.nft}\n`)
        .join('')}  }\n`,
  );
  return { nft: `table inet picket {\n${sets.join('')}${bodies.join('')}}\n` };
}

function rulesOf({ hook, rules }: Chain): readonly Nft[] {
  return hook === null ? rules : [hook, ...rules];
}

/** What the table notes about itself. */
export interface TableState {
  readonly generation: number;
  readonly nextMark: number;
}

/** The whole table on one line, in place of an earlier one: one transaction. */
export function installLine(
  content: Content,
  { more = [], used, ...state }: TableState & { readonly more?: readonly Nft[]; readonly used?: Used },
  now: Instant,
): string {
  const sets = setLines().map((line) => `${line.nft} ; `);
  const bodies = chains(content.lifetimes).map(
    (chain) =>
      `chain ${chain.name} { ${rulesOf(chain)
        .map((rule) => `${rule.nft} ; `)
        .join('')}} ; `,
  );
  const table = { nft: `table inet picket { ${sets.join('')}${bodies.join('')}}` };
  return onOneLine([
    nft`add table inet picket`,
    nft`delete table inet picket`,
    table,
    ...contentCommands(content, now, used),
    ...more,
    ...stateCommands(state),
  ]);
}

/** The commands of a change on one line. */
export function applyLine(commands: readonly Nft[], state: TableState): string {
  return onOneLine([...commands, ...stateCommands(state)]);
}

/** Takes the table away, also where there is none. */
export const REMOVE_LINE = 'add table inet picket; delete table inet picket';

/** Writes the notes once more: a change that changes nothing. */
export function stateLine(state: TableState): string {
  return onOneLine(stateCommands(state));
}

function stateCommands({ generation, nextMark }: TableState): readonly Nft[] {
  return [
    nft`flush map inet picket state`,
    nft`add element inet picket state { ${mark(1)} : ${mark(generation)}, ${mark(2)} : ${mark(nextMark)} }`,
  ];
}

export function onOneLine(commands: readonly Nft[]): string {
  return commands.map((command) => command.nft).join('; ');
}

/** The whole table with its content, for one `nft -f`: it takes the place of an earlier table of that name, in one transaction. */
export function tableFile(content: Content, now: Instant): string {
  const commands = contentCommands(content, now).map((command) => `${command.nft}\n`);
  return `${REPLACE}${tableText(content.lifetimes).nft}${commands.join('')}`;
}

/** A table has to be there to be deleted. */
const REPLACE = 'table inet picket {\n}\ndelete table inet picket\n';

/** Longest timeout; what ends later is asserted again long before. */
const TIMEOUT_MAX = 365 * DAY;

/** Commands that put all content into an empty table. */
export function contentCommands(content: Content, now: Instant, used: Used = NOTHING_USED): readonly Nft[] {
  return differenceCommands({ before: EMPTY, after: content, used }, now);
}

const NOTHING_USED: Used = new Map();

/** From one content to another; `used`: what earlier objects of new ones' names had used. */
export interface Change {
  readonly before: Content;
  readonly after: Content;
  readonly used?: Used;
  /** The clock was set: what has a timeout is made again, because the kernel's timeouts know nothing of that. */
  readonly isClockSet?: boolean;
}

const EMPTY: Content = { sets: new Map(), objects: new Map(), lifetimes: [], nextChange: END_OF_TIME };

/** Commands that turn one content into the other: one transaction. */
export function differenceCommands(
  { before, after, used = NOTHING_USED, isClockSet = false }: Change,
  now: Instant,
): readonly Nft[] {
  const gone = [...before.objects.values()].filter(({ name }) => !after.objects.has(name));
  const made = [...after.objects.values()].filter(({ name }) => !before.objects.has(name));
  return [
    ...(isSameList(before.lifetimes, after.lifetimes) ? [] : lifetimeCommands(after.lifetimes)),
    ...made.map((object) => addObject(object, used)),
    ...SET_NAMES.flatMap((name) =>
      elementCommands(name, { before: setOf(before, name), after: setOf(after, name), isClockSet }, now),
    ),
    ...gone.map(deleteObject),
  ];
}

/** The commands of a change that was noted while it was made. */
export function changeCommands({ sets, objects }: ContentChange, used: Used, now: Instant): readonly Nft[] {
  return [
    ...added(objects).map((object) => addObject(object, used)),
    ...[...sets].flatMap(([name, set]) => elementCommands(name, set, now)),
    ...added({ before: objects.after, after: objects.before }).map(deleteObject),
  ];
}

function added({ before, after }: ContentChange['objects']): readonly KernelObject[] {
  return [...after.values()].filter(({ name }) => !before.has(name));
}

function setOf(content: Content, name: SetName): ReadonlyMap<string, SetElement> {
  return content.sets.get(name) ?? new Map();
}

function isSameList(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}

function lifetimeCommands(lifetimes: readonly number[]): readonly Nft[] {
  const { rules } = lifetimeChain(lifetimes);
  return [nft`flush chain inet picket born_in`, ...rules.map((rule) => nft`add rule inet picket born_in ${rule}`)];
}

/** A budget goes on where its window stood. */
function addObject(object: KernelObject, used: Used): Nft {
  return { nft: `add ${object.kind} inet picket ${object.name} { ${bodyOf(object, used).nft} ; }` };
}

function bodyOf({ kind, name, body, budget, tally }: KernelObject, used: Used): Nft {
  const amount = Math.min(used.get(tally ?? name) ?? 0, budget?.max ?? 0);
  if (amount === 0 || budget === null) return body;
  if (kind === 'quota') return nft`${body} used ${amount} bytes`;
  return kind === 'counter' ? openingsHad(amount) : openingsLeft(budget.max - amount);
}

function deleteObject(object: KernelObject): Nft {
  return { nft: `delete ${object.kind} inet picket ${object.name}` };
}

/**
 * What is gone or changed is deleted, what is new or changed is added. An element with a timeout may have run out on its own, and then
 * its deletion would fail the whole transaction: so it is added once more before it is deleted.
 */
export function elementCommands(
  name: FilledName,
  {
    before,
    after,
    isClockSet = false,
  }: {
    readonly before: ReadonlyMap<string, SetElement>;
    readonly after: ReadonlyMap<string, SetElement>;
    readonly isClockSet?: boolean;
  },
  now: Instant,
): readonly Nft[] {
  const removed = missingFrom(after, before, isClockSet);
  const added = missingFrom(before, after, isClockSet);
  const timed = removed.filter(({ until }) => until !== null);
  return [
    ...chunks(
      name,
      'add',
      timed.map((element) => print({ ...element, until: null }, now)),
    ),
    ...chunks(
      name,
      'delete',
      removed.map(({ key }) => key),
    ),
    ...chunks(
      name,
      'add',
      added.filter(({ until }) => isAhead(until, now)).map((element) => print(element, now)),
    ),
  ];
}

/** Elements of `own` that the other does not have as they are; after a clock was set, none with a timeout is as it was. */
function missingFrom(
  other: ReadonlyMap<string, SetElement>,
  own: ReadonlyMap<string, SetElement>,
  isClockSet: boolean,
): readonly SetElement[] {
  const found: SetElement[] = [];
  for (const [key, element] of own)
    if ((isClockSet && element.until !== null) || !isSameElement(element, other.get(key))) found.push(element);
  return found;
}

function isAhead(until: Instant | null, now: Instant): boolean {
  return until === null || until - now >= TIMEOUT_MS_MIN * 1_000;
}

function print({ key, statement, value, until }: SetElement, now: Instant): Nft {
  const timeout = until === null ? '' : ` ${timeoutOf(until - now).nft}`;
  const middle = statement === null ? '' : ` ${statement.nft}`;
  return { nft: `${key.nft}${timeout}${middle}${value === null ? '' : ` : ${value.nft}`}` };
}

/** Cut down to milliseconds; nft reads no more than 32 bits of one unit. */
function timeoutOf(micros: number): Nft {
  const millis = Math.floor(Math.min(micros, TIMEOUT_MAX) / 1_000);
  return nft`timeout ${Math.floor(millis / 1_000)}s${millis % 1_000}ms`;
}

function chunks(name: FilledName, verb: 'add' | 'delete', elements: readonly Nft[]): readonly Nft[] {
  const commands: Nft[] = [];
  for (let at = 0; at < elements.length; at += CHUNK) {
    const part = list(elements.slice(at, at + CHUNK));
    commands.push({ nft: `${verb} element inet picket ${name} { ${part.nft} }` });
  }
  return commands;
}
