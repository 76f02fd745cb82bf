// What has to happen because a time is over: changes that nobody confirmed go back, quarantines end, old rows are forgotten. Read from the store each
// time, so that the deadlines of a controller that died are kept by another. Compare-and-set below: several at once do it once.

import type { Actor } from '#routes';
import {
  allDomains,
  expiredQuarantines,
  forgetMutes,
  forgetOldTraffic,
  forgetProposals,
  forgetUnseen,
  overduePolicies,
  sweepFindings,
} from '#store';
import { revert } from './endings.ts';
import type { ServiceParts } from './parts.ts';
import { releaseElement } from './quarantines.ts';

/** The controller itself, when nobody asks. */
export const SYSTEM: Actor = Object.freeze({
  kind: 'system',
  id: 'system',
  name: 'picket',
  roles: {},
  scopes: null,
  session: null,
  authenticatedAt: null,
  domain: null,
});

/** A second late at most: deadlines are told in seconds. */
const ROUND_MS = 1_000;
const DAY_MS = 86_400_000;
/** Old roll-ups go one piece a round, as long as there are some; then it is looked again so often. */
const TRAFFIC_MS = 10 * 60_000;
/** Days after which what was not seen any more is forgotten. */
const UNSEEN_DAYS = 90;
/** Agents tell what they propose every day; one that was away for longer tells it again. */
const UNTOLD_DAYS = 14;

export interface DeadlinesOptions {
  readonly parts: ServiceParts;
  /** Told of a round that failed; the next one tries again. */
  readonly onTrouble: (error: unknown) => void;
  readonly onRound?: () => void;
}

export class Deadlines {
  readonly #options: DeadlinesOptions;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  #sweptAt = Number.NEGATIVE_INFINITY;
  #trafficAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: DeadlinesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#next(0);
  }

  /** Resolves when no round runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
  }

  #next(ms: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#round = this.round()
        .then(() => this.#options.onRound?.())
        .catch((error: unknown) => this.#options.onTrouble(error))
        .finally(() => this.#next(ROUND_MS));
    }, ms);
  }

  /** All that is due now. */
  async round(): Promise<void> {
    const { parts } = this.#options;
    const now = parts.now();
    for (const { domain, pending } of await overduePolicies(parts.store.db, now))
      if (pending !== null)
        await revert(parts, { actor: SYSTEM, domain, revision: pending, why: 'nobody confirmed it in time' });
    for (const { domain, element } of await expiredQuarantines(parts.store.db, now))
      await releaseElement(parts, { actor: SYSTEM, domain, element });
    if (now >= this.#trafficAt) {
      const isMore = await parts.store.transaction((db) => forgetOldTraffic(db, now));
      this.#trafficAt = isMore ? now : now + TRAFFIC_MS;
      for (const { id } of await allDomains(parts.store.db)) await sweepFindings(parts.store.db, id);
    }
    if (now - this.#sweptAt < DAY_MS) return;
    this.#sweptAt = now;
    await forgetMutes(parts.store.db, now);
    const before = now - UNSEEN_DAYS * DAY_MS;
    await forgetUnseen(parts.store.db, before);
    await forgetProposals(parts.store.db, { openBefore: now - UNTOLD_DAYS * DAY_MS, before });
  }
}
