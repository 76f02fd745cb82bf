// How long to wait before the next try, so that a thousand agents that lost one controller do not come back to another in the same second. Not a timer.

/** After the first failure, doubled with each, up to the last. */
const FIRST_MS = 500;
const LAST_MS = 60_000;
/** Doublings until LAST_MS is reached. */
const DOUBLINGS_MAX = 7;

/** A try after a controller said that it goes: others are there, so this is only scatter. */
export const MOVE_MS = 1_000;

/** Full jitter: anything from a tenth of the bound to the bound. `chance` is from 0 to 1. */
export function waitMs(failures: number, chance: number): number {
  const bound = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(Math.max(0, failures), DOUBLINGS_MAX));
  return Math.round(bound * (0.1 + 0.9 * Math.min(1, Math.max(0, chance))));
}
