// From what a person asks for (a mode, a label, a newcomer taken in) to a changed policy text. Not services: those are in services.ts. Applies nothing.

import type { Element, Mode, Policy } from '#model';
import { type Draft, draftOf, type EditRefusal, type InForce, isRefused, unknown } from './draft.ts';
import { freeName } from './names.ts';
import type { Plain } from './text.ts';

const RANK: Readonly<Record<Mode, number>> = { observe: 0, protect: 1, enforce: 2 };

export function modeDraft(held: InForce, selector: string, mode: Mode): Draft | EditRefusal {
  const elements = elementsOf(held.policy, selector);
  if ('refusal' in elements) return elements;
  return draftOf(
    held,
    elements.map(({ id }) => ({ path: ['elements', id, 'mode'], value: mode })),
    {
      why: `mode ${mode} for ${selector}`,
      isLoosening: elements.every((element) => RANK[mode] <= RANK[element.mode]),
    },
  );
}

export function labelDraft(
  held: InForce,
  id: string,
  labels: Readonly<Record<string, string | null>>,
): Draft | EditRefusal {
  const element = elementOf(held.policy, id);
  if (isRefused(element)) return element;
  const merged = new Map(element.labels);
  for (const [key, value] of Object.entries(labels)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  const value = merged.size === 0 ? null : Object.fromEntries(merged);
  return draftOf(held, [{ path: ['elements', id, 'labels'], value }], { why: `labels of ${id}`, isLoosening: false });
}

export function removeDraft(held: InForce, id: string): Draft | EditRefusal {
  const element = elementOf(held.policy, id);
  if (isRefused(element)) return element;
  return draftOf(held, [{ path: ['elements', id], value: null }], { why: `${id} removed`, isLoosening: false });
}

/** Somebody seen who is no element. Names are claims, not proofs. */
export interface Newcomer {
  readonly id: string;
  readonly mac: string | null;
  readonly addresses: readonly string[];
  readonly names: readonly string[];
  /** A name that is free in the policy. */
  readonly proposedName: string;
}

export interface Approval {
  readonly name?: string;
  readonly kind?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** By MAC where one was seen: an address that DHCP gives may be another's tomorrow. */
export function approveDraft(held: InForce, newcomer: Newcomer, approval: Approval): Draft | EditRefusal {
  const taken = new Set(held.policy.elements.map(({ id }) => id));
  const name = approval.name ?? freeName(newcomer.proposedName, taken);
  if (taken.has(name))
    return {
      refusal: 'taken',
      message: `there is an element "${name}" already; nothing was changed`,
      help: 'choose another name',
    };
  const labels = approval.labels ?? {};
  const value: Plain = {
    kind: approval.kind ?? 'device',
    ...(newcomer.mac === null ? { address: newcomer.addresses } : { mac: newcomer.mac }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  return draftOf(held, [{ path: ['elements', name], value }], { why: `${name} approved`, isLoosening: false });
}

/** The elements of an id, `key=value`, `kind=…` or `all`; refuses a word that names none. */
export function elementsOf(policy: Policy, selector: string): readonly Element[] | EditRefusal {
  const found = policy.elements.filter((element) => isSelected(element, selector));
  if (found.length > 0) return found;
  return unknown(
    `no element of the policy is meant by "${selector}"`,
    'name an element, a label (role=camera), a kind (kind=device), or all; see: picket elements ls',
  );
}

function isSelected({ id, kind, labels }: Element, selector: string): boolean {
  if (selector === 'all' || selector === id) return true;
  const [key = '', value, ...rest] = selector.split('=');
  if (value === undefined || rest.length > 0) return false;
  return key === 'kind' ? kind === value : labels.some(([name, is]) => name === key && is === value);
}

export function elementOf(policy: Policy, id: string): Element | EditRefusal {
  const element = policy.elements.find((one) => one.id === id);
  if (element !== undefined) return element;
  return unknown(`there is no element "${id}" in the policy`, 'see: picket elements ls');
}

/** The newcomer of an id, MAC, address or claimed name. */
export function newcomerOf<One extends Newcomer>(inbox: readonly One[], text: string): One | EditRefusal {
  const found = inbox.find(
    ({ id, mac, addresses, names }) =>
      id === text || mac === text.toLowerCase() || addresses.includes(text) || names.includes(text),
  );
  if (found !== undefined) return found;
  return unknown(`nobody in the inbox is known by "${text}"`, 'see: picket elements ls --new');
}
