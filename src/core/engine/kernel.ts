// The kernel: permits a packet of a live session by numbers alone, and charges it. Says nothing of any other packet, which is judged in full.
// No allocation, no object, no call that is not inlined: this runs for every packet.

import { PROTOCOL, SECOND, TCP } from '#model';
import { BATCH_FLAGS, type PacketBatch } from './batch.ts';
import { BOND, BOND_WIDTH } from './bonds.ts';
import { BUDGET, BUDGET_WIDTH } from './budgets.ts';
import { AMOUNT, AMOUNTS_MAX, KIND, PLAN } from './plans.ts';
import { idleTime, SESSION, SESSION_WIDTH } from './sessions.ts';
import type { State } from './state.ts';

const TWO_32 = 2 ** 32;

/** What a rate's budget holds once the packet is charged, found while judging. */
const arrivals = new Float64Array(AMOUNTS_MAX);

/**
 * Whether the packet in a row is of the session at `slot` and breaks nothing. If so it is charged and the row's out columns are filled;
 * if not, nothing has changed. Timers due by the state's instant have run.
 */
export function permits(state: State, batch: PacketBatch, row: number, slot: number): boolean {
  const { words } = state.sessions;
  const now = state.time.now;
  const at = slot * SESSION_WIDTH;
  const kind = words[at + SESSION.kind] ?? 0;
  if (((words[at + SESSION.flags] ?? 0) & (SESSION.isLive | SESSION.isCut)) !== SESSION.isLive) return false;
  const isLow = isSourceLowOf(batch, row);
  if (!isOfTuple(words, at, batch, row, isLow)) return false;
  const seen = (kind & SESSION.highMask) * TWO_32 + ((words[at + SESSION.seen] ?? 0) >>> 0);
  const protocol = kind >>> SESSION.protocolShift;
  if (now - seen >= idleTime(protocol)) return false;
  const flags = batch.tcpFlags[row] ?? -1;
  if (protocol === PROTOCOL.tcp && flags >= 0 && (flags & (TCP.syn | TCP.ack)) === TCP.syn) return false;
  const bond = (words[at + SESSION.bond] ?? 0) * BOND_WIDTH;
  const isSent = isLow === ((kind & SESSION.lowBegan) !== 0);
  if (!permitsByPlan(state, batch, row, bond, isSent)) return false;
  const high = Math.floor(now / TWO_32);
  words[at + SESSION.seen] = now - high * TWO_32;
  words[at + SESSION.kind] = (kind & ~SESSION.highMask) | high;
  const bonds = state.bonds.words;
  batch.reasons[row] = 0;
  batch.flags[row] = isSent ? BATCH_FLAGS.isFromInitiator : 0;
  batch.rule[row] = bonds[bond + BOND.ruleIndex] ?? -1;
  batch.guardrail[row] = -1;
  batch.initiatorElement[row] = bonds[bond + BOND.initiator] ?? -1;
  batch.responderElement[row] = bonds[bond + BOND.responder] ?? -1;
  return true;
}

function isSourceLowOf(batch: PacketBatch, row: number): boolean {
  const source = batch.source[row] ?? 0;
  const destination = batch.destination[row] ?? 0;
  if (source !== destination) return source < destination;
  return (batch.sourcePort[row] ?? 0) <= (batch.destinationPort[row] ?? 0);
}

function isOfTuple(words: Int32Array, at: number, batch: PacketBatch, row: number, isLow: boolean): boolean {
  const source = batch.source[row] ?? 0;
  const destination = batch.destination[row] ?? 0;
  const sourcePort = batch.sourcePort[row] ?? 0;
  const destinationPort = batch.destinationPort[row] ?? 0;
  const lowPort = isLow ? sourcePort : destinationPort;
  const highPort = isLow ? destinationPort : sourcePort;
  return (
    words[at] === (isLow ? source : destination) &&
    words[at + SESSION.high] === (isLow ? destination : source) &&
    words[at + SESSION.ports] === ((lowPort << 16) | (highPort & 0xffff)) &&
    (words[at + SESSION.kind] ?? 0) >>> SESSION.keyShift ===
      (((batch.protocol[row] ?? 0) << 2) | (lowPort < 0 ? 2 : 0) | (highPort < 0 ? 1 : 0))
  );
}

function permitsByPlan(state: State, batch: PacketBatch, row: number, bond: number, isSent: boolean): boolean {
  const bonds = state.bonds.words;
  const plan = bonds[bond + BOND.plan] ?? -1;
  if (plan < 0) return false;
  const { cells } = state.plans;
  const now = state.time.now;
  if (cells[plan + PLAN.needsLogon] === 1 && bonds[bond + BOND.logon] !== state.logonChanges) return false;
  const hours = cells[plan + PLAN.hours] ?? -1;
  if (hours >= 0) {
    const { open } = state.hours;
    if (!(now >= (open[hours * 2] ?? 0) && now < (open[hours * 2 + 1] ?? 0))) return false;
  }
  const application = cells[plan + PLAN.application] ?? 0;
  const carried = batch.application[row] ?? 0;
  if (application !== 0 && carried !== 0 && carried !== application) return false;
  if (cells[plan + PLAN.hasOperations] === 1 && batch.operations.size > 0 && batch.operations.has(row)) return false;
  const size = batch.packetSize[row] ?? -1;
  const sizes = plan + PLAN.sizes + (isSent ? 0 : 2);
  if (size >= 0 && (size < (cells[sizes] ?? 0) || size > (cells[sizes + 1] ?? 0))) return false;
  return permitsAmounts(state, batch, row, bond, isSent);
}

/** Every rate conforms and every ceiling holds; only then all are charged. */
function permitsAmounts(state: State, batch: PacketBatch, row: number, bond: number, isSent: boolean): boolean {
  const bonds = state.bonds.words;
  const { cells } = state.plans;
  const budgets = state.budgets.cells;
  const now = state.time.now;
  const plan = bonds[bond + BOND.plan] ?? 0;
  const amounts = cells[plan + PLAN.amounts] ?? 0;
  const direction = isSent ? 1 : 2;
  const bytes = batch.bytes[row] ?? 0;
  const pair = bonds[bond + BOND.block] ?? 0;
  const whole = bonds[bond + BOND.ruleBlock] ?? 0;
  let at = plan + PLAN.head;
  for (let amount = 0; amount < amounts; amount++, at += AMOUNT.width) {
    if (((cells[at + AMOUNT.directions] ?? 0) & direction) === 0) continue;
    const kind = cells[at + AMOUNT.kind] ?? 0;
    const budget = ((cells[at + AMOUNT.isOfPair] === 1 ? pair : whole) + (cells[at + AMOUNT.at] ?? 0)) * BUDGET_WIDTH;
    const used = budgets[budget] ?? 0;
    const max = cells[at + AMOUNT.max] ?? 0;
    if (kind === KIND.ceiling) {
      if (!(now < (budgets[budget + BUDGET.end] ?? 0) && used + bytes <= max)) return false;
    } else if (kind !== KIND.floor) {
      const units = kind === KIND.byteRate ? bytes : (batch.packets[row] ?? 1);
      const arrival = Math.max(used, now) + (units * SECOND) / (cells[at + AMOUNT.perSecond] ?? 0);
      if (!(arrival - now <= max)) return false;
      arrivals[amount] = arrival;
    }
  }
  at = plan + PLAN.head;
  for (let amount = 0; amount < amounts; amount++, at += AMOUNT.width) {
    if (((cells[at + AMOUNT.directions] ?? 0) & direction) === 0) continue;
    const kind = cells[at + AMOUNT.kind] ?? 0;
    const budget = ((cells[at + AMOUNT.isOfPair] === 1 ? pair : whole) + (cells[at + AMOUNT.at] ?? 0)) * BUDGET_WIDTH;
    if (kind < KIND.ceiling) budgets[budget] = arrivals[amount] ?? 0;
    else {
      if (kind === KIND.ceiling) budgets[budget] = (budgets[budget] ?? 0) + bytes;
      const born = budgets[budget + BUDGET.floorStart] ?? 0;
      if (born !== 0 && now >= born)
        budgets[budget + BUDGET.floorUsed] = (budgets[budget + BUDGET.floorUsed] ?? 0) + bytes;
    }
  }
  return true;
}
