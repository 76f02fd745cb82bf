// From what a person asks for (a mode, a label, a newcomer taken in) to a changed policy text. Not services: those are in protecting.ts. Applies nothing.

import type { Element, Mode, Policy } from '#model';
import type { NewcomerView } from './api.ts';
import { type Edit, editText, type Plain } from './edit.ts';
import { freeName } from './inbox.ts';
import { AgentError } from './trouble.ts';

/** A text that is to be put in force. */
export interface Draft {
  readonly text: string;
  /** Names the text in problems. */
  readonly file: string;
  readonly why: string;
  /** Denies nothing that is permitted now, so nobody can lock himself out by it. */
  readonly isLoosening: boolean;
}

export interface InForce {
  readonly policy: Policy;
  readonly text: string;
}

/** What changed texts are called in problems. */
const FILE = 'the policy in force, changed';

export function draftOf({ text }: InForce, edits: readonly Edit[], what: { why: string; isLoosening: boolean }): Draft {
  return { text: editText(text, edits), file: FILE, ...what };
}

const RANK: Readonly<Record<Mode, number>> = { observe: 0, protect: 1, enforce: 2 };

export function modeDraft(held: InForce, selector: string, mode: Mode): Draft {
  const elements = elementsOf(held.policy, selector);
  return draftOf(
    held,
    elements.map(({ id }) => ({ path: ['elements', id, 'mode'], value: mode })),
    {
      why: `mode ${mode} for ${selector}`,
      isLoosening: elements.every((element) => RANK[mode] <= RANK[element.mode]),
    },
  );
}

export function labelDraft(held: InForce, id: string, labels: Readonly<Record<string, string | null>>): Draft {
  const element = elementOf(held.policy, id);
  const merged = new Map(element.labels);
  for (const [key, value] of Object.entries(labels)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  const value = merged.size === 0 ? null : Object.fromEntries(merged);
  return draftOf(held, [{ path: ['elements', id, 'labels'], value }], { why: `labels of ${id}`, isLoosening: false });
}

export function removeDraft(held: InForce, id: string): Draft {
  elementOf(held.policy, id);
  return draftOf(held, [{ path: ['elements', id], value: null }], { why: `${id} removed`, isLoosening: false });
}

export interface Approval {
  readonly name?: string;
  readonly kind?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** By MAC where one was seen: an address that DHCP gives may be another's tomorrow. */
export function approveDraft(held: InForce, newcomer: NewcomerView, approval: Approval): Draft {
  const taken = new Set(held.policy.elements.map(({ id }) => id));
  const name = approval.name ?? freeName(newcomer.proposedName, taken);
  if (taken.has(name))
    throw new AgentError({
      code: 'PICKET-G030',
      message: `there is an element "${name}" already; nothing was changed`,
      help: 'choose another name',
    });
  const labels = approval.labels ?? {};
  const value: Plain = {
    kind: approval.kind ?? 'device',
    ...(newcomer.mac === null ? { address: newcomer.addresses } : { mac: newcomer.mac }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  return draftOf(held, [{ path: ['elements', name], value }], { why: `${name} approved`, isLoosening: false });
}

/** The elements of an id, `key=value`, `kind=…` or `all`; refuses a word that names none. */
export function elementsOf(policy: Policy, selector: string): readonly Element[] {
  const found = policy.elements.filter((element) => isSelected(element, selector));
  if (found.length > 0) return found;
  throw new AgentError({
    code: 'PICKET-G029',
    message: `no element of the policy is meant by "${selector}"; nothing was changed`,
    help: 'name an element, a label (role=camera), a kind (kind=device), or all; see: picket elements ls',
  });
}

function isSelected({ id, kind, labels }: Element, selector: string): boolean {
  if (selector === 'all' || selector === id) return true;
  const [key = '', value, ...rest] = selector.split('=');
  if (value === undefined || rest.length > 0) return false;
  return key === 'kind' ? kind === value : labels.some(([name, is]) => name === key && is === value);
}

export function elementOf(policy: Policy, id: string): Element {
  const element = policy.elements.find((one) => one.id === id);
  if (element !== undefined) return element;
  throw new AgentError({
    code: 'PICKET-G029',
    message: `there is no element "${id}" in the policy; nothing was changed`,
    help: 'see: picket elements ls',
  });
}

/** The newcomer of an id, MAC or address. */
export function newcomerOf(inbox: readonly NewcomerView[], text: string): NewcomerView {
  const found = inbox.find(
    ({ id, mac, addresses, names }) =>
      id === text || mac === text.toLowerCase() || addresses.includes(text) || names.includes(text),
  );
  if (found !== undefined) return found;
  throw new AgentError({
    code: 'PICKET-G029',
    message: `nobody in the inbox is known by "${text}"; nothing was changed`,
    help: 'see: picket elements ls --new',
  });
}
