// Finds the sessions of a few dozen rows: keys and hashes, directory, records, bonds and budgets in separate tight runs, so that their cache misses overlap.
// Not the judging: that a record is really the packet's is seen there.

import { type PacketBatch, ROW, ROW_KIND, ROW_WIDTH } from './batch.ts';
import { BOND, BOND_WIDTH } from './bonds.ts';
import { BUDGET_WIDTH } from './budgets.ts';
import { tagOf } from './directory.ts';
import { finished, SESSION, SESSION_WIDTH } from './sessions.ts';
import type { State } from './state.ts';

/** Rows found at once: enough misses to overlap, few enough to stay in the nearest cache. 32 to 512 measure alike. */
export const ROWS = 64;
/** Words of the directory looked at; who lies farther away is found when judged. */
const NEAR = 8;
/** Words of a key: lower end, higher end, their ports, protocol and which of them has no port; then whether the source is the lower end. */
export const KEY = { low: 0, high: 1, ports: 2, kind: 3, isSourceLow: 4, width: 8 } as const;
const NO_PORTS = ROW_KIND.noSourcePort | ROW_KIND.noDestinationPort;

/** Of each row its canonical key. */
export const keys = new Int32Array(ROWS * KEY.width);
export const hashes = new Int32Array(ROWS);
/** Where in the table's words its record is, or -1. */
export const places = new Int32Array(ROWS);
const bondPlaces = new Int32Array(ROWS);
/** Keeps the touching of memory from being optimised away. */
const touched = new Int32Array(1);

// Copied from where they are defined: what another file exports is loaded anew at each use.
const { source: SOURCE, destination: DESTINATION, ports: ROW_PORTS, kind: ROW_KINDS } = ROW;
const { low: LOW, high: HIGH, ports: PORTS, kind: KIND, isSourceLow: IS_SOURCE_LOW, width: KEY_WIDTH } = KEY;
const { noSourcePort: NO_SOURCE_PORT } = ROW_KIND;
const { keyShift: KEY_SHIFT, bond: BOND_OF } = SESSION;
const { block: BLOCK, ruleBlock: RULE_BLOCK } = BOND;
const ROW_STEP = ROW_WIDTH;
const BOND_STEP = BOND_WIDTH;
const BUDGET_STEP = BUDGET_WIDTH;
const SESSION_STEP = SESSION_WIDTH;
const KEYS = keys;
const PLACES = places;
const HASHES = hashes;

/** Finds rows `first` to `to` of a batch, at most `ROWS`. */
export function findRows(state: State, batch: PacketBatch, { first, to }: { first: number; to: number }): void {
  const count = to - first;
  writeKeys(batch, first, count);
  hashRows(state, count);
  touchDirectory(state, count);
  scanDirectory(state, count);
  touchRecords(state, count);
  touchBonds(state, count);
}

/** Finds one row alone, wherever it lies. */
export function findRow(state: State, batch: PacketBatch): number {
  writeKeys(batch, 0, 1);
  hashRows(state, 1);
  return findAgain(state, 0);
}

/** Finds the record of a row whose key is written by comparing KEYS; its place, or -1. */
export function findAgain({ sessions }: State, at: number): number {
  const slot = sessions.findKey(HASHES[at] ?? 0, KEYS, at * KEY_WIDTH);
  PLACES[at] = slot < 0 ? -1 : slot * SESSION_STEP;
  return slot;
}

/** Without branches on which end is lower, since no processor could guess them. */
function writeKeys({ words }: PacketBatch, first: number, count: number): void {
  for (let at = 0; at < count; at++) {
    const row = (first + at) * ROW_STEP;
    const source = words[row + SOURCE] ?? 0;
    const destination = words[row + DESTINATION] ?? 0;
    const ports = words[row + ROW_PORTS] ?? 0;
    const kind = words[row + ROW_KINDS] ?? 0;
    // All bits set where the source is lower.
    let lower = (source - destination) >> 31;
    if (source === destination) lower = isPortLow(ports, kind) ? -1 : 0;
    const ends = (source ^ destination) & lower;
    const turned = (ports << 16) | (ports >>> 16);
    const kept = kind >>> KEY_SHIFT;
    const turnedKind = (kept & ~3) | ((kept & 1) << 1) | ((kept & 2) >> 1);
    const key = at * KEY_WIDTH;
    KEYS[key + LOW] = destination ^ ends;
    KEYS[key + HIGH] = source ^ ends;
    KEYS[key + PORTS] = turned ^ ((ports ^ turned) & lower);
    KEYS[key + KIND] = turnedKind ^ ((kept ^ turnedKind) & lower);
    KEYS[key + IS_SOURCE_LOW] = lower & 1;
  }
}

/** Whether the source's port is not above the destination's; no port is below all. */
function isPortLow(ports: number, kind: number): boolean {
  if ((kind & NO_PORTS) !== 0) return (kind & NO_SOURCE_PORT) !== 0;
  return ports >>> 16 <= (ports & 0xffff);
}

function hashRows({ sessions }: State, count: number): void {
  const [one, two, three, four] = sessions.by;
  for (let at = 0; at < count; at++) {
    const key = at * KEY_WIDTH;
    HASHES[at] = finished(
      Math.imul(KEYS[key] ?? 0, one) +
        Math.imul(KEYS[key + HIGH] ?? 0, two) +
        Math.imul(KEYS[key + PORTS] ?? 0, three) +
        Math.imul(KEYS[key + KIND] ?? 0, four),
    );
  }
}

function touchDirectory({ sessions }: State, count: number): void {
  const { words, mask } = sessions.directory;
  let sum = 0;
  for (let at = 0; at < count; at++) sum |= words[(HASHES[at] ?? 0) & mask] ?? 0;
  touched[0] = sum;
}

/** The first record whose tag fits. */
function scanDirectory({ sessions }: State, count: number): void {
  const { words, mask } = sessions.directory;
  for (let at = 0; at < count; at++) {
    const hash = HASHES[at] ?? 0;
    const tag = tagOf(hash);
    let place = -1;
    for (let step = 0; step < NEAR; step++) {
      const word = words[(hash + step) & mask] ?? 0;
      if (word === 0) break;
      if (word >>> 24 !== tag) continue;
      place = (word & 0xffffff) * SESSION_STEP;
      break;
    }
    PLACES[at] = place;
  }
}

function touchRecords({ sessions }: State, count: number): void {
  const { words } = sessions;
  for (let at = 0; at < count; at++) bondPlaces[at] = (words[Math.max(0, PLACES[at] ?? 0) + BOND_OF] ?? 0) * BOND_STEP;
}

function touchBonds({ bonds, budgets }: State, count: number): void {
  const { words } = bonds;
  const { cells } = budgets;
  for (let at = 0; at < count; at++) {
    const bond = bondPlaces[at] ?? 0;
    bondPlaces[at] = Math.max(words[bond + BLOCK] ?? 0, words[bond + RULE_BLOCK] ?? 0, 0) * BUDGET_STEP;
  }
  let sum = 0;
  for (let at = 0; at < count; at++) sum += cells[bondPlaces[at] ?? 0] ?? 0;
  touched[0] = sum;
}
