// How long a certificate of each kind lives, and when it is renewed. Pure arithmetic on instants that the caller gives: no clock, no randomness.

import { HOUR, type Instant, MINUTE, type Micros } from '#model';
import type { IdentityKind } from './spiffe.ts';

/**
 * Life of a leaf. Short where a person or program can renew at any time; a day where a machine may be off for a night.
 * An AI agent acts by itself, so its certificate is worth ten minutes at most.
 */
export const LEAF_LIFE: Readonly<Record<IdentityKind, Micros>> = Object.freeze({
  human: HOUR,
  service: HOUR,
  model: HOUR,
  agent: 10 * MINUTE,
  device: 24 * HOUR,
  server: 24 * HOUR,
  instance: 24 * HOUR,
  gateway: 24 * HOUR,
  host: 24 * HOUR,
  relay: 24 * HOUR,
  controller: 24 * HOUR,
});

/** A shorter life than this would be renewed more often than a controller is heard on a bad day. */
export const LEAF_LIFE_LEAST: Micros = 5 * MINUTE;

/** A leaf begins this much before it is issued, so that a clock a little behind accepts it at once. */
export const BACKDATED: Micros = MINUTE;

/** Part of the life by which the instant of renewal is scattered to each side, so that machines begun together do not renew together. */
const RENEWAL_SCATTER = 0.1;

export interface Validity {
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/** When to renew: at half of the life, a tenth of the life earlier or later. `chance` is from 0 to 1 and decides which. */
export function renewAt({ notBefore, notAfter }: Validity, chance: number): Instant {
  const life = notAfter - notBefore;
  const scattered = 0.5 + (2 * Math.min(1, Math.max(0, chance)) - 1) * RENEWAL_SCATTER;
  return notBefore + Math.floor(life * scattered);
}

/**
 * When a live connection has to be cut: at the certificate's last second, which OpenSSL counts as past already, so that no two readers differ.
 * TLS looks at the end of a certificate once, when the connection opens: cutting is the caller's duty.
 */
export function cutAt({ notAfter }: Pick<Validity, 'notAfter'>): Instant {
  return notAfter;
}

/**
 * `future`: the clock is behind, or was set back. `fresh`: nothing to do. `renew`: past the instant of renewal.
 * `expired`: only the renewal key, where there is one, or a new token helps.
 */
export type LeafState = 'future' | 'fresh' | 'renew' | 'expired';

export function leafState(validity: Validity, at: { readonly now: Instant; readonly renewal: Instant }): LeafState {
  if (at.now < validity.notBefore) return 'future';
  if (at.now >= cutAt(validity)) return 'expired';
  return at.now >= at.renewal ? 'renew' : 'fresh';
}

/** Kinds whose machines may sleep past the end of their certificate: they get a renewal key. People log on again, AI agents are minted again. */
export function canHoldRenewalKey(kind: IdentityKind): boolean {
  return kind !== 'human' && kind !== 'agent';
}
