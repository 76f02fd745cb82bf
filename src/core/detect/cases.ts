// Keeps findings few: one case per kind and subject, told when it begins and whenever its count has doubled. Not a history.

import type { Instant } from '#model';
import { CASE_QUIET, CASES_MAX, UNTAKEN_MAX } from './bounds.ts';
import type { Finding, FindingKind } from './finding.ts';

interface Case {
  readonly began: Instant;
  last: Instant;
  count: number;
  tellAt: number;
}

/** What is known of a case when it is due. */
export type Telling = Omit<Finding, 'case' | 'kind' | 'began' | 'at' | 'count' | 'subject'>;

export interface Seen {
  readonly kind: FindingKind;
  /** Tells apart cases of one kind and subject. */
  readonly variant?: string;
  readonly subject: string;
  readonly at: Instant;
}

export class Cases {
  readonly #cases = new Map<string, Case>();
  #untaken: Finding[] = [];
  /** Findings that nobody took in time. */
  dropped = 0;

  /** Counts one more sighting; asks for the words only where the case is due. */
  see(seen: Seen, tell: (count: number) => Telling): void {
    const key = keyOf(seen);
    const open = this.#open(key, seen.at);
    open.count++;
    if (open.count < open.tellAt) return;
    if (this.#untaken.length >= UNTAKEN_MAX) this.dropped++;
    else {
      const { kind, subject, at } = seen;
      const { began, count } = open;
      this.#untaken.push({ case: `${key} ${began}`, kind, subject, began, at, count, ...tell(count) });
    }
    open.tellAt = open.count * 2;
  }

  /** Ends a case at once, so that the next sighting is a new one. */
  close(seen: Omit<Seen, 'at'>): void {
    this.#cases.delete(keyOf(seen));
  }

  take(): readonly Finding[] {
    const taken = this.#untaken;
    this.#untaken = [];
    return taken;
  }

  /** Cases stay in the order of their last sighting, so the first is the longest quiet. */
  #open(key: string, at: Instant): Case {
    const known = this.#cases.get(key);
    this.#cases.delete(key);
    const isOver = known === undefined || at - known.last > CASE_QUIET;
    const open = isOver ? { began: at, last: at, count: 0, tellAt: 1 } : known;
    open.last = at;
    if (this.#cases.size >= CASES_MAX) {
      const [quietest] = this.#cases.keys();
      if (quietest !== undefined) this.#cases.delete(quietest);
    }
    this.#cases.set(key, open);
    return open;
  }
}

function keyOf({ kind, variant, subject }: Omit<Seen, 'at'>): string {
  return variant === undefined ? `${kind} ${subject}` : `${kind} ${variant} ${subject}`;
}
