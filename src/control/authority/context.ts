// What every part of the authority works with. Made once when it is opened. Not a place for state beyond caches of what never changes.

import type { Primitives } from '#identity';
import type { Instant } from '#model';
import { nodePrimitives } from './node-primitives.ts';
import type { AuthorityNotice, AuthorityOptions } from './options.ts';
import type { Seal } from './seal.ts';
import { CertificateMaker, type SigningKey } from './x509.ts';

export interface Context extends Omit<AuthorityOptions, 'seal' | 'announce' | 'agentAddresses'> {
  readonly seal: Seal;
  /** Seals what has to be checked before a domain is known: names at the gate, challenges. */
  readonly gateSecret: Uint8Array;
  readonly primitives: Primitives;
  readonly maker: CertificateMaker;
  /** Opened private keys by their ids; a key never changes. */
  readonly opened: Map<string, SigningKey>;
  readonly agentAddresses: () => readonly string[];
  readonly announce: (notice: AuthorityNotice) => Promise<void>;
}

/** Opened keys kept: a few for each of a thousand domains. When full all are forgotten and opened anew. */
const OPENED_MAX = 4_000;

export function contextOf(
  options: AuthorityOptions,
  secrets: { readonly seal: Seal; readonly gateSecret: Uint8Array },
): Context {
  return {
    ...options,
    ...secrets,
    announce: options.announce ?? (async () => {}),
    agentAddresses: options.agentAddresses ?? (() => []),
    primitives: nodePrimitives,
    maker: new CertificateMaker(),
    opened: new Map(),
  };
}

export function keepOpened({ opened }: Context, key: SigningKey): SigningKey {
  if (opened.size >= OPENED_MAX) opened.clear();
  opened.set(key.keyId, key);
  return key;
}

/** Certificates count whole seconds. */
export function instantOfMs(ms: number): Instant {
  return Math.floor(ms / 1_000) * 1_000_000;
}

export function msOfInstant(at: Instant): number {
  return at / 1_000;
}
