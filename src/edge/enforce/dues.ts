// Who has to be looked at again, and when. Owners share few instants, because hours and windows end together. Not a timer.

import { END_OF_TIME, type Instant } from '#model';

export class Dues<Owner> {
  readonly #owners = new Map<Instant, Set<Owner>>();
  readonly #due = new Map<Owner, Instant>();

  get next(): Instant {
    let next = END_OF_TIME;
    for (const at of this.#owners.keys()) next = Math.min(next, at);
    return next;
  }

  /** One instant an owner: another takes its place. */
  set(owner: Owner, at: Instant): void {
    this.delete(owner);
    if (at >= END_OF_TIME) return;
    this.#due.set(owner, at);
    const owners = this.#owners.get(at);
    if (owners === undefined) this.#owners.set(at, new Set([owner]));
    else owners.add(owner);
  }

  delete(owner: Owner): void {
    const at = this.#due.get(owner);
    if (at === undefined) return;
    this.#due.delete(owner);
    const owners = this.#owners.get(at);
    owners?.delete(owner);
    if (owners?.size === 0) this.#owners.delete(at);
  }

  /** Owners whose instant has come. */
  at(now: Instant): readonly Owner[] {
    return [...this.#owners].flatMap(([at, owners]) => (at <= now ? [...owners] : []));
  }

  get all(): Iterable<Owner> {
    return this.#due.keys();
  }
}
