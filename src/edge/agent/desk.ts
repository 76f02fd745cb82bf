// Changes of the policy, one after the other: checked, rehearsed, written down, put in the kernel, and taken back unless they are confirmed. What a
// change says is made elsewhere; here it is only put in force.

import type { NotHeld } from '#enforce';
import { runPolicyTests } from '#engine';
import { type Instant, instantText, type LogonChange, type Policy, type Problem, SECOND } from '#model';
import { type Draft, diffPolicies, type InForce, parsePolicy, reuseParts } from '#policy';
import type { ChangeRequest, NotHeldView, PendingView, PlanAnswer, PlanView, PolicyView } from './api.ts';
import { type Caller, isNewSession, isSameUser } from './caller.ts';
import { keepClosed } from './closing.ts';
import { CONFIRM_SECONDS_MAX, type Settled } from './options.ts';
import { ownConnection } from './own-connection.ts';
import type { Quarantines } from './quarantines.ts';
import type { Revision, Store } from './store.ts';
import type { Table } from './table.ts';
import { AgentError } from './trouble.ts';

export interface DeskOptions {
  readonly settled: Settled;
  readonly store: Store;
  readonly table: Table;
  readonly quarantines: Quarantines;
  readonly logons: () => readonly LogonChange[];
  readonly rehearse: (before: Policy, after: Policy) => PlanView;
  /** Told when another policy is in force. */
  readonly onPolicy: (policy: Policy) => void;
  /** Told when what waited went back by itself. */
  readonly onReverted: (revision: Revision) => void;
}

export class Desk {
  readonly #options: DeskOptions;
  #inForce: InForce;
  #revision: Revision;
  /** When what waits reverts by the time that no clock setting moves. */
  #revertsAt = Number.POSITIVE_INFINITY;

  /** Begins with the confirmed revision; one that waited is reverted, because nobody confirmed it while the agent was away. */
  constructor(options: DeskOptions) {
    this.#options = options;
    const { store } = options;
    if (store.head.pending !== null) store.revert();
    this.#revision = store.revision(store.head.confirmed);
    this.#inForce = { policy: stored(this.#revision), text: this.#revision.text };
  }

  get inForce(): InForce {
    return this.#inForce;
  }

  get policyView(): PolicyView {
    const { revision, by, at, why } = this.#revision;
    const { mode, rules, services } = this.#inForce.policy;
    return {
      revision,
      by,
      at: instantText(at),
      why,
      isConfirmed: this.#options.store.head.pending === null,
      mode,
      rules: rules.length,
      services: services.length,
    };
  }

  /** Revision of the domain that is in force, 0 where a local policy is. */
  get domainRevision(): number {
    return this.#revision.domainRevision ?? 0;
  }

  get pendingView(): PendingView | null {
    const { store, settled } = this.#options;
    const { pending, confirmed } = store.head;
    if (pending === null) return null;
    const { by, at } = store.revision(pending.revision);
    return {
      revision: pending.revision,
      by,
      at: instantText(at),
      deadline: instantText(pending.deadline),
      secondsLeft: Math.max(0, Math.ceil((this.#revertsAt - settled.elapsed()) / SECOND)),
      revertsTo: confirmed,
    };
  }

  /** Whether what waits has to go back now. */
  get isOverdue(): boolean {
    const { store, settled } = this.#options;
    const { pending } = store.head;
    return pending !== null && (settled.now() >= pending.deadline || settled.elapsed() >= this.#revertsAt);
  }

  async change(draft: Draft, request: ChangeRequest, caller: Caller | null): Promise<PlanAnswer> {
    const { store, settled, quarantines, table } = this.#options;
    const { policy: read, problems } = checked(draft, settled.now());
    const policy = reuseParts(this.#inForce.policy, read);
    refuseRelease(policy, quarantines.elements);
    const rehearsed = table.rehearse(policy, quarantines.elements);
    const before = this.#inForce.policy;
    const { opinion } = rehearsed;
    const own = ownConnection(caller, policy, { now: settled.now(), logons: this.#options.logons(), opinion });
    const answer = {
      schema: 'picket.change/v1',
      changes: diffPolicies(before, policy),
      plan: this.#options.rehearse(before, policy),
      notHeld: rehearsed.notHeld.map(notHeldView),
      ownConnection: own,
      problems,
      text: draft.text,
    } as const;
    if (request.isPlanOnly === true) return { ...answer, isApplied: false, revision: null, pending: this.pendingView };
    this.#refuseBusy();
    if (own?.isPermitted === false && request.mayLoseSession !== true) throw losesSession(own);
    const seconds = this.#confirmSeconds(draft, request);
    if (seconds > 0 && caller === null) throw UNSEEN;
    const revision = store.add({
      at: settled.now(),
      by: caller?.name ?? 'unknown',
      why: (request.why ?? draft.why).slice(0, WHY_CHARS_MAX),
      text: draft.text,
    });
    settled.onStep('revision-written');
    await this.#putInForce({ policy, text: draft.text }, revision, { seconds, caller });
    return { ...answer, isApplied: true, revision: revision.revision, pending: this.pendingView };
  }

  /** Puts the domain's policy in force. What waits gives way: the domain's newest counts. Nobody's session is asked, but it goes back unless `keep` comes. */
  async take(
    draft: Draft,
    { seconds, by, domainRevision }: { readonly seconds: number; readonly by: string; readonly domainRevision: number },
  ): Promise<void> {
    const { store, settled } = this.#options;
    const { policy } = checked(draft, settled.now());
    if (store.head.pending !== null) await this.revert('the next policy of the domain came');
    const why = draft.why.slice(0, WHY_CHARS_MAX);
    const revision = store.add({ at: settled.now(), by, why, text: draft.text, domainRevision });
    settled.onStep('revision-written');
    const waits = Math.min(CONFIRM_SECONDS_MAX, seconds);
    await this.#putInForce({ policy, text: draft.text }, revision, { seconds: waits, caller: null });
  }

  /** The domain's word that what waits is confirmed. */
  keep(by: string): void {
    const { store, settled } = this.#options;
    store.confirm();
    this.#revertsAt = Number.POSITIVE_INFINITY;
    keepClosed(settled, this.#inForce.policy);
    settled.log(`policy confirmed revision=${this.#revision.revision} by=${JSON.stringify(by)}`);
  }

  /** Keeps what waits. */
  confirm(caller: Caller | null): Revision {
    const { store, settled } = this.#options;
    const { pending } = store.head;
    if (pending === null) throw NOTHING_WAITS;
    if (this.isOverdue) throw TOO_LATE;
    if (caller === null) throw UNSEEN;
    if (pending.caller !== null && !isSameUser(pending.caller, caller)) throw otherUser(pending.caller, caller);
    if (pending.caller !== null && !isNewSession(pending.caller, caller)) throw SAME_SESSION;
    store.confirm();
    settled.onStep('confirmed');
    this.#revertsAt = Number.POSITIVE_INFINITY;
    keepClosed(settled, this.#inForce.policy);
    settled.log(`policy confirmed revision=${this.#revision.revision} by=${caller.name}`);
    return this.#revision;
  }

  /** Puts the confirmed policy in force again. INVARIANT: it is written down only after the kernel has it, so a failure is tried again. */
  async revert(why: string): Promise<Revision> {
    const { store, table, quarantines, settled } = this.#options;
    const { pending, confirmed } = store.head;
    if (pending === null) throw NOTHING_WAITS;
    const revision = store.revision(confirmed);
    if (this.#revision.revision !== confirmed) {
      const policy = stored(revision);
      await table.apply(policy, quarantines.elements);
      settled.onStep('reverted-in-kernel');
      this.#revision = revision;
      this.#inForce = { policy, text: revision.text };
      this.#options.onPolicy(policy);
    }
    // Until it is written down it is overdue: nobody can confirm what is no longer in force.
    this.#revertsAt = Number.NEGATIVE_INFINITY;
    store.revert();
    this.#revertsAt = Number.POSITIVE_INFINITY;
    settled.log(`policy reverted revision=${pending.revision} to=${confirmed} why=${why}`);
    this.#options.onReverted(store.revision(pending.revision));
    return revision;
  }

  async #putInForce(
    next: InForce,
    revision: Revision,
    { seconds, caller }: { readonly seconds: number; readonly caller: Caller | null },
  ): Promise<void> {
    const { store, table, quarantines, settled } = this.#options;
    // INVARIANT: who dies between here and the confirmation begins again with what was confirmed.
    store.await({ revision: revision.revision, deadline: settled.now() + Math.max(seconds, 1) * SECOND, caller });
    settled.onStep('pending-written');
    try {
      await table.apply(next.policy, quarantines.elements);
    } catch (error) {
      store.revert();
      throw error;
    }
    settled.onStep('applied-in-kernel');
    this.#inForce = next;
    this.#revision = revision;
    this.#options.onPolicy(next.policy);
    // What cannot be confirmed on disk is overdue within a second, and goes back.
    this.#revertsAt = settled.elapsed() + Math.max(seconds, 1) * SECOND;
    if (seconds === 0) {
      store.confirm();
      this.#revertsAt = Number.POSITIVE_INFINITY;
    }
    settled.onStep('applied');
    await table.saveUsage().catch(() => {});
    if (seconds === 0) keepClosed(settled, next.policy);
    settled.log(`policy applied revision=${revision.revision} by=${revision.by} confirm=${seconds}s`);
  }

  #confirmSeconds({ isLoosening }: Draft, { confirmSeconds }: ChangeRequest): number {
    const usual = isLoosening ? 0 : this.#options.settled.confirmSeconds;
    return Math.min(CONFIRM_SECONDS_MAX, Math.max(0, Math.ceil(confirmSeconds ?? usual)));
  }

  #refuseBusy(): void {
    const view = this.pendingView;
    if (view === null) return;
    throw new AgentError({
      code: 'PICKET-G025',
      message: `revision ${view.revision} by ${view.by} waits to be confirmed for ${view.secondsLeft} s; nothing was changed`,
      help: 'from a new session: picket policy confirm; or take it back: picket policy rollback',
    });
  }
}

const WHY_CHARS_MAX = 500;

/** INVARIANT: who is in quarantine is let out by a release alone, never by a policy that knows the element no more. */
function refuseRelease({ elements }: Policy, quarantined: ReadonlySet<string>): void {
  const known = new Set(elements.map(({ id }) => id));
  const [lost] = [...quarantined].filter((id) => !known.has(id));
  if (lost === undefined) return;
  throw new AgentError({
    code: 'PICKET-G049',
    message: `"${lost}" is in quarantine and the policy has no such element, which would let it out; nothing was changed`,
    help: `release it first: picket elements release ${lost}; or keep the element in the policy`,
  });
}

/** A policy that passes its check and its own test sentences. */
function checked({ text, file }: Draft, now: Instant): { policy: Policy; problems: readonly Problem[] } {
  const { policy, problems } = parsePolicy(text, file);
  if (policy === null)
    throw new AgentError({
      code: 'PICKET-I009',
      message: 'the policy has errors; nothing was changed',
      help: 'correct them, check with: picket policy check FILE',
      problems,
    });
  const failed = runPolicyTests(policy, { now }).filter(({ isPassed }) => !isPassed);
  const [first] = failed;
  if (first !== undefined)
    throw new AgentError({
      code: 'PICKET-G036',
      message: `${failed.length} of the policy's own tests fail, the first is "${first.test.text}"; nothing was changed`,
      help: 'correct the rule or the sentence, check with: picket policy check FILE',
    });
  return { policy, problems };
}

/** A revision on disk was checked when it was applied; one that no longer passes is of another version of the language. */
function stored({ revision, text }: Revision): Policy {
  const { policy, problems } = parsePolicy(text, `revision ${revision}`);
  if (policy !== null) return policy;
  throw new AgentError({
    code: 'PICKET-G032',
    message: `revision ${revision}, which is in force, has errors; the table in the kernel was left as it is`,
    help: 'apply a corrected policy with the version of Picket that took this one, or give the state up: picket down --purge',
    problems,
  });
}

export function notHeldView({ where, subject, message, effect }: NotHeld): NotHeldView {
  return { where, what: `${subject}: ${message}`, effect };
}

const UNSEEN = new AgentError({
  code: 'PICKET-G038',
  message:
    'the process that asks cannot be seen from here, so a confirmation could not be told from the change; nothing was changed',
  help: 'ask from the same machine and outside of containers with an own process table, or apply with a confirmation of 0 seconds',
});

const NOTHING_WAITS = new AgentError({
  code: 'PICKET-G027',
  message: 'no change waits to be confirmed',
  help: 'see: picket policy history',
});

const TOO_LATE = new AgentError({
  code: 'PICKET-G027',
  message: 'the time to confirm is over; the change is being taken back',
  help: 'apply it again',
});

const SAME_SESSION = new AgentError({
  code: 'PICKET-G028',
  message:
    'this is the session in which the change was applied, so it does not show that a new one can be opened; the change still waits',
  help: 'open a new login (over SSH: a new connection) and confirm there: picket policy confirm',
});

function otherUser(applied: Caller, now: Caller): AgentError {
  return new AgentError({
    code: 'PICKET-G028',
    message: `the change was applied by ${applied.name} and you are ${now.name}; the change still waits`,
    help: 'it is confirmed by who applied it, or taken back by anybody: picket policy rollback',
  });
}

function losesSession({
  from,
  to,
  port,
  reasons,
}: {
  from: string;
  to: string;
  port: number;
  reasons: readonly string[];
}): AgentError {
  return new AgentError({
    code: 'PICKET-G026',
    message: `the policy would deny your own connection, ${from} to ${to}:${port} (${reasons.join(', ')}); nothing was changed`,
    help: 'add a rule for it, or go on all the same with: --lose-session',
  });
}
