// Every change with its record: one transaction holds both, and the answer waits until the ledger has it on the disk. Not the ledger itself.

import {
  type ActRow,
  addActs,
  adoptActs,
  type Db,
  databaseNow,
  LIVING_MS,
  livingControllers,
  markRecorded,
  newestRecordedAct,
  nextActPosition,
  pendingActs,
  type Store,
} from '#store';
import { ACTS_MAX, entryTrouble, tooManyActs } from './acts.ts';
import { behindStore, refusalOf, type Trouble } from './health.ts';
import { canonicalJson, jsonOf } from './json.ts';
import type { Ledger } from './ledger.ts';
import { LedgerError } from './trouble.ts';
import type { Act, Doer, Entry, LedgerHealth, LedgerRecord } from './types.ts';

/** Rows that are read from the outbox at once. */
const PAGE_ROWS = 200;
/** Recorded acts wait this long to be marked so, many in one transaction. A crash in between costs one look at the ledger. */
const SETTLE_MS = 200;
/** An act that was noted so lately may be of a controller that has not said yet that it lives. */
const ORPHAN_MS = 60_000;

export type Note = (act: Act) => void;

export interface RecorderOptions {
  readonly store: Store;
  readonly ledger: Ledger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A text that was never given before. */
  readonly newId: () => string;
}

export class Recorder {
  readonly #store: Store;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #newId: () => string;
  /** Acts that this process has in hand, or has recorded and not yet marked so: the outbox is not asked for them. */
  readonly #inHand = new Set<string>();
  #recorded: LedgerRecord[] = [];
  #position: number;
  /** Whether the outbox may hold acts that nobody has in hand. */
  #isOwing = false;
  #draining: Promise<void> | null = null;
  #settling: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #trouble: Trouble | null;

  private constructor(
    options: RecorderOptions,
    start: { readonly position: number; readonly trouble: Trouble | null },
  ) {
    this.#store = options.store;
    this.#ledger = options.ledger;
    this.#now = options.now;
    this.#newId = options.newId;
    this.#position = start.position;
    this.#trouble = start.trouble;
  }

  /** Records first what a crash left in the outbox. Where that cannot be, `health()` says why. */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const { store, ledger, now } = options;
    const chain = ledger.head?.chain ?? null;
    if (chain === null) return new Recorder(options, { position: 0, trouble: null });
    const trouble = await troubleWithStore(store.db, ledger);
    const recorder = new Recorder(options, { position: await nextActPosition(store.db, chain), trouble });
    if (trouble === null) await recorder.#adopt(chain, store.kind === 'sqlite' ? now() + 1 : now() - ORPHAN_MS);
    if (trouble === null) await recorder.#drainAfterCrash(chain);
    return recorder;
  }

  /** How recording is: where it is not ready, no change is made. */
  health(): LedgerHealth {
    return this.#trouble ?? this.#ledger.health();
  }

  /**
   * Runs `work` in one transaction together with the acts it notes, and resolves when they are in the ledger on the disk.
   * Rejects with what `work` threw (nothing was changed), or with a `LedgerError` that says whether something was.
   */
  async perform<T>(actor: Doer, work: (db: Db, note: Note) => Promise<T>): Promise<T> {
    await this.#makeReady();
    const { result, entries } = await this.#transact(actor, work);
    if (entries.length > 0) await this.#append(entries);
    return result;
  }

  /** Records acts that change nothing in the store, such as a logon. */
  async record(actor: Doer, acts: readonly Act[]): Promise<void> {
    await this.perform(actor, async (_, note) => {
      for (const act of acts) note(act);
    });
  }

  /** Records what controllers that died left in the outbox. Any living one may be asked, also several at once: an act is adopted by one. */
  async adoptOrphans(): Promise<number> {
    const chain = this.#ledger.head?.chain ?? null;
    if (this.#store.kind === 'sqlite' || chain === null || this.health().state !== 'ready') return 0;
    const adopted = await this.#adopt(chain, this.#now() - ORPHAN_MS);
    if (adopted > 0) await this.#drain(() => null);
    return adopted;
  }

  async #adopt(chain: string, before: number): Promise<number> {
    const now = (await databaseNow(this.#store)) ?? this.#now();
    const living = (await livingControllers(this.#store.db, now - LIVING_MS)).flatMap((one) => one.chain ?? []);
    const reserve = (count: number): number => {
      this.#position += count;
      return this.#position - count;
    };
    return this.#store.transaction((db) => adoptActs(db, { chain, living, before, reserve }));
  }

  /** Marks what was recorded. The ledger is closed by whoever opened it. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#draining;
    await this.#settling;
    await this.#settle();
  }

  /** Refuses while the ledger takes nothing; acts that it could not take before go first. */
  async #makeReady(): Promise<void> {
    if (this.#trouble !== null) throw refusalOf(this.#trouble);
    const health = await this.#ledger.tryAgain();
    if (health.state !== 'ready') throw refusalOf(health);
    if (this.#isOwing) await this.#drain(() => null);
  }

  async #transact<T>(
    actor: Doer,
    work: (db: Db, note: Note) => Promise<T>,
  ): Promise<{ readonly result: T; readonly entries: readonly Entry[] }> {
    let entries: Entry[] = [];
    try {
      const result = await this.#store.transaction(async (db) => {
        entries = [];
        const answer = await work(db, (act) => entries.push(this.#entryOf(actor, act, entries.length)));
        if (entries.length > 0) await addActs(db, this.#rowsOf(entries));
        return answer;
      });
      return { result, entries };
    } catch (error) {
      this.#letGo(entries);
      // A connection that broke while it committed leaves open whether the acts are there: the outbox knows.
      this.#isOwing ||= entries.length > 0;
      throw error;
    }
  }

  #entryOf(actor: Doer, act: Act, noted: number): Entry {
    if (noted >= ACTS_MAX) throw tooManyActs();
    const { kind, id, name } = actor;
    const entry = { id: this.#newId(), at: this.#now(), actor: { kind, id, name }, act };
    const trouble = entryTrouble(entry);
    if (trouble !== null) throw trouble;
    return entry;
  }

  #rowsOf(entries: readonly Entry[]): readonly ActRow[] {
    const chain = this.#ledger.head?.chain ?? '';
    return entries.map((entry) => {
      this.#inHand.add(entry.id);
      return rowOf(entry, { chain, position: this.#position++ });
    });
  }

  async #append(entries: readonly Entry[]): Promise<void> {
    try {
      // Awaited before the list is named: while the disk works, a settling replaces the list by what is left of it.
      const records = await this.#ledger.append(entries);
      this.#recorded.push(...records);
      this.#settleSoon();
    } catch (error) {
      this.#letGo(entries);
      this.#isOwing = true;
      throw error instanceof LedgerError ? madeButNotRecorded(error) : error;
    }
  }

  #letGo(entries: readonly Entry[]): void {
    for (const { id } of entries) this.#inHand.delete(id);
  }

  #settleSoon(): void {
    if (this.#recorded.length >= PAGE_ROWS) this.#settle().catch(() => this.#settleLater());
    else this.#settleLater();
  }

  /** A store that is away is asked again: what is not marked is found in the ledger after a restart. */
  #settleLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#settle().catch(() => this.#settleLater());
    }, SETTLE_MS).unref();
  }

  /** One at a time: two would each take the other's records off the list. */
  #settle(): Promise<void> {
    this.#settling ??= this.#settleAll().finally(() => {
      this.#settling = null;
    });
    return this.#settling;
  }

  async #settleAll(): Promise<void> {
    while (this.#recorded.length > 0) {
      const records = this.#recorded.slice(0, PAGE_ROWS);
      await this.#store.transaction((db) => markRecorded(db, records));
      this.#recorded = this.#recorded.slice(records.length);
      this.#letGo(records);
    }
  }

  /** Puts what the outbox holds and nobody has in hand into the ledger, oldest first. One at a time: all wait for the same. */
  #drain(recordedAs: (id: string) => LedgerRecord | null): Promise<void> {
    this.#draining ??= this.#drainAll(recordedAs).finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  async #drainAll(recordedAs: (id: string) => LedgerRecord | null): Promise<void> {
    this.#isOwing = false;
    try {
      for await (const rows of this.#outbox()) {
        const waiting = rows.filter(({ id }) => !this.#inHand.has(id));
        for (const { id } of waiting) this.#inHand.add(id);
        this.#recorded.push(...waiting.flatMap(({ id }) => recordedAs(id) ?? []));
        await this.#appendOld(waiting.filter(({ id }) => recordedAs(id) === null).map(entryOf));
      }
    } catch (error) {
      this.#isOwing = true;
      throw error;
    }
    await this.#settle();
  }

  /** Acts without a record, a page at a time. */
  async *#outbox(): AsyncGenerator<readonly ActRow[]> {
    const chain = this.#ledger.head?.chain ?? '';
    for (let after = -1; ; ) {
      const rows = await pendingActs(this.#store.db, { chain, after, limit: PAGE_ROWS });
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.position;
      yield rows;
    }
  }

  async #appendOld(entries: readonly Entry[]): Promise<void> {
    try {
      const records = await this.#ledger.append(entries);
      this.#recorded.push(...records);
    } catch (error) {
      this.#letGo(entries);
      throw error;
    }
  }

  /** A crash may have come between the ledger and its mark in the store: such acts are in the ledger already. */
  async #drainAfterCrash(chain: string): Promise<void> {
    const waiting = new Set<string>();
    for await (const rows of this.#outbox()) for (const { id } of rows) waiting.add(id);
    if (waiting.size === 0) return;
    const newest = await newestRecordedAct(this.#store.db, chain);
    const recorded = new Map<string, LedgerRecord>();
    for await (const record of this.#ledger.read({ from: (newest?.sequence ?? 0) + 1 }))
      if (waiting.has(record.id)) recorded.set(record.id, record);
    await this.#drain((id) => recorded.get(id) ?? null).catch((error: unknown) => {
      // Without room the acts wait; the next change tries again before anything else.
      if (!(error instanceof LedgerError)) throw error;
    });
  }
}

/** Why ledger and store do not belong together, or null. */
async function troubleWithStore(db: Db, ledger: Ledger): Promise<Trouble | null> {
  const { head } = ledger;
  const newest = head === null ? undefined : await newestRecordedAct(db, head.chain);
  const sequence = newest?.sequence ?? null;
  if (head === null || newest === undefined || sequence === null) return null;
  if (sequence > head.sequence)
    return behindStore(
      ledger.folder,
      `it ends with record ${head.sequence}, and the database knows record ${sequence}`,
    );
  for await (const record of ledger.read({ from: sequence, to: sequence }))
    if (record.hash !== newest.hash)
      return behindStore(ledger.folder, `its record ${sequence} is another one than the database knows`);
  return null;
}

function rowOf(
  { id, at, actor, act }: Entry,
  { chain, position }: { readonly chain: string; readonly position: number },
): ActRow {
  return {
    id,
    chain,
    position,
    at,
    domain: act.domain,
    action: act.action,
    subject: act.subject,
    actor_kind: actor.kind,
    actor_id: actor.id,
    actor_name: actor.name,
    detail: act.detail === undefined || act.detail === null ? null : canonicalJson(act.detail),
    sequence: null,
    hash: null,
  };
}

function entryOf(row: ActRow): Entry {
  return {
    id: row.id,
    at: row.at,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    act: {
      action: row.action,
      subject: row.subject,
      domain: row.domain,
      detail: row.detail === null ? null : (jsonOf(row.detail) ?? null),
    },
  };
}

function madeButNotRecorded(cause: LedgerError): LedgerError {
  return new LedgerError({
    code: 'PICKET-C213',
    message: `the change was made, but its record is not in the ledger yet (${cause.code}: ${cause.message})`,
    help: `${cause.help}; the record waits in the database and is written then`,
    cause,
  });
}
