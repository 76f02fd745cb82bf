// What agents learned and propose: entries of a policy, each with its evidence. An accepted one becomes an ordinary edit of the policy's text.

import { type Draft, type Edit, type EditRefusal, editText } from '#policy';
import { type Actor, Refusal, timeOf } from '#routes';
import {
  decideProposal,
  type ProposalRow,
  type ProposalState,
  proposal,
  proposals,
  tellerCounts,
  tellersOf,
} from '#store';
import { type ChangeRequest, type ChangeView, changePolicy } from './changes.ts';
import { unlessRefused } from './checked.ts';
import { type Page, pageOfRead } from './paging.ts';
import type { ServiceParts } from './parts.ts';
import type { HeldPolicy } from './shelf.ts';

export interface ProposalView {
  readonly id: string;
  /** Who told it first. */
  readonly agent: string;
  /** Agents that tell it. */
  readonly agents: number;
  readonly section: 'elements' | 'services' | 'rules';
  readonly entry: string;
  /** The entry's fields as JSON. */
  readonly json: string;
  readonly evidence: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly state: ProposalState;
  readonly decidedBy: string | null;
}

export interface ProposalDetail extends ProposalView {
  /** What each agent says of it; whoever told it first comes first. */
  readonly told: readonly {
    readonly agent: string;
    readonly evidence: string;
    readonly firstSeen: string;
    readonly lastSeen: string;
  }[];
}

export async function listProposals(
  parts: ServiceParts,
  domain: string,
  query: { readonly after: string | null; readonly limit: number; readonly state: ProposalState },
): Promise<Page<ProposalView>> {
  const rows = await proposals(parts.store.db, domain, { ...query, limit: query.limit + 1 });
  const counts = await tellerCounts(
    parts.store.db,
    domain,
    rows.map(({ id }) => id),
  );
  const view = (row: ProposalRow): ProposalView => viewOf(row, counts.get(row.id) ?? 0);
  return pageOfRead(rows, { limit: query.limit, view, cursor: ({ id }) => id });
}

export async function showProposal(parts: ServiceParts, domain: string, id: string): Promise<ProposalDetail> {
  const row = await known(parts, domain, id);
  const told = await tellersOf(parts.store.db, domain, id);
  const counts = await tellerCounts(parts.store.db, domain, [id]);
  return {
    ...viewOf(row, counts.get(id) ?? 0),
    told: told.map(({ agent, evidence, first_seen, last_seen }) => ({
      agent,
      evidence,
      firstSeen: timeOf(first_seen),
      lastSeen: timeOf(last_seen),
    })),
  };
}

/** Accepts several at once: what they name of each other is there together. Refuses all where one is none. */
export async function acceptProposals(
  parts: ServiceParts,
  request: ChangeRequest,
  ids: readonly string[],
): Promise<ChangeView> {
  const { actor, domain } = request;
  const rows = await Promise.all(ids.map((id) => open(parts, domain, id)));
  const change = await changePolicy(parts, request, (held) => unlessRefused(draftOf(held, rows)));
  const { isApplied, revision } = change;
  if (isApplied) await decide(parts, { actor, domain, ids, state: 'accepted', revision });
  return change;
}

export async function rejectProposals(
  parts: ServiceParts,
  { actor, domain, ids }: { readonly actor: Actor; readonly domain: string; readonly ids: readonly string[] },
): Promise<void> {
  for (const id of ids) await open(parts, domain, id);
  await decide(parts, { actor, domain, ids, state: 'rejected', revision: null });
}

interface Deciding {
  readonly actor: Actor;
  readonly domain: string;
  readonly ids: readonly string[];
  readonly state: 'accepted' | 'rejected';
  readonly revision: number | null;
}

async function decide(parts: ServiceParts, { actor, domain, ids, state, revision }: Deciding): Promise<void> {
  const verb = state === 'accepted' ? 'proposal.accept' : 'proposal.reject';
  await parts.recorder.perform(actor, async (db, note) => {
    for (const id of ids)
      if (await decideProposal(db, domain, { id, state, by: actor.name, at: parts.now(), revision }))
        note({ action: verb, subject: id, domain });
  });
}

function draftOf(held: HeldPolicy, rows: readonly ProposalRow[]): Draft | EditRefusal {
  const taken = rows.find(({ section, entry }) => held.policy[section].some(({ id }) => id === entry));
  if (taken !== undefined)
    return {
      refusal: 'taken',
      message: `the policy has "${taken.entry}" below ${taken.section} already; nothing was changed`,
      help: 'reject the proposal, or change the entry by hand',
    };
  const edits = rows.map(({ section, entry, json }): Edit => ({ path: [section, entry], value: JSON.parse(json) }));
  const text = editText(held.text, edits);
  if (text === null)
    return {
      refusal: 'not-in-place',
      message: 'cannot add entries to this policy: it is not plain YAML or JSON; nothing was changed',
      help: 'add them by hand and apply the text whole',
    };
  const [first] = rows;
  const why = rows.length === 1 ? `proposal ${first?.entry ?? ''} accepted` : `${rows.length} proposals accepted`;
  return { text, file: 'the policy in force, with the proposals', why, isLoosening: false };
}

async function known(parts: ServiceParts, domain: string, id: string): Promise<ProposalRow> {
  const row = await proposal(parts.store.db, domain, id);
  if (row !== undefined) return row;
  throw new Refusal({
    code: 'PICKET-C420',
    message: `there is no proposal "${id}"; nothing was changed`,
    help: 'see: picket proposals ls',
  });
}

async function open(parts: ServiceParts, domain: string, id: string): Promise<ProposalRow> {
  const row = await known(parts, domain, id);
  if (row.state === 'open') return row;
  throw new Refusal({
    code: 'PICKET-C732',
    message: `the proposal "${id}" was ${row.state} already; nothing was changed`,
    help: null,
  });
}

function viewOf(row: ProposalRow, agents: number): ProposalView {
  const { id, agent, section, entry, json, evidence, state } = row;
  return {
    id,
    agent,
    agents,
    section,
    entry,
    json,
    evidence,
    firstSeen: timeOf(row.first_seen),
    lastSeen: timeOf(row.last_seen),
    state,
    decidedBy: row.decided_by,
  };
}
