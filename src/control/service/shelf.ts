// Policies by domain and revision, parsed once. A revision never changes, so nothing on the shelf goes stale. Not the store of texts.

import type { Policy } from '#model';
import { parsePolicy } from '#policy';
import { Refusal } from '#routes';
import { type Db, type PolicyHead, policyHead, policyRevision } from '#store';

/** Parsed policies kept: the ones in force of the busiest domains, and what they are compared with. A policy of 20,000 rules takes some 50 MB. */
const KEPT_MAX = 4;

export interface HeldPolicy {
  readonly head: PolicyHead;
  readonly text: string;
  readonly policy: Policy;
}

export class PolicyShelf {
  readonly #kept = new Map<string, Policy>();

  /** The policy in force (waiting or confirmed). Refuses where the domain has none. */
  async inForce(db: Db, domain: string): Promise<HeldPolicy> {
    const head = await policyHead(db, domain);
    if (head === undefined) throw noDomain(domain);
    const { text, policy } = await this.revision(db, domain, head.revision);
    return { head, text, policy };
  }

  async revision(
    db: Db,
    domain: string,
    revision: number,
  ): Promise<{ readonly text: string; readonly policy: Policy }> {
    const row = await policyRevision(db, domain, revision);
    if (row === undefined) throw noRevision(revision);
    return { text: row.text, policy: this.#parsed(`${domain} ${revision}`, row.text) };
  }

  #parsed(key: string, text: string): Policy {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const { policy, problems } = parsePolicy(text, key);
    // A revision was checked when it was applied: one that no longer passes is of another version of the language.
    if (policy === null)
      throw new Refusal({
        code: 'PICKET-C708',
        message: `a revision that was applied is no policy any more: ${problems[0]?.message ?? 'unknown'}`,
        help: 'run the version of Picket that took it, and correct the policy there',
      });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, policy);
    return policy;
  }
}

export function noDomain(domain: string): Refusal {
  return new Refusal({ code: 'PICKET-C420', message: `the domain "${domain}" is not there; nothing was changed` });
}

export function noRevision(revision: number): Refusal {
  return new Refusal({
    code: 'PICKET-C420',
    message: `there is no revision ${revision}, or it is too old to be kept; nothing was changed`,
    help: 'see: picket policy history',
  });
}
