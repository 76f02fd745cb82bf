// Elements put in quarantine and let out: written down, then told to the agents at once. An element that is marked safety-critical only by a person who says so.

import { elementOf } from '#policy';
import { type Actor, Refusal } from '#routes';
import { endQuarantine, putQuarantine, type QuarantineRow, quarantineList } from '#store';
import { announce } from './announce.ts';
import { unlessRefused, WHY_CHARS_MAX } from './checked.ts';
import { type QuarantineView, quarantineView } from './elements.ts';
import { type Page, pageOf } from './paging.ts';
import type { ServiceParts } from './parts.ts';

export interface QuarantineRequest {
  readonly actor: Actor;
  readonly domain: string;
  readonly element: string;
  /** Null: until it is released. */
  readonly seconds: number | null;
  readonly reason: string;
  readonly isForced: boolean;
}

/** In the order of the elements' ids. */
export async function listQuarantines(
  parts: ServiceParts,
  domain: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Page<QuarantineView>> {
  await parts.shelf.inForce(parts.store.db, domain);
  const { rows } = await quarantineList(parts.store.db, domain);
  const { items, next } = pageOf(
    rows.map((row) => ({ id: row.element, row })),
    { after, limit },
  );
  return { items: items.map(({ row }) => quarantineView(row)), next };
}

export async function quarantineElement(parts: ServiceParts, request: QuarantineRequest): Promise<QuarantineView> {
  const { actor, domain, element, seconds, isForced } = request;
  const { policy } = await parts.shelf.inForce(parts.store.db, domain);
  const found = unlessRefused(elementOf(policy, element));
  if (found.isSafetyCritical && !(isForced && actor.kind !== 'system'))
    throw new Refusal({
      code: 'PICKET-C720',
      message: `"${element}" is marked safety-critical; nothing was changed`,
      help: 'somebody may depend on it: if it has to be, say so with --force',
    });
  const since = parts.now();
  const until = seconds === null ? null : since + seconds * 1_000;
  const reason = request.reason.slice(0, WHY_CHARS_MAX);
  const row: QuarantineRow = { domain, element, since, until, reason, by: actor.name };
  const sequence = await parts.recorder.perform(actor, async (db, note) => {
    const next = await putQuarantine(db, row);
    if (next === null)
      throw new Refusal({
        code: 'PICKET-C721',
        message: 'as many elements are in quarantine as one list holds; nothing was changed',
        help: 'release some, or change the policy instead',
      });
    note({ action: 'quarantine.put', subject: element, domain, detail: { seconds, reason, isForced } });
    return next;
  });
  await announce(parts, 'quarantines', { domain, sequence });
  return quarantineView(row);
}

/** Refuses where it is in none. */
export async function endQuarantineOf(
  parts: ServiceParts,
  request: { readonly actor: Actor; readonly domain: string; readonly element: string },
): Promise<void> {
  if (await releaseElement(parts, request)) return;
  throw new Refusal({
    code: 'PICKET-C722',
    message: `"${request.element}" is not in quarantine; nothing was changed`,
    help: 'see: picket elements ls',
  });
}

/** False where it was in none. */
export async function releaseElement(
  parts: ServiceParts,
  { actor, domain, element }: { readonly actor: Actor; readonly domain: string; readonly element: string },
): Promise<boolean> {
  const sequence = await parts.recorder.perform(actor, async (db, note) => {
    const next = await endQuarantine(db, domain, element);
    if (next !== null) note({ action: 'quarantine.end', subject: element, domain });
    return next;
  });
  if (sequence === null) return false;
  await announce(parts, 'quarantines', { domain, sequence });
  return true;
}
