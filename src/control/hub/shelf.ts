// What a hub has ready for every agent of one domain: the current policy as a signed statement, as one snapshot and as deltas from the revisions before.
// Each is signed once and written once; all agents get the same bytes. Not who gets what: connection.ts.

import { createHash } from 'node:crypto';
import { type PolicyEntry, parsePolicy, policyEntries } from '#policy';
import { deltaOf, EntryTable, encode, POLICY_TYP, type PolicyStatement } from '#wire';
import type { Policies, Published, Trust } from './options.ts';
import { HubError } from './trouble.ts';

/** Revisions whose entries are kept to make deltas from. An agent that is further behind gets a snapshot. */
const KEPT_MAX = 4;

interface Kept {
  readonly revision: number;
  readonly digest: string;
  readonly entries: readonly PolicyEntry[];
}

interface Current extends Kept {
  readonly published: Published;
  readonly statement: string;
  /** That the statement was signed by. */
  readonly signedBy: string;
}

/** stated: the content is the same, and its statement is another one: it was confirmed, or signed by the domain's next key. */
export type Change = 'revision' | 'stated' | 'none';

export const sha256: (text: string) => string = (text) => createHash('sha256').update(text).digest('hex');

export class Shelf {
  readonly #domain: string;
  readonly #policies: Policies;
  readonly #trust: Trust;
  /** The current entries; kept as a table so that the digest of a small change costs little. */
  readonly #table = new EntryTable([], sha256);
  #current: Current | null = null;
  #before: readonly Kept[] = [];
  #ready = new Map<number | 'snapshot' | 'confirmed', Buffer>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(domain: string, { policies, trust }: { readonly policies: Policies; readonly trust: Trust }) {
    this.#domain = domain;
    this.#policies = policies;
    this.#trust = trust;
  }

  get revision(): number {
    return this.#current?.revision ?? 0;
  }

  /** Until when the current revision waits for its confirmation; null where it does not, or there is none. */
  get pendingUntilMs(): number | null {
    return this.#current?.published.pendingUntilMs ?? null;
  }

  get digest(): string {
    return this.#current?.digest ?? '';
  }

  isCurrent(revision: number | null, digest: string | null): boolean {
    return this.#current !== null && revision === this.#current.revision && digest === this.#current.digest;
  }

  /** Reads what is current. INVARIANT: what is on the shelf never goes back, even if a store that fell behind says so. */
  refresh(): Promise<Change> {
    const next = this.#turn.then(() => this.#refresh());
    this.#turn = next.catch(() => {});
    return next;
  }

  /** Everything, for an agent that has nothing or cannot use a delta. */
  snapshot(): Buffer | null {
    return this.#once('snapshot', ({ statement, entries }) => encode({ kind: 'snapshot', statement, entries }));
  }

  /** The same, where it is confirmed, for agents that would hear of nothing that comes after it. */
  confirmedSnapshot(): Buffer | null {
    return this.#current === null || this.pendingUntilMs !== null ? null : this.snapshot();
  }

  /** From the content of a revision that was current lately; null where it is not known any more, or is another. */
  delta(from: number, digest: string): Buffer | null {
    const base = this.#before.find((kept) => kept.revision === from && kept.digest === digest);
    if (base === undefined) return null;
    return this.#once(from, ({ statement, entries }) =>
      encode({ kind: 'delta', statement, from, delta: deltaOf(base.entries, entries) }),
    );
  }

  /** The statement alone, for agents that have the content. */
  confirmed(): Buffer | null {
    return this.#once('confirmed', ({ statement }) => encode({ kind: 'confirmed', statement }));
  }

  #once(key: number | 'snapshot' | 'confirmed', write: (current: Current) => string): Buffer | null {
    if (this.#current === null) return null;
    const made = this.#ready.get(key) ?? Buffer.from(write(this.#current));
    this.#ready.set(key, made);
    return made;
  }

  async #refresh(): Promise<Change> {
    const published = await this.#policies.current(this.#domain);
    const old = this.#current;
    if (published === null || published.revision < (old?.revision ?? 0)) return 'none';
    // Asked before it signs: where a rotation falls between the two, the next look signs once more.
    const signedBy = await this.#trust.policyKey(this.#domain);
    if (published.revision === old?.revision) {
      if (published.pendingUntilMs === old.published.pendingUntilMs && signedBy === old.signedBy) return 'none';
      this.#put({ ...old, published, signedBy, statement: await this.#sign(published, old.digest) }, this.#before);
      return 'stated';
    }
    const entries = entriesOf(published);
    const change = this.#table.apply(deltaOf(old?.entries ?? [], entries));
    if ('trouble' in change) throw new Error(`a bug: ${change.trouble}`);
    const { digest } = this.#table;
    try {
      const statement = await this.#sign(published, digest);
      const before = old === null ? [] : [old, ...this.#before].slice(0, KEPT_MAX);
      this.#put({ published, revision: published.revision, digest, entries, statement, signedBy }, before);
    } catch (error) {
      change.undo();
      throw error;
    }
    return 'revision';
  }

  #put(current: Current, before: readonly Kept[]): void {
    this.#current = current;
    this.#before = before;
    this.#ready = new Map();
  }

  #sign(published: Published, digest: string): Promise<string> {
    const { domain, revision, before, issuedMs, by, why, pendingUntilMs } = published;
    const payload: PolicyStatement = {
      domain,
      revision,
      before,
      digest,
      issuedMs,
      by: by.slice(0, BY_CHARS_MAX),
      why: why.slice(0, WHY_CHARS_MAX),
      pendingUntilMs,
    };
    return this.#trust.sign(this.#domain, { typ: POLICY_TYP, payload });
  }
}

const BY_CHARS_MAX = 200;
const WHY_CHARS_MAX = 400;

function entriesOf({ domain, revision, text }: Published): readonly PolicyEntry[] {
  const { policy } = parsePolicy(text, `revision ${revision}`);
  if (policy !== null) return policyEntries(policy);
  throw new HubError('PICKET-C611', `revision ${revision} of ${domain} has errors and is not sent to anybody`);
}
