// How many packets a judged observation stands for. Not a count: tallies and reports keep those.

import type { Observation, Verdict } from '#model';

/**
 * Packets that a judged observation counts as. One of no packets tells an operation of a connection that is counted elsewhere: denied, it
 * counts as the one packet that carried it, so that no denial is invisible; permitted, it counts as none.
 */
export function packetsOf(observation: Observation, verdict: Verdict): number {
  return verdict.reasons === 0 ? observation.packets : Math.max(1, observation.packets);
}
