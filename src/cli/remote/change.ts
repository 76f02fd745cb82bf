// Changes of a policy at a controller: the plan is shown, a person asked, the change made, and told what became of it at each agent. The requests are the commands'.

import type { Outcome, ReceivedOf, Routes } from '#routes';
import type { Desk } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { type ChangeFlags, isAgreed, refuseOwnLoss, requestOf } from '../live/change.ts';
import { printPlan } from '../live/plan-print.ts';
import { clockText } from '../live/words.ts';
import { safeText } from '../output/text.ts';
import { answeredBy } from './asking.ts';
import { type Controller, LOCAL, type RemoteFlags, remoteOf } from './controller.ts';

export type Change = ReceivedOf<Routes['policies']['apply']['answer']>;
type Delivery = NonNullable<Change['delivery']>;

/** How a change is put in force, in the words of the API. */
export interface ChangeHow {
  readonly isPlanOnly?: boolean;
  readonly confirmSeconds?: number;
  readonly mayLoseSession?: boolean;
  readonly why?: string;
}

/** A policy that has errors, or whose tests fail, ends as with the local agent. */
export const POLICY_EXITS: ReadonlyMap<string, Exit> = new Map([
  ['PICKET-C701', EXIT.policyFailed],
  ['PICKET-C702', EXIT.policyFailed],
]);

/** The text is in force already: nothing to do, and no failure. */
const IN_FORCE = 'PICKET-C706';
const UNCHANGED = { schema: 'picket.domain-change/v1', isApplied: false, revision: null, changes: [] };

/** `--socket` names an agent and `--local` is its emergency: neither means a controller. */
export async function changedAt(
  desk: Desk,
  flags: RemoteFlags & { readonly socket?: string; readonly local?: boolean },
): Promise<Controller | null> {
  const isLocal = flags.on === undefined && (flags.socket !== undefined || flags.local === true);
  return remoteOf(desk, isLocal ? { on: LOCAL } : flags);
}

/** `ask` makes the request, once for the plan and once for the deed. */
export async function changeAt(
  desk: Desk,
  flags: ChangeFlags & RemoteFlags,
  ask: (how: ChangeHow) => Promise<Outcome<Change>>,
): Promise<Exit> {
  const { isLocal: _, ...how } = requestOf(flags);
  const exits = { exits: POLICY_EXITS };
  const isJson = flags.json === true;
  const planned = await ask({ ...how, isPlanOnly: true });
  if (planned.kind === 'refused' && planned.problem.code === IN_FORCE) {
    desk.paper.line(isJson ? JSON.stringify(UNCHANGED) : 'Nothing would change.');
    return EXIT.done;
  }
  const { value: plan } = await answeredBy(desk, Promise.resolve(planned), exits);
  if (!isJson) printPlan(desk, { ...plan, notHeld: [] });
  if (plan.changes.length === 0 || flags.dryRun === true) {
    if (isJson) desk.paper.line(JSON.stringify({ schema: 'picket.domain-change/v1', ...plan }));
    else desk.paper.line(plan.changes.length === 0 ? 'Nothing would change.' : 'Nothing was changed (--dry-run).');
    return EXIT.done;
  }
  refuseOwnLoss(plan, flags);
  if (!(await isAgreed(desk, flags, 'Apply this?'))) return EXIT.done;
  const { value: done } = await answeredBy(desk, ask(how), exits);
  if (isJson) desk.paper.line(JSON.stringify({ schema: 'picket.domain-change/v1', ...done }));
  else printApplied(desk, done, placeOf(flags));
  return exitOf(done.delivery);
}

/** The flags that lead the next command to the same controller. */
export function placeOf({ on, domain }: RemoteFlags): string {
  return `${on === undefined ? '' : ` --on ${safeText(on)}`}${domain === undefined ? '' : ` --domain ${safeText(domain)}`}`;
}

function printApplied({ paper }: Desk, { revision, pending, delivery }: Change, place: string): void {
  paper.line(`Applied as revision ${revision ?? '?'}.`);
  if (pending !== null) {
    const who = pending.needsSecond ? 'another approver confirms it' : 'you confirm it from a NEW session';
    paper.line(`It reverts by itself at ${clockText(pending.deadline)}, unless ${who}:`);
    paper.line(`   picket policy confirm${place}`);
    paper.line(`Take it back at once: picket policy rollback${place}   (revision ${pending.revertsTo} comes back)`);
  } else paper.line(`Undo any time: picket undo${place}`);
  if (delivery !== null) printDelivery({ paper }, delivery);
}

export function printDelivery({ paper }: Pick<Desk, 'paper'>, { agents }: Delivery): void {
  if (agents.length === 0) paper.line('No agent belongs to the domain yet.');
  for (const { agent, state, problem } of agents)
    paper.line(`  ${safeText(agent)}: ${state}${problem === null ? '' : ` (${safeText(problem)})`}`);
}

/** Never "done" while an agent has something else in force. */
export function exitOf(delivery: Delivery | null): Exit {
  return (delivery?.agents ?? []).every(({ state }) => state === 'applied') ? EXIT.done : EXIT.partlyDone;
}
