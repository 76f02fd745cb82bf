// Elements as the policy has them and agents saw them, and changes of single ones: each is an edit of the policy's text. Newcomers: newcomers.ts.

import { type Element, type ElementKind, type Mode, macText, type Policy, prefixText } from '#model';
import { elementOf, labelDraft, modeDraft, removeDraft } from '#policy';
import { timeOf } from '#routes';
import { elementsSeen, type QuarantineRow, quarantineList, type SeenSpan } from '#store';
import { type ChangeRequest, type ChangeView, changePolicy } from './changes.ts';
import { unlessRefused } from './checked.ts';
import { type Page, pageOf } from './paging.ts';
import type { ServiceParts } from './parts.ts';

export interface ElementView {
  readonly id: string;
  readonly kind: ElementKind;
  readonly mode: Mode;
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
  readonly login: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: readonly string[];
  /** Services enforced in mode protect; none named: every one. */
  readonly protect: readonly string[];
  readonly isSafetyCritical: boolean;
  readonly owner: string | null;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  readonly quarantine: QuarantineView | null;
}

export interface QuarantineView {
  readonly element: string;
  readonly since: string;
  readonly until: string | null;
  readonly reason: string;
  readonly by: string;
}

export interface ElementQuery {
  /** Id of the last one of the page before. */
  readonly after: string | null;
  readonly limit: number;
  readonly kind: string | null;
  readonly mode: Mode | null;
  /** `key=value`. */
  readonly label: string | null;
}

/** In the order of their ids. */
export async function listElements(
  parts: ServiceParts,
  domain: string,
  query: ElementQuery,
): Promise<Page<ElementView>> {
  const { policy } = await parts.shelf.inForce(parts.store.db, domain);
  const wanted = policy.elements.filter((element) => isWanted(element, query));
  const { items, next } = pageOf(wanted, query);
  return { items: await viewsOf(parts, domain, items), next };
}

export async function showElement(parts: ServiceParts, domain: string, id: string): Promise<ElementView> {
  const { policy } = await parts.shelf.inForce(parts.store.db, domain);
  const element = unlessRefused(elementOf(policy, id));
  const [view] = await viewsOf(parts, domain, [element]);
  return view ?? viewOf(element, null, null);
}

async function viewsOf(
  parts: ServiceParts,
  domain: string,
  elements: readonly Element[],
): Promise<readonly ElementView[]> {
  const { db } = parts.store;
  const ids = elements.map(({ id }) => id);
  const [seen, { rows }] = await Promise.all([elementsSeen(db, domain, ids), quarantineList(db, domain)]);
  const isolated = new Map(rows.map((row) => [row.element, row]));
  return elements.map((element) => viewOf(element, seen.get(element.id) ?? null, isolated.get(element.id) ?? null));
}

function viewOf(element: Element, seen: SeenSpan | null, quarantine: QuarantineRow | null): ElementView {
  return {
    id: element.id,
    kind: element.kind,
    mode: element.mode,
    addresses: element.addresses.map(prefixText),
    macs: element.macs.map(macText),
    login: element.login,
    labels: Object.fromEntries(element.labels),
    data: element.data,
    protect: element.protect,
    isSafetyCritical: element.isSafetyCritical,
    owner: element.owner,
    firstSeen: seen === null ? null : timeOf(seen.firstSeen),
    lastSeen: seen === null ? null : timeOf(seen.lastSeen),
    quarantine: quarantine === null ? null : quarantineView(quarantine),
  };
}

export function quarantineView({ element, since, until, reason, by }: QuarantineRow): QuarantineView {
  return { element, since: timeOf(since), until: until === null ? null : timeOf(until), reason, by };
}

function isWanted({ kind, mode, labels }: Element, query: ElementQuery): boolean {
  if (query.kind !== null && kind !== query.kind) return false;
  if (query.mode !== null && mode !== query.mode) return false;
  if (query.label === null) return true;
  return labels.some(([key, value]) => `${key}=${value}` === query.label);
}

export function labelElement(
  parts: ServiceParts,
  request: ChangeRequest,
  { element, labels }: { readonly element: string; readonly labels: Readonly<Record<string, string | null>> },
): Promise<ChangeView> {
  return changePolicy(parts, request, (held) => unlessRefused(labelDraft(held, element, labels)));
}

export function removeElement(parts: ServiceParts, request: ChangeRequest, element: string): Promise<ChangeView> {
  return changePolicy(parts, request, (held) => unlessRefused(removeDraft(held, element)));
}

/** `selector`: an id, `key=value`, `kind=…` or `all`. */
export function setMode(
  parts: ServiceParts,
  request: ChangeRequest,
  { selector, mode }: { readonly selector: string; readonly mode: Mode },
): Promise<ChangeView> {
  return changePolicy(parts, request, (held) => unlessRefused(modeDraft(held, selector, mode)));
}

export function countModes(policy: Policy): Readonly<Record<Mode, number>> {
  const counts = { observe: 0, protect: 0, enforce: 0 };
  for (const { mode } of policy.elements) counts[mode]++;
  return counts;
}
