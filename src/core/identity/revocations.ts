// Who is revoked: by certificate, identity, everything below an identity's path, or issuing key. Looking up costs the same at any length of the list.
// Not the decision to revoke, and not the list's way to here.

import type { Instant } from '#model';
import type { SpiffeId } from './spiffe.ts';

/**
 * serial: one certificate. identity: an id. subtree: an id and all ids below its path (an agent and the agents it made).
 * issuer: every certificate that one issuing key made, by its key id in hexadecimal.
 */
export interface Revocation {
  readonly kind: 'serial' | 'identity' | 'subtree' | 'issuer';
  readonly value: string;
  /** From when the entry says nothing any more, because whatever it stops has ended by itself. */
  readonly until: Instant;
}

export interface RevocationList {
  readonly domain: string;
  /** Grows with each change and never goes back. */
  readonly sequence: number;
  readonly entries: readonly Revocation[];
}

/** Longest list: one entry per certificate of a very large domain. A domain with more has lost its issuing key and revokes that. */
export const REVOCATIONS_MAX = 100_000;

/** A list made ready for looking up. */
export class RevocationIndex {
  readonly domain: string;
  readonly sequence: number;
  readonly #values = new Set<string>();

  constructor(list: RevocationList) {
    this.domain = list.domain;
    this.sequence = list.sequence;
    for (const { kind, value } of list.entries) this.#values.add(`${kind} ${value}`);
  }

  /** An entry that stops this certificate, or null. */
  find(leaf: { readonly id: SpiffeId; readonly serial: string; readonly issuerKeyId: string }): string | null {
    const { id, serial, issuerKeyId } = leaf;
    const asked = [
      `serial ${serial}`,
      `issuer ${issuerKeyId}`,
      `identity ${id.text}`,
      ...upward(id).map((text) => `subtree ${text}`),
    ];
    return asked.find((entry) => this.#values.has(entry)) ?? null;
  }
}

/** The id and the ids above it, down to the first name after the kind. */
export function upward(id: SpiffeId): readonly string[] {
  const names = id.path.split('/');
  const stem = `spiffe://${id.domain}/${id.kind}/`;
  return names.map((_, index) => stem + names.slice(0, names.length - index).join('/'));
}
