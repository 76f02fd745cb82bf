// That this element belongs to a domain: its identity, keys, certificate, gate key, the domain's bundle and where controllers are. One file, so that
// a renewal is there whole or not at all. Not the policy: held.ts.

import { join } from 'node:path';
import * as z from 'zod';
import { readBundle, type TrustBundle } from '#identity';
import type { Instant } from '#model';
import { makeFolder, readJson, removeFolder, writeWhole } from './files.ts';
import { primitives } from './primitives.ts';
import { LinkError } from './trouble.ts';

const base64 = z.base64().max(64 * 1_024);

const membershipSchema = z.strictObject({
  schema: z.literal('picket.membership/v1'),
  domain: z.string().min(1).max(253),
  /** SPIFFE id. */
  id: z.string().min(1).max(512),
  /** Of the controllers' API, `https://host:port`. */
  origin: z.string().max(512),
  /** `host:port` of controllers' agents' ports, the first one tried first. */
  addresses: z.array(z.string().max(256)).min(1).max(16).readonly(),
  /** PKCS #8 in PEM. */
  leafKey: z.string().max(8_192),
  /** DER in base64, the leaf first. */
  chain: z.array(base64).min(1).max(8).readonly(),
  /** PKCS #8 in PEM; null for kinds that hold none. */
  renewalKey: z.string().max(8_192).nullable(),
  gate: z.strictObject({ pseudonym: z.string().max(64), key: base64 }),
  /** The bundle's document. */
  bundle: z.unknown(),
  /** When it joined, epoch milliseconds. */
  joinedMs: z.int().min(0),
});
export type Membership = z.infer<typeof membershipSchema>;

const FILE = 'membership.json';

/** Null where this element belongs to no domain. */
export function readMembership(folder: string): Membership | null {
  const value = readJson(join(folder, FILE));
  if (value === null) return null;
  const parsed = membershipSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new LinkError({
    code: 'PICKET-C663',
    message: `the membership in "${folder}" is damaged; nothing was changed`,
    help: 'bring it back from a backup, or leave and join anew: picket leave, then picket join LINK',
  });
}

export function writeMembership(folder: string, membership: Membership): void {
  makeFolder(folder);
  writeWhole(join(folder, FILE), `${JSON.stringify(membership)}\n`);
}

/** Forgets domain, keys and the newest policy; what is in force stays. */
export function removeMembership(folder: string): void {
  removeFolder(folder);
}

/** The bundle as it is now believed. A root that ended is an error here, because nothing can be verified with it. */
export function bundleOf(membership: Membership, now: Instant): TrustBundle {
  const bundle = readBundle(membership.bundle, { now, primitives });
  if (bundle.kind === 'ok') return bundle.value;
  throw new LinkError({ code: bundle.code, message: bundle.message, help: bundle.help });
}

/** Members' bytes from base64, in the order of the chain. */
export function chainOf({ chain }: Pick<Membership, 'chain'>): readonly Uint8Array[] {
  return chain.map((text) => Buffer.from(text, 'base64'));
}
