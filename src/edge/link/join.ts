// Joining a domain: keys are made here, the controller is known by the root that the link names, and what comes back is checked before it is kept.
// Not the way back of a machine whose certificate ended while it slept: wake.ts.

import * as z from 'zod';
import {
  checkRoot,
  enrolText,
  fromBase64url,
  hex,
  type JoinLink,
  keyIdOf,
  type Presented,
  RevocationIndex,
  readBundle,
  readJoinLink,
  verifyPeer,
} from '#identity';
import type { Instant } from '#model';
import { ask } from './api.ts';
import { type Membership, readMembership, writeMembership } from './membership.ts';
import { makeKey, type OwnKey, primitives, signWith } from './primitives.ts';
import { LinkError } from './trouble.ts';

export interface JoinOptions {
  /** As `picket tokens enrol` printed it. */
  readonly link: string;
  /** Below the token's path, where the token is for a whole path. */
  readonly path: string | null;
  readonly folder: string;
  readonly now: () => Instant;
}

const issuedSchema = z.looseObject({
  id: z.string().max(512),
  chain: z
    .array(z.base64().max(64 * 1_024))
    .min(1)
    .max(4),
  bundle: z.looseObject({}),
  gate: z.object({ pseudonym: z.string().max(64), key: z.base64().max(1_024) }),
  agents: z.array(z.string().max(256)).min(1).max(64),
});
export type Issued = z.infer<typeof issuedSchema>;

/** Kinds that hold no renewal key say so with this code. */
const NO_RENEWAL_KEY = 'PICKET-C330';
export const ADDRESSES_MAX = 16;

/** Joins and writes the membership. Rejects with a `LinkError`, and then nothing was changed here. */
export async function join({ link: text, path, folder, now }: JoinOptions): Promise<Membership> {
  const read = readJoinLink(text);
  if (read.kind === 'refused') throw new LinkError(read);
  const known = readMembership(folder);
  if (known !== null)
    throw new LinkError({
      code: 'PICKET-C651',
      message: `this machine is ${known.id} already; nothing was changed`,
      help: 'to join another domain: picket leave, then picket join LINK',
    });
  const link = read.value;
  const [leaf, renewal] = [makeKey(), makeKey()];
  const enrolled = await enrol({ link, path, leaf, renewal, now }).catch(async (error: unknown) => {
    if (!(error instanceof LinkError) || error.code !== NO_RENEWAL_KEY) throw error;
    return enrol({ link, path, leaf, renewal: null, now });
  });
  const membership: Membership = {
    schema: 'picket.membership/v1',
    domain: link.domain,
    id: enrolled.issued.id,
    origin: link.origin,
    addresses: enrolled.issued.agents.slice(0, ADDRESSES_MAX),
    leafKey: leaf.pem,
    chain: enrolled.issued.chain,
    renewalKey: enrolled.hasRenewalKey ? renewal.pem : null,
    gate: enrolled.issued.gate,
    bundle: enrolled.issued.bundle,
    joinedMs: Math.floor(now() / 1_000),
  };
  checkIssued(membership, { root: rootId(link), spki: leaf.spki, now: now() });
  writeMembership(folder, membership);
  return membership;
}

interface Enrolment {
  readonly link: JoinLink;
  readonly path: string | null;
  readonly leaf: OwnKey;
  readonly renewal: OwnKey | null;
  readonly now: () => Instant;
}

async function enrol({
  link,
  path,
  leaf,
  renewal,
  now,
}: Enrolment): Promise<{ issued: Issued; hasRenewalKey: boolean }> {
  const { domain, token } = link;
  const root = fromBase64url(link.root) ?? new Uint8Array();
  const text = enrolText({ domain, token, spki: leaf.spki, renewalSpki: renewal?.spki ?? null, root }, primitives);
  const body = {
    domain,
    token,
    path,
    spki: base64(leaf.spki),
    proof: base64(signWith(leaf.pem, text)),
    renewalSpki: renewal === null ? null : base64(renewal.spki),
    renewalProof: renewal === null ? null : base64(signWith(renewal.pem, text)),
    root: link.root,
  };
  const judge = (presented: Presented): LinkError | null => judgeByRoot(presented, link, now());
  const answer = await ask({ origin: link.origin, path: '/v1/enrol', body, judge });
  return { issued: issuedOf(answer), hasRenewalKey: renewal !== null };
}

/** The controller sends its root along, and that is the one that the link names. */
function judgeByRoot(presented: Presented, link: JoinLink, now: Instant): LinkError | null {
  const { domain } = link;
  const wanted = rootId(link);
  const roots = presented.others.flatMap((der) => {
    const root = checkRoot(der, { domain, now }, primitives);
    return root.kind === 'ok' && keyIdOf(root.value.key.spki, primitives) === wanted ? [root.value] : [];
  });
  const revocations = new RevocationIndex({ domain, sequence: 0, entries: [] });
  const question = { domain, kinds: ['controller'], role: 'server', now } as const;
  const leaf = verifyPeer(presented, { roots, revocations, primitives }, question);
  if (leaf.kind === 'ok') return null;
  return new LinkError({
    code: 'PICKET-C652',
    message: `what answers at ${link.origin} is not the controller that the link names (${leaf.message}); nothing was sent`,
    help: leaf.help ?? 'check the address in the link, and the clock of this machine',
  });
}

function rootId({ root }: JoinLink): string {
  return hex(fromBase64url(root) ?? new Uint8Array());
}

/** INVARIANT: nothing is kept by which this machine could not prove itself, or that another root than the link's vouches for. */
export function checkIssued(
  membership: Membership,
  { root, spki, now }: { readonly root: string; readonly spki: Uint8Array; readonly now: Instant },
): void {
  const bundle = readBundle(membership.bundle, { now, primitives });
  if (bundle.kind === 'refused') throw new LinkError(bundle);
  const { roots, domain } = bundle.value;
  if (domain !== membership.domain || !roots.some(({ keyId }) => keyId === root))
    throw new LinkError({
      code: 'PICKET-C652',
      message: 'the bundle that came is not of the root that the link names; nothing was changed',
    });
  const [leaf = new Uint8Array(), ...others] = membership.chain.map((text) => Buffer.from(text, 'base64'));
  const trust = {
    roots: roots.map(({ certificate }) => certificate),
    revocations: new RevocationIndex({ domain, sequence: 0, entries: [] }),
    primitives,
  };
  const found = verifyPeer({ leaf, others }, trust, { domain, kinds: null, role: 'client', now });
  if (found.kind === 'refused') throw new LinkError(found);
  if (found.value.id.text !== membership.id || !Buffer.from(found.value.key.spki).equals(spki))
    throw new LinkError({
      code: 'PICKET-C665',
      message: 'the certificate that came is for another name or another key; nothing was changed',
    });
}

export function issuedOf(value: unknown): Issued {
  const parsed = issuedSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unclear();
}

export function unclear(): LinkError {
  return new LinkError({
    code: 'PICKET-C653',
    message: 'the controller answered in a form that this version does not know; nothing was changed here',
    help: 'compare picket version on both machines',
  });
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
