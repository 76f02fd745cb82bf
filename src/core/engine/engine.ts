// The decider: sessions, budgets, clocks and timers driven by packets and instants. Not a reader of traffic, not a clock.

import {
  type AddressId,
  type AddressTable,
  clearVerdict,
  type Decider,
  type DeciderEvent,
  type Instant,
  type LogonChange,
  type Observation,
  type Policy,
  PROTOCOL,
  reasonBit,
  SECOND,
  TCP,
  type Verdict,
} from '#model';
import { applyProgram, startTimers } from './apply.ts';
import { Budgets } from './budgets.ts';
import { birthOfRule, runFloorTimer } from './floors.ts';
import { HoursClock } from './hours.ts';
import {
  admit,
  countOpening,
  liveSlots,
  logonOfSession,
  rematch,
  removeSession,
  ruleOf,
  runSessionTimer,
  watchLogoff,
} from './lifecycle.ts';
import { judgeLive } from './live.ts';
import { newLogons } from './logon.ts';
import { Matcher } from './matcher.ts';
import { NameBindings } from './names.ts';
import { judgeAdmission, judgeMatch, type Match, matchOpening } from './opening.ts';
import { charge, deny, type Judged, judgeAmount, judgeContent, setEnforced } from './packet.ts';
import { compile, type Program } from './program.ts';
import { NO_SESSION, SESSIONS_MAX, Sessions } from './sessions.ts';
import { AT, ruleState, type State } from './state.ts';
import { RANK, Timers } from './timers.ts';

/** A SYN within this time of the session's opening is a retransmission. */
const RETRANSMISSION = SECOND;

export interface EngineOptions {
  readonly policy: Policy;
  readonly addresses: AddressTable;
  /** Instant at which budgets of whole rules are born. */
  readonly start: Instant;
  readonly limits?: { readonly sessions?: number };
}

export class Engine implements Decider {
  readonly #state: State;

  constructor(options: EngineOptions) {
    const program = compile(options.policy);
    const names = new NameBindings();
    const budgets = new Budgets();
    this.#state = {
      program,
      rules: program.rules.map((rule) => ruleState(rule, budgets)),
      guardClocks: guardClocks(program),
      now: options.start,
      matcher: new Matcher({ program, addresses: options.addresses, names }),
      names,
      sessions: new Sessions(options.limits?.sessions ?? SESSIONS_MAX),
      budgets,
      timers: new Timers(),
      logons: new Map(),
      quarantined: new Set(),
      bindings: new Map(),
      events: [],
    };
    for (const rule of this.#state.rules) birthOfRule(this.#state, rule);
    startTimers(this.#state);
  }

  /** Live sessions. */
  get sessionCount(): number {
    return this.#state.sessions.count;
  }

  judge(observation: Observation, verdict: Verdict): void {
    const state = this.#state;
    this.advance(observation.at);
    clearVerdict(verdict);
    let slot = state.sessions.find(observation);
    if (slot !== NO_SESSION && beginsAnew(state, slot, observation)) {
      removeSession(state, slot);
      slot = NO_SESSION;
    }
    if (slot === NO_SESSION) judgeOpening(state, observation, verdict);
    else judgeLive(state, slot, { packet: observation, verdict });
  }

  bindName(binding: { client: AddressId; server: AddressId; name: string; at: Instant; ttlSeconds: number }): void {
    this.advance(binding.at);
    this.#state.names.bind(binding, { name: binding.name, at: this.#state.now, ttlSeconds: binding.ttlSeconds });
  }

  setLogon(change: LogonChange, now: Instant): void {
    const state = this.#state;
    this.advance(now);
    const logons = state.logons.get(change.element) ?? newLogons();
    state.logons.set(change.element, logons);
    const factor = logons[change.factor];
    const watched = change.at === null ? loggedOnSlots(state, change.element) : [];
    if (change.at === null && factor.at !== null) factor.off = state.now;
    if (change.at !== null && factor.at === null) factor.on = state.now;
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
      state.now = Math.max(state.now, state.timers.next);
      state.timers.take();
      const rank = state.timers.taken[1];
      if (rank === RANK.session) runSessionTimer(state);
      else if (rank === RANK.floor) runFloorTimer(state);
      else endRule(state, state.timers.taken[2] ?? -1);
    }
    if (now > state.now) state.now = now;
  }

  apply(policy: Policy, now: Instant): void {
    this.advance(now);
    const program = compile(policy);
    this.#state.guardClocks = guardClocks(program);
    applyProgram(this.#state, program);
    this.advance(now);
  }

  takeEvents(): readonly DeciderEvent[] {
    const { events } = this.#state;
    this.#state.events = [];
    return events;
  }
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

function guardClocks(program: Program): (HoursClock | null)[] {
  return program.guards.map(({ require }) => (require?.hours ? new HoursClock(require.hours) : null));
}

function endRule(state: State, index: number): void {
  for (const slot of liveSlots(state)) {
    const isUnder = ruleOf(state, slot)?.index === index && (state.sessions.removal[slot] ?? 0) === 0;
    if (isUnder) rematch(state, slot);
  }
}

/** Whether a packet of a live tuple begins a new conversation: an opening SYN from the same initiator. */
function beginsAnew(state: State, slot: number, packet: Observation): boolean {
  const { sessions, now } = state;
  if (packet.protocol !== PROTOCOL.tcp || packet.tcpFlags < 0) return false;
  if ((packet.tcpFlags & (TCP.syn | TCP.ack)) !== TCP.syn || !sessions.isFromInitiator(slot, packet)) return false;
  return sessions.isCut[slot] === 1 || now - (sessions.opened[slot] ?? 0) > RETRANSMISSION;
}

function judgeOpening(state: State, packet: Observation, verdict: Verdict): void {
  const match = matchOpening(state, packet);
  verdict.rule = match.rule?.index ?? -1;
  verdict.isFromInitiator = match.isFromInitiator;
  verdict.initiator = match.from?.element ?? -1;
  verdict.responder = match.to?.element ?? -1;
  judgeMatch(state, match, verdict);
  const isQuarantined = (verdict.reasons & reasonBit('quarantined')) !== 0;
  const judged = isQuarantined ? null : judgeAdmission(state, match, packet, verdict);
  if (state.sessions.isFull && !isQuarantined)
    deny(verdict, AT['too-many-connections'], state.sessions.count + 1, state.sessions.max);
  const isAudit = match.rule?.rule.isAudit ?? false;
  if (judged !== null) {
    const isAdmitted = verdict.reasons === 0;
    judgeContent(judged, packet, verdict);
    if (isAdmitted && verdict.reasons === 0) judgeAmount(state, judged, packet, verdict);
  }
  setEnforced(verdict, match.isHeld, isAudit);
  if (!verdict.isEnforced) open(state, { match, judged, packet }, verdict);
}

function open(
  state: State,
  what: { match: Match; judged: Judged | null; packet: Observation },
  verdict: Verdict,
): void {
  const { match, judged, packet } = what;
  const slot = admit(state, match, packet);
  if (slot === NO_SESSION) return;
  const { sessions } = state;
  verdict.isOpening = true;
  sessions.reasons[slot] = verdict.reasons;
  sessions.guardrail[slot] = verdict.guardrail;
  const rule = ruleOf(state, slot);
  if (rule === null) return;
  const block = sessions.block[slot] ?? 0;
  countOpening(state, { rule, block });
  const { service } = match;
  if (judged !== null) charge(state, judged, packet);
  else if (service !== null)
    charge(state, { rule, service, block, isSent: match.isFromInitiator, isRateCharged: false }, packet);
}
