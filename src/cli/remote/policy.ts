// The policy of a domain at its controller: applied, confirmed, taken back, listed and shown. What the local agent does is not here.

import type { Policy } from '#model';
import { parsePolicy } from '#policy';
import type { ReceivedOf, Routes } from '#routes';
import { type Desk, tableWidth } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { Failure } from '../failure.ts';
import { type AskFlags, type ChangeFlags, isAgreed } from '../live/change.ts';
import { whenText } from '../live/words.ts';
import { type Column, tableText } from '../output/table.ts';
import { safeText } from '../output/text.ts';
import { writeOut } from '../write.ts';
import { answeredBy } from './asking.ts';
import { changeAt, exitOf, placeOf, printDelivery } from './change.ts';
import type { Controller, RemoteFlags } from './controller.ts';
import { pagesOf } from './pages.ts';

type Revision = ReceivedOf<Routes['policies']['revisions']['answer']>['items'][number];
interface Source {
  readonly text: string;
  readonly file: string;
}

/** Made on top of the revision that is in force when the plan is asked for: whatever comes between is a refusal. */
export async function applyAt(
  desk: Desk,
  flags: ChangeFlags & RemoteFlags,
  { controller, text, file }: Source & { readonly controller: Controller },
): Promise<Exit> {
  const { client, routes, domain } = controller;
  const params = { domain: domain() };
  const { value, etag } = await answeredBy(desk, client.call(routes.policies.show, { params }));
  const ifMatch = etag ?? `r${value.revision.revision}`;
  return changeAt(desk, flags, (how) =>
    client.call(routes.policies.apply, { params, ifMatch, body: { ...how, text, file } }),
  );
}

/** The policy in force in the domain. */
export async function policyAt(desk: Desk, { client, routes, domain }: Controller): Promise<Policy> {
  const { value } = await answeredBy(desk, client.call(routes.policies.show, { params: { domain: domain() } }));
  const { policy } = parsePolicy(value.text, `revision ${value.revision.revision}`);
  if (policy !== null) return policy;
  throw new Failure({
    code: 'PICKET-C708',
    exit: EXIT.failed,
    message: `revision ${value.revision.revision} of ${safeText(domain())} is no policy that this version of picket can read`,
    help: 'use the version of the controller: picket status shows it',
  });
}

/** The revision named, or the newest before the one in force that was not taken back. */
export async function undoAt(
  desk: Desk,
  flags: ChangeFlags & RemoteFlags,
  { controller, revision }: { readonly controller: Controller; readonly revision: number | null },
): Promise<Exit> {
  const { client, routes, domain } = controller;
  const wanted = revision ?? (await revisionBefore(desk, controller));
  const params = { domain: domain(), revision: wanted };
  const { value } = await answeredBy(desk, client.call(routes.policies.revision, { params }));
  const why = flags.why ?? `undo: revision ${wanted} again`;
  return applyAt(desk, { ...flags, why }, { controller, text: value.text, file: `revision ${wanted}` });
}

async function revisionBefore(desk: Desk, controller: Controller): Promise<number> {
  const [current, ...before] = await revisionsOf(desk, controller);
  const found = before.find(({ state, revision }) => state !== 'reverted' && revision !== current?.restores);
  if (found !== undefined) return found.revision;
  throw new Failure({
    code: 'PICKET-G029',
    exit: EXIT.notFound,
    message: 'there is no revision before the one in force; nothing was changed',
    help: 'see: picket policy history',
  });
}

async function revisionsOf(desk: Desk, { client, routes, domain }: Controller): Promise<readonly Revision[]> {
  const params = { domain: domain() };
  return (await pagesOf(desk, (query) => client.call(routes.policies.revisions, { params, query }))).items;
}

export async function confirmAt(
  desk: Desk,
  flags: RemoteFlags & { readonly json?: boolean },
  { client, routes, domain }: Controller,
): Promise<Exit> {
  const asked = client.call(routes.policies.confirm, { params: { domain: domain() }, body: {} });
  const { value } = await answeredBy(desk, asked);
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.policy-ended/v1', ...value }));
  else {
    desk.paper.line(`revision ${value.revision} is confirmed\nUndo: picket undo${placeOf(flags)}`);
    printDelivery(desk, value.delivery);
  }
  return exitOf(value.delivery);
}

export async function rollbackAt(
  desk: Desk,
  flags: AskFlags & RemoteFlags,
  { client, routes, domain }: Controller,
): Promise<Exit> {
  const params = { domain: domain() };
  const { pending } = (await answeredBy(desk, client.call(routes.policies.show, { params }))).value;
  const isJson = flags.json === true;
  if (pending === null || flags.dryRun === true) {
    const message =
      pending === null ? 'nothing waits' : `revision ${pending.revision} would go, ${pending.revertsTo} come back`;
    desk.paper.line(isJson ? JSON.stringify({ schema: 'picket.done/v1', message, undo: null }) : message);
    return EXIT.done;
  }
  const { revision, by, revertsTo } = pending;
  if (!isJson) desk.paper.line(`Plan: revision ${revision} by ${safeText(by)} is taken back, ${revertsTo} comes back`);
  if (!(await isAgreed(desk, flags, 'Do it?'))) return EXIT.done;
  const { value } = await answeredBy(desk, client.call(routes.policies.rollback, { params, body: { revision } }));
  if (isJson) desk.paper.line(JSON.stringify({ schema: 'picket.policy-ended/v1', ...value }));
  else {
    desk.paper.line(`revision ${revertsTo} is in force again, as revision ${value.revision}`);
    printDelivery(desk, value.delivery);
  }
  return exitOf(value.delivery);
}

export async function historyAt(
  desk: Desk,
  { json }: { readonly json?: boolean },
  controller: Controller,
): Promise<Exit> {
  const revisions = await revisionsOf(desk, controller);
  if (json === true) desk.paper.line(JSON.stringify({ schema: 'picket.domain-history/v1', revisions }));
  else if (revisions.length === 0) desk.paper.line('no revisions');
  else desk.paper.write(tableText(revisions, REVISIONS, tableWidth(desk.io)));
  return EXIT.done;
}

const REVISIONS: readonly Column<Revision>[] = [
  { title: 'revision', cell: ({ revision }) => String(revision), droppedAt: 0, isRight: true },
  { title: 'state', cell: ({ state }) => state, droppedAt: 0 },
  { title: 'at', cell: ({ at }) => whenText(at), droppedAt: 0 },
  { title: 'by', cell: ({ by }) => by, droppedAt: 1 },
  { title: 'why', cell: ({ why }) => why, droppedAt: 0 },
];

export async function showAt(
  desk: Desk,
  { json, output, revision }: { readonly json?: boolean; readonly output?: string; readonly revision: number | null },
  { client, routes, domain }: Controller,
): Promise<Exit> {
  const params = { domain: domain() };
  const asked =
    revision === null
      ? client.call(routes.policies.show, { params })
      : client.call(routes.policies.revision, { params: { ...params, revision } });
  const { value } = await answeredBy(desk, asked);
  if (json === true) desk.paper.line(JSON.stringify({ schema: 'picket.domain-policy/v1', ...value }));
  else await writeOut(desk, output ?? '-', value.text);
  return EXIT.done;
}
