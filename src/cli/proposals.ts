// What completion proposes for the ends of `picket why`: the elements and services of the policy that the line names already.

import type { Policy } from '#model';
import { parsePolicy } from '#policy';
import type { PicketContext } from './context.ts';
import { Failure } from './failure.ts';
import { readText } from './input/source.ts';

/** Elements, and `internet`. */
export async function proposeEnds(this: PicketContext, partial: string): Promise<readonly string[]> {
  const policy = await namedPolicy(this);
  if (policy === null) return [];
  return [...policy.elements.map(({ id }) => id), 'internet'].filter((word) => word.startsWith(partial));
}

/** The same, and after a slash the services: `recorder/video`. */
export async function proposeTargets(this: PicketContext, partial: string): Promise<readonly string[]> {
  const slash = partial.indexOf('/');
  if (slash < 0) return proposeEnds.call(this, partial);
  const end = partial.slice(0, slash + 1);
  const services = (await namedPolicy(this))?.services ?? [];
  return services.map(({ id }) => end + id).filter((word) => word.startsWith(partial));
}

/** The policy behind `--policy` or `-p`; null where there is none that can be read: completion never complains. */
async function namedPolicy({ io, words }: PicketContext): Promise<Policy | null> {
  const at = words.findIndex((word) => /^(--policy|-p)(=|$)/.test(word));
  const path = words[at]?.split('=')[1] ?? words[at + 1];
  if (at < 0 || path === undefined) return null;
  try {
    return parsePolicy(await readText(io, path), path).policy;
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
