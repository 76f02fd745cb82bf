// Semantics 5: which names an address was given for. Not a resolver: it only remembers answers that were seen.

import { HOUR, type Instant, isInternet, SECOND, type Selector } from '#model';
import type { Ends } from './ends.ts';
import { nameFits, namePatterns } from './selectors.ts';
import { isLive } from './sessions.ts';
import type { Binding, State } from './state.ts';

export function bind(state: State, answer: Omit<Binding, 'expires'> & { readonly ttlSeconds: number }): void {
  const name = answer.name.toLowerCase();
  const expires = answer.at + Math.max(answer.ttlSeconds * SECOND, HOUR);
  const { client, server, at } = answer;
  state.bindings.set(JSON.stringify([client, server, name]), { client, server, name, at, expires });
}

/** Keys of the live bindings that the initiator's address was given for the responder's; none for an element, none inside. */
function liveBindings(state: State, ends: Ends): readonly (readonly [key: string, binding: Binding])[] {
  const { responder } = ends;
  if (responder.element >= 0 || !isInternet(responder.bytes)) return [];
  return [...state.bindings].filter(
    ([key, { client, server, expires }]) =>
      client === ends.initiator.address &&
      server === ends.responder.address &&
      (state.now < expires || isHeld(state, key, state.now)),
  );
}

function isHeld(state: State, key: string, now: Instant): boolean {
  return [...state.sessions.values()].some((session) => session.heldBindings.includes(key) && isLive(session, now));
}

export function hasName(state: State, ends: Ends, pattern: string): boolean {
  return liveBindings(state, ends).some(([, { name }]) => nameFits(pattern, name));
}

/** The bindings a session is opened under: those that a pattern of its service fits. */
export function bindingsUnder(state: State, ends: Ends, on: Selector): readonly string[] {
  const patterns = namePatterns(on);
  if (patterns.length === 0) return [];
  return liveBindings(state, ends)
    .filter(([, { name }]) => patterns.some((pattern) => nameFits(pattern, name)))
    .map(([key]) => key);
}

/** Forgets what no longer lives, so that a binding that died is not held by a session opened later. */
export function forgetBindings(state: State): void {
  for (const [key, binding] of [...state.bindings])
    if (state.now >= binding.expires && !isHeld(state, key, state.now)) state.bindings.delete(key);
}
