// What each request does: reads what the agent holds, or changes it in turn. Not the transport, and not the work itself.

import { type Factor, type Instant, instantText, type LogonChange, PROTOCOL, SECOND } from '#model';
import {
  approveDraft,
  type Door,
  type Draft,
  type EditRefusal,
  labelDraft,
  modeDraft,
  newcomerOf,
  protectDraft,
  removeDraft,
  unprotectDraft,
} from '#policy';
import type { CallerClaim, DoneAnswer, HistoryAnswer, PlanAnswer, RevisionView, StatusAnswer } from './api.ts';
import type { LogonAnswer } from './api-records.ts';
import { type Caller, callerOf } from './caller.ts';
import { notHeldView } from './desk.ts';
import { knownElement, unlessRefused } from './drafts.ts';
import { quarantine, release } from './isolation.ts';
import {
  changeHere,
  domainView,
  membershipHandlers,
  membershipHealth,
  refuseDomains,
  refuseRemote,
} from './membership.ts';
import type { Parts } from './parts.ts';
import { recordHandlers } from './record-handlers.ts';
import type { Handlers } from './requests.ts';
import { AgentError } from './trouble.ts';
import { countModes, elementViews, peersOf, serviceViews } from './views.ts';
import { whyLive } from './why.ts';

export interface Life {
  /** Runs changes one after the other. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Ends the agent after the answer has gone out. */
  end(how: 'stop' | 'down' | 'purge'): void;
  /** Opens the link anew, where this machine belongs to a domain. */
  join(): Promise<void>;
}

export function handlersOf(parts: Parts, life: Life): Handlers {
  const { desk } = parts;
  const change = (
    draft: (caller: Caller | null) => Draft | EditRefusal,
    takes: Parameters<typeof desk.change>[1],
    claim: CallerClaim | null,
  ) =>
    life.inTurn((): Promise<PlanAnswer> => {
      const caller = seen(claim);
      return changeHere(parts, { takes, caller, work: () => desk.change(unlessRefused(draft(caller)), takes, caller) });
    });
  return {
    status: async () => statusOf(parts),
    elements: async () => {
      await parts.host.look();
      return {
        schema: 'picket.elements/v1',
        elements: elementViews(seenOf(parts), parts.quarantines.elements),
        inbox: inboxOf(parts),
      };
    },
    approve: (takes, claim) =>
      change(
        () => approveDraft(desk.inForce, unlessRefused(newcomerOf(inboxOf(parts), takes.newcomer)), takes),
        takes,
        claim,
      ),
    label: (takes, claim) => change(() => labelDraft(desk.inForce, takes.element, takes.labels), takes, claim),
    remove: (takes, claim) => change(() => removeDraft(desk.inForce, takes.element), takes, claim),
    mode: (takes, claim) => change(() => modeDraft(desk.inForce, takes.selector, takes.mode), takes, claim),
    protect: async (takes, claim) => {
      await parts.host.look();
      const element = takes.element ?? hostElement(parts);
      const request = { service: takes.service, element, allow: takes.allow ?? 'seen' };
      return change(() => protectDraft(desk.inForce, request, doorFacts(parts, element)), takes, claim);
    },
    unprotect: async (takes, claim) => {
      await parts.host.look();
      const element = takes.element ?? hostElement(parts);
      return change(() => unprotectDraft(desk.inForce, takes.service, element), takes, claim);
    },
    quarantine: ({ element, seconds, reason, isForced }, claim) =>
      life.inTurn(async () => {
        const by = seen(claim)?.name ?? 'unknown';
        await quarantine(parts, { element, seconds: seconds ?? null, reason, by, isForced: isForced === true });
        return done(`${element} is in quarantine`, `picket elements release ${element}`);
      }),
    release: ({ element }) =>
      life.inTurn(async () => {
        if (!parts.quarantines.has(element)) throw notQuarantined(element);
        refuseRemote(parts, element);
        await release(parts, [element]);
        return done(`${element} is out of quarantine`, null);
      }),
    policy: async ({ revision }) => ({
      schema: 'picket.policy/v1',
      policy: desk.policyView,
      pending: desk.pendingView,
      text: revision === undefined ? desk.inForce.text : parts.store.revision(revision).text,
    }),
    apply: (takes, claim) =>
      change(
        () => ({ text: takes.text, file: takes.file ?? 'policy', why: 'policy applied', isLoosening: false }),
        takes,
        claim,
      ),
    confirm: (_, claim) =>
      life.inTurn(async () => {
        refuseDomains(parts);
        const { revision } = desk.confirm(seen(claim));
        return done(`revision ${revision} is confirmed`, 'picket undo');
      }),
    rollback: (_, claim) =>
      life.inTurn(async () => {
        refuseDomains(parts);
        const { revision } = await desk.revert(`rollback by ${seen(claim)?.name ?? 'unknown'}`);
        return done(`revision ${revision} is in force again`, null);
      }),
    history: async () => historyOf(parts),
    undo: (takes, claim) => change(() => undoDraft(parts, takes.revision), takes, claim),
    ...recordHandlers(parts),
    why: (takes) => whyLive(parts, takes),
    logon: ({ element, factors }) => life.inTurn(() => setLogons(parts, element, { factors, at: parts.settled.now() })),
    logoff: ({ element, factors }) => life.inTurn(() => setLogons(parts, element, { factors, at: null })),
    ticket: ({ from, service, seconds }) =>
      life.inTurn(async () => {
        knownElement(parts.desk.inForce.policy, from);
        const opensUntil = parts.settled.now() + seconds * SECOND;
        const endsAt = await parts.table.ticket(from, service, opensUntil);
        parts.monitor.tickets.give({ from, service, opensUntil, endsAt });
        return done(`one connection from "${from}" to "${service}" may open within ${seconds} s`, null);
      }),
    ...membershipHandlers(parts, life),
    stop: async () => {
      life.end('stop');
      return done('the agent ends; its table stays: grants run out, denials stay', 'picket up');
    },
    down: async ({ isPurge }) => {
      life.end(isPurge === true ? 'purge' : 'down');
      return done('the table and every setting are taken back, and the agent ends', 'picket up');
    },
  };
}

async function statusOf(parts: Parts): Promise<StatusAnswer> {
  await parts.host.look();
  const { desk, table, monitor, settled } = parts;
  const { policy } = desk.inForce;
  const { losses } = parts.observing;
  const { policy: proposed } = monitor.propose();
  return {
    schema: 'picket.status/v1',
    version: settled.version,
    pid: process.pid,
    now: instantText(settled.now()),
    since: instantText(parts.started),
    table: {
      isUp: table.isUp,
      driftRepaired: table.driftRepaired,
      driftFailed: table.driftFailed,
      nextChange: textOfChange(table.nextChange),
      notHeld: table.notHeld.map(notHeldView),
    },
    policy: desk.policyView,
    pending: desk.pendingView,
    domain: domainView(parts),
    elements: countModes(policy),
    inboxCount: inboxOf(parts).length,
    services: serviceViews(seenOf(parts)),
    flows: { open: monitor.flows.openCount, seen: monitor.flows.seen },
    packets: { judged: monitor.packets, bytes: monitor.bytes },
    verdicts: monitor.verdicts.counts,
    losses: {
      packets: losses.packets,
      flowEvents: losses.flowEvents,
      verdictRecords: losses.verdicts,
      restarts: losses.restarts,
    },
    findingCount: parts.findings.total,
    quarantines: parts.quarantines.views,
    proposals: { elements: proposed.elements.length, rules: proposed.rules.length },
    health: [...parts.health(), ...membershipHealth(parts)],
  };
}

function textOfChange(at: Instant): string | null {
  return at >= Number.MAX_SAFE_INTEGER ? null : instantText(at);
}

function seenOf(parts: Parts) {
  return { policy: parts.desk.inForce.policy, monitor: parts.monitor, host: parts.host, addresses: parts.addresses };
}

function inboxOf({ desk, monitor }: Parts) {
  return monitor.inbox.views(new Set(desk.inForce.policy.elements.map(({ id }) => id)));
}

function seen(claim: CallerClaim | null): Caller | null {
  return claim === null ? null : callerOf(claim);
}

function hostElement({ host, monitor }: Parts): string {
  for (const address of host.addresses) {
    const element = monitor.ends.elementOf(address);
    if (element !== null) return element;
  }
  throw new AgentError({
    code: 'PICKET-G029',
    message: 'this host is no element of the policy; nothing was changed',
    help: 'add it with its address, or name the element that is meant: picket protect SERVICE on ELEMENT',
  });
}

function doorFacts(parts: Parts, element: string) {
  const number = ({ protocol }: Door): number => PROTOCOL[protocol];
  return {
    doorOfProgram: (program: string): Door | null => parts.host.doorOf(program),
    peersOf: (door: Door): readonly string[] =>
      peersOf(seenOf(parts), element, { protocol: number(door), port: door.port }),
  };
}

function done(message: string, undo: string | null): DoneAnswer {
  return { schema: 'picket.done/v1', message, undo };
}

function notQuarantined(element: string): AgentError {
  return new AgentError({
    code: 'PICKET-G029',
    message: `"${element}" is not in quarantine; nothing was changed`,
    help: 'see: picket status',
  });
}

function historyOf({ store, desk }: Parts): HistoryAnswer {
  const { pending, reverted } = store.head;
  const inForce = desk.policyView.revision;
  const stateOf = (revision: number): RevisionView['state'] => {
    if (revision === pending?.revision) return 'pending';
    if (revision === inForce) return 'in-force';
    return reverted.includes(revision) ? 'reverted' : 'confirmed';
  };
  return {
    schema: 'picket.history/v1',
    revisions: store.revisions.map(({ revision, at, by, why }) => ({
      revision,
      at: instantText(at),
      by,
      why,
      state: stateOf(revision),
    })),
  };
}

/** The revision named, or the newest one before the one in force that was not reverted. */
function undoDraft({ store, desk }: Parts, wanted: number | undefined): Draft {
  const current = desk.policyView.revision;
  const { reverted } = store.head;
  const found =
    wanted === undefined
      ? store.revisions.find(({ revision }) => revision < current && !reverted.includes(revision))
      : store.revision(wanted);
  if (found === undefined)
    throw new AgentError({
      code: 'PICKET-G029',
      message: 'there is no revision before the one in force; nothing was changed',
      help: 'see: picket policy history',
    });
  return {
    text: found.text,
    file: `revision ${found.revision}`,
    why: `undo: revision ${found.revision} again`,
    isLoosening: false,
  };
}

/** The kernel first: where it cannot, nobody counts as logged on. */
async function setLogons(
  { desk, logons, monitor, settled, table }: Parts,
  element: string,
  { factors, at }: { readonly factors: readonly Factor[]; readonly at: Instant | null },
): Promise<LogonAnswer> {
  knownElement(desk.inForce.policy, element);
  await table.setLogon(element, factors, at);
  const changes: readonly LogonChange[] = factors.map((factor) => logons.set(element, factor, at));
  for (const one of changes) monitor.setLogon(one, settled.now());
  return { schema: 'picket.logon/v1', element, factors, since: at === null ? null : instantText(at) };
}
