// The kernel: permits packets of live sessions by numbers alone, and charges them. Says nothing of any other packet, which is judged in full.
// No allocation, no object: this runs for every packet. All tables are held in locals, since reaching for them costs more than the judging.

import { PROTOCOL, SECOND, TCP } from '#model';
import { BATCH_FLAGS, type PacketBatch } from './batch.ts';
import { BOND, BOND_WIDTH } from './bonds.ts';
import { BUDGET, BUDGET_WIDTH } from './budgets.ts';
import { AMOUNT, AMOUNTS_MAX, KIND, PLAN } from './plans.ts';
import { IDLE_TIMES, SESSION, SESSION_WIDTH } from './sessions.ts';
import type { State } from './state.ts';

const TWO_32 = 2 ** 32;

/** Budgets of the packet and what they hold once it is charged, found while judging. */
const places = new Int32Array(AMOUNTS_MAX);
const nexts = new Float64Array(AMOUNTS_MAX);

/** Rows `from` to `to` of a batch; `slots[0]` is where the session of row `first` should be, and so on. */
export interface Run {
  first: number;
  from: number;
  to: number;
  readonly slots: Int32Array;
}

/**
 * Permits rows in order up to the first that is not of the session at its slot, breaks something, or comes when a timer is due; answers with its number.
 * Of that row nothing has been changed but the instant. Out columns of the rows before are filled.
 */
export function permitRun(state: State, batch: PacketBatch, run: Run): number {
  const { words } = state.sessions;
  const bonds = state.bonds.words;
  const { codes, cells } = state.plans;
  const { open } = state.hours;
  const { cell } = state.time;
  const { at, source, destination, sourcePort, destinationPort, protocol, tcpFlags, packetSize, application } = batch;
  const { first, to, slots } = run;
  const nextTimer = state.timers.next;
  const hasOperations = batch.operations.size > 0;
  const { logonChanges } = state;
  let now = cell[0] ?? 0;
  for (let row = run.from; row < to; row++) {
    const instant = at[row] ?? 0;
    if (instant >= nextTimer) return row;
    if (instant > now) {
      now = instant;
      cell[0] = now;
    }
    const place = (slots[row - first] ?? -1) * SESSION_WIDTH;
    if (place < 0) return row;
    const kind = words[place + SESSION.kind] ?? 0;
    if (((words[place + SESSION.flags] ?? 0) & (SESSION.isLive | SESSION.isCut)) !== SESSION.isLive) return row;
    const one = source[row] ?? 0;
    const other = destination[row] ?? 0;
    const onePort = sourcePort[row] ?? 0;
    const otherPort = destinationPort[row] ?? 0;
    const isLow = one === other ? onePort <= otherPort : one < other;
    const spoken = protocol[row] ?? 0;
    if (words[place] !== (isLow ? one : other) || words[place + SESSION.high] !== (isLow ? other : one)) return row;
    if (words[place + SESSION.ports] !== portWord(isLow ? onePort : otherPort, isLow ? otherPort : onePort)) return row;
    if (kind >>> SESSION.keyShift !== keyWord(spoken, isLow ? onePort : otherPort, isLow ? otherPort : onePort))
      return row;
    const seen = (kind & SESSION.highMask) * TWO_32 + ((words[place + SESSION.seen] ?? 0) >>> 0);
    if (now - seen >= (IDLE_TIMES[spoken] ?? 0)) return row;
    const flags = tcpFlags[row] ?? -1;
    if (spoken === PROTOCOL.tcp && flags >= 0 && (flags & (TCP.syn | TCP.ack)) === TCP.syn) return row;
    const bond = (words[place + SESSION.bond] ?? 0) * BOND_WIDTH;
    const plan = bonds[bond + BOND.plan] ?? -1;
    if (plan < 0) return row;
    const isSent = isLow === ((kind & SESSION.lowBegan) !== 0);
    if (codes[plan + PLAN.needsLogon] === 1 && bonds[bond + BOND.logon] !== logonChanges) return row;
    const hours = (codes[plan + PLAN.hours] ?? -1) * 2;
    if (hours >= 0 && !(now >= (open[hours] ?? 0) && now < (open[hours + 1] ?? 0))) return row;
    const wanted = codes[plan + PLAN.application] ?? 0;
    if (wanted !== 0 && application[row] !== 0 && application[row] !== wanted) return row;
    if (hasOperations && codes[plan + PLAN.hasOperations] === 1 && batch.operations.has(row)) return row;
    const size = packetSize[row] ?? -1;
    const sizes = plan + PLAN.sizes + (isSent ? 0 : 2);
    if (size >= 0 && (size < (cells[sizes] ?? 0) || size > (cells[sizes + 1] ?? 0))) return row;
    if (!permitsAmounts(state, batch, row, bond, isSent ? 1 : 2)) return row;
    const high = Math.floor(now / TWO_32);
    words[place + SESSION.seen] = now - high * TWO_32;
    words[place + SESSION.kind] = (kind & ~SESSION.highMask) | high;
    batch.reasons[row] = 0;
    batch.flags[row] = isSent ? BATCH_FLAGS.isFromInitiator : 0;
    batch.rule[row] = bonds[bond + BOND.ruleIndex] ?? -1;
    batch.guardrail[row] = -1;
    batch.initiatorElement[row] = bonds[bond + BOND.initiator] ?? -1;
    batch.responderElement[row] = bonds[bond + BOND.responder] ?? -1;
  }
  return to;
}

function portWord(low: number, high: number): number {
  return (low << 16) | (high & 0xffff);
}

function keyWord(protocol: number, low: number, high: number): number {
  return (protocol << 2) | (low < 0 ? 2 : 0) | (high < 0 ? 1 : 0);
}

/** Every rate conforms and every ceiling holds; only then all are charged. `direction`: 1 sent, 2 received. */
function permitsAmounts(state: State, batch: PacketBatch, row: number, bond: number, direction: 1 | 2): boolean {
  const bonds = state.bonds.words;
  const { cells, codes } = state.plans;
  const budgets = state.budgets.cells;
  const now = state.time.cell[0] ?? 0;
  const plan = bonds[bond + BOND.plan] ?? 0;
  const end = plan + PLAN.head + (codes[plan + PLAN.amounts] ?? 0) * AMOUNT.width;
  const bytes = batch.bytes[row] ?? 0;
  let amounts = 0;
  for (let at = plan + PLAN.head; at < end; at += AMOUNT.width) {
    if (((codes[at + AMOUNT.directions] ?? 0) & direction) === 0) continue;
    const kind = codes[at + AMOUNT.kind] ?? 0;
    const block = bonds[bond + (codes[at + AMOUNT.block] ?? 0)] ?? 0;
    const budget = (block + (codes[at + AMOUNT.at] ?? 0)) * BUDGET_WIDTH;
    const used = budgets[budget] ?? 0;
    let next = used;
    if (kind === KIND.ceiling) {
      next = used + bytes;
      if (!(now < (budgets[budget + BUDGET.end] ?? 0) && next <= (cells[at + AMOUNT.max] ?? 0))) return false;
    } else if (kind !== KIND.floor) {
      const units = kind === KIND.byteRate ? bytes : (batch.packets[row] ?? 1);
      next = Math.max(used, now) + (units * SECOND) / (cells[at + AMOUNT.perSecond] ?? 0);
      if (!(next - now <= (cells[at + AMOUNT.max] ?? 0))) return false;
    }
    places[amounts] = budget;
    nexts[amounts] = next;
    amounts++;
  }
  for (let amount = 0; amount < amounts; amount++) {
    const budget = places[amount] ?? 0;
    budgets[budget] = nexts[amount] ?? 0;
    const born = budgets[budget + BUDGET.floorStart] ?? 0;
    if (born !== 0 && now >= born)
      budgets[budget + BUDGET.floorUsed] = (budgets[budget + BUDGET.floorUsed] ?? 0) + bytes;
  }
  return true;
}
