// Takes snapshots, deltas and confirmations: verified, in order, whole, and on disk before they are used. Not the wire, and not the kernel.

import { type Delta, EntryTable, type PolicyEntry, type PolicyStatement } from '#wire';
import { type Floor, type Held, readFloor, readHeld, writeFloor, writeHeld } from './held.ts';
import { sha256Text } from './primitives.ts';
import { type Signers, verifyPolicy } from './statements.ts';
import { LinkError } from './trouble.ts';

/** What arrived: with content, with a change of the content, or the statement alone. */
export type Arrival =
  | { readonly kind: 'snapshot'; readonly statement: string; readonly entries: readonly PolicyEntry[] }
  | { readonly kind: 'delta'; readonly statement: string; readonly from: number; readonly delta: Delta }
  | { readonly kind: 'confirmed'; readonly statement: string };

/** `isLost`: what is held does not fit, so the whole is needed. */
export type Taken =
  | { readonly kind: 'held'; readonly held: Held }
  | { readonly kind: 'lost'; readonly error: LinkError }
  | { readonly kind: 'refused'; readonly revision: number; readonly error: LinkError };

export class Taking {
  readonly #folder: string;
  #statement: PolicyStatement | null;
  #table: EntryTable;
  #floor: Floor;

  /** Reads what is on disk. Throws a `LinkError` where that is damaged. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#floor = readFloor(folder);
    const held = readHeld(folder);
    this.#statement = held?.statement ?? null;
    this.#table = new EntryTable(held?.entries ?? [], sha256Text);
    // A file that was changed on disk is as good as none: the controller sends it whole.
    if (held !== null && this.#table.digest !== held.statement.digest) this.#statement = null;
  }

  get held(): Held | null {
    return this.#statement === null ? null : { statement: this.#statement, entries: this.#table.entries };
  }

  get statement(): PolicyStatement | null {
    return this.#statement;
  }

  get floor(): Floor {
    return this.#floor;
  }

  /** Never throws for what came from outside; a disk that fails is an error of the caller's. */
  async take(arrival: Arrival, signers: Signers): Promise<Taken> {
    let statement: PolicyStatement;
    try {
      statement = await verifyPolicy(arrival.statement, signers);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      return { kind: 'refused', revision: this.#floor.revision, error };
    }
    const fault = this.#orderFault(statement);
    if (fault !== null) return { kind: 'refused', revision: statement.revision, error: fault };
    return this.#fill(arrival, statement);
  }

  /** False for a list that is older than one that was taken. */
  takeSequence(sequence: number): boolean {
    if (sequence < this.#floor.quarantineSequence) return false;
    if (sequence > this.#floor.quarantineSequence) {
      this.#floor = { ...this.#floor, quarantineSequence: sequence };
      writeFloor(this.#folder, this.#floor);
    }
    return true;
  }

  /** A number is taken once with one content; a second statement of it may only confirm it. */
  #orderFault({ revision, digest, pendingUntilMs }: PolicyStatement): LinkError | null {
    const floor = this.#floor.revision;
    if (revision < floor) return goesBack(`revision ${revision} came after revision ${floor} had been taken`);
    const held = this.#statement;
    if (held === null || revision !== held.revision) return null;
    if (digest !== held.digest) return goesBack(`revision ${revision} came again with another content`);
    if (held.pendingUntilMs === null && pendingUntilMs !== null)
      return goesBack(`revision ${revision} was confirmed and came again as waiting`);
    return null;
  }

  #fill(arrival: Arrival, statement: PolicyStatement): Taken {
    if (arrival.kind === 'confirmed') {
      if (this.#statement?.revision !== statement.revision) return lost(`revision ${statement.revision} is not held`);
      return this.#keep(statement);
    }
    if (arrival.kind === 'snapshot') {
      const table = new EntryTable(arrival.entries, sha256Text);
      if (table.digest !== statement.digest)
        return { kind: 'refused', revision: statement.revision, error: differs(statement.revision) };
      this.#table = table;
      return this.#keep(statement);
    }
    if (this.#statement?.revision !== arrival.from) return lost(`revision ${arrival.from} is not held`);
    const change = this.#table.apply(arrival.delta);
    if ('trouble' in change) return lost(change.trouble);
    if (this.#table.digest === statement.digest) return this.#keep(statement);
    change.undo();
    return { kind: 'lost', error: differs(statement.revision) };
  }

  #keep(statement: PolicyStatement): Taken {
    const held: Held = { statement, entries: this.#table.entries };
    // Until it is written nothing is held: who fails to write asks for it again.
    this.#statement = null;
    writeHeld(this.#folder, held, this.#floor);
    this.#floor = { ...this.#floor, revision: Math.max(this.#floor.revision, statement.revision) };
    this.#statement = statement;
    return { kind: 'held', held };
  }
}

function lost(why: string): Taken {
  return { kind: 'lost', error: new LinkError({ code: 'PICKET-C657', message: `a change does not fit: ${why}` }) };
}

function differs(revision: number): LinkError {
  return new LinkError({
    code: 'PICKET-C657',
    message: `the content of revision ${revision} is not what was signed; nothing was changed`,
  });
}

function goesBack(what: string): LinkError {
  return new LinkError({
    code: 'PICKET-C655',
    message: `${what}; nothing was changed`,
    help: 'the controller may have been restored from an old backup, or somebody replays old messages',
  });
}
