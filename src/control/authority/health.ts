// How an authority is: what will end soon, and what is in the way of making it anew. Data with codes, no judgement of the whole.

import type { Context } from './context.ts';
import { isIssuingAged } from './establish.ts';
import { activeKey, keysOf } from './keys.ts';
import { readRoot } from './root-file.ts';
import { AuthorityError } from './trouble.ts';

export interface AuthorityAilment {
  readonly code: string;
  readonly severity: 'warning' | 'error';
  readonly message: string;
  readonly help: string;
}

const DAY_MS = 86_400_000;
/** A root is rotated in good time: a rotation takes as long as the slowest agent. */
const ROOT_WARNING_MS = 365 * DAY_MS;

export async function authorityHealth(context: Context, domain: string): Promise<readonly AuthorityAilment[]> {
  const keys = await keysOf(context.store.db, domain);
  const now = context.now();
  const [root, issuing] = [activeKey(keys, 'root'), activeKey(keys, 'issuing')];
  const ailments: AuthorityAilment[] = [];
  const rootEnd = root.not_after ?? 0;
  if (rootEnd - now < ROOT_WARNING_MS)
    ailments.push({
      code: 'PICKET-C344',
      severity: rootEnd <= now ? 'error' : 'warning',
      message: `the root of ${domain} ends at ${new Date(rootEnd).toISOString()}`,
      help: 'rotate it: picket authority rotate root publish',
    });
  const end = issuing.not_after ?? 0;
  if (isIssuingAged(issuing, now) && !(await isRootAtHand(context, domain, root.id)))
    ailments.push({
      code: 'PICKET-C340',
      severity: end <= now ? 'error' : 'warning',
      message: `the issuing certificate of ${domain} ends at ${new Date(end).toISOString()}, and the root key that makes a new one is not at hand`,
      help: 'put the root key file back for a moment',
    });
  return ailments;
}

async function isRootAtHand(context: Context, domain: string, keyId: string): Promise<boolean> {
  try {
    return (await readRoot(context, { domain, keyId })) !== null;
  } catch (error) {
    // A file that cannot be used is as good as none; using it says why.
    if (error instanceof AuthorityError) return false;
    throw error;
  }
}
