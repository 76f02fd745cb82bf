// The table's life in the kernel: put up, kept to a policy, taken down. Holds the last good policy whatever goes wrong; asks no clock of
// its own. Not the compiler, and not the timer: whoever holds it calls `refresh` at `nextChange`.

import { END_OF_TIME, type Factor, type Instant, type Micros, type Policy } from '#model';
import { mark, NftError } from '#nft';
import { bornCommands } from './born.ts';
import { compileTable } from './compile.ts';
import type { Compiled } from './compile-types.ts';
import type { Content } from './content.ts';
import { Cutter, type TrackedFlow } from './cutting.ts';
import {
  type Applied,
  GatewayError,
  type GatewayOptions,
  type Grant,
  type MarkMeaning,
  type TicketAsked,
  type UpOptions,
} from './gateway-types.ts';
import { firstMark, refuseOthers } from './install-checks.ts';
import { KernelLine } from './kernel-line.ts';
import { type FactorLogon, LogonBook } from './logons.ts';
import { goneBetween, type Made, passingCommands } from './made.ts';
import { Memory } from './memory.ts';
import { type NameAnswer, NameBook, type NamedTable, tableOf } from './name-book.ts';
import type { Neighbours } from './neighbours.ts';
import { type NumberBook, numberBook } from './numbers.ts';
import { type ContentOpinion, contentOpinion } from './opinion.ts';
import { TableWatch } from './table-watch.ts';
import { TICKET_LIFE_MAX, TICKETS_MAX, TicketBook } from './tickets.ts';
import { Timer } from './timer.ts';
import { applyLine, installLine, onOneLine, REMOVE_LINE, stateLine } from './transaction.ts';
import { mostUsed, type Usage, type Used, usageOf } from './usage.ts';
import { ContentWalk, type FlowAsked } from './walk.ts';

/** What the table is made from, besides what is known of names, neighbours and logons. */
interface Facts {
  readonly policy: Policy;
  readonly quarantined: ReadonlySet<string>;
}

interface InForce extends Facts {
  readonly content: Content;
  readonly ruleOfMark: ReadonlyMap<number, string>;
  readonly table: NamedTable;
  /** Sets of names that its classes know. */
  readonly nameSets: number;
  /** Counts transactions; the kernel's table carries it, so that a lost answer can be looked up. */
  readonly generation: number;
}

export class Gateway {
  readonly #options: Required<GatewayOptions>;
  readonly #line: KernelLine;
  readonly #watch: TableWatch;
  #book: NumberBook | null = null;
  #inForce: InForce | null = null;
  readonly #memory = new Memory();
  readonly #rehearsal = { book: numberBook(), memory: new Memory() };
  readonly #names = new NameBook();
  readonly #logons = new LogonBook();
  readonly #tickets = new TicketBook();
  #neighbours: Neighbours = new Map();
  readonly #nameTimer = new Timer();
  #namesTurn: Promise<void> | null = null;
  /** What budgets had used when it was last known, for objects that have to be made again. */
  #used: Used = new Map();
  readonly #cutter: Cutter;
  #isClockSet = false;
  /** Nobody knows what the kernel holds, so the next change puts the whole table up. */
  #isUnsure = false;
  /** Work goes one after the other: a difference is only right against what is in force. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: GatewayOptions) {
    this.#options = {
      nft: ['nft'],
      ip: ['ip'],
      connections: ['cat', '/proc/net/nf_conntrack'],
      conntrack: ['conntrack'],
      legacy: [['iptables-legacy-save'], ['ip6tables-legacy-save']],
      onDrift: () => {},
      ...options,
    };
    this.#line = new KernelLine(this.#options.nft);
    const { conntrack, connections } = this.#options;
    this.#watch = new TableWatch({
      command: this.#options.nft,
      isOurs: (pid) => this.#line.isOurs(pid),
      touch: () => this.#line.run(stateLine({ generation: this.#current().generation, nextMark: this.#nextMark() })),
      replace: () => this.#replace(),
      inTurn: (work) => this.#inTurn(work),
      onDrift: this.#options.onDrift,
    });
    this.#cutter = new Cutter({
      conntrack,
      connections,
      print: (command) => this.#line.print(command),
      admits: () => this.#admits(),
      inTurn: (work) => this.#inTurn(() => (this.#inForce === null ? undefined : work())),
    });
  }

  /**
   * Puts the table up for a policy, in place of one that an earlier process left, and with it the elements that are in quarantine already.
   * Budgets go on in their windows with whatever was used of them by the earlier table or by `usage`, whichever is more.
   */
  up(policy: Policy, { quarantined = new Set(), usage = null }: UpOptions = {}): Promise<Applied> {
    return this.#inTurn(async () => {
      await refuseOthers(this.#line, this.#options);
      this.#book = numberBook(await firstMark(this.#line, this.#options.connections));
      this.#used = mostUsed([this.#used, usage]);
      const applied = await this.#put({ policy, quarantined }, true);
      await this.#watch.begin();
      return applied;
    });
  }

  /** Puts another policy, or another quarantine, in force: a difference of content, no chain is touched. */
  apply(policy: Policy, quarantined: ReadonlySet<string> = new Set()): Promise<Applied> {
    return this.#inTurn(() => this.#put({ policy, quarantined }, false));
  }

  /** What a policy would become, with what is known of logons and neighbours. Touches nothing. */
  rehearse(policy: Policy, quarantined: ReadonlySet<string>): Compiled {
    const known = { neighbours: this.#neighbours, logons: this.#logons.logons, now: this.#options.now() };
    return compileTable(policy, { ...this.#rehearsal, ...known, quarantined });
  }

  /**
   * Makes the content anew for the present instant: windows begin, hours open, rules end. `jump`: by how much the clock was set since, so that
   * what the kernel holds by timeouts is made again for the new time. Tickets end then, because nobody knows which were redeemed.
   */
  refresh(jump: Micros = 0): Promise<Applied> {
    return this.#inTurn(() => {
      if (jump !== 0) {
        this.#names.shift(jump);
        this.#tickets.spendAll();
        this.#isClockSet = true;
      }
      return this.#put(this.#current(), false);
    });
  }

  /** What is used of each budget in its present window, to be kept over a restart. Transactions do not wait for it. */
  async usage(): Promise<Usage> {
    const { content } = this.#current();
    const used = await this.#line.used();
    this.#used = used;
    return usageOf(content, used, this.#options.now());
  }

  /**
   * A client was given an address for a name. Rules that name it hold for the two from when this is done, for the time to live and at least
   * an hour. Answers that come together become one transaction.
   */
  bindName(answer: NameAnswer): Promise<void> {
    if (!this.#names.bind(answer, this.#options.now())) return Promise.resolve();
    // One turn takes all that came until it begins, so a flood of answers makes no queue.
    this.#namesTurn ??= this.#inTurn(() => this.#putNames());
    return this.#namesTurn;
  }

  /** Answers for names that were not taken in because a table was full. */
  get namesRefused(): number {
    return this.#names.refused;
  }

  /** Puts in force which addresses MACs were seen to have: elements that declare only MACs are held at these. */
  setNeighbours(neighbours: Neighbours): Promise<Applied | null> {
    this.#neighbours = neighbours;
    return this.#inTurn(() => (this.#inForce === null ? null : this.#put(this.#inForce, false)));
  }

  /**
   * An element logged on with these factors. Rules that need them let it open sessions, which live until the grant ends, is taken back, or is
   * not made anew: without `refresh` at `nextChange` it ends within ten minutes. Null where no table is up; it counts when one is.
   */
  grant({ element, factors, at, until = END_OF_TIME }: Grant): Promise<Applied | null> {
    return this.#changeLogons(element, factors, (before) => ({ at, until, off: before?.off ?? null }));
  }

  /** An element logged off: sessions that needed it are cut, after their rule's drain. */
  revoke(element: string, factors: readonly Factor[] = ['person', 'device']): Promise<Applied | null> {
    const now = this.#options.now();
    return this.#changeLogons(element, factors, (before) => ({
      at: null,
      until: END_OF_TIME,
      // Who is not logged on does not log off.
      off: before === undefined || before.at === null ? (before?.off ?? null) : Math.min(before.until, now),
    }));
  }

  /** Lets one element open one connection of a service, or by a rule, that needs a logon. */
  ticket({ from, service, until, endsAt = until }: TicketAsked): Promise<Applied> {
    return this.#inTurn(async () => {
      const { policy, quarantined } = this.#current();
      const now = this.#options.now();
      const ends = Math.min(endsAt, now + TICKET_LIFE_MAX);
      if (this.#tickets.isFull) throw new GatewayError('no-ticket', `cannot give a ticket: ${TICKETS_MAX} are open`);
      const { id } = this.#tickets.add({ from, service, opensUntil: Math.min(until, ends), until: ends });
      try {
        const applied = await this.#put({ policy, quarantined }, false);
        if (this.#tickets.tickets.some((one) => one.id === id)) return applied;
      } catch (error) {
        this.#tickets.remove(id);
        throw error;
      }
      throw new GatewayError(
        'no-ticket',
        `cannot give a ticket: no rule that needs a logon lets ${JSON.stringify(from)} use ${JSON.stringify(service)} now; nothing was changed`,
      );
    });
  }

  /** Takes the table away. Nothing of Picket's stays in the ruleset, and its budgets are forgotten. */
  down(): Promise<void> {
    return this.#inTurn(async () => {
      this.#watch.close();
      this.#stopTimers();
      await this.#line.run(REMOVE_LINE);
      this.#inForce = null;
      this.#book = null;
      this.#used = new Map();
    });
  }

  /** What a mark of the content in force stands for, for whoever reads the kernel's words. Null for one of earlier content. */
  meaningOf(flowMark: number): MarkMeaning | null {
    const rule = this.#inForce?.ruleOfMark.get(flowMark);
    if (rule === undefined) return null;
    return { rule, isHeld: this.#inForce?.content.sets.get('audit')?.has(mark(flowMark).nft) !== true };
  }

  /** What the content in force says of one opening. */
  opinion(flow: FlowAsked): ContentOpinion {
    const named = this.#names.classBetween(flow.from, flow.to);
    return contentOpinion(this.#current().content, { flow, named, now: this.#options.now() });
  }

  /** Ends the child processes and leaves the table as it is: grants run out, denials stay. */
  close(): void {
    this.#watch.close();
    this.#stopTimers();
    this.#line.close();
  }

  #changeLogons(
    element: string,
    factors: readonly Factor[],
    change: (before: FactorLogon | undefined) => FactorLogon,
  ): Promise<Applied | null> {
    return this.#inTurn(async () => {
      const { logons } = this.#logons;
      this.#logons.set(element, factors, change);
      if (this.#inForce === null) return null;
      try {
        return await this.#put(this.#inForce, false);
      } catch (error) {
        this.#logons.reset(logons);
        throw error;
      }
    });
  }

  /** Makes content for the facts and puts it into the kernel: as a difference, or as a whole table in place of whatever is there. */
  async #put(facts: Facts, isAsked: boolean): Promise<Applied> {
    const isWhole = isAsked || this.#isUnsure;
    const before = isWhole ? this.#inForce : this.#current();
    if (facts.policy !== before?.policy) this.#names.setPolicy(facts.policy);
    try {
      return await this.#putContent({ policy: facts.policy, quarantined: facts.quarantined }, isWhole);
    } catch (error) {
      this.#memory.undo();
      if (before !== null && facts.policy !== before.policy) this.#names.setPolicy(before.policy);
      if (error instanceof NftError && !error.isKnown && !this.#isUnsure) {
        this.#isUnsure = true;
        this.#inTurn(() => this.#replace()).then(this.#options.onDrift, () => this.#options.onDrift(false));
      }
      throw error instanceof NftError ? new GatewayError('nft-failed', error.message) : error;
    }
  }

  async #putContent(facts: Facts, isWhole: boolean): Promise<Applied> {
    const now = this.#options.now();
    if (isWhole) this.#tickets.spendAll();
    const before = isWhole ? null : this.#current();
    // What the kernel holds by timeouts is made again whole after the clock was set.
    if (this.#isClockSet) this.#memory.forget();
    const made = this.#compile(facts, now, isWhole);
    const { content } = made;
    const table = tableOf(made);
    const nameSets = this.#names.sets.length;
    if (isWhole) {
      this.#names.forgetKernel();
      this.#used = mostUsed([this.#used, await this.#line.used()]);
    }
    const names = this.#names.commands(table, now, true);
    const generation = (this.#inForce?.generation ?? 0) + 1;
    const state = { generation, nextMark: this.#nextMark() };
    const more = [...(isWhole ? bornCommands(await this.#line.born()) : []), ...names.commands];
    const used = this.#used;
    const line =
      before === null
        ? installLine(content, { ...state, more, used }, now)
        : applyLine(
            [...passingCommands({ before: before.content, made, used, isClockSet: this.#isClockSet }, now), ...more],
            state,
          );
    const start = this.#options.now();
    await this.#line.settle(line, generation);
    const transactionMillis = (this.#options.now() - start) / 1_000;
    names.settle();
    this.#isClockSet = false;
    this.#isUnsure = false;
    this.#tickets.keep(made.redeemable, now);
    this.#inForce = { ...facts, content, ruleOfMark: made.ruleOfMark, table, nameSets, generation };
    this.#setNameTimer();
    const cut = before === null ? 0 : await this.#cutter.count(goneBetween(before.content, made));
    return {
      get notHeld() {
        return made.notHeld;
      },
      nextChange: content.nextChange,
      transactionMillis,
      cut,
    };
  }

  #admits(): (flow: TrackedFlow) => boolean {
    const walk = new ContentWalk(this.#current().content);
    return (flow) => walk.isLive(walk.markOf(flow, this.#names.classBetween(flow.from, flow.to)));
  }

  #compile({ policy, quarantined }: Facts, now: Instant, isWhole: boolean): Made {
    if (this.#book === null) throw new GatewayError('not-up', 'the table is not up');
    const made = compileTable(policy, {
      book: this.#book,
      now,
      quarantined,
      neighbours: this.#neighbours,
      names: { sets: this.#names.sets, epoch: this.#names.epoch },
      memory: this.#memory,
      logons: this.#logons.logons,
      tickets: this.#tickets.tickets,
      ...(this.#inForce === null || isWhole ? {} : { running: this.#inForce.content.objects }),
    });
    if (made.kind === 'refused') throw new GatewayError(made.problem.code, made.problem.message);
    return made;
  }

  /** Answers that wait become elements; a set of names that no class has yet needs the classes to be made anew. */
  async #putNames(): Promise<void> {
    this.#namesTurn = null;
    if (this.#inForce === null || !this.#names.isDue) return;
    const { table, nameSets } = this.#inForce;
    if (this.#names.sets.length !== nameSets) {
      await this.#put(this.#inForce, false);
      return;
    }
    const { commands, settle } = this.#names.commands(table, this.#options.now(), false);
    if (commands.length > 0) await this.#line.run(onOneLine(commands));
    settle();
    this.#setNameTimer();
  }

  /** Some names of a pair end before others: its element is made again then. Nothing opens by it that was closed. */
  #setNameTimer(): void {
    this.#nameTimer.set((this.#names.nextEnd - this.#options.now()) / 1_000, () => {
      this.#names.wake(this.#options.now());
      this.#inTurn(() => this.#putNames()).catch(() => {});
    });
  }

  #stopTimers(): void {
    this.#nameTimer.stop();
    this.#cutter.stop();
  }

  #nextMark(): number {
    return this.#book?.marks.next ?? 0;
  }

  /** Puts what is in force up whole, in place of whatever the kernel holds; false where nothing is. */
  async #replace(): Promise<boolean> {
    return this.#inForce !== null && (await this.#put(this.#inForce, true)) !== null;
  }

  #current(): InForce {
    if (this.#inForce === null) throw new GatewayError('not-up', 'the table is not up');
    return this.#inForce;
  }

  #inTurn<T>(work: () => Promise<T> | T): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => {});
    return next;
  }
}
