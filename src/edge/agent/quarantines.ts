// Who is in quarantine, since when, until when and why: on disk before the kernel is told, so that a restart lets nobody out. Not the cut itself.

import { type Instant, instantText, type Policy } from '#model';
import type { QuarantineView } from './api.ts';
import { readWhole, writeWhole } from './files.ts';
import { AgentError } from './trouble.ts';

/**
 * The policy by which quarantines are held: an element in quarantine is in mode enforce as long, because what an observed element is denied is only
 * recorded, and a quarantine that lets everything pass is none.
 */
export function withIsolation(policy: Policy, quarantined: ReadonlySet<string>): Policy {
  if (quarantined.size === 0) return policy;
  const elements = policy.elements.map((one) => (quarantined.has(one.id) ? { ...one, mode: 'enforce' as const } : one));
  return { ...policy, elements };
}

export interface Quarantine {
  readonly element: string;
  readonly since: Instant;
  /** Null: until released. */
  readonly until: Instant | null;
  readonly reason: string;
  readonly by: string;
  /** Made by the domain's controller, which alone ends it. */
  readonly isRemote?: boolean;
}

const REASON_CHARS_MAX = 500;

export class Quarantines {
  readonly #path: string;
  #rows: ReadonlyMap<string, Quarantine>;

  constructor(path: string) {
    this.#path = path;
    this.#rows = new Map(read(path).map((row) => [row.element, row]));
  }

  get elements(): ReadonlySet<string> {
    return new Set(this.#rows.keys());
  }

  get rows(): readonly Quarantine[] {
    return [...this.#rows.values()];
  }

  has(element: string): boolean {
    return this.#rows.has(element);
  }

  put(row: Quarantine): void {
    this.#write(new Map(this.#rows).set(row.element, { ...row, reason: row.reason.slice(0, REASON_CHARS_MAX) }));
  }

  remove(elements: readonly string[]): void {
    const rows = new Map(this.#rows);
    for (const element of elements) rows.delete(element);
    this.#write(rows);
  }

  /** Those whose time is over. */
  expired(now: Instant): readonly string[] {
    return this.rows.filter(({ until }) => until !== null && until <= now).map(({ element }) => element);
  }

  get views(): readonly QuarantineView[] {
    return this.rows.map(({ element, since, until, reason, by }) => ({
      element,
      since: instantText(since),
      until: until === null ? null : instantText(until),
      reason,
      by,
    }));
  }

  #write(rows: ReadonlyMap<string, Quarantine>): void {
    writeWhole(this.#path, `${JSON.stringify({ schema: 'picket.quarantines/v1', rows: [...rows.values()] })}\n`);
    this.#rows = rows;
  }
}

/** INVARIANT: a file that cannot be read is no empty one, or its damage would let everybody out. */
function read(path: string): readonly Quarantine[] {
  const text = readWhole(path);
  if (text === null) return [];
  const rows = rowsOf(text);
  if (rows?.every(isQuarantine) === true) return rows;
  throw new AgentError({
    code: 'PICKET-G032',
    message: `cannot read "${path}", which tells who is in quarantine; the table in the kernel was left as it is`,
    help: 'bring the file back from a backup, or remove it to let everybody out',
  });
}

function rowsOf(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('rows' in value)) return null;
    return Array.isArray(value.rows) ? value.rows : null;
  } catch {
    return null;
  }
}

function isQuarantine(value: unknown): value is Quarantine {
  if (typeof value !== 'object' || value === null || !('element' in value && 'until' in value && 'since' in value))
    return false;
  return (
    typeof value.element === 'string' &&
    typeof value.since === 'number' &&
    (value.until === null || typeof value.until === 'number')
  );
}
