// The kernel: permits packets of live sessions by numbers alone, and charges them. Says nothing of any other packet, which is judged in full.
// No allocation, no object: this runs for every packet. All tables are held in locals, since reaching for them costs more than the judging.

import { PROTOCOL, SECOND, TCP } from '#model';
import { BATCH_FLAGS, type PacketBatch, ROW, ROW_KIND, ROW_WIDTH } from './batch.ts';
import { BOND, BOND_WIDTH } from './bonds.ts';
import { BUDGET, BUDGET_WIDTH } from './budgets.ts';
import { AMOUNT, AMOUNTS_MAX, KIND, PLAN } from './plans.ts';
import { IDLE_TIMES, SESSION } from './sessions.ts';
import { KEY, keys, places } from './stages.ts';
import type { State } from './state.ts';

const TWO_32 = 2 ** 32;
const APPLICATION = ROW_KIND.applicationMask << ROW_KIND.applicationShift;
/** A TCP packet that begins a connection. */
const SYN_MASK = ROW_KIND.hasTcpFlags | TCP.syn | TCP.ack;
const SYN = ROW_KIND.hasTcpFlags | TCP.syn;
const ALIVE_MASK = SESSION.isLive | SESSION.isCut;
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
  const { cell } = state.time;
  const { first, to } = run;
  const nextTimer = state.timers.next;
  const { logonChanges } = state;
  let now = cell[0] ?? 0;
  for (let row = run.from; row < to; row++) {
    const at = row * ROW_WIDTH;
    const instant = doubles[at >> 1] ?? 0;
    if (instant >= nextTimer) return row;
    if (instant > now) {
      now = instant;
      cell[0] = now;
    }
    const place = places[row - first] ?? -1;
    if (place < 0) return row;
    const key = (row - first) * KEY.width;
    const kind = words[place + SESSION.kind] ?? 0;
    const differs =
      ((words[place] ?? 0) ^ (keys[key] ?? 0)) |
      ((words[place + SESSION.high] ?? 0) ^ (keys[key + KEY.high] ?? 0)) |
      ((words[place + SESSION.ports] ?? 0) ^ (keys[key + KEY.ports] ?? 0)) |
      ((kind >>> SESSION.keyShift) ^ (keys[key + KEY.kind] ?? 0)) |
      (((words[place + SESSION.flags] ?? 0) & ALIVE_MASK) ^ SESSION.isLive);
    if (differs !== 0) return row;
    const spoken = rows[at + ROW.kind] ?? 0;
    const protocol = spoken >>> ROW_KIND.protocolShift;
    const seen = (kind & SESSION.highMask) * TWO_32 + ((words[place + SESSION.seen] ?? 0) >>> 0);
    if (now - seen >= (IDLE_TIMES[protocol] ?? 0)) return row;
    if ((spoken & SYN_MASK) === SYN && protocol === PROTOCOL.tcp) return row;
    const bond = (words[place + SESSION.bond] ?? 0) * BOND_WIDTH;
    const plan = bonds[bond + BOND.plan] ?? -1;
    if (plan < 0) return row;
    if (codes[plan + PLAN.needsLogon] === 1 && bonds[bond + BOND.logon] !== logonChanges) return row;
    const hours = (codes[plan + PLAN.hours] ?? -1) * 2;
    if (hours >= 0 && !(now >= (open[hours] ?? 0) && now < (open[hours + 1] ?? 0))) return row;
    const application = spoken & APPLICATION;
    if (application !== 0 && isOther(application, codes[plan + PLAN.application] ?? 0)) return row;
    if ((spoken & ROW_KIND.hasOperations) !== 0 && codes[plan + PLAN.hasOperations] === 1) return row;
    // 0 where the packet is sent by who began, 1 where it is received.
    const way = (keys[key + KEY.isSourceLow] ?? 0) ^ ((kind >>> SESSION.lowBeganShift) & 1);
    const size = rows[at + ROW.packetSize] ?? -1;
    const sizes = plan + PLAN.sizes + way * 2;
    if (size >= 0 && !(size >= (cells[sizes] ?? 0) && size <= (cells[sizes + 1] ?? 0))) return row;
    if (!permitsAmounts(state, batch, at, bond, way + 1)) return row;
    const high = Math.floor(now / TWO_32);
    words[place + SESSION.seen] = now - high * TWO_32;
    words[place + SESSION.kind] = (kind & ~SESSION.highMask) | high;
    rows[at + ROW.reasons] = way === 0 ? SENT : 0;
    rows[at + ROW.rule] = bonds[bond + BOND.ruleIndex] ?? -1;
    rows[at + ROW.guardrail] = -1;
    rows[at + ROW.initiator] = bonds[bond + BOND.initiator] ?? -1;
    rows[at + ROW.responder] = bonds[bond + BOND.responder] ?? -1;
  }
  return to;
}

function isOther(application: number, wanted: number): boolean {
  return wanted !== 0 && application !== wanted << ROW_KIND.applicationShift;
}

/** Every rate conforms and every ceiling holds; only then all are charged. `direction`: 1 sent, 2 received. */
function permitsAmounts(state: State, batch: PacketBatch, row: number, bond: number, direction: number): boolean {
  const bonds = state.bonds.words;
  const { cells, codes } = state.plans;
  const budgets = state.budgets.cells;
  const { doubles } = batch;
  const now = state.time.cell[0] ?? 0;
  const plan = bonds[bond + BOND.plan] ?? 0;
  const end = plan + PLAN.head + (codes[plan + PLAN.amounts] ?? 0) * AMOUNT.width;
  const bytes = doubles[(row >> 1) + ROW.bytes] ?? 0;
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
      const units = kind === KIND.byteRate ? bytes : (doubles[(row >> 1) + ROW.packets] ?? 1);
      next = Math.max(used, now) + (units * SECOND) / (cells[at + AMOUNT.perSecond] ?? 0);
      if (!(next - now <= (cells[at + AMOUNT.max] ?? 0))) return false;
    }
    charged[amounts] = budget;
    nexts[amounts] = next;
    amounts++;
  }
  for (let amount = 0; amount < amounts; amount++) {
    const budget = charged[amount] ?? 0;
    budgets[budget] = nexts[amount] ?? 0;
    const born = budgets[budget + BUDGET.floorStart] ?? 0;
    if (born !== 0 && now >= born)
      budgets[budget + BUDGET.floorUsed] = (budgets[budget + BUDGET.floorUsed] ?? 0) + bytes;
  }
  return true;
}
