// Denials as they are counted, listed and followed, the kernel's and the engine's. Not the flows that were permitted.

import { type AddressId, type Instant, instantText, type Reason } from '#model';
import type { VerdictCount } from './api.ts';
import type { VerdictView } from './api-records.ts';
import type { Ends } from './ends.ts';
import { PerSecond } from './per-second.ts';
import { Ring } from './ring.ts';
import { protocolText } from './words.ts';

const ROWS_MAX = 10_000;
/** Rows written in one second; more are only counted. */
const ROWS_PER_SECOND_MAX = 1_000;

export interface VerdictRow {
  readonly at: Instant;
  readonly by: 'kernel' | 'engine';
  readonly source: AddressId;
  readonly destination: AddressId;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sourceElement: string | null;
  readonly destinationElement: string | null;
  readonly protocol: number;
  readonly reasons: readonly Reason[];
  readonly isEnforced: boolean;
  readonly rule: string | null;
  readonly guardrail: string | null;
  readonly action: string | null;
}

export class VerdictBook {
  readonly ring = new Ring<VerdictRow>(ROWS_MAX);
  /** By who judged, whether it was held, and the reason: at most four times the reasons there are. */
  readonly #counts = new Map<string, { by: 'kernel' | 'engine'; reason: Reason; isEnforced: boolean; count: number }>();
  readonly #room = new PerSecond(ROWS_PER_SECOND_MAX);

  /** Whether a row may be made for an instant; asked before one is, because a flood of denials must not make rows. */
  hasRoom(at: Instant): boolean {
    return this.#room.take(at);
  }

  count(by: 'kernel' | 'engine', reason: Reason, isEnforced: boolean): void {
    const key = `${by}|${reason}|${isEnforced}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { by, reason, isEnforced, count: 1 });
    else known.count++;
  }

  get counts(): readonly VerdictCount[] {
    return [...this.#counts.values()].sort((one, other) => other.count - one.count);
  }
}

export function verdictView(row: VerdictRow, ends: Ends): VerdictView {
  const { at, by, reasons, isEnforced, rule, guardrail, action } = row;
  return {
    at: instantText(at),
    by,
    from: ends.view(row.source, row.sourcePort, row.sourceElement),
    to: ends.view(row.destination, row.destinationPort, row.destinationElement),
    protocol: protocolText(row.protocol),
    reasons,
    isEnforced,
    rule,
    guardrail,
    action,
  };
}
