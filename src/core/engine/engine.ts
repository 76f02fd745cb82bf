// The decider: sessions, budgets, clocks and timers driven by packets and instants. Not a reader of traffic, not a clock.

import {
  type AddressId,
  type AddressTable,
  type Decider,
  type DeciderEvent,
  type Instant,
  type LogonChange,
  newObservation,
  newVerdict,
  type Observation,
  type Policy,
  type Verdict,
} from '#model';
import { judgeOpening } from './admission.ts';
import { applyProgram, guardClocks, refreshBonds, startTimers } from './apply.ts';
import { PacketBatch } from './batch.ts';
import { BOND, BOND_BYTES, Bonds } from './bonds.ts';
import { Budgets, NO_BLOCK } from './budgets.ts';
import { type Change, change } from './change.ts';
import { check } from './check.ts';
import { checkRows } from './check-rows.ts';
import { decide } from './decide.ts';
import { birthOfRule, isFloorBefore, runFloorTimer } from './floors.ts';
import { HoursWatch } from './hours-watch.ts';
import { permitRun } from './kernel.ts';
import { beginsAnew, liveSlots, noteClosing, removeSession, ruleOf } from './lifecycle.ts';
import { judgeLive } from './live.ts';
import { newLogons } from './logon.ts';
import { Matcher } from './matcher.ts';
import { NameBindings } from './names.ts';
import { matchOpening } from './opening.ts';
import { budgetOf } from './packet.ts';
import { NO_PLAN, Plans } from './plans.ts';
import { compile } from './program.ts';
import { endRule } from './rematch.ts';
import {
  isSessionTimerWanted,
  logonOfSession,
  runHoursTimers,
  runSessionTimer,
  watchLogoff,
} from './session-timers.ts';
import { NO_SESSION, SESSION_WIDTH, Sessions } from './sessions.ts';
import { Spares } from './spares.ts';
import { findRow } from './stages.ts';
import { idsOf, pairBlock, type RuleState, ruleState, type State } from './state.ts';
import { Time } from './time.ts';
import { isOfSession, TIMER, Timers } from './timers.ts';

/** Rules that are taken out before a number is given again: verdicts that name the earlier rule are long written by then. */
const NUMBERS_RESTING = 65_536;

/** Bounds of tables, each at most its own default; what a full table does is told where it lives. */
export interface TableLimits {
  readonly sessions?: number;
  readonly budgets?: number;
  readonly bindings?: number;
  readonly ends?: number;
  readonly classes?: number;
}

export interface TableMemory {
  readonly count: number;
  readonly bytes: number;
}

export type EngineMemory = Readonly<Record<'sessions' | 'bonds' | 'timers', TableMemory>>;

export interface EngineOptions {
  readonly policy: Policy;
  readonly addresses: AddressTable;
  /** Instant at which budgets of whole rules are born. */
  readonly start: Instant;
  readonly limits?: TableLimits;
  /** Secret number that makes places in tables unpredictable to who sends packets. */
  readonly seed?: number;
}

export class Engine implements Decider {
  readonly #state: State;
  /** The packet of `judge` as numbers. */
  readonly #row = new PacketBatch(1);
  readonly #run = { first: 0, from: 0, to: 1 };

  constructor(options: EngineOptions) {
    this.#state = stateOf(options);
    for (const rule of this.#state.rules) birthOfRule(this.#state, rule);
    startTimers(this.#state);
  }

  /** Live sessions. */
  get sessionCount(): number {
    return this.#state.sessions.count;
  }

  /** Records in use and bytes of memory that each table takes; what was never written takes none. */
  get memory(): EngineMemory {
    const { sessions, bonds, timers } = this.#state;
    const table = (count: number, bytes: number): TableMemory => ({ count, bytes });
    return {
      sessions: table(sessions.count, sessions.extent * SESSION_WIDTH * 4 + sessions.directory.words.byteLength),
      bonds: table(bonds.extent, bonds.extent * BOND_BYTES + bonds.directoryBytes),
      timers: table(timers.length, timers.bytes),
    };
  }

  judge(observation: Observation, verdict: Verdict): void {
    const state = this.#state;
    if (observation.at >= state.timers.next) this.advance(observation.at);
    else if (observation.at > state.time.now) state.time.now = observation.at;
    ready(verdict);
    this.#row.set(0, observation);
    const slot = findRow(state, this.#row);
    if (slot !== NO_SESSION && permitRun(state, this.#row, this.#run) === 1) this.#row.read(0, verdict);
    else judgeInFull(state, { observation, verdict, slot });
  }

  /** Whether a connection could open with this packet: judged as its opening, rates and volumes left out. Opens and charges nothing. */
  check(observation: Observation, verdict: Verdict): void {
    const state = this.#state;
    if (observation.at > state.time.now) this.advance(observation.at);
    ready(verdict);
    state.packet = observation;
    state.verdict = verdict;
    check(state);
  }

  /** `check` of the first `count` rows of a batch, all asked at one instant, written in place. Numbers of reasons are left to `check`. */
  checkRows(batch: PacketBatch, count: number, now: Instant): void {
    this.advance(now);
    const rows = Math.min(count, batch.capacity);
    checkRows(this.#state, batch, { count: rows, checkRow: (row) => this.#checkRow(batch, row) });
  }

  #checkRow(batch: PacketBatch, row: number): void {
    const { verdict } = batch;
    const observation = batch.observation(row);
    observation.at = this.#state.time.now;
    this.check(observation, verdict);
    batch.write(row, verdict);
  }

  /** Judges the first `count` rows of a batch in place and in order, as `judge` would one by one. Numbers of reasons are left to `judge`. */
  decide(batch: PacketBatch, count: number): void {
    const rows = Math.min(count, batch.capacity);
    decide(this.#state, batch, { count: rows, judgeRow: (row) => this.#judgeRow(batch, row) });
  }

  #judgeRow(batch: PacketBatch, row: number): void {
    const { verdict } = batch;
    this.judge(batch.observation(row), verdict);
    batch.write(row, verdict);
  }

  /** Counts bytes as used before on every volume of the rule that governs this packet: for questions, not for traffic. */
  assumeUsed(observation: Observation, bytes: number): void {
    const state = this.#state;
    this.advance(observation.at);
    const match = matchOpening(state, observation);
    if (match.rule === null) return;
    const counted = { rule: match.rule, block: pairBlock(state, match.rule, match) };
    if (counted.block === NO_BLOCK || match.rule.block === NO_BLOCK) return;
    for (const [at, { window, scope }] of match.rule.rule.source.limits.volumes.entries()) {
      const id = budgetOf(counted, at, scope);
      state.budgets.bring(id, window);
      state.budgets.charge(id, window, bytes);
    }
  }

  bindName(binding: { client: AddressId; server: AddressId; name: string; at: Instant; ttlSeconds: number }): void {
    this.advance(binding.at);
    this.#state.names.bind(binding, { name: binding.name, at: this.#state.time.now, ttlSeconds: binding.ttlSeconds });
  }

  setLogon(change: LogonChange, now: Instant): void {
    const state = this.#state;
    this.advance(now);
    const logons = state.logons.get(change.element) ?? newLogons();
    state.logons.set(change.element, logons);
    const factor = logons[change.factor];
    const watched = change.at === null ? loggedOnSlots(state, change.element) : [];
    if (change.at === null && factor.at !== null) factor.off = state.time.now;
    if (change.at !== null && factor.at === null) factor.on = state.time.now;
    factor.at = change.at;
    state.logonChanges++;
    for (const slot of watched) watchLogoff(state, slot);
    this.advance(now);
  }

  setQuarantine(element: string, isQuarantined: boolean, now: Instant): void {
    this.advance(now);
    if (isQuarantined) this.#state.quarantined.add(element);
    else this.#state.quarantined.delete(element);
    refreshBonds(this.#state);
  }

  advance(now: Instant): void {
    const state = this.#state;
    while (state.timers.next <= now) {
      state.time.now = Math.max(state.time.now, state.timers.next);
      state.timers.take();
      const { kind, id } = state.timers.taken;
      if (kind === TIMER.hours) runHoursTimers(state);
      else if (kind === TIMER.floor) runFloorTimer(state);
      else if (kind === TIMER.ruleEnd) endRule(state, id);
      else runSessionTimer(state);
    }
    if (now > state.time.now) state.time.now = now;
  }

  apply(policy: Policy, now: Instant): void {
    this.advance(now);
    applyProgram(this.#state, compile(policy));
    this.advance(now);
  }

  /**
   * Changes one rule or one element: the same verdicts and events as applying the changed policy, at a cost that does not grow with the number of rules.
   * Rules keep their numbers; one that is added gets the next, or that of a rule taken out 65,536 rules ago.
   * False where nothing was changed: the rule or element named is not there, or a rule of that id is there already.
   */
  change(what: Change, now: Instant): boolean {
    this.advance(now);
    const isChanged = change(this.#state, what);
    this.advance(now);
    return isChanged;
  }

  /** Id of the rule of a number that a verdict or an event names, or null. */
  ruleId(number: number): string | null {
    return this.#state.program.rules[number]?.source.id ?? null;
  }

  takeEvents(): readonly DeciderEvent[] {
    const { events } = this.#state;
    this.#state.events = [];
    return events;
  }
}

/** Clears a verdict, of its numbers those of the reasons it had: that is most of the work. */
function ready(verdict: Verdict): void {
  for (let bits = verdict.reasons; bits !== 0; bits &= bits - 1) {
    const at = 31 - Math.clz32(bits & -bits);
    verdict.observed[at] = Number.NaN;
    verdict.limit[at] = Number.NaN;
  }
  verdict.reasons = 0;
  verdict.isEnforced = false;
  verdict.isOpening = false;
  verdict.guardrail = -1;
  verdict.rule = -1;
}

/** Plan of a rule in force. */
function planOf(rules: readonly (RuleState | null)[], rule: number, service: number): number {
  return rules[rule]?.plans[service] ?? NO_PLAN;
}

/** Judges a packet that is not permitted by numbers alone. */
function judgeInFull(
  state: State,
  { observation, verdict, slot }: { observation: Observation; verdict: Verdict; slot: number },
): void {
  state.packet = observation;
  state.verdict = verdict;
  if (slot === NO_SESSION) judgeOpening(state);
  else if (!beginsAnew(state, slot, observation)) {
    noteClosing(state, slot);
    judgeLive(state, slot);
  } else {
    removeSession(state, slot);
    judgeOpening(state);
  }
}

function stateOf({ policy, addresses, start, seed, limits = {} }: EngineOptions): State {
  const program = compile(policy);
  const time = new Time(Math.max(0, start));
  const names = new NameBindings(limits.bindings);
  const budgets = new Budgets(time, limits.budgets);
  const sessions = new Sessions(limits.sessions, seed);
  const hours = new HoursWatch();
  const plans = new Plans();
  const floors: State['floors'] = [];
  const rules = program.rules.map((rule) => ruleState(rule, { budgets, hours, plans }));
  const current: (RuleState | null)[] = [...rules];
  const state: State = {
    program,
    rules,
    current,
    ids: idsOf(program),
    spareNumbers: new Spares(NUMBERS_RESTING),
    sparePlaces: new Spares(0),
    guardClocks: guardClocks(program),
    time,
    matcher: new Matcher({
      program,
      addresses,
      names,
      limits,
      planOf: (rule, service) => planOf(current, rule, service),
    }),
    names,
    sessions,
    bonds: new Bonds(sessions.max),
    budgets,
    hours,
    plans,
    floors,
    removals: new Map(),
    taken: { at: -1, slots: new Set() },
    logonChanges: 1,
    timers: new Timers({
      isWanted: (kind, id, generation) => !isOfSession(kind) || isSessionTimerWanted(state, id, generation),
      isFloorBefore: (one, other) => isFloorBefore(state.floors[one], state.floors[other]),
    }),
    logons: new Map(),
    quarantined: new Set(),
    bindings: new Map(),
    events: [],
    packet: newObservation(),
    verdict: newVerdict(),
    judged: null,
    logonAnswer: { isOn: false, age: 0, off: 0 },
    rematched: newVerdict(),
  };
  return state;
}

/** Sessions of an element whose rules' logon is on. */
function loggedOnSlots(state: State, id: string): readonly number[] {
  const element = state.matcher.elementOf(id);
  return liveSlots(state).filter((slot) => {
    if (element < 0 || state.bonds.at(state.sessions.bond(slot), BOND.initiator) !== element) return false;
    const rule = ruleOf(state, slot);
    return rule !== null && logonOfSession(state, slot, rule).isOn;
  });
}
