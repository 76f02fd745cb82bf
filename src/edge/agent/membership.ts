// What belonging to a domain means for requests over the socket: local changes are refused unless they are meant as such, and reported; leaving; the
// view for a status. Not the link, and not how a policy is put in force.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { instantText, MILLISECOND } from '#model';
import type { ChangeRequest, DomainView, HealthView, PlanAnswer } from './api.ts';
import type { Caller } from './caller.ts';
import type { Parts } from './parts.ts';
import type { Handlers } from './requests.ts';
import { STATE } from './state-files.ts';
import { AgentError } from './trouble.ts';

interface LocalChange {
  readonly takes: ChangeRequest;
  readonly caller: Caller | null;
  readonly work: () => Promise<PlanAnswer>;
}

/** Runs a change of the policy from here; in a domain only where it says that it is local. A plan is always answered. */
export async function changeHere({ membership }: Parts, { takes, caller, work }: LocalChange): Promise<PlanAnswer> {
  const { joined } = membership;
  if (joined !== null && takes.isPlanOnly !== true && takes.isLocal !== true) throw ofDomain(joined.view.domain);
  const answer = await work();
  if (answer.isApplied) joined?.brokeGlass(caller, takes.why ?? 'local policy');
  return answer;
}

/** What waits was put in force by the domain: it alone confirms it or takes it back. */
export function refuseDomains({ membership, desk }: Parts): void {
  if (membership.joined !== null && desk.domainRevision > 0) throw ofDomain(membership.joined.view.domain);
}

export function refuseRemote({ membership, quarantines }: Parts, element: string): void {
  const row = quarantines.rows.find((one) => one.element === element);
  if (membership.joined !== null && row?.isRemote === true) throw ofDomain(membership.joined.view.domain);
}

function ofDomain(domain: string): AgentError {
  return new AgentError({
    code: 'PICKET-C659',
    message: `this machine takes its policy from the domain "${domain}"; nothing was changed`,
    help: 'change it at the controller; in an emergency add --local, which is reported',
  });
}

export function membershipHandlers(
  parts: Parts,
  life: { join(): Promise<void> },
): Pick<Handlers, 'relink' | 'takeSigned' | 'leave'> {
  return {
    relink: async () => {
      await life.join();
      const { joined } = parts.membership;
      if (joined === null) throw noDomain();
      const { id } = joined.view;
      return {
        schema: 'picket.done/v1',
        message: `this machine is ${id} and takes its policy from there`,
        undo: 'picket leave',
      };
    },
    takeSigned: async ({ text }) => {
      const { joined } = parts.membership;
      if (joined === null) throw noDomain();
      const { revision, outcome, problem } = await joined.takeSigned(text);
      if (outcome !== 'applied')
        throw new AgentError({
          code: problem?.code ?? 'PICKET-C658',
          message: problem?.message ?? `revision ${revision} is not in force: ${outcome}`,
        });
      return {
        schema: 'picket.done/v1',
        message: `revision ${revision} of "${joined.view.domain}" is in force`,
        undo: null,
      };
    },
    leave: async () => {
      const { joined } = parts.membership;
      if (joined === null) throw noDomain();
      const { domain } = joined.view;
      await joined.close();
      parts.membership.joined = null;
      const { linkFolder, removeMembership } = await import('#link');
      removeMembership(linkFolder(parts.settled.stateDirectory));
      return {
        schema: 'picket.done/v1',
        message: `this machine has left "${domain}"; the policy in force stays and is its own from now on`,
        undo: null,
      };
    },
  };
}

function noDomain(): AgentError {
  return new AgentError({
    code: 'PICKET-C650',
    message: 'this machine belongs to no domain; nothing was changed',
    help: 'picket join LINK, with the link that picket tokens enrol printed at the controller',
  });
}

/** Whether this machine has joined a domain, without reading what it holds of it. */
export function isMember(stateDirectory: string): boolean {
  return existsSync(join(stateDirectory, STATE.link, 'membership.json'));
}

/** A certificate that ended while the machine slept, for as long as there is no new one: nothing new comes from the domain until then. */
export function membershipHealth({ membership, settled }: Parts): readonly HealthView[] {
  const { joined } = membership;
  if (joined === null) return [];
  const { certificateEndsMs, trouble } = joined.view;
  return trouble === null || certificateEndsMs * MILLISECOND > settled.now() ? [] : [trouble];
}

export function domainView({ membership }: Parts): DomainView | null {
  const { joined } = membership;
  if (joined === null) return null;
  const { domain, id, isConnected, controller, address, sinceMs, heardMs, ...rest } = joined.view;
  return {
    domain,
    id,
    isConnected,
    controller,
    address,
    since: timeText(sinceMs),
    heard: timeText(heardMs),
    inForce: rest.inForce,
    taken: rest.revision,
    current: rest.currentRevision,
    certificateEnds: instantText(rest.certificateEndsMs * MILLISECOND),
    local:
      rest.local === null
        ? null
        : { since: instantText(rest.local.sinceMs * MILLISECOND), by: rest.local.by, why: rest.local.why },
    trouble: rest.trouble,
  };
}

function timeText(ms: number | null): string | null {
  return ms === null ? null : instantText(ms * MILLISECOND);
}
