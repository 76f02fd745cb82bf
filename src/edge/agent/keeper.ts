// What time brings: changes that nobody confirmed, hours and windows, quarantines that end, findings, a clock that jumps. One look a second.

import { HOUR, type Instant, type Micros, SECOND } from '#model';
import { ObserveError } from '#observe';
import { answerFinding, release } from './isolation.ts';
import { writeMemory } from './memory.ts';
import type { Parts } from './parts.ts';
import { WATCH_RENEW_EVERY } from './table.ts';
import { AgentError } from './trouble.ts';

export interface KeeperOptions {
  readonly parts: Parts;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Says that something is not as it should be, under a code, and that it is again. */
  readonly ail: (code: string, message: string) => void;
  readonly heal: (code: string) => void;
  /** Told once, when more different addresses were seen than are kept. */
  readonly onFull: () => void;
}

const LOOK_MS = 1_000;
/** A look that comes late on a loaded machine is no jump of the clock. */
const JUMP: Micros = 2 * SECOND;
/** After a jump this large what the engine counts in windows and hours means nothing any more. */
const JUMP_FAR: Micros = HOUR;
/** What was learned is saved this often: a crash loses at most this much of it. */
const MEMORY_EVERY: Micros = 300 * SECOND;
/** What was used of budgets is saved this often: a power cut gives back at most what was used since. */
const USAGE_EVERY: Micros = 30 * SECOND;
const OBSERVER_EVERY: Micros = 30 * SECOND;

export class Keeper {
  readonly #options: KeeperOptions;
  #timer: NodeJS.Timeout | null = null;
  #isLooking = false;
  readonly #steps: readonly (() => Promise<void>)[] = [
    () => this.#watchClock(),
    () => this.#revert(),
    () => this.#release(),
    () => this.#refresh(),
    () => this.#findings(),
    () => this.#neighbours(),
    () => this.#watch(),
    () => this.#save(),
  ];
  #isFull = false;
  #last: { readonly now: Instant; readonly elapsed: Micros };
  #memoryAt: Micros;
  #usageAt: Micros;
  #watchAt: Micros;
  #observerAt: Micros;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
    const { now, elapsed } = options.parts.settled;
    this.#last = { now: now(), elapsed: elapsed() };
    this.#memoryAt = elapsed() + MEMORY_EVERY;
    this.#usageAt = elapsed() + USAGE_EVERY;
    this.#observerAt = elapsed();
    this.#watchAt = elapsed() + WATCH_RENEW_EVERY;
  }

  async start(): Promise<void> {
    await this.#observe();
    this.#timer = setInterval(() => {
      if (!this.#isLooking) this.#looking = this.#look();
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#looking;
    await this.#options.parts.table.saveUsage().catch(() => {});
    await this.#options.parts.observing.close();
    writeMemory(this.#options.parts);
  }

  /** INVARIANT: never rejects; a failure is told and the next look tries again. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    try {
      await this.#inOrder();
      this.#options.heal('PICKET-G037');
    } catch (error) {
      this.#options.ail('PICKET-G037', error instanceof Error ? error.message : String(error));
      if (!(error instanceof AgentError))
        this.#options.parts.settled.log(`bug ${error instanceof Error ? error.stack : error}`);
    } finally {
      this.#isLooking = false;
    }
  }

  /** INVARIANT: what fails keeps nothing of the rest from being done. A full disk must not keep hours shut, nor anybody in quarantine. */
  async #inOrder(): Promise<void> {
    const failed: unknown[] = [];
    for (const step of this.#steps) await step().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  }

  /** What nobody confirmed goes first: somebody may be locked out. */
  async #revert(): Promise<void> {
    const { parts, inTurn } = this.#options;
    const { desk } = parts;
    if (!desk.isOverdue) return;
    await inTurn(async () => {
      if (desk.isOverdue) await desk.revert('nobody confirmed it in time');
    });
  }

  async #release(): Promise<void> {
    const { parts, inTurn } = this.#options;
    const expired = parts.quarantines.expired(parts.settled.now());
    if (expired.length > 0) await inTurn(() => release(parts, expired));
  }

  async #refresh(): Promise<void> {
    const { parts, inTurn } = this.#options;
    if (parts.table.nextChange <= parts.settled.now()) await inTurn(() => parts.table.refresh());
  }

  /** A finding is kept, whatever became of its answer. */
  async #findings(): Promise<void> {
    const { parts, inTurn } = this.#options;
    const failed: unknown[] = [];
    for (const finding of parts.monitor.tick(parts.settled.now())) {
      const action = await inTurn(() => answerFinding(parts, finding)).catch((error: unknown) => {
        failed.push(error);
        return 'not quarantined: it failed';
      });
      parts.findings.push({ ...finding, action });
    }
    if (failed.length > 0) throw failed[0];
  }

  async #watch(): Promise<void> {
    const { parts, inTurn } = this.#options;
    const { settled, observing, addresses } = parts;
    if (settled.elapsed() >= this.#observerAt && !observing.isOn) await this.#observe();
    if (addresses.size > settled.addressesMax && !this.#isFull) {
      this.#isFull = true;
      this.#options.onFull();
    }
    if (settled.elapsed() < this.#watchAt || !observing.isWatching) return;
    this.#watchAt = settled.elapsed() + WATCH_RENEW_EVERY;
    await inTurn(() => parts.table.renewWatch());
  }

  async #neighbours(): Promise<void> {
    const { parts, inTurn } = this.#options;
    const changed = parts.monitor.macs.takeChanged();
    if (changed === null) return;
    try {
      await inTurn(() => parts.table.setNeighbours(changed));
    } catch (error) {
      parts.monitor.macs.putBack();
      throw error;
    }
  }

  async #save(): Promise<void> {
    const { parts } = this.#options;
    const { settled, table, ports } = parts;
    if (settled.elapsed() >= this.#usageAt) {
      this.#usageAt = settled.elapsed() + USAGE_EVERY;
      await table.saveUsage();
      await ports.verify();
    }
    if (settled.elapsed() < this.#memoryAt) return;
    this.#memoryAt = settled.elapsed() + MEMORY_EVERY;
    writeMemory(parts);
  }

  /** The table holds instants as timeouts of the kernel, so after a jump its content is made anew at once. */
  async #watchClock(): Promise<void> {
    const { parts, inTurn } = this.#options;
    const { settled, table, monitor, quarantines, logons } = parts;
    const seen = { now: settled.now(), elapsed: settled.elapsed() };
    const jump = seen.now - this.#last.now - (seen.elapsed - this.#last.elapsed);
    this.#last = seen;
    if (Math.abs(jump) < JUMP) return;
    settled.log(`clock jumped seconds=${Math.round(jump / SECOND)}`);
    if (Math.abs(jump) >= JUMP_FAR)
      monitor.beginAnew(seen.now, { quarantined: quarantines.elements, logons: logons.all });
    await inTurn(() => table.refresh(jump));
    if (parts.observing.isWatching) await inTurn(() => table.renewWatch());
  }

  /** Without observation the table holds all the same, so the agent goes on and tries again. */
  async #observe(): Promise<void> {
    const { parts, ail, heal } = this.#options;
    this.#observerAt = parts.settled.elapsed() + OBSERVER_EVERY;
    try {
      await parts.observing.start();
      heal('PICKET-G044');
    } catch (error) {
      if (!(error instanceof ObserveError)) throw error;
      ail('PICKET-G044', `nothing is observed: ${error.message}`);
    }
  }
}
