// The way back of a machine whose certificate ended while it slept: first the roots of its domain as they are now, which may have been rotated meanwhile,
// then a new certificate by the renewal key. Not when that is: renewal.ts.

import * as z from 'zod';
import {
  acceptBundle,
  type Presented,
  RevocationIndex,
  readBundle,
  renewText,
  type TrustBundle,
  verifyPeer,
} from '#identity';
import type { Instant } from '#model';
import { ask } from './api.ts';
import { ADDRESSES_MAX, base64, checkIssued, issuedOf, unclear } from './join.ts';
import { bundleOf, type Membership } from './membership.ts';
import { makeKey, primitives, signWith } from './primitives.ts';
import { LinkError } from './trouble.ts';

const challengeSchema = z.looseObject({ challenge: z.string().min(1).max(256) });

/** The membership with a new leaf, and the bundle of today. Rejects with a `LinkError`, and then nothing was changed here. */
export async function renewAsleep(slept: Membership, now: () => Instant): Promise<Membership> {
  const { id, origin, renewalKey } = slept;
  if (renewalKey === null) throw new LinkError({ code: 'PICKET-C661', message: 'this machine holds no renewal key' });
  const membership = await withRootsOfToday(slept, now());
  const { roots } = bundleOf(membership, now());
  const judge = (presented: Presented): LinkError | null => judgeBy(roots, { presented, membership, now: now() });
  const given = challengeSchema.safeParse(await ask({ origin, path: '/v1/enrol/challenge', body: { id }, judge }));
  if (!given.success) throw unclear();
  const { challenge } = given.data;
  const key = makeKey();
  const text = renewText({ id, spki: key.spki, fresh: challenge }, primitives);
  const proofs = { proof: base64(signWith(key.pem, text)), renewalProof: base64(signWith(renewalKey, text)) };
  const body = { id, challenge, spki: base64(key.spki), ...proofs };
  const { chain, gate, agents } = issuedOf(await ask({ origin, path: '/v1/enrol/wake', body, judge }));
  const renewed = { ...membership, leafKey: key.pem, chain, gate, addresses: agents.slice(0, ADDRESSES_MAX) };
  checkIssued(renewed, { root: roots[0]?.keyId ?? '', spki: key.spki, now: now() });
  return renewed;
}

/**
 * Who was away for a whole rotation trusts none of today's roots. Anybody may hand out the bundle: a root that is new is believed only with the word of
 * one that is trusted here. Where none vouches for it, what is trusted stays, and the controller is judged by that.
 */
async function withRootsOfToday(membership: Membership, now: Instant): Promise<Membership> {
  const { origin, domain } = membership;
  const path = `/v1/domains/${domain}/bundle`;
  const document = await ask({ origin, path, body: null, judge: () => null });
  const offered = readBundle(document, { now, primitives });
  if (offered.kind === 'refused') return membership;
  const accepted = acceptBundle(bundleOf(membership, now), offered.value, primitives);
  return accepted.kind === 'ok' ? { ...membership, bundle: document } : membership;
}

interface Judged {
  readonly presented: Presented;
  readonly membership: Membership;
  readonly now: Instant;
}

function judgeBy(roots: TrustBundle['roots'], { presented, membership: { domain }, now }: Judged): LinkError | null {
  const revocations = new RevocationIndex({ domain, sequence: 0, entries: [] });
  const trust = { roots: roots.map(({ certificate }) => certificate), revocations, primitives };
  const leaf = verifyPeer(presented, trust, { domain, kinds: ['controller'], role: 'server', now });
  return leaf.kind === 'ok' ? null : new LinkError(leaf);
}
