// Puts the policy that the lab's agent learned in force, with the owner's limits. Not the learner.

import type { Policy } from '#model';
import { parsePolicy, printPolicy } from '#policy';
import type { Desk } from '../../context.ts';
import { EXIT } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { answered } from '../../live/asking.ts';
import { type Addition, OWNERS_LIMITS, withLimits } from './owner.ts';
import type { LabSite } from './site.ts';

/** Applies what was learned, at once and for good; gives the policy. */
export async function enforceLearned(desk: Desk, site: LabSite): Promise<Policy> {
  const { text } = await answered(desk, () => site.agent.ask('proposal', {}));
  return applyWith(desk, site, { policy: read(text), additions: OWNERS_LIMITS });
}

/** Adds limits to the policy in force. */
export async function tighten(desk: Desk, site: LabSite, additions: readonly Addition[]): Promise<Policy> {
  const { text } = await answered(desk, () => site.agent.ask('policy', {}));
  return applyWith(desk, site, { policy: read(text), additions });
}

async function applyWith(
  desk: Desk,
  site: LabSite,
  { policy, additions }: { policy: Policy; additions: readonly Addition[] },
): Promise<Policy> {
  const made = withLimits(policy, additions);
  if (made === null) throw unlearned();
  const text = printPolicy(made, new Map());
  await answered(
    desk,
    () => site.agent.ask('apply', { text, confirmSeconds: 0, mayLoseSession: true, why: 'the lab' }),
    text,
  );
  return made;
}

function read(text: string): Policy {
  const { policy } = parsePolicy(text, 'learned.yaml');
  if (policy === null) throw unlearned();
  return policy;
}

function unlearned(): Failure {
  return new Failure({
    code: 'PICKET-A031',
    exit: EXIT.refused,
    message:
      'the site has not worked enough for a policy: a conversation that the lab limits was never seen; nothing was changed',
    help: 'let it work: picket lab work 3',
  });
}
