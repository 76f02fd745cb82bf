// The decider: sessions, budgets, clocks and timers driven by packets and instants. Not a reader of traffic, not a clock.

import {
  type AddressId,
  type AddressTable,
  clearVerdict,
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
import { applyProgram, guardClocks, startTimers } from './apply.ts';
import { Budgets, NO_BLOCK } from './budgets.ts';
import { birthOfRule, runFloorTimer } from './floors.ts';
import { admit, beginsAnew, countOpening, liveSlots, removeSession, ruleOf } from './lifecycle.ts';
import { judgeLive } from './live.ts';
import { newLogons } from './logon.ts';
import { Matcher } from './matcher.ts';
import { NameBindings } from './names.ts';
import { judgeAdmission, judgeMatch, type Match, matchOpening } from './opening.ts';
import { budgetOf, charge, deny, judgeAmount, judgeContent, setEnforced } from './packet.ts';
import { compile } from './program.ts';
import { endRule } from './rematch.ts';
import { arm, logonOfSession, runSessionTimer, watchLogoff } from './session-timers.ts';
import { NO_SESSION, Sessions } from './sessions.ts';
import { AT, type Judged, pairBlock, ruleState, type State } from './state.ts';
import { Time } from './time.ts';
import { RANK, Timers } from './timers.ts';

/** Bounds of tables, each at most its own default; what a full table does is told where it lives. */
export interface TableLimits {
  readonly sessions?: number;
  readonly budgets?: number;
  readonly bindings?: number;
  readonly ends?: number;
  readonly classes?: number;
}

export interface EngineOptions {
  readonly policy: Policy;
  readonly addresses: AddressTable;
  /** Instant at which budgets of whole rules are born. */
  readonly start: Instant;
  readonly limits?: TableLimits;
}

export class Engine implements Decider {
  readonly #state: State;

  constructor(options: EngineOptions) {
    this.#state = stateOf(options);
    for (const rule of this.#state.rules) birthOfRule(this.#state, rule);
    startTimers(this.#state);
  }

  /** Live sessions. */
  get sessionCount(): number {
    return this.#state.sessions.count;
  }

  judge(observation: Observation, verdict: Verdict): void {
    const state = this.#state;
    if (observation.at >= state.timers.next) this.advance(observation.at);
    else if (observation.at > state.time.now) state.time.now = observation.at;
    clearVerdict(verdict);
    state.packet = observation;
    state.verdict = verdict;
    const slot = state.sessions.find(observation);
    if (slot === NO_SESSION) judgeOpening(state);
    else if (!beginsAnew(state, slot, observation)) judgeLive(state, slot);
    else {
      removeSession(state, slot);
      judgeOpening(state);
    }
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
    for (const slot of watched) watchLogoff(state, slot);
    this.advance(now);
  }

  setQuarantine(element: string, isQuarantined: boolean, now: Instant): void {
    this.advance(now);
    if (isQuarantined) this.#state.quarantined.add(element);
    else this.#state.quarantined.delete(element);
  }

  advance(now: Instant): void {
    const state = this.#state;
    while (state.timers.next <= now) {
      state.time.now = Math.max(state.time.now, state.timers.next);
      state.timers.take();
      const rank = state.timers.taken[1];
      if (rank === RANK.session) runSessionTimer(state);
      else if (rank === RANK.floor) runFloorTimer(state);
      else endRule(state, state.timers.taken[2] ?? -1);
    }
    if (now > state.time.now) state.time.now = now;
  }

  apply(policy: Policy, now: Instant): void {
    this.advance(now);
    applyProgram(this.#state, compile(policy));
    this.advance(now);
  }

  takeEvents(): readonly DeciderEvent[] {
    const { events } = this.#state;
    this.#state.events = [];
    return events;
  }
}

function stateOf({ policy, addresses, start, limits = {} }: EngineOptions): State {
  const program = compile(policy);
  const time = new Time(start);
  const names = new NameBindings(limits.bindings);
  const budgets = new Budgets(time, limits.budgets);
  const sessions = new Sessions(limits.sessions);
  return {
    program,
    rules: program.rules.map((rule) => ruleState(rule, budgets)),
    guardClocks: guardClocks(program),
    time,
    matcher: new Matcher({ program, addresses, names, limits }),
    names,
    sessions,
    budgets,
    timers: new Timers(sessions),
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
}

/** Sessions of an element whose rules' logon is on. */
function loggedOnSlots(state: State, id: string): readonly number[] {
  const element = state.matcher.elementOf(id);
  return liveSlots(state).filter((slot) => {
    const from = state.matcher.end(state.sessions.from[slot] ?? -1);
    const rule = ruleOf(state, slot);
    return element >= 0 && from?.element === element && rule !== null && logonOfSession(state, slot, rule).isOn;
  });
}

/** Judges the first packet of a tuple; where its denial is not held it opens a session all the same. */
function judgeOpening(state: State): void {
  const { sessions, verdict } = state;
  const match = matchOpening(state, state.packet);
  verdict.rule = match.rule?.index ?? -1;
  verdict.isFromInitiator = match.isFromInitiator;
  verdict.initiator = match.from?.element ?? -1;
  verdict.responder = match.to?.element ?? -1;
  judgeMatch(state, match, verdict);
  const isOut = ((verdict.reasons >> AT.quarantined) & 1) === 1;
  const judged = isOut ? null : judgeAdmission(state, match);
  if (sessions.isFull && !isOut && deny(verdict, AT['too-many-connections'], sessions.count + 1))
    verdict.limit[AT['too-many-connections']] = sessions.max;
  if (judged !== null) {
    const isAdmitted = verdict.reasons === 0;
    judgeContent(state, judged);
    if (isAdmitted && verdict.reasons === 0) judgeAmount(state, judged);
  }
  setEnforced(verdict, match.isHeld, match.rule?.rule.isAudit ?? false);
  if (!verdict.isEnforced) open(state, match, judged);
}

function open(state: State, match: Match, judged: Judged | null): void {
  const slot = admit(state, match);
  if (slot === NO_SESSION) {
    // The packet passes all the same, so it is charged.
    if (judged !== null) charge(state, judged);
    return;
  }
  arm(state, slot);
  const { sessions, verdict } = state;
  verdict.isOpening = true;
  sessions.reasons[slot] = verdict.reasons;
  sessions.guardrail[slot] = verdict.guardrail;
  const rule = ruleOf(state, slot);
  const { service } = match;
  if (rule === null || service === null) return;
  const block = sessions.block[slot] ?? 0;
  countOpening(state, { rule, block });
  charge(state, judged ?? { rule, service, block, isSent: match.isFromInitiator, isRateCharged: false });
}
