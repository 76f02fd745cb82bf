// Services of the policy, who uses them as recorded, and the change of protecting one on an element. What was seen and has no name is listed as well.

import { type Policy, PROTOCOL, type Service } from '#model';
import { type Door, protectDraft, serviceText, unprotectDraft } from '#policy';
import { type ChangeRequest, type ChangeView, changePolicy } from './changes.ts';
import { unlessRefused } from './checked.ts';
import { type Page, pageOf } from './paging.ts';
import type { Conversation, ServiceParts } from './parts.ts';

export interface ServiceView {
  readonly id: string;
  /** The service in words: protocol, ports, application, where it is offered. */
  readonly text: string;
  readonly isLogonRequired: boolean;
  /** Rules that let somebody use it. */
  readonly rules: readonly string[];
  /** Elements that enforce it by mode `protect` or `enforce`. */
  readonly enforcedOn: readonly string[];
  /** Conversations of the last days, and the busiest of those who began them. */
  readonly openings: number;
  readonly peers: readonly { readonly from: string; readonly openings: number }[];
}

const PEERS_SHOWN = 8;
const ELEMENTS_SHOWN = 50;
const CONVERSATIONS_MAX = 20_000;
const DAY_MS = 86_400_000;
const DAYS = 7;

interface Listing {
  readonly after: string | null;
  readonly limit: number;
}

/** In the order of their ids. */
export async function listServices(parts: ServiceParts, domain: string, listing: Listing): Promise<Page<ServiceView>> {
  const { policy } = await parts.shelf.inForce(parts.store.db, domain);
  const { items, next } = pageOf(policy.services, listing);
  const { rows } = await recent(parts, domain);
  return { items: items.map((service) => viewOf(policy, service, rows)), next };
}

export async function showService(parts: ServiceParts, domain: string, id: string): Promise<ServiceView | null> {
  const { policy } = await parts.shelf.inForce(parts.store.db, domain);
  const service = policy.services.find((one) => one.id === id);
  if (service === undefined) return null;
  return viewOf(policy, service, (await recent(parts, domain)).rows);
}

function recent(parts: ServiceParts, domain: string) {
  return parts.conversations(domain, { sinceMs: parts.now() - DAYS * DAY_MS, limit: CONVERSATIONS_MAX });
}

function viewOf(policy: Policy, service: Service, rows: readonly Conversation[]): ServiceView {
  const offering = new Set(policy.elements.filter((element) => isOffered(service, element)).map(({ id }) => id));
  const enforcing = policy.elements.filter(
    ({ id, mode, protect }) =>
      offering.has(id) &&
      (mode === 'enforce' || (mode === 'protect' && (protect.length === 0 || protect.includes(service.id)))),
  );
  const used = rows.filter((row) => row.toElement !== null && offering.has(row.toElement) && isOf(service, row));
  const peers = new Map<string, number>();
  for (const { fromElement, fromAddress, openings } of used) {
    const from = fromElement ?? fromAddress;
    peers.set(from, (peers.get(from) ?? 0) + openings);
  }
  const ranked = [...peers]
    .map(([from, openings]) => ({ from, openings }))
    .sort((one, other) => other.openings - one.openings);
  return {
    id: service.id,
    text: serviceText(service),
    isLogonRequired: service.isLogonRequired,
    rules: policy.rules.filter(({ to }) => to.some(({ id }) => id === service.id)).map(({ id }) => id),
    enforcedOn: enforcing.map(({ id }) => id).slice(0, ELEMENTS_SHOWN),
    openings: used.reduce((sum, { openings }) => sum + openings, 0),
    peers: ranked.slice(0, PEERS_SHOWN),
  };
}

/** By what the selector says of elements; what it says of addresses is not told by an element's name. */
function isOffered({ on }: Service, { id, kind, labels }: Policy['elements'][number]): boolean {
  if (on.kind === 'any') return true;
  if (on.kind === 'element') return on.id === id;
  if (on.kind === 'element-kind') return on.value === kind;
  if (on.kind === 'label') return labels.some(([key, value]) => key === on.key && value === on.value);
  return false;
}

function isOf({ protocol, ports }: Service, row: Conversation): boolean {
  const number = NUMBERS.get(row.protocol) ?? Number(row.protocol);
  if (protocol !== null && protocol !== number) return false;
  const { port } = row;
  return ports.length === 0 || (port !== null && ports.some(({ from, to }) => port >= from && port <= to));
}

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(PROTOCOL));

export interface Protection {
  readonly service: string;
  readonly element: string;
  readonly allow: 'seen' | 'nobody' | readonly string[];
}

/** Puts one service of an element in mode protect; those who were seen to use it are let in where `allow` says so. */
export async function protectService(
  parts: ServiceParts,
  request: ChangeRequest,
  protection: Protection,
): Promise<ChangeView> {
  const { rows } = await recent(parts, request.domain);
  return changePolicy(parts, request, (held) =>
    unlessRefused(
      protectDraft(held, protection, {
        // Programs are known where they run, and a controller runs elsewhere.
        doorOfProgram: () => null,
        peersOf: (door) => peersOf(rows, protection.element, door),
      }),
    ),
  );
}

function peersOf(rows: readonly Conversation[], element: string, { protocol, port }: Door): readonly string[] {
  const peers = rows
    .filter((row) => row.toElement === element && row.protocol === protocol && row.port === port)
    .toSorted((one, other) => other.openings - one.openings)
    .map(({ fromElement, fromAddress }) => fromElement ?? fromAddress);
  return [...new Set(peers)];
}

export function unprotectService(
  parts: ServiceParts,
  request: ChangeRequest,
  { service, element }: Omit<Protection, 'allow'>,
): Promise<ChangeView> {
  return changePolicy(parts, request, (held) => unlessRefused(unprotectDraft(held, service, element)));
}
