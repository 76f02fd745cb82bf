// The kernel: permits packets of live sessions by numbers alone, and charges them. Says nothing of any other packet, which is judged in full.
// No allocation, no object: this runs for every packet. All tables are held in locals, since reaching for them costs more than the judging.

import { PROTOCOL, SECOND, TCP } from '#model';
import { BATCH_FLAGS, type PacketBatch, ROW, ROW_KIND, ROW_WIDTH } from './batch.ts';
import { BOND, BOND_WIDTH } from './bonds.ts';
import { BUDGET, BUDGET_WIDTH, FLOOR as FLOORS } from './budgets.ts';
import { AMOUNT, AMOUNTS_MAX, KIND, PLAN } from './plans.ts';
import { IDLE_TIMES, SESSION } from './sessions.ts';
import { KEY, keys, places } from './stages.ts';
import type { State } from './state.ts';

const TWO_32 = 2 ** 32;
const PER_TWO_32 = 1 / TWO_32;
// Copied from where they are defined: what another file exports is loaded anew at each use, which costs as much as the judging.
const { high: HIGH, ports: PORTS, bond: BOND_OF, seen: SEEN, kind: KIND_OF, flags: FLAGS } = SESSION;
const {
  highMask: HIGH_MASK,
  keyShift: KEY_SHIFT,
  lowBeganShift: LOW_BEGAN_SHIFT,
  isLive: IS_LIVE,
  isCut: IS_CUT,
} = SESSION;
const { width: KEY_WIDTH, high: KEY_HIGH, ports: KEY_PORTS, kind: KEY_KIND, isSourceLow: IS_SOURCE_LOW } = KEY;
const { kind: ROW_KINDS, packetSize: ROW_SIZE, bytes: BYTES, packets: PACKETS, reasons: REASONS } = ROW;
const { rule: RULE, guardrail: GUARDRAIL, initiator: INITIATOR, responder: RESPONDER } = ROW;
const { protocolShift: PROTOCOL_SHIFT, hasOperations: ROW_OPERATIONS } = ROW_KIND;
const { applicationShift: APPLICATION_SHIFT, applicationMask: APPLICATION_MASK } = ROW_KIND;
const { plan: PLAN_OF, logon: LOGON, ruleIndex: RULE_INDEX, block: BLOCK, ruleBlock: RULE_BLOCK } = BOND;
const { initiator: BOND_INITIATOR, responder: BOND_RESPONDER } = BOND;
const { what: WHAT, hours: HOURS, sizes: SIZES, head: HEAD, amountsMask: AMOUNTS_MASK } = PLAN;
const {
  needsLogon: NEEDS_LOGON,
  hasOperations: HAS_OPERATIONS,
  applicationShift: WANTED_SHIFT,
  hasFloors: HAS_FLOORS,
} = PLAN;
const { what: AMOUNT_WHAT, directionsMask: DIRECTIONS_MASK, kindMask: KIND_MASK, ofRule: OF_RULE } = AMOUNT;
const { atShift: AT_SHIFT, perSecond: PER_SECOND, max: MAX, width: AMOUNT_WIDTH } = AMOUNT;
const { ceiling: CEILING, floor: FLOOR, byteRate: BYTE_RATE } = KIND;
const { end: END } = BUDGET;
const { used: FLOOR_USED, start: FLOOR_START } = FLOORS;
const ROW_STEP = ROW_WIDTH;
const BOND_STEP = BOND_WIDTH;
const BUDGET_STEP = BUDGET_WIDTH;
const MICROS = SECOND;
const KEYS = keys;
const PLACES = places;
const IDLE = IDLE_TIMES;
const TCP_PROTOCOL = PROTOCOL.tcp;
/** A TCP packet that begins a connection, and one that ends it. */
const HAS_TCP_FLAGS = ROW_KIND.hasTcpFlags;
const SYN_MASK = ROW_KIND.hasTcpFlags | TCP.syn | TCP.ack;
const SYN = ROW_KIND.hasTcpFlags | TCP.syn;
const CLOSING = TCP.fin | TCP.rst;
const ALIVE_MASK = IS_LIVE | IS_CUT;
const SENT = BATCH_FLAGS.isFromInitiator << ROW.flagsShift;

/** Budgets of the packet and what they hold once it is charged, found while judging. */
const charged = new Int32Array(AMOUNTS_MAX);
const nexts = new Float64Array(AMOUNTS_MAX);

/** Rows `from` to `to` of a batch, of which `first` was the first that was found. */
export interface Run {
  first: number;
  from: number;
  to: number;
}

/**
 * Permits rows in order up to the first that is not of the session at its place, breaks something, or comes when a timer is due; answers with its number.
 * Of that row nothing has been changed but the instant. What comes out of the rows before is written.
 */
export function permitRun(state: State, batch: PacketBatch, run: Run): number {
  const { words: rows, doubles } = batch;
  const { words } = state.sessions;
  const bonds = state.bonds.words;
  const { codes, cells } = state.plans;
  const { open } = state.hours;
  const budgets = state.budgets.cells;
  const { cell } = state.time;
  const { first, to } = run;
  const nextTimer = state.timers.next;
  const { logonChanges } = state;
  let now = cell[0] ?? 0;
  for (let row = run.from; row < to; row++) {
    const at = row * ROW_STEP;
    const instant = doubles[at >> 1] ?? 0;
    if (instant >= nextTimer) return row;
    if (instant > now) {
      now = instant;
      cell[0] = now;
    }
    const place = PLACES[row - first] ?? -1;
    if (place < 0) return row;
    const key = (row - first) * KEY_WIDTH;
    const kind = words[place + KIND_OF] ?? 0;
    const differs =
      ((words[place] ?? 0) ^ (KEYS[key] ?? 0)) |
      ((words[place + HIGH] ?? 0) ^ (KEYS[key + KEY_HIGH] ?? 0)) |
      ((words[place + PORTS] ?? 0) ^ (KEYS[key + KEY_PORTS] ?? 0)) |
      ((kind >>> KEY_SHIFT) ^ (KEYS[key + KEY_KIND] ?? 0)) |
      (((words[place + FLAGS] ?? 0) & ALIVE_MASK) ^ IS_LIVE);
    if (differs !== 0) return row;
    const spoken = rows[at + ROW_KINDS] ?? 0;
    const protocol = spoken >>> PROTOCOL_SHIFT;
    const seen = (kind & HIGH_MASK) * TWO_32 + ((words[place + SEEN] ?? 0) >>> 0);
    if (now - seen >= (IDLE[protocol] ?? 0)) return row;
    if (protocol === TCP_PROTOCOL && (spoken & HAS_TCP_FLAGS) !== 0)
      if ((spoken & SYN_MASK) === SYN || (spoken & CLOSING) !== 0) return row;
    const bond = (words[place + BOND_OF] ?? 0) * BOND_STEP;
    const plan = bonds[bond + PLAN_OF] ?? -1;
    if (plan < 0) return row;
    const what = codes[plan + WHAT] ?? 0;
    if ((what & NEEDS_LOGON) !== 0 && bonds[bond + LOGON] !== logonChanges) return row;
    const hours = (codes[plan + HOURS] ?? -1) * 2;
    if (hours >= 0 && !(now >= (open[hours] ?? 0) && now < (open[hours + 1] ?? 0))) return row;
    if (isForeign(spoken, what)) return row;
    // 0 where the packet is sent by who began, 1 where it is received.
    const way = (KEYS[key + IS_SOURCE_LOW] ?? 0) ^ ((kind >>> LOW_BEGAN_SHIFT) & 1);
    const size = rows[at + ROW_SIZE] ?? -1;
    const sizes = plan + SIZES + way * 2;
    if (size >= 0 && !(size >= (cells[sizes] ?? 0) && size <= (cells[sizes + 1] ?? 0))) return row;
    const amounts = permittedAmounts(state, batch, at, bond, way + 1);
    if (amounts < 0) return row;
    if ((what & HAS_FLOORS) !== 0) chargeFloors(state, amounts, doubles[(at >> 1) + BYTES] ?? 0);
    for (let amount = 0; amount < amounts; amount++) budgets[charged[amount] ?? 0] = nexts[amount] ?? 0;
    const high = Math.floor(now * PER_TWO_32);
    words[place + SEEN] = now - high * TWO_32;
    words[place + KIND_OF] = (kind & ~HIGH_MASK) | high;
    rows[at + REASONS] = way === 0 ? SENT : 0;
    rows[at + RULE] = bonds[bond + RULE_INDEX] ?? -1;
    rows[at + GUARDRAIL] = -1;
    rows[at + INITIATOR] = bonds[bond + BOND_INITIATOR] ?? -1;
    rows[at + RESPONDER] = bonds[bond + BOND_RESPONDER] ?? -1;
  }
  return to;
}

/** Whether the packet's application is another than wanted, or its operations are to be looked at. */
function isForeign(spoken: number, what: number): boolean {
  const application = (spoken >>> APPLICATION_SHIFT) & APPLICATION_MASK;
  const wanted = what >>> WANTED_SHIFT;
  if (wanted !== 0 && application !== 0 && application !== wanted) return true;
  return (what & HAS_OPERATIONS) !== 0 && (spoken & ROW_OPERATIONS) !== 0;
}

/** How many amounts there are to charge if every rate conforms and every ceiling holds, else -1. `direction`: 1 sent, 2 received. */
function permittedAmounts(state: State, batch: PacketBatch, row: number, bond: number, direction: number): number {
  const bonds = state.bonds.words;
  const { cells, codes } = state.plans;
  const budgets = state.budgets.cells;
  const { doubles } = batch;
  const now = state.time.cell[0] ?? 0;
  const plan = bonds[bond + PLAN_OF] ?? 0;
  const end = plan + HEAD + ((codes[plan + WHAT] ?? 0) & AMOUNTS_MASK) * AMOUNT_WIDTH;
  const bytes = doubles[(row >> 1) + BYTES] ?? 0;
  let amounts = 0;
  for (let at = plan + HEAD; at < end; at += AMOUNT_WIDTH) {
    const what = codes[at + AMOUNT_WHAT] ?? 0;
    if ((what & DIRECTIONS_MASK & direction) === 0) continue;
    const kind = what & KIND_MASK;
    const block = bonds[bond + ((what & OF_RULE) === 0 ? BLOCK : RULE_BLOCK)] ?? 0;
    const budget = (block + (what >>> AT_SHIFT)) * BUDGET_STEP;
    const used = budgets[budget] ?? 0;
    let next = used;
    if (kind === CEILING) {
      next = used + bytes;
      if (!(now < (budgets[budget + END] ?? 0) && next <= (cells[at + MAX] ?? 0))) return -1;
    } else if (kind !== FLOOR) {
      const units = kind === BYTE_RATE ? bytes : (doubles[(row >> 1) + PACKETS] ?? 1);
      next = Math.max(used, now) + (units * MICROS) / (cells[at + PER_SECOND] ?? 0);
      if (!(next - now <= (cells[at + MAX] ?? 0))) return -1;
    }
    charged[amounts] = budget;
    nexts[amounts] = next;
    amounts++;
  }
  return amounts;
}

/** Floors lie beside their budgets, at the same place. */
function chargeFloors(state: State, amounts: number, bytes: number): void {
  const { floors } = state.budgets;
  const now = state.time.cell[0] ?? 0;
  for (let amount = 0; amount < amounts; amount++) {
    const budget = charged[amount] ?? 0;
    const born = floors[budget + FLOOR_START] ?? 0;
    if (born !== 0 && now >= born) floors[budget + FLOOR_USED] = (floors[budget + FLOOR_USED] ?? 0) + bytes;
  }
}
