// Every revision of the policy on disk, and which of them is in force, confirmed or waiting: written before the kernel is told, so that a start after
// a crash at any step knows what to put in force. Not the kernel, and not a check of policies.

import { join } from 'node:path';
import type { Instant } from '#model';
import type { Caller } from './caller.ts';
import { makeFolder, readWhole, removeFile, writeWhole } from './files.ts';
import { AgentError } from './trouble.ts';

export interface Revision {
  readonly revision: number;
  readonly at: Instant;
  readonly by: string;
  readonly why: string;
  readonly text: string;
  /** Revision of the domain that this is, where the machine belongs to one. */
  readonly domainRevision?: number;
}

/** A change that reverts unless it is confirmed. */
export interface Pending {
  readonly revision: number;
  readonly deadline: Instant;
  readonly caller: Caller | null;
}

export interface Head {
  readonly schema: 'picket.head/v1';
  /** Number that the next revision gets. */
  readonly next: number;
  /** The last one that was confirmed: in force after a restart. */
  readonly confirmed: number;
  /** INVARIANT: written before the kernel is told, taken away after it answered; so a crash in between goes back to what was confirmed. */
  readonly pending: Pending | null;
  /** Revisions that were put in force and taken back. */
  readonly reverted: readonly number[];
}

/** Revisions kept. The oldest go first, never the confirmed one nor the one that waits. */
const REVISIONS_MAX = 100;

export class Store {
  readonly #folder: string;
  #head: Head | null;
  readonly #revisions = new Map<number, Revision>();

  /** Reads what is there; refuses a state that is damaged rather than begin anew without the policy that was in force. */
  constructor(folder: string) {
    this.#folder = folder;
    makeFolder(join(folder, 'revisions'));
    this.#head = this.#readHead();
    if (this.#head === null) return;
    const { next, confirmed } = this.#head;
    for (let number = Math.max(1, next - 2 * REVISIONS_MAX); number < next; number++) this.#take(number);
    // However many were applied and taken back since.
    this.#take(confirmed);
    this.revision(confirmed);
  }

  get isEmpty(): boolean {
    return this.#head === null;
  }

  get head(): Head {
    if (this.#head === null) throw new Error('the store is empty');
    return this.#head;
  }

  /** Newest first. */
  get revisions(): readonly Revision[] {
    return [...this.#revisions.values()].sort((one, other) => other.revision - one.revision);
  }

  revision(number: number): Revision {
    const revision = this.#revisions.get(number);
    if (revision !== undefined) return revision;
    if (number === this.#head?.confirmed)
      throw this.#damaged(`revision ${number}, which is in force, is missing or cannot be read`);
    throw new AgentError({
      code: 'PICKET-G029',
      message: `there is no revision ${number}`,
      help: 'see: picket policy history',
    });
  }

  /** Writes a revision and returns it; it is not in force by that. */
  add(what: Omit<Revision, 'revision'>): Revision {
    const revision = { revision: this.#head?.next ?? 1, ...what };
    writeWhole(this.#pathOf(revision.revision), `${JSON.stringify({ schema: 'picket.revision/v1', ...revision })}\n`);
    this.#revisions.set(revision.revision, revision);
    return revision;
  }

  /** The first revision is confirmed from the beginning: there is nothing to go back to. */
  begin(revision: Revision): void {
    this.#write({
      schema: 'picket.head/v1',
      next: revision.revision + 1,
      confirmed: revision.revision,
      pending: null,
      reverted: [],
    });
  }

  /** The journal entry before the kernel is told. */
  await(pending: Pending): void {
    this.#write({ ...this.head, next: Math.max(this.head.next, pending.revision + 1), pending });
  }

  confirm(): void {
    const { pending } = this.head;
    if (pending === null) return;
    this.#write({ ...this.head, confirmed: pending.revision, pending: null });
    this.#sweep();
  }

  /** What waited is over; the confirmed one is in force again. */
  revert(): void {
    const { pending, reverted } = this.head;
    if (pending === null) return;
    this.#write({ ...this.head, pending: null, reverted: [...reverted, pending.revision].slice(-REVISIONS_MAX) });
    this.#sweep();
  }

  #sweep(): void {
    const { confirmed, pending } = this.head;
    for (const { revision } of this.revisions.slice(REVISIONS_MAX)) {
      if (revision === confirmed || revision === pending?.revision) continue;
      this.#revisions.delete(revision);
      removeFile(this.#pathOf(revision));
    }
  }

  #pathOf(revision: number): string {
    return join(this.#folder, 'revisions', `${String(revision).padStart(8, '0')}.json`);
  }

  #write(head: Head): void {
    writeWhole(join(this.#folder, 'head.json'), `${JSON.stringify(head)}\n`);
    this.#head = head;
  }

  #take(number: number): void {
    const revision = this.#readRevision(number);
    if (revision !== null) this.#revisions.set(number, revision);
  }

  #readHead(): Head | null {
    const text = readWhole(join(this.#folder, 'head.json'));
    if (text === null) return null;
    const head = parsed(text);
    if (isHead(head)) return head;
    throw this.#damaged('head.json cannot be read');
  }

  #readRevision(number: number): Revision | null {
    const text = readWhole(this.#pathOf(number));
    const revision = text === null ? null : parsed(text);
    return isRevision(revision) ? revision : null;
  }

  #damaged(what: string): AgentError {
    return new AgentError({
      code: 'PICKET-G032',
      message: `the state in "${this.#folder}" is damaged: ${what}; the table in the kernel was left as it is`,
      help: 'bring the directory back from a backup, or give it up with: picket down --purge',
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isHead(value: unknown): value is Head {
  if (!hasFields(value, 'schema', 'next', 'confirmed', 'pending', 'reverted')) return false;
  return (
    value.schema === 'picket.head/v1' && isCount(value.next) && isCount(value.confirmed) && isPending(value.pending)
  );
}

function isPending(value: unknown): boolean {
  return value === null || (hasFields(value, 'revision', 'deadline') && isCount(value.revision));
}

function isRevision(value: unknown): value is Revision {
  if (!hasFields(value, 'schema', 'revision', 'text', 'by', 'why', 'at')) return false;
  return (
    value.schema === 'picket.revision/v1' &&
    isCount(value.revision) &&
    typeof value.text === 'string' &&
    typeof value.by === 'string' &&
    typeof value.why === 'string' &&
    typeof value.at === 'number'
  );
}

function hasFields<Name extends string>(value: unknown, ...names: readonly Name[]): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && names.every((name) => Object.hasOwn(value, name));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
