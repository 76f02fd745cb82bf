// Findings of the agents, acknowledged and muted by people. A mute is of the exact kind, address and subject, has a reason, and ends on a date.

import { type Actor, Refusal, timeOf } from '#routes';
import {
  acknowledgeFinding,
  type FindingQuery,
  type FindingSeenRow,
  finding,
  findings,
  type MuteRow,
  muteFinding,
  mutes,
  unmuteFinding,
} from '#store';
import { WHY_CHARS_MAX } from './checked.ts';
import { type Page, pageOfRead } from './paging.ts';
import type { ServiceParts } from './parts.ts';

export interface FindingView {
  readonly id: string;
  readonly kind: string;
  readonly address: string;
  readonly element: string | null;
  readonly subject: string;
  readonly evidence: string;
  readonly severity: 'note' | 'alarm';
  readonly action: string | null;
  readonly agent: string;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly state: 'open' | 'acknowledged';
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
}

export interface MuteView {
  readonly finding: string;
  readonly kind: string;
  readonly address: string;
  readonly subject: string;
  readonly until: string;
  readonly why: string;
  readonly by: string;
}

export type FindingListing = Omit<FindingQuery, 'now'>;

/** Those told last come first. The cursor is `time id`. */
export async function listFindings(
  parts: ServiceParts,
  domain: string,
  listing: FindingListing,
): Promise<Page<FindingView>> {
  const rows = await findings(parts.store.db, domain, { ...listing, limit: listing.limit + 1, now: parts.now() });
  return pageOfRead(rows, { limit: listing.limit, view: viewOf, cursor: (row) => `${row.last_seen} ${row.id}` });
}

/** Null for what is no cursor of a list of findings. */
export function findingCursor(text: string): { readonly at: number; readonly id: string } | null {
  const found = /^(\d{1,16}) (\S{1,128})$/.exec(text);
  return found?.[1] === undefined || found[2] === undefined ? null : { at: Number(found[1]), id: found[2] };
}

export async function showFinding(parts: ServiceParts, domain: string, id: string): Promise<FindingView> {
  return viewOf(await known(parts, domain, id));
}

interface Deed {
  readonly actor: Actor;
  readonly domain: string;
  /** Of the finding. */
  readonly id: string;
}

export async function acknowledge(parts: ServiceParts, { actor, domain, id }: Deed): Promise<FindingView> {
  const { kind, address } = await known(parts, domain, id);
  await parts.recorder.perform(actor, async (db, note) => {
    await acknowledgeFinding(db, domain, { id, by: actor.name, at: parts.now() });
    note({ action: 'finding.acknowledge', subject: id, domain, detail: { kind, address } });
  });
  return showFinding(parts, domain, id);
}

/** Longest time of a mute: what is longer belongs into the policy or the detector's settings. */
export const MUTE_MS_MAX = 366 * 86_400_000;

export async function mute(
  parts: ServiceParts,
  { actor, domain, id, until, why }: Deed & { readonly until: number; readonly why: string },
): Promise<MuteView> {
  const { kind, address, subject } = await known(parts, domain, id);
  const at = parts.now();
  if (until <= at || until > at + MUTE_MS_MAX)
    throw new Refusal({
      code: 'PICKET-C730',
      message: `a mute until ${timeOf(until)} is over already, or longer than a year; nothing was changed`,
      help: 'name a time to come, within a year',
      where: 'body.until',
    });
  const row: MuteRow = {
    domain,
    id,
    kind,
    address,
    subject,
    until,
    why: why.slice(0, WHY_CHARS_MAX),
    by: actor.name,
    at,
  };
  await parts.recorder.perform(actor, async (db, note) => {
    if (!(await muteFinding(db, row)))
      throw new Refusal({
        code: 'PICKET-C731',
        message: 'the domain has as many mutes as it may; nothing was changed',
        help: 'end some: picket alerts ls --muted',
      });
    note({
      action: 'finding.mute',
      subject: id,
      domain,
      detail: { kind, address, subject, until: timeOf(until), why: row.why },
    });
  });
  return muteView(row);
}

export async function unmute(parts: ServiceParts, { actor, domain, id }: Deed): Promise<void> {
  await parts.recorder.perform(actor, async (db, note) => {
    if (!(await unmuteFinding(db, domain, id))) throw noFinding(id, 'muted');
    note({ action: 'finding.unmute', subject: id, domain });
  });
}

export async function listMutes(parts: ServiceParts, domain: string): Promise<readonly MuteView[]> {
  return (await mutes(parts.store.db, domain, parts.now())).map(muteView);
}

async function known(parts: ServiceParts, domain: string, id: string): Promise<FindingSeenRow> {
  const row = await finding(parts.store.db, domain, id);
  if (row === undefined) throw noFinding(id, 'known');
  return row;
}

function noFinding(id: string, what: string): Refusal {
  return new Refusal({
    code: 'PICKET-C420',
    message: `no finding "${id}" is ${what}; nothing was changed`,
    help: 'see: picket alerts ls',
  });
}

function viewOf(row: FindingSeenRow): FindingView {
  const { id, kind, address, element, subject, evidence, severity, action, agent, count, state } = row;
  return {
    id,
    kind,
    address,
    element,
    subject,
    evidence,
    severity,
    action,
    agent,
    count,
    firstSeen: timeOf(row.first_seen),
    lastSeen: timeOf(row.last_seen),
    state,
    acknowledgedBy: row.acked_by,
    acknowledgedAt: row.acked_at === null ? null : timeOf(row.acked_at),
  };
}

function muteView({ id, kind, address, subject, until, why, by }: MuteRow): MuteView {
  return { finding: id, kind, address, subject, until: timeOf(until), why, by };
}
