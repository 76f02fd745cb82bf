// Whether connections could open now, a batch of questions at once: numbers alone tell most, found in separate tight runs so that cache misses overlap.
// The same answers as check.ts, which is asked for every row that numbers do not tell.

import { PROTOCOL, TCP } from '#model';
import { BATCH_FLAGS, type PacketBatch, ROW, ROW_KIND, ROW_WIDTH } from './batch.ts';
import { END, END_WIDTH } from './end-table.ts';
import { MEMO, MEMO_SET, MEMO_WIDTH, memoHash, wireOf } from './memo.ts';
import { PLAN } from './plans.ts';
import { ROWS } from './stages.ts';
import { AT, type State } from './state.ts';

/** Of each row: its two ends, its word of protocol and port, the place in the memo of what governs it. -1 where numbers do not tell. */
const froms = new Int32Array(ROWS);
const tos = new Int32Array(ROWS);
const wires = new Int32Array(ROWS);
const places = new Int32Array(ROWS);
const fromClasses = new Int32Array(ROWS);
const toClasses = new Int32Array(ROWS);
const untolds = new Int32Array(ROWS);
/** Keeps the touching of memory from being optimised away. */
const touched = new Int32Array(1);

// Copied from where they are defined: what another file exports is loaded anew at each use.
const { source: SOURCE, destination: DESTINATION, ports: PORTS, kind: ROW_KINDS, packetSize: SIZE } = ROW;
const { reasons: REASONS, rule: RULE, guardrail: GUARDRAIL, initiator: INITIATOR, responder: RESPONDER } = ROW;
const { protocolShift: PROTOCOL_SHIFT, initiatorShift: INITIATOR_SHIFT, applicationShift: SEEN_SHIFT } = ROW_KIND;
const { applicationMask: SEEN_MASK, hasTcpFlags: HAS_TCP_FLAGS, tcpFlagsMask: TCP_FLAGS_MASK } = ROW_KIND;
const { classNumber: CLASS, change: CHANGE, flags: FLAGS, element: ELEMENT, isKnown: IS_KNOWN } = END;
const { isEnforcing: IS_ENFORCING } = END;
const { to: MEMO_TO, wire: MEMO_WIRE, version: MEMO_VERSION, found: FOUND, plan: PLAN_OF, isOther: IS_OTHER } = MEMO;
const { what: WHAT, needsLogon: NEEDS_LOGON, hasConnections: HAS_CONNECTIONS, hours: HOURS, sizes: SIZES } = PLAN;
const { applicationShift: WANTED_SHIFT } = PLAN;
const UNTOLD = ROW_KIND.noSourcePort | ROW_KIND.noDestinationPort | ROW_KIND.hasOperations;
const SYN = HAS_TCP_FLAGS | TCP.syn;
const FLAGS_OF_TCP = HAS_TCP_FLAGS | TCP_FLAGS_MASK;
const TCP_PROTOCOL = PROTOCOL.tcp;
const ROW_STEP = ROW_WIDTH;
const END_STEP = END_WIDTH;
const SET = MEMO_SET;
const ENTRY = MEMO_WIDTH;
const SENT = BATCH_FLAGS.isFromInitiator << ROW.flagsShift;
const HELD = BATCH_FLAGS.isEnforced << ROW.flagsShift;
const UNKNOWN = 1 << AT['unknown-element'];
const PACKET_SIZE = 1 << AT['packet-size'];
const NO_RULE = 1 << AT['no-rule'];
const WRONG_PROTOCOL = 1 << AT['wrong-protocol'];

/** Checks rows 0 to `count` at the state's instant; `checkRow` is asked for each that numbers alone do not tell. */
export function checkRows(
  state: State,
  batch: PacketBatch,
  by: { count: number; checkRow: (row: number) => void },
): void {
  const isByNumbers = state.program.guards.length === 0 && state.quarantined.size === 0;
  for (let first = 0; first < by.count; first += ROWS) {
    const rows = Math.min(ROWS, by.count - first);
    if (isByNumbers) {
      findEnds(state, batch, first, rows);
      findClasses(state, batch, first, rows);
      touchMemo(state, rows);
      findGoverning(state, rows);
    } else places.fill(-1);
    let untold = 0;
    for (let at = 0; at < rows; at++) if (!isTold(state, batch, first + at, at)) untolds[untold++] = first + at;
    // Not before: a question asked in full moves what the places of other rows point at.
    for (let at = 0; at < untold; at++) by.checkRow(untolds[at] ?? 0);
  }
}

function findEnds({ matcher }: State, { words }: PacketBatch, first: number, rows: number): void {
  const { firsts } = matcher.table;
  for (let at = 0; at < rows; at++) {
    const row = (first + at) * ROW_STEP;
    const kind = words[row + ROW_KINDS] ?? 0;
    const protocol = kind >>> PROTOCOL_SHIFT;
    const isOpening = protocol !== TCP_PROTOCOL || (kind & FLAGS_OF_TCP) === SYN;
    const isPlain = (kind & UNTOLD) === 0 && ((kind >>> INITIATOR_SHIFT) & 3) !== 2 && isOpening;
    wires[at] = wireOf(protocol, (words[row + PORTS] ?? 0) & 0xffff);
    froms[at] = isPlain ? (firsts[words[row + SOURCE] ?? 0] ?? 0) - 1 : -1;
    tos[at] = (firsts[words[row + DESTINATION] ?? 0] ?? 0) - 1;
  }
}

/** Classes of ends whose records are of this MAC and up to date. */
function findClasses({ matcher }: State, batch: PacketBatch, first: number, rows: number): void {
  const { words, doubles } = matcher.table;
  const { changes } = matcher;
  for (let at = 0; at < rows; at++) {
    const from = froms[at] ?? -1;
    const to = tos[at] ?? -1;
    fromClasses[at] = -1;
    if (from < 0 || to < 0) continue;
    const ofFrom = from * END_STEP;
    const ofTo = to * END_STEP;
    const isSame =
      doubles[ofFrom >> 1] === batch.sourceMacs[first + at] && doubles[ofTo >> 1] === batch.destinationMacs[first + at];
    if (!isSame || words[ofFrom + CHANGE] !== changes || words[ofTo + CHANGE] !== changes) continue;
    fromClasses[at] = words[ofFrom + CLASS] ?? -1;
    toClasses[at] = words[ofTo + CLASS] ?? -1;
  }
}

function touchMemo({ matcher: { memo } }: State, rows: number): void {
  const { words, mask } = memo;
  let sum = 0;
  for (let at = 0; at < rows; at++) {
    const place = (memoHash(fromClasses[at] ?? 0, toClasses[at] ?? 0, wires[at] ?? 0) & mask) * SET;
    places[at] = place;
    sum |= words[place] ?? 0;
  }
  touched[0] = sum;
}

function findGoverning({ matcher: { memo } }: State, rows: number): void {
  const { words, version } = memo;
  for (let at = 0; at < rows; at++) {
    const from = fromClasses[at] ?? -1;
    const to = toClasses[at] ?? -1;
    const wire = wires[at] ?? 0;
    const first = places[at] ?? 0;
    let found = -1;
    for (let place = first; place < first + SET; place += ENTRY) {
      if (words[place] !== from || words[place + MEMO_TO] !== to || words[place + MEMO_WIRE] !== wire) continue;
      if (words[place + MEMO_VERSION] !== version) continue;
      found = place;
      break;
    }
    places[at] = from < 0 || to < 0 ? -1 : found;
  }
}

/** Writes what numbers tell of a row; false where they tell nothing. */
function isTold(state: State, { words: rows }: PacketBatch, row: number, at: number): boolean {
  const place = places[at] ?? -1;
  if (place < 0) return false;
  const { memo, table } = state.matcher;
  const rule = memo.words[place + FOUND] ?? -1;
  const from = (froms[at] ?? 0) * END_STEP;
  const to = (tos[at] ?? 0) * END_STEP;
  const ofFrom = table.words[from + FLAGS] ?? 0;
  const ofTo = table.words[to + FLAGS] ?? 0;
  const out = row * ROW_STEP;
  let reasons = 0;
  if (rule >= 0) reasons = reasonsByPlan(state, memo.words[place + PLAN_OF] ?? -1, rows, out);
  else {
    reasons = NO_RULE;
    if ((ofFrom & ofTo & IS_KNOWN) === 0) reasons |= UNKNOWN;
    if (memo.words[place + IS_OTHER] === 1) reasons |= WRONG_PROTOCOL;
  }
  if (reasons < 0) return false;
  if (reasons !== 0) {
    // Whether a denial is held is told by numbers only where an end enforces everything and the rule is no audit.
    if (((ofFrom | ofTo) & IS_ENFORCING) === 0 || state.current[rule]?.rule.isAudit === true) return false;
    reasons |= HELD;
  }
  rows[out + REASONS] = reasons | SENT;
  rows[out + RULE] = rule;
  rows[out + GUARDRAIL] = -1;
  rows[out + INITIATOR] = table.words[from + ELEMENT] ?? -1;
  rows[out + RESPONDER] = table.words[to + ELEMENT] ?? -1;
  return true;
}

/** Reasons by the rule's plan, or -1 where it does not tell. */
function reasonsByPlan(
  { plans: { codes, cells }, hours: { open }, time: { now } }: State,
  plan: number,
  rows: Int32Array,
  row: number,
): number {
  const what = codes[plan + WHAT] ?? 0;
  if (plan < 0 || (what & (NEEDS_LOGON | HAS_CONNECTIONS)) !== 0) return -1;
  const hours = (codes[plan + HOURS] ?? -1) * 2;
  if (hours >= 0 && !(now >= (open[hours] ?? 0) && now < (open[hours + 1] ?? 0))) return -1;
  if (what >>> WANTED_SHIFT !== 0 && (((rows[row + ROW_KINDS] ?? 0) >>> SEEN_SHIFT) & SEEN_MASK) !== 0) return -1;
  const size = rows[row + SIZE] ?? -1;
  const sizes = plan + SIZES;
  const isFitting = size < 0 || (size >= (cells[sizes] ?? 0) && size <= (cells[sizes + 1] ?? 0));
  return isFitting ? 0 : PACKET_SIZE;
}
