// From a service that a person names to a policy text that protects it: the service is made where it is not there, and those who use it are let in by a
// rule that can be read and changed. Applies nothing.

import type { Element, Policy, Service } from '#model';
import { type Draft, draftOf, type EditRefusal, type InForce, isRefused, unknown } from './draft.ts';
import { elementOf } from './elements.ts';
import { type Door, doorOf, wellKnownName } from './names.ts';
import type { Edit } from './text.ts';

export interface ProtectRequest {
  readonly service: string;
  /** Id of the element. */
  readonly element: string;
  readonly allow: 'seen' | 'nobody' | readonly string[];
}

export interface ProtectFacts {
  /** Where a program of that name listens on this host, or null. */
  readonly doorOfProgram: (program: string) => Door | null;
  /** Selectors of those who used the door of the element, the busiest first. */
  readonly peersOf: (door: Door) => readonly string[];
}

/** Peers that one rule names; a service with more is for everybody, and a person writes that rule. */
const PEERS_MAX = 64;

export function protectDraft(held: InForce, request: ProtectRequest, facts: ProtectFacts): Draft | EditRefusal {
  const element = elementOf(held.policy, request.element);
  if (isRefused(element)) return element;
  const target = targetOf(held.policy, element, request, facts);
  if (isRefused(target)) return target;
  const edits: Edit[] = [...target.edits, ...modeEdits(element, target.id)];
  edits.push(...ruleEdits(held.policy, target, { request, facts }));
  return draftOf(held, edits, { why: `protect ${target.id} on ${element.id}`, isLoosening: false });
}

export function unprotectDraft(held: InForce, service: string, elementId: string): Draft | EditRefusal {
  const element = elementOf(held.policy, elementId);
  if (isRefused(element)) return element;
  const id = knownService(held.policy, element, service)?.id ?? service;
  const isHeld = element.mode === 'protect' && (element.protect.length === 0 || element.protect.includes(id));
  if (!isHeld || !held.policy.services.some((one) => one.id === id))
    return unknown(
      `"${service}" on "${elementId}" is not protected${element.mode === 'enforce' ? ' by itself: the element is in mode enforce' : ''}`,
      element.mode === 'enforce' ? `picket mode ${elementId} protect` : 'see: picket services',
    );
  const all = element.protect.length === 0 ? held.policy.services.map((one) => one.id) : element.protect;
  const left = all.filter((one) => one !== id);
  const path = ['elements', element.id];
  const edits: readonly Edit[] =
    left.length === 0
      ? [
          { path: [...path, 'mode'], value: 'observe' },
          { path: [...path, 'protect'], value: null },
        ]
      : [{ path: [...path, 'protect'], value: left }];
  return draftOf(held, edits, { why: `unprotect ${id} on ${element.id}`, isLoosening: true });
}

interface Target {
  readonly id: string;
  /** Null where the service is of the policy and has no single port. */
  readonly door: Door | null;
  /** What makes the service, where the policy has none. */
  readonly edits: readonly Edit[];
}

function targetOf(
  policy: Policy,
  element: Element,
  { service }: ProtectRequest,
  facts: ProtectFacts,
): Target | EditRefusal {
  const known = knownService(policy, element, service);
  if (known !== null) return { id: known.id, door: doorOfService(known), edits: [] };
  const door = doorOf(service) ?? facts.doorOfProgram(service);
  if (door === null)
    return unknown(
      `"${service}" is no service of the policy, no well-known one, no port, and no program that listens here`,
      'name a port (22, 53/udp), or see what is offered: picket services',
    );
  const taken = new Set([...policy.services, ...policy.elements].map(({ id }) => id));
  const base = wellKnownName(door) ?? `${door.protocol}-${door.port}`;
  const id = taken.has(base) ? `${base}-${element.id}` : base;
  const value = { on: element.id, protocol: door.protocol, port: String(door.port) };
  return { id, door, edits: [{ path: ['services', id], value }] };
}

/** By name, or the service of this element at that very port. */
function knownService(policy: Policy, element: Element, text: string): Service | null {
  const named = policy.services.find(({ id }) => id === text || id === `${text}-${element.id}`);
  if (named !== undefined && isOn(named, element)) return named;
  const door = doorOf(text);
  if (door === null) return null;
  return policy.services.find((one) => isOn(one, element) && isDoor(doorOfService(one), door)) ?? null;
}

/** Names the element itself, or by something that cannot be told apart here: then it is taken to be the one that was named. */
function isOn({ on }: Service, element: Element): boolean {
  if (on.kind === 'element') return on.id === element.id;
  if (on.kind === 'label') return element.labels.some(([key, value]) => key === on.key && value === on.value);
  if (on.kind === 'element-kind') return on.value === element.kind;
  return true;
}

const PROTOCOLS: ReadonlyMap<number, Door['protocol']> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
]);

function doorOfService({ protocol, ports }: Service): Door | null {
  const [range, ...more] = ports;
  const name = protocol === null ? undefined : PROTOCOLS.get(protocol);
  const isSingle = range !== undefined && more.length === 0 && range.from === range.to;
  return isSingle && name !== undefined ? { protocol: name, port: range.from } : null;
}

function isDoor(one: Door | null, other: Door): boolean {
  return one !== null && one.protocol === other.protocol && one.port === other.port;
}

/** INVARIANT: an empty list of protected services means every one, so a list is only begun where the mode was not protect already. */
function modeEdits({ id, mode, protect }: Element, service: string): readonly Edit[] {
  if (mode === 'enforce' || (mode === 'protect' && (protect.length === 0 || protect.includes(service)))) return [];
  const list = protect.includes(service) ? protect : [...protect, service];
  const path = ['elements', id];
  return [
    { path: [...path, 'mode'], value: 'protect' },
    { path: [...path, 'protect'], value: list },
  ];
}

/** A rule for those who use it now, where the policy has none for the service. */
function ruleEdits(
  policy: Policy,
  { id, door }: Target,
  { request, facts }: { request: ProtectRequest; facts: ProtectFacts },
): readonly Edit[] {
  if (policy.rules.some(({ to }) => to.some((service) => service.id === id))) return [];
  const peers = allowed(request.allow, door === null ? [] : facts.peersOf(door));
  if (peers.length === 0) return [];
  const rules = new Set(policy.rules.map((rule) => rule.id));
  const name = rules.has(`use-${id}`) ? `use-${id}-${rules.size}` : `use-${id}`;
  const why = request.allow === 'seen' ? 'those who used it before it was protected' : 'named when it was protected';
  return [{ path: ['rules', name], value: { from: peers.join(' | '), to: id, why } }];
}

function allowed(allow: ProtectRequest['allow'], seen: readonly string[]): readonly string[] {
  if (allow === 'nobody') return [];
  return allow === 'seen' ? seen.slice(0, PEERS_MAX) : allow;
}
