// Challenges that need no memory: an instant and its HMAC, good for two minutes with any controller of the installation. Not a secret.

import { areEqualSecrets } from '#identity';
import type { Context } from './context.ts';

/** Long enough for a slow line, short enough that nothing old is worth keeping. */
const CHALLENGE_MS_MAX = 120_000;
/** Two controllers' clocks may differ by this much. */
const SKEW_MS_MAX = 10_000;

type ChallengeContext = Pick<Context, 'gateSecret' | 'primitives' | 'now'>;

export function challengeFor(context: ChallengeContext, id: string): string {
  const at = String(context.now());
  return `${at}.${tagOf(context, at, id)}`;
}

export function isChallengeFresh(
  context: ChallengeContext,
  { id, challenge }: { readonly id: string; readonly challenge: string },
): boolean {
  const [, at, tag] = /^(\d{1,15})\.([A-Za-z0-9_-]{43})$/.exec(challenge) ?? [];
  if (at === undefined || tag === undefined) return false;
  const isRight = areEqualSecrets(Buffer.from(tag), Buffer.from(tagOf(context, at, id)));
  const age = context.now() - Number(at);
  return isRight && age >= -SKEW_MS_MAX && age <= CHALLENGE_MS_MAX;
}

function tagOf({ gateSecret, primitives }: ChallengeContext, at: string, id: string): string {
  return Buffer.from(primitives.hmacSha256(gateSecret, Buffer.from(`challenge ${at} ${id}`))).toString('base64url');
}
